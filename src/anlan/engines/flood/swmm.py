"""EPA SWMM beneath the surface: the one module that speaks to it.

SWMM is one simulation a process, with files of its own. It is stepped here by its toolkit; values
of all manholes are read and set in one compiled loop over the library's own functions, because a
Python call a node and value costs seconds over a run of thousands of manholes.
"""

import ctypes
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .case import BadCase

Array = NDArray[Any]
NODE, LINK, OUTFALL = 2, 3, 1  # kinds of object, and of node, in SWMM's toolkit
INVERT, FULL_DEPTH, POND_AREA = 0, 1, 3  # properties of a node
INFLOW, OUTFLOW, VOLUME, HEAD = 0, 1, 3, 6  # results of a node
LINK_VOLUME = 2  # result of a link
FLOW_UNIT, METRIC = 1, {3: 1.0, 4: 1000.0, 5: 86.4}  # CMS, LPS, MLD from m3/s
START, END = 0, 1
PONDING = 0  # setting: nodes keep what rises above their rim
SECONDS_A_DAY = 86_400.0
_busy = Lock()


def toolkit() -> Any:
    """SWMM's toolkit, or how to get it."""
    try:
        from swmm.toolkit import solver
    except ImportError as error:
        raise BadCase(
            "flood.no_swmm",
            "EPA SWMM is not installed on this machine.",
            hint="Install it with `pip install anlan[drains]` (swmm-toolkit), or run without a "
            "drain network.",
        ) from error
    return solver


class Network:
    """A drain network that runs step by step; use it in a ``with``."""

    def __init__(self, path: Path, names: Sequence[str], pond_m2: float) -> None:
        self.solver = toolkit()
        self.path, self.names, self.pond_m2 = path, list(names), pond_m2
        self.time_s = 0.0
        self.rate = np.zeros(len(self.names))  # what is given to each manhole now [m3/s]
        self.owed = np.zeros(len(self.names))  # given by the surface, not yet taken [m3]
        self.taken = np.zeros(len(self.names))  # by SWMM, net [m3]

    def __enter__(self) -> Self:
        if not _busy.acquire(blocking=False):
            raise BadCase(
                "flood.swmm_busy",
                "Another drain network is running in this process.",
                hint="Run one member a process: SWMM keeps one network.",
            )
        self.folder = tempfile.TemporaryDirectory(prefix="swmm-")
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _open(self) -> None:
        report, out = (str(Path(self.folder.name) / name) for name in ("report", "out"))
        try:
            self.solver.swmm_open(str(self.path), report, out)
        except Exception as error:  # the toolkit raises Exception itself
            raise BadCase(
                "flood.swmm_input",
                f"SWMM does not read the drain network: {_said(report) or error}",
                hint="Open it in SWMM and mend what it names.",
            ) from error
        unit = _plain(self.solver.simulation_get_unit(FLOW_UNIT))
        if unit not in METRIC:
            raise BadCase(
                "flood.swmm_units",
                "The drain network is in US units.",
                hint="Set FLOW_UNITS to CMS, LPS or MLD and convert it in SWMM.",
            )
        if not _plain(self.solver.simulation_get_setting(PONDING)):
            raise BadCase(
                "flood.swmm_ponding",
                "In the drain network water that rises above a rim is lost.",
                hint="Set ALLOW_PONDING YES in its [OPTIONS]: it is given to the surface here.",
            )
        self.per_m3_s = METRIC[unit]
        self.nodes = self._indices()
        get, self.sets = self._property, _bulk(self.solver)
        self.rim_m = np.array([get(i, INVERT) + get(i, FULL_DEPTH) for i in self.nodes])
        for index in self.nodes:
            self.solver.node_set_parameter(int(index), POND_AREA, self.pond_m2)
        self.solver.swmm_start(0)
        self.running = True

    def _property(self, index: int, what: int) -> float:
        return float(self.solver.node_get_parameter(int(index), what))

    def _indices(self) -> Array:
        count = self.solver.project_get_count(NODE)
        known = {self.solver.project_get_id(NODE, i): i for i in range(count)}
        self.outfalls = [
            i for i in known.values() if _plain(self.solver.node_get_type(i)) == OUTFALL
        ]
        missing = [name for name in self.names if name not in known]
        if missing:
            raise BadCase(
                "flood.manhole_name",
                f"The drain network has no node {missing[0]} ({len(missing)} missing).",
                hint="Names are those of [JUNCTIONS], [STORAGE] or [DIVIDERS].",
            )
        ends = [name for name in self.names if known[name] in self.outfalls]
        if ends:
            raise BadCase(
                "flood.manhole_name",
                f"{ends[0]} is an outfall; the surface exchanges with manholes only.",
                hint="Bring its water to the surface as an inflow of the case.",
            )
        return np.array([known[name] for name in self.names], np.int32)

    def lasts_s(self) -> float:
        """Seconds that the network's own options let it run."""
        start, end = (_instant(self.solver.simulation_get_datetime(k)) for k in (START, END))
        return float((end - start) / np.timedelta64(1, "s"))

    def heads(self) -> tuple[Array, Array]:
        """Head of each manhole [m], and what its pipes bring less what they take [m3/s]."""
        heads, net = np.empty(self.nodes.size), np.empty(self.nodes.size)
        self.sets.read(self.nodes, HEAD, heads)
        inflow, outflow = np.empty(self.nodes.size), np.empty(self.nodes.size)
        self.sets.read(self.nodes, INFLOW, inflow)
        self.sets.read(self.nodes, OUTFLOW, outflow)
        net = (inflow - outflow) / self.per_m3_s - self.rate
        return heads, net

    def give(self, volume_m3: Array, until_s: float) -> None:
        """Run to ``until_s`` (or the first own step beyond), bringing each manhole its water.

        SWMM takes the mean of the old and the new inflow in the first of its steps. What it has
        really taken is counted so, and what is still owed is brought in the next interval.
        """
        wanted, before = volume_m3 + self.owed, self.rate
        rate = wanted / max(until_s - self.time_s, 1e-3)
        self.sets.write(self.nodes, rate * self.per_m3_s)
        taken = np.zeros(rate.size)
        while self.time_s < until_s - 1e-6:
            now = self.solver.swmm_step() * SECONDS_A_DAY
            if now <= self.time_s:  # it says 0 where its last step ends
                now = self.lasts_s()
            taken += (now - self.time_s) * 0.5 * (before + rate)
            before, self.time_s = rate, now
        self.rate, self.owed = rate, wanted - taken
        self.taken += taken

    def totals(self) -> dict[str, float]:
        """SWMM's own accounts so far [m3], and its error of continuity [1]."""
        totals = self.solver.system_get_routing_totals()
        out = sum(float(self.solver.node_get_total_inflow(i)) for i in self.outfalls)
        return {
            "external_m3": float(totals.exInflow),
            "outflow_m3": float(totals.outflow),
            "outfalls_m3": out,
            "flooded_m3": float(totals.flooding),
            "stored_m3": self._stored(),
            "error": float(totals.pctError) / 100.0,
        }

    def _stored(self) -> float:
        """Water in nodes and pipes [m3]; the toolkit's own total is in cubic feet."""
        parts = (
            (NODE, self.solver.node_get_result, VOLUME),
            (LINK, self.solver.link_get_result, LINK_VOLUME),
        )
        return sum(
            float(get(i, what))
            for kind, get, what in parts
            for i in range(self.solver.project_get_count(kind))
        )

    def _close(self) -> None:
        try:
            if getattr(self, "running", False):
                self.solver.swmm_end()
            self.solver.swmm_close()
        except Exception:  # noqa: S110
            pass  # what never opened cannot be closed
        finally:
            self.folder.cleanup()
            _busy.release()


