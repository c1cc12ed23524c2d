"""What a work item of this room is about, beyond its title: for the inbox and the phone."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from anlan.base.days import spoken
from anlan.work.models import WorkItem

from .models import Entry, Resolution


def entry_row() -> Prefetch[str]:
    return Prefetch("year_entry", Entry.objects.select_related("list__committee", "organisation"))


def entry_lines(item: WorkItem) -> list[str]:
    """The line of the year's list that it comes from, and who leads."""
    entry: Entry | None = getattr(item, "year_entry", None)
    if entry is None:
        return []
    found = [
        _("%(committee)s, list of %(year)d, line %(number)d")
        % {
            "committee": entry.list.committee.name,
            "year": entry.list.year,
            "number": entry.number,
        }
    ]
    if entry.led_by_principal:
        found.append(_("Led by a principal leader."))
    if entry.organisation:
        found.append(_("Leading unit: %(unit)s") % {"unit": entry.organisation.name})
    return [*found, entry.text] if entry.text else found


def resolution_row() -> Prefetch[str]:
    rows = Resolution.objects.select_related("meeting__committee", "organisation")
    return Prefetch("resolution", rows)


def resolution_lines(item: WorkItem) -> list[str]:
    """The meeting that resolved it, and who leads."""
    resolution: Resolution | None = getattr(item, "resolution", None)
    if resolution is None:
        return []
    meeting = resolution.meeting
    found = [
        _("%(committee)s, meeting of %(day)s")
        % {"committee": meeting.committee.name, "day": spoken(meeting.held_on)}
    ]
    if resolution.organisation:
        found.append(_("Leading unit: %(unit)s") % {"unit": resolution.organisation.name})
    return [*found, resolution.text] if resolution.text != item.title else found


def refresh_lines(item: WorkItem) -> list[str]:
    return [_("Say of every officer of the village and its grids whether they are still the one.")]
