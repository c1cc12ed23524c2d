"""Rain forecasts in NetCDF by the CF conventions: read, checked, brought to a grid.

Accepted: rates (mm/h, mm s-1, kg m-2 s-1, m s-1) and depths (mm, kg m-2, m), of each interval or
summed up since the start; on latitudes and longitudes, or on a projection that the file names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.base.errors import BadInput, Refusal
from anlan.engines.rain import greatest_mm

from ..ground import estimate
from ..ground.grid import Grid
from .field import RainField, middles

Floats = NDArray[np.float64]
STANDARD_NAMES = {
    "rainfall_rate", "lwe_precipitation_rate", "precipitation_flux", "rainfall_flux",
    "lwe_thickness_of_precipitation_amount", "precipitation_amount", "rainfall_amount",
    "thickness_of_rainfall_amount", "convective_precipitation_flux",
}  # fmt: skip
USUAL_NAMES = {"tp", "precip", "precipitation", "rain", "rainfall", "qpf", "apcp", "pr"}
# To mm/h, or to mm.
RATES = {"mmh-1": 1.0, "mm/h": 1.0, "mm/hr": 1.0, "mmhr-1": 1.0, "mms-1": 3600.0, "mm/s": 3600.0,
         "kgm-2s-1": 3600.0, "kg/m2/s": 3600.0, "ms-1": 3.6e6, "m/s": 3.6e6}  # fmt: skip
DEPTHS = {"mm": 1.0, "kgm-2": 1.0, "kg/m2": 1.0, "m": 1000.0, "cm": 10.0}
ROUNDING_MM = 0.05  # packing makes small negative numbers
BYTES = 40  # a value, while it is read and checked
MISSING_SHARE = 0.2  # of the field over an area that may be missing


@dataclass(frozen=True)
class RainFile:
    """A forecast in memory: mean rates between times, on its own grid."""

    issued_at: datetime
    edges: list[datetime]  # one more than intervals
    rate_mm_h: Floats = field(repr=False)  # (intervals, y, x); NaN is missing
    x: Floats = field(repr=False)  # rising
    y: Floats = field(repr=False)  # rising
    crs: Any = field(repr=False)  # pyproj
    variable: str = ""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in WGS 84."""
        from pyproj import Transformer

        to = Transformer.from_crs(self.crs, 4326, always_xy=True)
        west, south, east, north = to.transform_bounds(self.x[0], self.y[0], self.x[-1], self.y[-1])
        return round(west, 5), round(south, 5), round(east, 5), round(north, 5)

    def facts(self) -> dict[str, Any]:
        hours = self.hours
        total = np.nansum(self.rate_mm_h * hours[:, None, None], axis=0)
        return {
            "cells": list(self.rate_mm_h.shape[1:]),
            "steps": len(hours),
            "greatest_mm_h": round(float(np.nanmax(self.rate_mm_h)), 1),
            "greatest_total_mm": round(float(total.max()), 1),
        }

    @property
    def hours(self) -> Floats:
        return np.array([(b - a).total_seconds() / 3600 for a, b in pairwise(self.edges)])

    def over(self, grid: Grid, *, since: datetime) -> RainField:
        """Rates over a grid, counted from an instant; BadInput where it does not cover it."""
        from pyproj import Transformer
        from scipy.interpolate import RegularGridInterpolator

        east, north = middles(grid)
        to = Transformer.from_crs(grid.epsg, self.crs, always_xy=True)
        x, y = to.transform(*np.meshgrid(east, north))
        at = RegularGridInterpolator(
            (self.y, self.x), np.moveaxis(self.rate_mm_h, 0, -1), bounds_error=False
        )
        rate = np.moveaxis(at(np.stack([y, x], axis=-1)), -1, 0)
        missing = ~np.isfinite(rate)
        if missing.mean() > MISSING_SHARE:
            raise BadInput(
                "simulate.rain_elsewhere",
                _("The rain forecast covers %(part)d %% of the area only.")
                % {"part": 100 * (1 - missing.mean())},
                hint=_("Give one that reaches over the area, or remove it."),
            )
        mean = np.nanmean(np.where(missing, np.nan, rate), axis=(1, 2), keepdims=True)
        edges = np.array([(edge - since).total_seconds() for edge in self.edges])
        return RainField(edges, np.where(missing, mean, rate), self.variable)