def _plain(kind: Any) -> int:
    """Some releases of the toolkit give an enum, others its number."""
    return int(getattr(kind, "value", kind))


def _said(report: str) -> str:
    """The first error in SWMM's report."""
    path = Path(report)
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    return next((line.strip() for line in lines if "ERROR" in line), "")


def _instant(parts: Any) -> np.datetime64:
    year, month, day, hour, minute, second = (int(p) for p in parts)
    return np.datetime64(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")


class _Bulk:
    """Reads and sets all manholes in one compiled loop."""

    def __init__(self, read: Callable[..., None], write: Callable[..., None]) -> None:
        self.read, self.write = read, write


_compiled: _Bulk | None = None


def _bulk(solver: Any) -> _Bulk:
    """Loops over the toolkit's own library; over its Python functions where that is not found."""
    global _compiled  # compiled once a process: pointers cannot be kept on disk
    if _compiled is None:
        found = sorted(Path(solver.__file__).parent.glob("*swmm5.*"))
        _compiled = _over_library(ctypes.CDLL(str(found[0]))) if found else _over_python(solver)
    return _compiled


def _over_library(library: ctypes.CDLL) -> _Bulk:
    get, put = library.swmm_getNodeResult, library.swmm_setNodeInflow
    get.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    put.argtypes = [ctypes.c_int, ctypes.c_double]
    get.restype = put.restype = ctypes.c_int

    @njit(nogil=True)
    def read(nodes: Array, what: int, out: Array) -> None:
        for i in range(nodes.size):
            get(nodes[i], what, out[i:].ctypes)

    @njit(nogil=True)
    def write(nodes: Array, values: Array) -> None:
        for i in range(nodes.size):
            put(nodes[i], values[i])

    return _Bulk(read, write)


def _over_python(solver: Any) -> _Bulk:
    def read(nodes: Array, what: int, out: Array) -> None:
        out[:] = [solver.node_get_result(int(i), what) for i in nodes]

    def write(nodes: Array, values: Array) -> None:
        for i, value in zip(nodes, values, strict=True):
            solver.node_set_total_inflow(int(i), float(value))

    return _Bulk(read, write)
