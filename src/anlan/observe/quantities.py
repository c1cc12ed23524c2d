"""What is measured: code, Chinese and English name, unit, decimals, and what is believable.

Doors convert to these units; rules, charts and maps read labels and limits from here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .sl651 import ELEMENTS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Quantity:
    code: str
    label: "StrOrPromise"
    unit: str
    decimals: int
    low: float  # gross range: outside it a reading is flagged bad
    high: float
    total: bool = False  # summed over a period (rain), not a level at an instant


_quantities: dict[str, Quantity] = {}


def register(quantity: Quantity) -> None:
    _quantities[quantity.code] = quantity


def get(code: str) -> Quantity:
    return _quantities[code]


def find(code: str) -> Quantity | None:
    """None where a device reports something that we have no meaning for."""
    return _quantities.get(code)


def registered() -> list[Quantity]:
    return list(_quantities.values())


for quantity in (
    Quantity("rain_5min", _("rain in 5 minutes"), "mm", 1, 0, 60, total=True),
    Quantity("rain_1h", _("rain in 1 hour"), "mm", 1, 0, 250, total=True),
    Quantity("rain_day", _("rain of the day"), "mm", 1, 0, 1000, total=True),
    Quantity("rain_total", _("cumulative rain"), "mm", 1, 0, 100_000),
    Quantity("ponding_depth", _("ponding depth"), "m", 2, -0.05, 8),
    Quantity("water_level", _("water level"), "m", 2, -20, 5000),
    Quantity("flow", _("discharge"), "m³/s", 2, -50_000, 100_000),
    Quantity("wind_speed", _("wind speed"), "m/s", 1, 0, 90),
    Quantity("temperature", _("air temperature"), "℃", 1, -50, 60),
    Quantity("pressure", _("air pressure"), "hPa", 1, 500, 1100),
    Quantity("battery_voltage", _("battery voltage"), "V", 2, 0, 60),
    Quantity("signal", _("signal strength"), "", 0, -150, 100),
):
    register(quantity)


# Whatever else a station can report by SL 651, under the standard's own name. We set no limits:
# what is believable of a turbidity or a gate is known at the place, by the series.
for element in ELEMENTS.values():
    if element.quantity not in _quantities:
        register(
            Quantity(element.quantity, element.name, element.unit, element.decimals, -1e12, 1e12)
        )
