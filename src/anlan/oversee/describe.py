"""What a letter's work item is about, for the inbox and the phone."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.work.models import WorkItem

from .models import Accident, Letter


def letter_lines(item: WorkItem) -> list[str]:
    """The letter's number, its words, and the duty that it is about."""
    letter = Letter.objects.select_related("to").filter(pk=item.pk).first()
    if letter is None:
        return []
    found = [f"{letter.get_kind_display()} {letter.number}", f"{letter.organ} → {letter.to.name}"]
    if letter.about_id:
        found.append(_("About task #%(number)d") % {"number": letter.about_id})
    return [*found, letter.text]


def accident_lines(item: WorkItem) -> list[str]:
    """The accident that an investigation, a remedy, a look-back or a problem belongs to."""
    accident = (
        Accident.objects.filter(pk=item.pk).first()
        or Accident.objects.filter(remedies__item=item).first()
        or Accident.objects.filter(look_back__item=item).first()
        or Accident.objects.filter(look_back__problems=item.pk).first()
    )
    if accident is None:
        return []
    return [_("Accident: %(title)s") % {"title": accident.title}]
