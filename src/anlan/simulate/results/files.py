"""A run's files: fields as cloud-optimised GeoTIFF, depths by frame as Zarr, `meta.json`.

    result = open_run(run)
    result.depth_cm(3)      # (rows, cols) uint16, OUTSIDE where the run knows nothing
    result.max_depth_m()    # (rows, cols) float32, NaN outside
    result.grid.cells(lon, lat), result.grid.corners, result.times

Nothing is read before it is asked for; a frame is one chunk.
"""

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import NotFound

from ..ground.grid import Grid
from ..ground.rasters import read_raster, write_raster
from ..models import Run

logger = logging.getLogger(__name__)

Floats = NDArray[np.float32]
CentimetresOfDepth = NDArray[np.uint16]
OUTSIDE = 65535  # of a depth in centimetres: no ground there
OVER_CM = (15, 30, 50)  # depths whose probability an ensemble tells
FRAMES, META = "frames.zarr", "meta.json"
# What a finished run keeps besides its frames, with units; each is there or not.
FIELDS = {
    "max_depth": "m",
    "max_speed": "m/s",
    "max_hazard": "m2/s",
    "arrival": "s",
    "duration": "s",
    # Of an ensemble: part of its members, 0 to 1.
    **{f"over_{cm}cm": "1" for cm in OVER_CM},
}


@dataclass(frozen=True)
class RunResult:
    """What a run left on disk."""

    folder: Path
    grid: Grid
    base_at: datetime
    times_s: tuple[float, ...]  # of the frames, after `base_at`
    made_up: bool  # the ground was generated: say so on every map
    meta: Mapping[str, Any] = field(repr=False)

    @property
    def times(self) -> list[datetime]:
        return [self.base_at + timedelta(seconds=s) for s in self.times_s]

    @property
    def has_frames(self) -> bool:
        return (self.folder / FRAMES).is_dir()

    def depth_cm(self, frame: int) -> CentimetresOfDepth:
        """Depth at a frame [cm]; OUTSIDE where there is no ground."""
        import zarr

        if not self.has_frames:
            raise _gone()
        with _whole():
            return np.asarray(zarr.open_array(self.folder / FRAMES / "depth", mode="r")[frame])

    def max_depth_m(self) -> Floats:
        return self.field("max_depth")

    def max_speed_m_s(self) -> Floats:
        return self.field("max_speed")

    def max_hazard_m2_s(self) -> Floats:
        """Greatest product of depth and speed."""
        return self.field("max_hazard")

    def arrival_s(self) -> Floats:
        """First time after `base_at` at which it is deeper than 15 cm; NaN where never."""
        return self.field("arrival")

    def duration_s(self) -> Floats:
        """How long it is deeper than 15 cm."""
        return self.field("duration")

    def probability(self, depth_cm: int) -> Floats:
        """Of an ensemble: part of its members that pass this depth (15, 30 or 50 cm)."""
        return self.field(f"over_{depth_cm}cm")

    def has(self, name: str) -> bool:
        return (self.folder / f"{name}.tif").is_file()

    def path(self, name: str) -> Path:
        """Of a field's GeoTIFF, to be handed out as it is."""
        if name not in FIELDS or not self.has(name):
            raise _gone()
        return self.folder / f"{name}.tif"

    def field(self, name: str) -> Floats:
        """One of FIELDS, NaN outside."""
        path = self.path(name)
        with _whole():
            return np.asarray(read_raster(path), np.float32)


def open_run(run: Run) -> RunResult:
    """The files of a finished run, or NotFound."""
    return open_folder(run_folder(run))


def open_folder(folder: Path) -> RunResult:
    """The files of a run, whoever computed it."""
    try:
        text = (folder / META).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise _gone() from None
    with _whole():
        meta = json.loads(text)
        return RunResult(
            folder=folder,
            grid=Grid(**meta["grid"]),
            base_at=datetime.fromisoformat(meta["base_at"]),
            times_s=tuple(meta["times_s"]),
            made_up=meta["made_up"],
            meta=meta,
        )


def run_folder(run: Run) -> Path:
    return Path(settings.DATA_DIR) / (run.folder or f"simulate/runs/{run.pk}")


