"""What a work item of this room is about, beyond its title: for the inbox and the phone."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.work.models import WorkItem

from .models import Entry, RefreshTask, Resolution


def lines(item: WorkItem) -> list[str]:
    """The list's line, the meeting or the refresh that it comes from."""
    entry = Entry.objects.select_related("list__committee", "organisation").filter(item=item)
    if (of := entry.first()) is not None:
        return _of_entry(of)
    resolved = Resolution.objects.select_related("meeting__committee", "organisation")
    if (resolution := resolved.filter(pk=item.pk).first()) is not None:
        return _of_resolution(resolution)
    task = RefreshTask.objects.select_related("refresh").filter(pk=item.pk).first()
    if task is not None:
        return [
            _("Say of every officer of the village and its grids whether they are still the one.")
        ]
    return []


def _of_entry(entry: Entry) -> list[str]:
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


def _of_resolution(resolution: Resolution) -> list[str]:
    meeting = resolution.meeting
    found = [
        _("%(committee)s, meeting of %(day)s")
        % {"committee": meeting.committee.name, "day": meeting.held_on.isoformat()}
    ]
    if resolution.organisation:
        found.append(_("Leading unit: %(unit)s") % {"unit": resolution.organisation.name})
    return [*found, resolution.text] if resolution.text != resolution.item.title else found
