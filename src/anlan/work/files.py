"""Files that people hand in: looked at, made harmless, kept under the name of their content.

What a file calls itself is not believed. Images are decoded and encoded anew, which leaves behind
position, scripts and whatever else hid between the pixels; what cannot be made harmless is refused.
"""

import hashlib
import io
import os
import re
import tempfile
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from anlan.base.errors import BadInput, Refusal

MAX_PIXELS = 60_000_000  # a phone's largest pictures are about 50 million
THUMB_PX = 360
_FORMATS = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
}
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"dash", b"3gp4", b"3gp5"}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"avif"}
# What makes a PDF act, fetch, hide or carry something (ISO 32000-1, 12.6).
_PDF_ACTS = re.compile(
    rb"/(?:JavaScript|JS|AA|Launch|SubmitForm|ImportData|RichMedia|EmbeddedFiles?|XFA|GoToE|GoToR"
    rb"|Rendition|Movie|Sound|Trans3D|OpenAction(?!\s*\[))(?![A-Za-z0-9])"
)
_MAX_INFLATED = 64 * 1024 * 1024


class TooLarge(Refusal):
    status = 413


class DiskFull(Refusal):
    """Nothing is acknowledged that could not be stored."""

    status = 507


@dataclass(frozen=True)
class Stored:
    """Where a file lies below FILES_DIR, and what it really is."""

    path: str
    thumb: str
    mime: str
    size: int


@dataclass(frozen=True)
class Checked:
    """A harmless file, not yet written."""

    data: bytes
    thumb: bytes
    mime: str
    extension: str


def take(data: bytes) -> Stored:
    """Check, strip and store; returns after the bytes are on the disk."""
    checked = check(data)
    try:
        path = _write(checked.data, checked.extension)
        thumb = _write(checked.thumb, "jpg") if checked.thumb else ""
    except OSError as error:
        raise DiskFull(
            "work.not_stored",
            _("The server cannot store files at the moment."),
            hint=_("Nothing is lost: keep it on the phone and send it again later."),
        ) from error
    return Stored(path, thumb, checked.mime, len(checked.data))


def keep(data: bytes, extension: str) -> str:
    """Store what we made ourselves, under the name of its content; returns where."""
    try:
        return _write(data, extension)
    except OSError as error:
        raise DiskFull(
            "work.not_stored",
            _("The server cannot store files at the moment."),
            hint=_("Nothing is lost: keep it on the phone and send it again later."),
        ) from error