class Writer:
    """Fills a folder beside the final one, which takes its place when it is whole."""

    def __init__(self, folder: Path, *, grid: Grid, base_at: datetime, made_up: bool) -> None:
        self.folder, self.grid = folder, grid
        self.meta: dict[str, Any] = {
            "grid": grid.as_dict(),
            "corners": grid.corners if grid.epsg else None,
            "base_at": base_at.isoformat(),
            "times_s": [],
            "made_up": made_up,
            "fields": {},
        }

    def frames(self, times_s: list[float]) -> None:
        """Make room for depths at these times."""
        import zarr
        from zarr.codecs import BloscCodec

        group = zarr.create_group(self.folder / FRAMES)
        group.create_array(
            "depth",
            shape=(len(times_s), *self.grid.shape),
            chunks=(1, *self.grid.shape),
            dtype="uint16",
            fill_value=OUTSIDE,
            compressors=BloscCodec(cname="zstd", clevel=3),
            attributes={"units": "cm", "_FillValue": OUTSIDE, "epsg": self.grid.epsg},
            dimension_names=("time", "y", "x"),
        )
        axes = {"time": times_s, "x": self.grid.xy_m(0, np.arange(self.grid.cols))[0]}
        axes["y"] = self.grid.xy_m(np.arange(self.grid.rows), 0)[1]
        units = {"time": f"seconds since {self.meta['base_at']}", "x": "m", "y": "m"}
        for name, values in axes.items():
            group.create_array(
                name,
                data=np.asarray(values, float),
                dimension_names=(name,),
                attributes={"units": units[name]},
            )
        self.meta["times_s"] = times_s

    def frame(self, number: int, depth_m: NDArray[np.floating[Any]]) -> None:
        import zarr

        array = zarr.open_array(self.folder / FRAMES / "depth", mode="r+")
        array[number] = centimetres(depth_m)

    def field(self, name: str, values: NDArray[np.floating[Any]]) -> None:
        digest = write_raster(
            self.folder / f"{name}.tif",
            rounded(values, FIELDS[name]),
            self.grid,
            unit=FIELDS[name],
            note="made-up ground" if self.meta["made_up"] else "",
        )
        self.meta["fields"][name] = {"unit": FIELDS[name], "sha256": digest}


def add_fields(folder: Path, fields: Mapping[str, NDArray[np.floating[Any]]]) -> None:
    """More fields of a run that is written, but not done."""
    found = open_folder(folder)
    writer = Writer(folder, grid=found.grid, base_at=found.base_at, made_up=found.made_up)
    writer.meta = dict(found.meta)
    for name, values in fields.items():
        writer.field(name, values)
    write_meta(folder, writer.meta)


def write_meta(folder: Path, meta: dict[str, Any]) -> None:
    """What says that a run's folder is whole."""
    part = folder / f".{META}.part"
    part.write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(folder / META)


@contextmanager
def writing(folder: Path, *, grid: Grid, base_at: datetime, made_up: bool) -> Iterator[Writer]:
    """A writer whose folder appears under its name only when everything is in it."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        writer = Writer(part, grid=grid, base_at=base_at, made_up=made_up)
        yield writer
        write_meta(part, writer.meta)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def rounded(values: NDArray[np.floating[Any]], unit: str) -> Floats:
    """To about a millimetre, seconds to whole ones: what a model knows, and half the bytes."""
    exact = np.asarray(values, np.float64)
    if unit != "1":
        parts = 1.0 if unit == "s" else 1024.0
        exact = np.rint(exact * parts) / parts
    return np.asarray(exact, np.float32)


def centimetres(depth_m: NDArray[np.floating[Any]]) -> CentimetresOfDepth:
    """Depth as it is kept: whole centimetres, rounded; NaN is OUTSIDE."""
    inside = np.isfinite(depth_m)
    whole = np.rint(np.where(inside, depth_m, 0.0) * 100.0)
    return np.where(inside, np.clip(whole, 0, OUTSIDE - 1), OUTSIDE).astype(np.uint16)


def percents(parts: NDArray[np.floating[Any]]) -> NDArray[np.uint16]:
    """Parts of one as whole per cent, rounded up: what one member says is never shown as none."""
    inside = np.isfinite(parts)
    whole = np.ceil(np.where(inside, parts, 0.0) * 100.0 - 1e-6)
    return np.where(inside, np.clip(whole, 0, 100), OUTSIDE).astype(np.uint16)


@contextmanager
def _whole() -> Iterator[None]:
    """A disk that failed leaves files that are cut short: said as such, never a fault of ours."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("a run's files cannot be read", exc_info=error)
        raise NotFound(
            "simulate.damaged_files",
            _("The files of this run are damaged."),
            hint=_("Ask for a new run, and have the server's disk checked."),
        ) from error


def _gone() -> NotFound:
    return NotFound(
        "simulate.no_files",
        _("The files of this run are not here."),
        hint=_("Depths by time are kept for some days only; ask for a new run."),
    )
