"""What a work item of this room is about, for the inbox and the phone."""

from __future__ import annotations

from django.db.models import Prefetch

from anlan.work import deadlines
from anlan.work.models import WorkItem

from .models import Approval, Term


def approval_row() -> Prefetch[str]:
    return Prefetch("approval", Approval.objects.select_related("case__party"))


def approval_lines(item: WorkItem) -> list[str]:
    """The case, and what was asked for."""
    approval: Approval | None = getattr(item, "approval", None)
    return [approval.case.name, approval.request] if approval else []


def term_row() -> Prefetch[str]:
    return Prefetch("term", Term.objects.select_related("case__party"))


def term_lines(item: WorkItem) -> list[str]:
    """The case, and the law by which the limit runs."""
    term: Term | None = getattr(item, "term", None)
    if term is None:
        return []
    return [term.case.name, deadlines.get(term.rule).on(term.rule_version).source]
