"""What a work item of this room is about, for the inbox and the phone."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from anlan.work.models import WorkItem

from .models import Accident, Letter, LookBack, Problem, Remedy


def letter_row() -> Prefetch[str]:
    return Prefetch("letter", Letter.objects.select_related("to"))


def letter_lines(item: WorkItem) -> list[str]:
    """The letter's number, its words, and the duty that it is about."""
    letter: Letter | None = getattr(item, "letter", None)
    if letter is None:
        return []
    found = [f"{letter.get_kind_display()} {letter.number}", f"{letter.organ} → {letter.to.name}"]
    if letter.about_id:
        found.append(_("About task #%(number)d") % {"number": letter.about_id})
    return [*found, letter.text]


def investigation_row() -> Prefetch[str]:
    return Prefetch("accident", Accident.objects.all())


def investigation_lines(item: WorkItem) -> list[str]:
    accident: Accident | None = getattr(item, "accident", None)
    return [_of(accident)] if accident else []


def remedy_row() -> Prefetch[str]:
    return Prefetch("remedy", Remedy.objects.select_related("accident"))


def remedy_lines(item: WorkItem) -> list[str]:
    remedy: Remedy | None = getattr(item, "remedy", None)
    return [_of(remedy.accident)] if remedy else []


def look_back_row() -> Prefetch[str]:
    return Prefetch("look_back", LookBack.objects.select_related("accident"))


def look_back_lines(item: WorkItem) -> list[str]:
    look_back: LookBack | None = getattr(item, "look_back", None)
    return [_of(look_back.accident)] if look_back else []


def problem_row() -> Prefetch[str]:
    return Prefetch("look_back_problem", Problem.objects.select_related("look_back__accident"))


def problem_lines(item: WorkItem) -> list[str]:
    problem: Problem | None = getattr(item, "look_back_problem", None)
    return [_of(problem.look_back.accident)] if problem else []


def _of(accident: Accident) -> str:
    return _("Accident: %(title)s") % {"title": accident.title}
