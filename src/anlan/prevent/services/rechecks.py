"""The numbers of re-checks' opinions (整改复查意见书): each has one of its office's row, once."""

from __future__ import annotations

from django.db import transaction

from anlan.base.serials import number_after
from anlan.people.models import Account
from anlan.people.numbers import number_document
from anlan.work.models import Step

from ..models import DeskRecheck, Hazard, Recheck, Visit
from .hazards import ORDER

WORD = "复查"  # of a visit of re-check, and of every other paper that says the same


def number_recheck(visit: Visit, *, by: Account) -> None:
    """A visit that was just finished and looked again at what had been ordered.

    A visit of re-check has its own number of this row already. In the caller's transaction.
    """
    visit.refresh_from_db(fields=["finished_at"])
    if visit.kind == Visit.Kind.RECHECK or visit.finished_at is None:
        return
    if visit.rechecks.filter(hazard__ordered_at__lte=visit.finished_at).exists():
        visit.recheck_number = number_document(
            word=WORD, by=by, region=visit.region, at=visit.finished_at
        )
        visit.save(update_fields=["recheck_number"])


def words_of(hazard: Hazard) -> str:
    """（金）应急复查: of the office that gave the order, for whoever belongs to none."""
    return hazard.order_number.partition("〔")[0].removesuffix(ORDER) + WORD


@transaction.atomic
def number_step(*, step: Step) -> DeskRecheck | None:
    """A hazard that had been ordered was verified or sent back on its task. Safe to repeat.

    None where a visit made the move, whose opinion has a number, or nothing had been ordered.
    """
    hazard = (
        Hazard.objects.select_for_update(of=("self",))
        .select_related("item__region")
        .filter(pk=step.item_id, ordered_at__lte=step.at)
        .first()
    )
    if hazard is None or step.by.is_system or Recheck.objects.filter(step=step).exists():
        return None
    known = DeskRecheck.objects.filter(step=step).first()
    if known is not None:
        return known
    number = (
        number_document(word=WORD, by=step.by, region=hazard.item.region, at=step.at)
        if step.by.organisation_id
        else number_after(words_of(hazard), step.at)
    )
    return DeskRecheck.objects.create(step=step, hazard=hazard, number=number)
