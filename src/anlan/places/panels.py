"""What upper rooms show on the page of a site or a road: who answers, forecasts, what can be done.

A room registers a panel in `apps.py`; the page fetches it as a fragment for who may see it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .models import Road, Site

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account


@dataclass(frozen=True)
class Panel:
    title: "StrOrPromise"
    permission: str  # in the place's region
    order: int
    # URL names that take `site_id` and `road_id`; "" where it says nothing about such places.
    site_page: str = ""
    road_page: str = ""


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    if panel not in _panels:
        _panels.append(panel)


def for_place(place: Site | Road, actor: "Account") -> list[tuple[Panel, str]]:
    """The panels that the actor may see of this place, with the URL name of each."""
    found = []
    for panel in sorted(_panels, key=lambda panel: panel.order):
        page = panel.site_page if isinstance(place, Site) else panel.road_page
        if page and actor.may(panel.permission, region=place.region):
            found.append((panel, page))
    return found
