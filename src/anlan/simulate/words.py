"""The engines' refusals in the user's language: what is wrong, what to do, and the detail."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import BadInput
from anlan.engines.errors import BadCase

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

UNITS = gettext_lazy("Check the units and the CRS.")
FAULTS = gettext_lazy("Check the units of the rain and the faults of its gauges.")
PLACES = gettext_lazy("Check positions and CRS; move it to a cell that can hold water.")

# By the engine's code. What is not here comes from a program and not from a person.
WORDS: "dict[str, tuple[StrOrPromise, StrOrPromise]]" = {
    "flood.bed": (gettext_lazy("The terrain has heights that cannot be."), UNITS),
    "flood.cell": (gettext_lazy("The size of the cells is not possible."), UNITS),
    "flood.hole": (
        gettext_lazy("The terrain has holes without a height."),
        gettext_lazy("Fill them, or mark them as blocked; “anlan terrain import” does both."),
    ),
    "flood.void": (
        gettext_lazy("The terrain has no open ground with a height."),
        gettext_lazy("Check its area, its no-data value and the buildings."),
    ),
    "flood.shape": (
        gettext_lazy("A layer does not fit the terrain's grid."),
        gettext_lazy("Resample it to the terrain's grid."),
    ),
    "flood.range": (gettext_lazy("A layer has values that cannot be."), UNITS),
    "flood.numbers": (gettext_lazy("Something that should be a number is none."), UNITS),
    "flood.memory": (
        gettext_lazy("The case is too large for this machine's memory."),
        gettext_lazy("Choose larger cells, a higher factor or a smaller window."),
    ),
    "flood.outside": (
        gettext_lazy("An inflow, wall, manhole or link lies outside the terrain or in a building."),
        PLACES,
    ),
    "flood.edge": (gettext_lazy("An open edge does not fit the grid."), PLACES),
    "flood.link": (gettext_lazy("A culvert or pump cannot work as given."), PLACES),
    "flood.wall": (gettext_lazy("A wall cannot stand where it is given."), PLACES),
    "flood.series": (
        gettext_lazy("A series in time is out of order."),
        gettext_lazy("Times must rise, with as many values."),
    ),
    "flood.rain_value": (gettext_lazy("Negative rain, or more than can fall."), FAULTS),
    "flood.rain_times": (gettext_lazy("The times of the rain do not rise."), FAULTS),
    "flood.rain_shape": (gettext_lazy("The rain does not fit the terrain's grid."), FAULTS),
    "flood.factor": (
        gettext_lazy("A coarse cell is 2, 4, 8 or 16 cells wide."),
        gettext_lazy("Choose one of these."),
    ),
    "flood.no_swmm": (
        gettext_lazy("EPA SWMM is not installed here."),
        gettext_lazy("Install it with “pip install anlan[drains]”, or leave out the network."),
    ),
    "flood.swmm_input": (
        gettext_lazy("SWMM does not read the drain network."),
        gettext_lazy("Open it in SWMM and mend what the detail names."),
    ),
    "flood.swmm_ended": (
        gettext_lazy("The drain network's own options end before the run."),
        gettext_lazy("Set END_DATE and END_TIME of the network later."),
    ),
    "flood.swmm_units": (
        gettext_lazy("The drain network is not in metric units."),
        gettext_lazy("Set its FLOW_UNITS to CMS, LPS or MLD."),
    ),
    "flood.swmm_ponding": (
        gettext_lazy("The drain network does not let its nodes pond."),
        gettext_lazy("Set ALLOW_PONDING YES in its options."),
    ),
    "flood.swmm_busy": (
        gettext_lazy("Another drain network is running in this process."),
        gettext_lazy("Run one after the other."),
    ),
    "flood.interval": (
        gettext_lazy("An exchange with the drains at this interval is not possible."),
        gettext_lazy("1 to 60 seconds; 5 to 30 is usual."),
    ),
    "flood.manhole_name": (gettext_lazy("A manhole names no junction of the network."), PLACES),
    "flood.time": (
        gettext_lazy("The end of the run is not possible."),
        gettext_lazy("Give until_s in seconds from the case's start."),
    ),
    "flood.threads": (
        gettext_lazy("The number of threads is not possible."),
        gettext_lazy("One at least; as many as the machine has cores at most."),
    ),
    "flood.soil": (gettext_lazy("Infiltration is by Green-Ampt or Horton."), UNITS),
    "flood.unstable": (
        gettext_lazy("The computation has become unstable."),
        gettext_lazy("Look for spikes in the terrain where the detail says; lower “courant”."),
    ),
    "rain.no_nowcast": (
        gettext_lazy("pysteps is not installed here."),
        gettext_lazy("Install it with “pip install anlan[nowcast]”; gauges are used until then."),
    ),
    "rain.radar_shape": (
        gettext_lazy("The radar fields are too few or too small."),
        gettext_lazy("Three fields at least, 32 cells a side at least."),
    ),
    "rain.radar_time": (
        gettext_lazy("From radar fields so far apart no forecast can be made."),
        gettext_lazy("Fields every 1 to 60 minutes."),
    ),
    "flood.manhole": (gettext_lazy("A manhole cannot be as given."), PLACES),
    "flood.manhole_level": (
        gettext_lazy("A manhole's rim and the ground there differ by more than a metre."),
        gettext_lazy("Check the network's datum and the manhole's position."),
    ),
    "flood.coarse_ground": (
        gettext_lazy("The coarse ground was made for another terrain or factor."),
        gettext_lazy("Make it anew, or leave it out: it is then made for this run."),
    ),
    "flood.coarse_part": (
        gettext_lazy("A coarse run takes rain and inflows only."),
        gettext_lazy("Compute the cells as they are (factor 1)."),
    ),
    "flood.too_deep": (gettext_lazy("The water gets deeper than the engine can hold."), UNITS),
    "rain.no_gauge": (gettext_lazy("No gauge has a reading that can be used."), FAULTS),
    "rain.value": (gettext_lazy("A gauge has negative or infinite rain."), FAULTS),
    "rain.formula": (
        gettext_lazy("The constants of the intensity formula cannot be."),
        gettext_lazy("Take them from the city's published formula; a1 is its number over 167."),
    ),
    "rain.storm": (
        gettext_lazy("Such a design storm cannot be made."),
        gettext_lazy("Three days at most, steps of a minute or more, the peak between 0 and 1."),
    ),
}


@contextmanager
def in_our_words() -> Iterator[None]:
    """What an engine refuses, as a refusal that people can read."""
    try:
        yield
    except BadCase as error:
        raise translated(error) from error


def translated(error: BadCase) -> BadInput:
    message, hint = WORDS.get(error.code, (_("The flood engine refuses this case."), error.hint))
    detail = _("%(message)s (detail: %(detail)s)") % {"message": message, "detail": error.message}
    return BadInput(error.code, detail, hint=str(hint))
