"""Kinds of station: what a map shows as one layer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KINDS: "dict[str, StrOrPromise]" = {
    "rain": _("rain gauge"),
    "ponding": _("ponding sensor"),
    "river": _("river level station"),
    "reservoir": _("reservoir station"),
    "weather": _("weather station"),
    "other": _("other station"),
}
# By what a station reports, the first that fits.
_BY_QUANTITY = (
    ("ponding_depth", "ponding"),
    ("water_level_up", "reservoir"),
    ("water_level", "river"),
    ("flow", "river"),
    ("wind_speed", "weather"),
    ("rain", "rain"),
)


def label(code: str) -> str:
    return str(KINDS.get(code, code))


def likely(quantities: Iterable[str]) -> str:
    """What kind of station reports these."""
    reported = list(quantities)
    for prefix, kind in _BY_QUANTITY:
        if any(quantity.startswith(prefix) for quantity in reported):
            return kind
    return "other"
