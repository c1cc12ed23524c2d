"""Checks and runs in words, for the terminal and for pages."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.engines.flood import memory_bytes

from .casefile.read import CaseFile
from .ground.estimate import COARSE_PER_S, DEEP_M, FINE_PER_S
from .ground.grid import Grid
from .rain.netcdf import RainFile


def report_lines(grid: Grid, report: dict[str, Any]) -> list[str]:
    """What was found when a terrain was checked, a line each."""
    lines = [
        _grid_line(grid),
        _("Heights: %(low)g to %(high)g m")
        % {"low": report["lowest_m"], "high": report["highest_m"]},
        _(
            "Without a height: %(void)d cells; filled %(filled)d in %(voids)d small voids,"
            " outside %(outside)d"
        )
        % {
            "void": report["void_cells"],
            "filled": report["filled_cells"],
            "voids": report["filled_voids"],
            "outside": report["outside_cells"],
        },
        _(
            "Hollows without an outlet: %(count)d, %(share).2f %% of the ground,"
            " the deepest %(deep)g m"
        )
        % {
            "count": report["hollows"],
            "share": 100 * report["hollow_share"],
            "deep": report["deepest_hollow_m"],
        },
    ]
    if "built_share" in report:
        lines.append(_("Built over: %(share).1f %%") % {"share": 100 * report["built_share"]})
    if "links" in report:
        lines.append(_("Culverts and pumps: %(count)d") % {"count": report["links"]})
    return lines


def rain_lines(rain: RainFile) -> list[str]:
    """What a rain forecast says, a line each."""
    facts = rain.facts()
    first, last, issued = (
        f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
        for at in (rain.edges[0], rain.edges[-1], rain.issued_at)
    )
    return [
        _("Variable %(name)s, issued %(issued)s") % {"name": rain.variable, "issued": issued},
        _("From %(first)s to %(last)s in %(steps)d intervals")
        % {"first": first, "last": last, "steps": facts["steps"]},
        _("Greatest rate %(rate)g mm/h, greatest total %(total)g mm")
        % {"rate": facts["greatest_mm_h"], "total": facts["greatest_total_mm"]},
    ]


def _grid_line(grid: Grid) -> str:
    return _("Grid: %(rows)d x %(cols)d cells of %(cell)g m, %(crs)s") % {
        "rows": grid.rows,
        "cols": grid.cols,
        "cell": grid.cell_m,
        "crs": f"EPSG:{grid.epsg}" if grid.epsg else _("without a CRS"),
    }


def case_lines(file: CaseFile) -> list[str]:
    """What a case file asks for, a line each."""
    grid, run = file.grid, file.run
    steps = run.until_s / (0.7 * grid.cell_m * run.factor / (9.81 * DEEP_M) ** 0.5)
    cells = grid.rows * grid.cols / run.factor**2
    rate = FINE_PER_S if run.factor == 1 else COARSE_PER_S
    return [
        file.title,
        _grid_line(grid),
        _("%(hours).2f h in %(frames)d frames, factor %(factor)d, %(threads)d thread(s)")
        % {
            "hours": run.until_s / 3600,
            "frames": len(run.times_s),
            "factor": run.factor,
            "threads": run.threads,
        },
        _("About %(memory)d MB of memory and %(seconds)d s of one core with water 3 m deep")
        % {"memory": memory_bytes(file.case, run.factor) / 1e6, "seconds": cells * steps / rate},
    ]


def summary_lines(summary: dict[str, Any]) -> list[str]:
    """A finished run in words."""
    balance, drains = summary["balance_m3"], summary.get("drains")
    lines = [
        _("Deepest water %(depth)g m at %(place)s; over 15 cm: %(wet)g ha")
        % {
            "depth": summary["deepest_m"],
            "place": ", ".join(map(str, summary["deepest_at"])),
            "wet": summary["wet_ha"],
        },
        _("Water [m3]: rain %(rain)g, inflow %(inflow)g, soil %(soil)g, drains %(drains)g, "
          "edges %(edges)g, left %(left)g, unexplained %(error)g")
        % {
            "rain": balance["rain"],
            "inflow": balance["inflow"],
            "soil": balance["infiltrated"],
            "drains": balance["drained"],
            "edges": balance["edge_outflow"],
            "left": balance["stored"],
            "error": balance["error"],
        },
        _("%(steps)d steps in %(took)g s; the step is set by water %(depth)g m deep")
        % {
            "steps": summary["steps"],
            "took": summary["took_s"],
            "depth": summary["limit"]["depth_m"],
        },
    ]  # fmt: skip
    if drains:
        lines.append(
            _("Drains [m3]: taken %(into)g, given back %(out)g, outfalls %(outfalls)g")
            % {
                "into": round(drains["into_m3"], 1),
                "out": round(drains["out_m3"], 1),
                "outfalls": round(drains["outfalls_m3"], 1),
            }
        )
    return lines