def read_rain(path: Path, *, variable: str = "", issued_at: datetime | None = None) -> RainFile:
    """A CF-NetCDF file, checked; BadInput says what is wrong and what to do."""
    with _opened(path) as file:
        data = _variable(file, variable)
        values, x, y, crs = _values(file, data)
        times, bounds = _times(file, data)
        edges, rate = _rates(data, values, times, bounds)
        issued = issued_at or _issued(file) or edges[0]
        found = RainFile(issued, edges, rate, x, y, crs, data.name)
    _check(found)
    return found


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import netCDF4

    try:
        file = netCDF4.Dataset(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        yield file
    except (OSError, RuntimeError) as error:  # what the library says of a damaged part
        raise _unreadable(path, error) from error
    finally:
        file.close()


def _unreadable(path: Path, error: Exception) -> BadInput:
    return BadInput(
        "simulate.unreadable_rain",
        _("Cannot read %(file)s as NetCDF: %(why)s") % {"file": path, "why": error},
        hint=_("Give NetCDF by the CF conventions; GRIB can be converted with cdo or wgrib2."),
    )


def _variable(file: Any, wanted: str) -> Any:
    if wanted:
        if wanted not in file.variables:
            raise _no_variable(file)
        return file.variables[wanted]
    found = [
        v
        for name, v in file.variables.items()
        if v.ndim >= 3
        and (getattr(v, "standard_name", "") in STANDARD_NAMES or name.lower() in USUAL_NAMES)
    ]
    if len(found) != 1:
        raise _no_variable(file)
    return found[0]


def _no_variable(file: Any) -> BadInput:
    names = ", ".join(name for name, v in file.variables.items() if v.ndim >= 3) or "—"
    return BadInput(
        "simulate.rain_variable",
        _("Which variable is the rain? The file has: %(names)s") % {"names": names},
        hint=_("Name it with --variable."),
    )


def _times(file: Any, data: Any) -> tuple[list[datetime], list[datetime] | None]:
    """Times of the fields, and their limits where the file gives bounds."""
    time = next(
        (
            file.variables[name]
            for name in data.dimensions
            if name in file.variables and " since " in getattr(file.variables[name], "units", "")
        ),
        None,
    )
    if time is None:
        raise BadInput(
            "simulate.rain_time",
            _("The rain has no time axis with units such as “hours since 2026-07-03 00:00”."),
        )
    times = _instants(time, time[:])
    bounds = getattr(time, "bounds", "")
    if bounds not in file.variables:
        return times, None
    pairs = np.asarray(file.variables[bounds][:])
    if pairs.shape != (len(times), 2) or (pairs[1:, 0] != pairs[:-1, 1]).any():
        raise BadInput("simulate.rain_time", _("The intervals of the rain do not meet."))
    return times, _instants(time, np.append(pairs[:1, 0], pairs[:, 1]))


def _instants(time: Any, numbers: Any) -> list[datetime]:
    import cftime

    try:
        given: Floats = np.ma.filled(np.ma.asarray(numbers, float), np.nan)
        if not np.isfinite(given).all():
            raise ValueError(_("a time is missing"))
        found = cftime.num2pydate(given, time.units, getattr(time, "calendar", "standard"))
    except (ValueError, TypeError, OverflowError) as error:
        raise BadInput(
            "simulate.rain_time",
            _("The times of the rain cannot be read: %(why)s") % {"why": error},
            hint=_("Each needs a number; their units are such as “hours since 2026-07-03 00:00”."),
        ) from error
    times = [moment.replace(tzinfo=moment.tzinfo or UTC) for moment in np.atleast_1d(found)]
    if any(b <= a for a, b in pairwise(times)):
        raise BadInput("simulate.rain_time", _("The times of the rain do not rise."))
    return times


def _values(file: Any, data: Any) -> tuple[Floats, Floats, Floats, Any]:
    """The numbers as (times, y, x) with both axes rising, and their CRS."""
    if data.ndim != 3:
        raise BadInput(
            "simulate.rain_shape",
            _("The rain has dimensions %(dims)s; time and two of the ground are needed.")
            % {"dims": " x ".join(data.dimensions)},
            hint=_("Take one level or one member out of it first."),
        )
    if not data.size:
        raise _no_rain()
    _require_memory(data)
    values = _filled(data)
    axes = [file.variables.get(name) for name in data.dimensions]
    if any(axis is None or axis.ndim != 1 for axis in axes[1:]):
        raise BadInput(
            "simulate.rain_grid",
            _("The rain's grid has no coordinates along its axes (a curved grid is not taken)."),
            hint=_("Bring it to a regular grid first, such as: cdo remapbil."),
        )
    y, x = (_filled(axis) for axis in axes[1:])
    crs = _crs(file, data, axes[2], axes[1])
    if y[0] > y[-1]:
        y, values = y[::-1], values[:, ::-1]
    if crs.is_geographic and x.max() > 180:
        x = (x + 180) % 360 - 180
        order = np.argsort(x)
        x, values = x[order], values[:, :, order]
    if min(len(x), len(y)) < 2 or not ((np.diff(x) > 0).all() and (np.diff(y) > 0).all()):
        raise BadInput("simulate.rain_grid", _("The coordinates of the rain's grid do not rise."))
    if crs.is_geographic and not (-180 <= x[0] <= x[-1] <= 180 and -90 <= y[0] <= y[-1] <= 90):
        raise BadInput("simulate.rain_grid", _("The rain's degrees are nowhere on the earth."))
    return values, x, y, crs


def _require_memory(data: Any) -> None:
    needed, free = int(data.size) * BYTES, estimate.free_bytes()
    if needed > free:
        raise Refusal(
            "simulate.memory",
            _("The rain of %(shape)s values needs %(needed).1f GB of memory; %(free).1f GB are"
              " free.")
            % {
                "shape": " x ".join(map(str, data.shape)),
                "needed": needed / 1e9,
                "free": free / 1e9,
            },
            hint=_("Cut it to the city and its surroundings first, such as: cdo sellonlatbox."),
        )  # fmt: skip


def _filled(variable: Any) -> Floats:
    try:
        return np.asarray(np.ma.filled(np.ma.asarray(variable[:], float), np.nan))
    except (ValueError, TypeError) as error:
        raise BadInput(
            "simulate.rain_numbers",
            _("%(name)s does not hold numbers.") % {"name": variable.name},
            hint=_("Name the rain's variable with --variable."),
        ) from error


def _no_rain() -> BadInput:
    return BadInput(
        "simulate.rain_empty",
        _("The file holds no rain at all."),
        hint=_("It needs two times and one value at least: look at it with ncdump -h."),
    )


def _crs(file: Any, data: Any, x: Any, y: Any) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if str(getattr(x, "units", "")).startswith("degree"):
        return CRS.from_epsg(4326)
    mapping = file.variables.get(getattr(data, "grid_mapping", ""))
    try:
        if mapping is None:
            raise CRSError("grid_mapping")
        crs = CRS.from_cf({name: mapping.getncattr(name) for name in mapping.ncattrs()})
    except (CRSError, KeyError, ValueError) as error:
        raise BadInput(
            "simulate.rain_crs",
            _("The rain does not say in which coordinate system it is."),
            hint=_("It needs degrees_east and degrees_north, or a CF grid mapping."),
        ) from error
    if str(getattr(x, "units", "m")) not in {"m", "metre", "meter", "metres", "meters"}:
        raise BadInput(
            "simulate.rain_crs",
            _("The rain's projected coordinates are in %(unit)s, not in metres.")
            % {"unit": getattr(y, "units", "?")},
        )
    return crs


def _rates(
    data: Any, values: Floats, times: list[datetime], bounds: list[datetime] | None
) -> tuple[list[datetime], Floats]:
    """Limits of intervals and mean rates between them [mm/h].

    Without bounds a field belongs to the interval that it ends, as forecasts are published; the
    first then has no beginning and, unless it is a sum since the start, is left out.
    """
    unit = str(getattr(data, "units", "")).replace(" ", "").replace("**", "").replace("^", "")
    if unit in RATES:
        edges = bounds or times
        rate = values * RATES[unit]
        return edges, rate if bounds else rate[1:]
    if unit not in DEPTHS:
        raise BadInput(
            "simulate.rain_units",
            _("Rain in “%(unit)s” cannot be read.") % {"unit": getattr(data, "units", "")},
            hint=_("Rates in mm/h or kg m-2 s-1, depths in mm, m or kg m-2."),
        )
    depth = values * DEPTHS[unit]
    edges = bounds or times
    if bounds is None:
        summed = bool((np.nan_to_num(np.diff(depth, axis=0)) >= -ROUNDING_MM).all())
        depth = np.diff(depth, axis=0) if summed and len(times) > 2 else depth[1:]
    hours = np.array([(b - a).total_seconds() / 3600 for a, b in pairwise(edges)])
    return edges, depth / hours[:, None, None]


def _issued(file: Any) -> datetime | None:
    for variable in file.variables.values():
        if getattr(variable, "standard_name", "") == "forecast_reference_time":
            return _instants(variable, np.atleast_1d(variable[:])[:1])[0]
    return None


def _check(found: RainFile) -> None:
    if len(found.edges) < 2 or not np.isfinite(found.rate_mm_h).any():
        raise _no_rain()
    hours = found.hours
    depth = found.rate_mm_h * hours[:, None, None]
    low = float(np.nanmin(depth))
    if low < -ROUNDING_MM:
        raise BadInput(
            "simulate.rain_negative",
            _("The rain goes down to %(low)g mm: rain cannot be negative.") % {"low": low},
            hint=_("Check missing values, and whether depths are sums since the start."),
        )
    np.clip(found.rate_mm_h, 0, None, out=found.rate_mm_h)
    worst = float((np.nanmax(depth, axis=(1, 2)) / greatest_mm(hours * 3600)).max())
    if worst > 1:
        raise BadInput(
            "simulate.rain_absurd",
            _("Rain of %(mm)g mm in an interval is more than has ever been measured.")
            % {"mm": float(np.nanmax(depth))},
            hint=_("Check the units: %(variable)s.") % {"variable": found.variable},
        )
