"""A flood case as a TOML file for hydrologists: what it names is read and put together.

No database. The file's words are in docs/guide/flood.md; positions are cells (row, column) or,
where the terrain has a CRS, coordinates of that CRS.
"""

import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput
from anlan.engines import flood
from anlan.engines import rain as rain_engine

from ..ground.grid import Grid
from ..ground.importing import warp
from ..ground.layers import DEFAULT_MANNING
from ..runs.solver import FACTORS, closed_cells, link_of

Array = NDArray[Any]
# What numpy, rasterio and TOML's own types end with where a file is not what it should be.
UNREADABLE = (
    KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, OSError, EOFError,
    BadZipFile, MemoryError,
)  # fmt: skip
PARTS = {"title", "ground", "soil", "rain", "inflow", "edge", "wall", "link", "swmm", "run"}
GROUND = {"bed", "cell_m", "manning", "blocked", "drain_mm_h", "depth_m"}
SOIL = {"conductivity_mm_h", "suction_mm", "deficit", "first_mm_h", "final_mm_h", "decay_1_h"}
SWMM = {"inp", "manhole", "interval_s"}
YEAR_S = 366 * 86_400.0
MOST_FRAMES = 10_000
RANGES: dict[str, tuple[Any, float, float]] = {
    "until_s": ((int, float), 1.0, YEAR_S),
    "frame_s": ((int, float), 1.0, YEAR_S),
    "factor": (int, 1, max(FACTORS)),
    "threads": (int, 1, 256),
    "checkpoint_min": ((int, float), 0.0, 100_000.0),
}
RUN = {"until_s", "frame_s", "factor", "threads", "checkpoint_min", "wet_m", "courant", "theta"}


@dataclass(frozen=True)
class Settings:
    """How to compute."""

    until_s: float
    frame_s: float = 600.0
    factor: int = 1
    threads: int = 1
    checkpoint_min: float = 10.0

    def __post_init__(self) -> None:
        for name, (kind, low, high) in RANGES.items():
            given = getattr(self, name)
            real = isinstance(given, kind) and not isinstance(given, bool)
            if not (real and low <= given <= high):
                raise BadInput(
                    "flood.case_run",
                    _("%(name)s of a run is %(given)s; it must be a number of %(low)g to %(high)g.")
                    % {"name": name, "given": given, "low": low, "high": high},
                )
        if self.factor not in FACTORS:
            raise BadInput("flood.factor", _("A coarse cell is 1, 2, 4, 8 or 16 cells wide."))
        if self.until_s / self.frame_s > MOST_FRAMES:
            raise BadInput(
                "flood.case_frames",
                _("That is more than %(most)d frames.") % {"most": MOST_FRAMES},
                hint=_("Lengthen frame_s."),
            )

    @property
    def times_s(self) -> list[float]:
        """Of the frames: whole steps, and the end."""
        steps = np.arange(0.0, self.until_s, self.frame_s)
        return [*steps.tolist(), float(self.until_s)]


@dataclass(frozen=True)
class Sewers:
    """A drain network below the case, in SWMM's own file."""

    inp: Path
    manholes: tuple[flood.Manhole, ...]
    interval_s: float = 10.0


@dataclass(frozen=True)
class CaseFile:
    title: str
    grid: Grid  # EPSG 0: the ground does not say where it lies
    case: flood.FloodCase = field(repr=False)
    run: Settings
    sewers: Sewers | None = None


def read_case(path: Path) -> CaseFile:
    """The case that a TOML file names, or BadInput with what to do. The engine checks it next."""
    text = _toml(path)
    _known(text, PARTS, path.name)
    try:
        return _Reader(path.parent, text).case(path.stem)
    except UNREADABLE as error:
        raise BadInput(
            "flood.case_file",
            _("Cannot make a case of %(file)s: %(why)s") % {"file": path, "why": _why(error)},
            hint=_("The words of a case file are in docs/guide/flood.md."),
        ) from error


def _why(error: Exception) -> str:
    return _("%(word)s is missing") % {"word": error} if isinstance(error, KeyError) else str(error)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            "flood.case_file",
            _("Cannot read %(file)s: %(why)s") % {"file": path, "why": error},
        ) from error


def _known(table: Mapping[str, Any], words: set[str], where: str) -> None:
    strange = sorted(set(table) - words)
    if strange:
        raise BadInput(
            "flood.case_word",
            _("%(where)s has words that mean nothing here: %(words)s")
            % {"where": where, "words": ", ".join(strange)},
            hint=_("Known are: %(words)s") % {"words": ", ".join(sorted(words))},
        )


