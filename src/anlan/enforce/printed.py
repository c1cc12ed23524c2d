"""Which papers a visit's or hazard's record has, for the pages of `prevent` to offer."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from anlan.prevent.models import Hazard, Visit
from anlan.prevent.printed import Printed

from .papers import of_visit
from .papers.catalogue import edition_on


def papers_of(record: Visit | Hazard) -> list[Printed]:
    return list(_of_visit(record) if isinstance(record, Visit) else _of_hazard(record))


def _of_visit(visit: Visit) -> Iterator[Printed]:
    if visit.finished_at is None:
        return
    if of_visit.has_record(visit):
        number = visit.number or ""
        yield _printed("check_record", number, visit.finished_at, "record", visit.pk)
    first: dict[str, Hazard] = {}
    for hazard in visit.hazards.exclude(order_number="").order_by("pk"):
        first.setdefault(hazard.order_number, hazard)
    for hazard in first.values():
        at = hazard.ordered_at or visit.finished_at
        yield _printed("rectify_order", hazard.order_number, at, "order", visit.pk, hazard.pk)
    if of_visit.rechecks_of(visit):
        number = of_visit.recheck_number(visit)
        yield _printed("recheck", number, visit.finished_at, "recheck", visit.pk)


def _of_hazard(hazard: Hazard) -> Iterator[Printed]:
    if not hazard.order_number or hazard.ordered_at is None:
        return
    number = hazard.order_number
    yield _printed("rectify_order", number, hazard.ordered_at, "hazard_order", hazard.pk)
    row, step = of_visit.latest_recheck(hazard)
    at = row.visit.finished_at if row else step.at if step else None
    if at is not None:
        number = of_visit.recheck_number(row.visit) if row else ""
        number = of_visit.step_number(step) if step else number
        yield _printed("recheck", number, at, "hazard_recheck", hazard.pk)


def _printed(form: str, number: str, at: datetime, door: str, *ids: object) -> Printed:
    title = edition_on(timezone.localdate(at)).form(form).title
    pdf, docx = (reverse(f"enforce:printed_{door}", args=[*ids, kind]) for kind in ("pdf", "docx"))
    return Printed(title, number, pdf, docx)
