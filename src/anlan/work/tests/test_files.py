import io
import zlib

import pytest
from PIL import Image

from anlan.base.errors import BadInput, Refusal
from anlan.work import files

from .conftest import photo


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.5\n" + body + b"\n%%EOF"


def stored(data):
    kept = files.take(data)
    return kept, files.absolute(kept.path).read_bytes()


def test_a_photo_loses_everything_but_its_pixels_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "<script>alert(1)</script>"
    exif.get_ifd(0x8825)[1] = "N"  # a position
    data = photo(size=(80, 40), exif=exif, comment=b"<script>")

    kept, bytes_kept = stored(data)

    image = Image.open(io.BytesIO(bytes_kept))
    assert image.size == (40, 80)
    assert not image.getexif()
    assert b"script" not in bytes_kept
    assert (kept.mime, kept.path[-4:]) == ("image/jpeg", ".jpg")


def test_bytes_behind_a_picture_are_left_behind():
    _, kept = stored(photo(form="PNG") + b"PK\x03\x04 <html><script>")
    assert b"script" not in kept


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pictures_keep_their_kind_and_get_a_small_one(form):
    kept, _ = stored(photo(form=form, size=(900, 600)))

    assert kept.mime == f"image/{form.lower()}"
    small = Image.open(io.BytesIO(files.absolute(kept.thumb).read_bytes()))
    assert max(small.size) == files.THUMB_PX


def test_the_same_content_is_stored_once(settings):
    one, two = files.take(photo()), files.take(photo())

    assert one == two
    assert len(list(settings.FILES_DIR.rglob("*.jpg"))) == 2  # the picture and its small one
    assert not list(settings.FILES_DIR.rglob(".part-*"))


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>",
        b"GIF89a" + bytes(20),
        b"MZ" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"",
        b"\x00" * 64,
    ],
)
def test_what_is_not_a_photo_pdf_or_recording_is_not_taken(data):
    with pytest.raises(BadInput) as refusal:
        files.check(data)
    assert refusal.value.code == "work.file_type"


def test_heic_is_refused_with_advice():
    with pytest.raises(BadInput) as refusal:
        files.check(b"\x00\x00\x00\x18ftypheic" + bytes(40))
    assert refusal.value.code == "work.file_heic"


def test_a_broken_picture_is_refused_not_a_fault():
    for data in (photo()[:40], b"\xff\xd8\xff" + bytes(50), photo(form="PNG")[:60]):
        with pytest.raises(BadInput) as refusal:
            files.check(data)
        assert refusal.value.code == "work.file_broken"


def test_a_decompression_bomb_is_refused_before_it_is_unpacked():
    head = photo(form="PNG")
    bomb = bytearray(head)
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")

    with pytest.raises(files.TooLarge) as refusal:
        files.check(bytes(bomb))
    assert refusal.value.code == "work.picture_too_large"


def test_a_file_over_the_limit_is_refused(settings):
    settings.MAX_UPLOAD_BYTES = 1000
    with pytest.raises(Refusal) as refusal:
        files.check(b"%PDF-" + bytes(2000))
    assert refusal.value.status == 413


def packed(objects: bytes) -> bytes:
    data = zlib.compress(objects)
    return pdf(b"4 0 obj <</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + data + b"\nendstream")


@pytest.mark.parametrize(
    "data",
    [
        pdf(b"<</S/JavaScript/JS(app.alert(1))>>"),
        pdf(b"<</S/J#61vaScript>>"),
        pdf(b"<</OpenAction 5 0 R>>"),
        pdf(b"<</AA<</O 3 0 R>>>>"),
        pdf(b"<</S/Launch/F(cmd.exe)>>"),
        pdf(b"<</EmbeddedFiles 3 0 R>>"),
        pdf(b"trailer<</Encrypt 9 0 R>>"),
        packed(b"5 0 <</S/JavaScript>>"),
        pdf(b"4 0 obj <</Type/ObjStm/Filter/LZWDecode>>\nstream\nxxxx\nendstream"),
    ],
)
def test_a_pdf_that_acts_or_hides_is_refused(data):
    with pytest.raises(BadInput) as refusal:
        files.check(data)
    assert refusal.value.code == "work.pdf_acts"


def test_a_plain_pdf_and_recordings_are_taken():
    plain = pdf(b"1 0 obj <</Type/Catalog/OpenAction [3 0 R /Fit]>> endobj")
    assert files.check(plain).mime == "application/pdf"
    assert files.check(packed(b"5 0 <</Type/Font>>")).mime == "application/pdf"
    assert files.check(b"OggS" + bytes(60)).mime == "audio/ogg"
    assert files.check(b"\x00\x00\x00\x1cftypM4A " + bytes(60)).mime == "audio/mp4"
    webm = b"\x1a\x45\xdf\xa3" + bytes(20) + b"webm" + bytes(30)
    assert files.check(webm).mime == "audio/webm"


def test_a_saved_name_ends_as_its_content_deserves():
    assert files.tidy("../../etc/x.html", "ab/cd/abcd.jpg") == "x.jpg"
    assert files.tidy('现场"1.svg', "ab/cd/abcd.png") == "现场_1.png"
