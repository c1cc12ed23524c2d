"""Pictures of a run's water for maps: classes of depth, cut to the reader's regions, one palette.

Made when first asked for, then kept on disk; a picture never changes, so browsers keep it too.
"""

import hashlib
import io
import os
import shutil
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image

from .files import OUTSIDE, OVER_CM, RunResult, centimetres, percents
from .legend import DEPTH, LIKELY, Look, Scale
from .reach import Reach
from .warp import SIZES, Warp, warp

MOST_BYTES = 200_000
MAX = "max"
OVER = {f"over-{cm}": cm for cm in OVER_CM}
# How much disk pictures may take; whole runs go, the longest unused first.
KEPT_BYTES = 512 * 1024 * 1024
_RLE = 3  # zlib's Z_RLE: for classes as small as the best level, at a fraction of its time
_lock = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """What to draw: a frame's number, MAX or one of OVER, how large, in which colours."""

    frame: int | str
    size: str = "l"
    look: Look = "day"

    @property
    def name(self) -> str:
        return f"{self.frame}-{self.size}-{self.look}.png"

    @property
    def scale(self) -> Scale:
        return LIKELY if self.frame in OVER else DEPTH


def png(*, result: RunResult, reach: Reach, picture: Picture) -> bytes:
    """The picture, from the disk where it has been made before."""
    path = _folder(result) / reach.key / picture.name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        body = draw(result=result, reach=reach, picture=picture)
        _keep(path, body)
        return body


def draw(*, result: RunResult, reach: Reach, picture: Picture) -> bytes:
    values = _values(result, picture.frame)
    classes = picture.scale.table[reach.cut(values, OUTSIDE)]
    body = _encode(warp(result.grid, SIZES[picture.size]).picture(classes), picture)
    if len(body) > MOST_BYTES:  # speckled beyond anything that water does: coarser, never heavier
        body = _encode(warp(result.grid, SIZES["s"]).picture(classes), picture)
    return body


def sheets(result: RunResult) -> list[str]:
    """What else than its times can be drawn of a run."""
    likely = [name for name, cm in OVER.items() if result.has(f"over_{cm}cm")]
    return [MAX, *likely]


def deepest_cm(*, result: RunResult, reach: Reach) -> int:
    """The greatest depth anywhere in the reader's part, at any time."""
    depths = reach.cut(_values(result, MAX), OUTSIDE)
    return int(np.where(depths == OUTSIDE, 0, depths).max())


def placement(result: RunResult) -> Warp:
    """Where every picture of a run lies on the map."""
    return warp(result.grid, SIZES["l"])


def key(*, result: RunResult, reach: Reach) -> str:
    """Of all pictures of a run for readers of the same part: never again with other content."""
    return f"{result_key(result)}-{reach.key}"


def result_key(result: RunResult) -> str:
    """Another for every computation, also where a database has been restored and counts again."""
    return _result_key(result.folder, (result.folder / "meta.json").stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _result_key(folder: Path, written_ns: int) -> str:
    return hashlib.sha256(f"{folder} {written_ns}".encode()).hexdigest()[:12]


def _values(result: RunResult, frame: int | str) -> NDArray[np.uint16]:
    """Whole units of the picture's scale."""
    if frame == MAX:
        return centimetres(result.max_depth_m())
    if frame in OVER:
        return percents(result.probability(OVER[str(frame)]))
    return result.depth_cm(int(frame))


def _encode(classes: NDArray[np.uint8], picture: Picture) -> bytes:
    image = Image.fromarray(classes)
    image.putpalette(picture.scale.palette(picture.look))
    file = io.BytesIO()
    alpha = bytes([0] + [255] * len(picture.scale.steps))
    image.save(file, "PNG", bits=4, transparency=alpha, compress_level=6, compress_type=_RLE)
    return file.getvalue()


def _root() -> Path:
    return Path(settings.CACHE_DIR) / "frames"


def _folder(result: RunResult) -> Path:
    return _root() / result_key(result)


def _keep(path: Path, body: bytes) -> None:
    fresh = not path.parent.parent.is_dir()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    part.write_bytes(body)
    part.replace(path)
    if fresh:
        with _lock:
            _make_room()


def _make_room() -> None:
    """When a run's first picture is made: drop the runs that nobody has drawn for longest."""
    folders = sorted(_root().iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    room = KEPT_BYTES
    for folder in folders:
        room -= sum(file.stat().st_size for file in folder.rglob("*.png"))
        if room < 0:
            shutil.rmtree(folder, ignore_errors=True)
