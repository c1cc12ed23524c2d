"""The regions that a table by region has a row for: those below one, or the reader's own."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.counts import top_regions


def regions_below(
    *, actor: Account, permission: str, code: str = ""
) -> tuple[Region | None, list[Region]]:
    """The region that was opened, and the rows of its table.

    Without a code: the actor's only region is opened at once, so that a city sees its counties.
    """
    if code:
        parent = Region.objects.filter(code=code, valid_to=None).first()
        if parent is None or not actor.may(permission, region=parent):
            raise NotFound("places.not_yours", _("There is no such region among yours."))
        return parent, _children(parent)
    held = top_regions(actor.regions_for(permission))
    if len(held) == 1 and held[0].level < Region.Level.VILLAGE:
        return held[0], _children(held[0])
    return None, held


def _children(parent: Region) -> list[Region]:
    below = list(parent.children.filter(valid_to=None).order_by("code"))
    return below or [parent]