class _Reader:
    """Reads what a case's tables name, relative to the file's folder."""

    def __init__(self, folder: Path, text: Mapping[str, Any]) -> None:
        self.folder, self.text = folder, text
        ground = text["ground"]
        _known(ground, GROUND, "[ground]")
        self.bed, self.grid = self.ground(ground)

    def case(self, name: str) -> CaseFile:
        ground, run = self.text["ground"], self.text["run"]
        _known(run, RUN, "[run]")
        numbers = {key: run[key] for key in ("wet_m", "courant", "theta") if key in run}
        case = flood.FloodCase(
            bed_m=self.bed,
            cell_m=self.grid.cell_m,
            manning=self.field(ground.get("manning", DEFAULT_MANNING)),
            depth_m=self.field(ground["depth_m"]) if "depth_m" in ground else None,
            blocked=closed_cells(self.bed, self.field(ground.get("blocked"))),
            rain=self.rain(),
            infiltration=self.soil(),
            drain_mm_h=self.field(ground.get("drain_mm_h", 0.0)),
            inflows=tuple(self.inflow(given) for given in self.text.get("inflow", [])),
            edges=tuple(self.edge(given) for given in self.text.get("edge", [])),
            walls=tuple(flood.Wall(**given) for given in self.text.get("wall", [])),
            links=tuple(self.link(given) for given in self.text.get("link", [])),
            **numbers,
        )
        settings = Settings(**{k: v for k, v in run.items() if k not in numbers})
        return CaseFile(
            str(self.text.get("title", name)), self.grid, case, settings, self.sewers(settings)
        )

    def sewers(self, run: Settings) -> Sewers | None:
        given = self.text.get("swmm")
        if given is None:
            return None
        _known(given, SWMM, "[swmm]")
        if run.factor != 1:
            raise BadInput(
                "flood.swmm_coarse",
                _("A drain network needs the fine cells: its manholes stand in them."),
                hint=_("Leave factor out, or run without [swmm]."),
            )
        inp = self.folder / given["inp"]
        if not inp.is_file():
            raise FileNotFoundError(inp)
        holes = tuple(self.manhole(dict(hole)) for hole in given["manhole"])
        return Sewers(inp, holes, float(given.get("interval_s", 10.0)))

    def manhole(self, given: dict[str, Any]) -> flood.Manhole:
        row, col = self.cell(given.pop("at"))
        return flood.Manhole(row=row, col=col, **given)

    def ground(self, given: Mapping[str, Any]) -> tuple[Array, Grid]:
        path = self.folder / given["bed"]
        if path.suffix == ".npz":
            bed = np.asarray(_array(path, "bed"), float)
            rows, cols = bed.shape
            return bed, Grid(0, 0.0, rows * float(given["cell_m"]), float(given["cell_m"]),
                             rows, cols)  # fmt: skip
        import rasterio

        with rasterio.open(path) as file:
            bed = warp.known(file).astype(float)
            across, down = file.transform.a, -file.transform.e
            epsg = (file.crs.to_epsg() or 0) if file.crs else 0
            if abs(across - down) > 1e-6 * across or (file.crs and not warp.in_metres(file.crs)):
                raise BadInput(
                    "flood.case_grid",
                    _("%(file)s does not have square cells in metres.") % {"file": path},
                    hint=_("Reproject it first: gdalwarp -t_srs EPSG:… -tr 5 5 -r bilinear"),
                )
            return bed, Grid(epsg, file.transform.c, file.transform.f, across, *bed.shape)

    def field(self, given: Any) -> Any:
        """A number as it is, or a raster on the terrain's own grid."""
        if given is None or isinstance(given, (int, float)):
            return given
        path, _sign, key = str(given).partition("#")
        file = self.folder / path
        if file.suffix == ".npz":
            return np.asarray(_array(file, key or file.stem), float)
        import rasterio

        with rasterio.open(file) as raster:
            return warp.known(raster).astype(float)

    def rain(self) -> flood.Rain | None:
        given = self.text.get("rain")
        if given is None:
            return None
        if "storm" in given:
            storm = dict(given["storm"])
            names = ("a1_mm_min", "c", "b_min", "n")
            formula = rain_engine.IntensityFormula(**{name: storm.pop(name) for name in names})
            made = rain_engine.design_storm(formula, **storm)
            return flood.Rain(made.edges_s, made.rate_mm_h)
        if "file" in given:
            path = self.folder / given["file"]
            return flood.Rain(_array(path, "edges_s"), _array(path, "rate_mm_h"))
        return flood.Rain(given["edges_s"], given["rate_mm_h"])

    def soil(self) -> flood.GreenAmpt | flood.Horton | None:
        given = self.text.get("soil")
        if given is None:
            return None
        _known(given, SOIL, "[soil]")
        fields = {name: self.field(value) for name, value in given.items()}
        return flood.Horton(**fields) if "first_mm_h" in fields else flood.GreenAmpt(**fields)

    def inflow(self, given: Mapping[str, Any]) -> flood.Inflow:
        cells = [self.cell(at) for at in given["at"]]
        rows, cols = (np.array(axis) for axis in zip(*cells, strict=True))
        return flood.Inflow(rows, cols, self.series(given["flow_m3_s"]))

    def edge(self, given: Mapping[str, Any]) -> flood.OpenEdge:
        more = {key: value for key, value in given.items() if key != "level_m"}
        level = self.series(given["level_m"]) if "level_m" in given else None
        return flood.OpenEdge(**more, level_m=level)

    def link(self, given: Mapping[str, Any]) -> flood.Culvert | flood.Pump:
        ends = {end: self.cell(given[end]) for end in ("source", "target") if end in given}
        return link_of({**given, **ends})

    def cell(self, at: Any) -> tuple[int, int]:
        """[row, column], or {x = …, y = …} in the terrain's CRS."""
        if not isinstance(at, Mapping):
            row, col = at
            return int(row), int(col)
        x, y = float(at["x"]), float(at["y"])
        col = int(np.floor((x - self.grid.west_m) / self.grid.cell_m))
        return int(np.floor((self.grid.north_m - y) / self.grid.cell_m)), col

    def series(self, given: Any) -> flood.Series | float:
        """A number, a table {times_s, values}, or a CSV of two columns (seconds, value)."""
        if isinstance(given, (int, float)):
            return float(given)
        if isinstance(given, Mapping):
            return flood.Series(given["times_s"], given["values"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it is empty: said below
            table = np.loadtxt(self.folder / given, delimiter=",", skiprows=1, ndmin=2)
        if table.shape[1] != 2:
            raise ValueError(_("%(file)s has no two columns of numbers") % {"file": given})
        return flood.Series(table[:, 0], table[:, 1])


def _array(path: Path, key: str) -> Array:
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return np.asarray(file[key])
