"""Kinds of sites. Rooms register theirs in `apps.py`; the base kinds are here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Kind:
    code: str
    label: "StrOrPromise"
    group: "StrOrPromise"  # how layers and filters put kinds together
    icon: str  # name of an icon of the map's sprite
    colour: str
    order: int = 100


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def get(code: str) -> Kind | None:
    return _kinds.get(code)


def registered() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.code))


def code_of(text: str) -> str | None:
    """The kind that somebody means by its code or its label, whole or one of its parts."""
    if text in _kinds:
        return text
    for kind in _kinds.values():
        label = str(kind.label)
        if text == label or text in label.split("/") or text in _OTHER_NAMES.get(kind.code, ()):
            return kind.code
    return None


# What lists from other systems call them; matched, never shown.
_OTHER_NAMES = {
    "underpass": ("下穿立交", "隧道下穿", "下穿通道", "underpass"),
    "flood_point": ("易涝点", "积水点", "内涝点"),
    "landslide": ("地质灾害点", "地灾点", "地质灾害隐患点"),
    "shelter": ("避灾安置场所", "避灾点", "避难场所", "应急避难场所"),
    "enterprise": ("企业", "生产经营单位"),
    "reservoir": ("水库", "山塘"),
    "store": ("物资仓库", "物资点", "救灾物资仓库"),
    "helipad": ("直升机起降点", "停机坪"),
    "fire_station": ("消防站", "消防救援站"),
    "station": ("监测站", "测站"),
}

HAZARD, SHELTER = _("hazard points"), _("shelter and rescue")
PUBLIC, DEVICE = _("people and enterprises"), _("devices")

for _kind in (
    Kind("underpass", _("underpass"), HAZARD, "underpass", "#2f6fd0", 10),
    Kind("flood_point", _("flood-prone point"), HAZARD, "flood", "#1f9bcf", 11),
    Kind("landslide", _("landslide point"), HAZARD, "landslide", "#b0622a", 12),
    Kind("reservoir", _("reservoir"), HAZARD, "reservoir", "#1b7fa6", 13),
    Kind("river_section", _("river section"), HAZARD, "river", "#3c8dbc", 14),
    Kind("shelter", _("emergency shelter"), SHELTER, "shelter", "#2e8b57", 20),
    Kind("store", _("supply store"), SHELTER, "store", "#6b8e23", 21),
    Kind("fire_station", _("fire station"), SHELTER, "fire-station", "#c0392b", 22),
    Kind("hospital", _("hospital"), SHELTER, "hospital", "#d2527f", 23),
    Kind("helipad", _("helipad"), SHELTER, "helipad", "#7d6bb3", 24),
    Kind("school", _("school"), PUBLIC, "school", "#d68910", 30),
    Kind("enterprise", _("enterprise"), PUBLIC, "enterprise", "#7f8c8d", 31),
    Kind("village_office", _("village office"), PUBLIC, "office", "#8d6e63", 32),
    Kind("station", _("monitoring station"), DEVICE, "station", "#16a085", 40),
):
    register(_kind)