def check_length(header: str) -> None:
    """Refuse by the announced length, before reading what will not be taken anyway."""
    length = int(header) if header.isascii() and header.isdecimal() else 0
    if length > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(
            "work.file_too_large",
            _("The file is larger than %(mb)d MB.")
            % {"mb": settings.MAX_UPLOAD_BYTES // (1024 * 1024)},
            hint=_("Take the photo at a lower resolution, or split the document."),
        )


def check(data: bytes) -> Checked:
    """What the bytes really are, made harmless, or a refusal."""
    check_length(str(len(data)))
    if data[:5] == b"%PDF-":
        return _check_pdf(data)
    audio = _audio(data)
    if audio:
        return Checked(data, b"", *audio)
    if _is_heif(data):
        raise BadInput(
            "work.file_heic",
            _("HEIC pictures cannot be read here."),
            hint=_("Set the camera to JPEG (“most compatible”), or send a screenshot of it."),
        )
    if is_picture(data):
        return _check_image(data)
    raise BadInput(
        "work.file_type",
        _("This kind of file is not taken."),
        hint=_("Send a photo (JPEG, PNG, WebP), a PDF or a sound recording."),
    )


def is_picture(data: bytes) -> bool:
    """By its first bytes. Also HEIF, which `check` refuses with what to do."""
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or _is_heif(data) or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _audio(data: bytes) -> tuple[str, str] | None:
    if data[:4] == b"OggS":
        return "audio/ogg", "ogg"
    if data[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in data[:64]:
        return "audio/webm", "webm"
    if data[4:8] == b"ftyp" and data[8:12] in _AUDIO_BRANDS:
        return "audio/mp4", "m4a"
    return None


def _check_image(data: bytes) -> Checked:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged EXIF block is dropped anyway
            image = Image.open(io.BytesIO(data), formats=list(_FORMATS))
            # The size stands in the header: a bomb is refused before it is unpacked.
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            mime, extension = _FORMATS[str(image.format)]
            upright = ImageOps.exif_transpose(image)
            return Checked(
                _encode(upright, str(image.format)), _thumbnail(upright), mime, extension
            )
    except Image.DecompressionBombError as error:
        raise TooLarge(
            "work.picture_too_large",
            _("The picture has too many pixels."),
            hint=_("Take the photo at a lower resolution, or split the document."),
        ) from error
    except Exception as error:
        # Decoders raise almost anything on damaged input; none of it is our bug.
        raise BadInput(
            "work.file_broken",
            _("The picture cannot be read; it may be damaged."),
            hint=_("Take it again and send it anew."),
        ) from error


def _encode(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        mode = (
            "RGBA" if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info else "RGB"
        )
        _pixels(image, mode).save(out, "PNG")
    else:
        _pixels(image, "RGB").save(out, kind, quality=88)
    return out.getvalue()


def _thumbnail(image: Image.Image) -> bytes:
    small = _pixels(image, "RGB")
    small.thumbnail((THUMB_PX, THUMB_PX))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=78)
    return out.getvalue()


def _pixels(image: Image.Image, mode: str) -> Image.Image:
    """The pixels alone: a new picture has no comments, profiles or EXIF to carry along."""
    converted = image.convert(mode)
    clean = Image.new(mode, converted.size)
    clean.paste(converted)
    return clean


def _check_pdf(data: bytes) -> Checked:
    text = _unescape(data)
    hidden = BadInput(
        "work.pdf_acts",
        _("This PDF contains scripts, actions or embedded files."),
        hint=_("Print it to a new PDF and send that, or send photos of the pages."),
    )
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", text) or _PDF_ACTS.search(text):
        raise hidden
    for packed in _object_streams(data):
        if packed is None or _PDF_ACTS.search(_unescape(packed)):
            raise hidden
    return Checked(data, b"", "application/pdf", "pdf")


def _unescape(data: bytes) -> bytes:
    """`/J#61vaScript` is `/JavaScript`."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data)


def _object_streams(data: bytes) -> list[bytes | None]:
    """Objects packed into streams, unpacked; None for one that cannot be looked into."""
    found: list[bytes | None] = []
    for match in re.finditer(rb"(?<!end)stream\r?\n", data):
        head = _unescape(data[max(0, match.start() - 400) : match.start()])
        head = head[head.rfind(b" obj") :]
        if b"/ObjStm" not in head:
            continue
        try:
            unpacked = zlib.decompressobj().decompress(data[match.end() :], _MAX_INFLATED)
        except zlib.error:
            unpacked = b""
        plain = b"/FlateDecode" in head and b"/DecodeParms" not in head
        found.append(unpacked if unpacked and plain else None)
    return found


def _write(data: bytes, extension: str) -> str:
    """Store under the content's own digest. The same bytes again are the same file."""
    name = hashlib.sha256(data).hexdigest()
    relative = f"{name[:2]}/{name[2:4]}/{name}.{extension}"
    target = absolute(relative)
    if target.exists():
        return relative
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
        for folder in (target.parent, target.parent.parent, absolute("")):
            _sync_folder(folder)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return relative


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def absolute(relative: str) -> Path:
    return Path(settings.FILES_DIR) / relative


def tidy(name: str, path: str) -> str:
    """A name to save it by: the sender's, with the ending that the content has earned."""
    stem = re.sub(r"[^\w\- ]+", "_", Path(name).stem)[:80] or "file"
    return stem + Path(path).suffix
