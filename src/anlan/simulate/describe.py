"""Checks and runs in words, for the terminal and for pages."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from .grid import Grid
from .netcdf import RainFile


def report_lines(grid: Grid, report: dict[str, Any]) -> list[str]:
    """What was found when a terrain was checked, a line each."""
    lines = [
        _("Grid: %(rows)d x %(cols)d cells of %(cell)g m, EPSG:%(epsg)d")
        % {"rows": grid.rows, "cols": grid.cols, "cell": grid.cell_m, "epsg": grid.epsg},
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
