"""The publicity list: put on within seven working days, taken off with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account

from .. import publicity
from ..models import Case, Publication
from ..papers import values
from ..stages import Outcome, Stage
from . import papers, terms
from .moves import log


@transaction.atomic
def publish_case(*, case: Case, by: Account, at: datetime) -> Publication:
    """Put a served decision on the list; what must be hidden is not even stored with it."""
    by.require("enforce.publish", region=case.region)
    ready = case.stage in {Stage.FULFIL, Stage.ENFORCE, Stage.CLOSED}
    if case.outcome != Outcome.PENALTY or not ready:
        raise Refusal(
            "enforce.not_public",
            _("Only a penalty that has been served is published."),
        )
    if case.exercise:
        raise Refusal("enforce.exercise", _("An exercise is not published."))
    earlier = Publication.objects.select_for_update().filter(case=case).first()
    if earlier and not is_of_before(earlier, case):
        raise Refusal("enforce.published", _("It is, or was, on the list already."))
    paper = papers.standing(case, *papers.DECISIONS)
    number = paper.number if paper else ""
    content = publicity.content_of(case, number, values.penalty_text(case))
    made, _new = Publication.objects.update_or_create(
        case=case,
        defaults={
            "content": content,
            "published_at": at,
            "published_by": by,
            "withdrawn_at": None,
            "withdrawn_by": None,
            "reason": "",
            "earlier": [*earlier.earlier, _kept(earlier)] if earlier else [],
        },
    )
    terms.meet(case=case, rule="penalty.publish", by=by, at=at, note=number)
    log(case=case, move="publish", by=by, at=at, note=number)
    return made


def is_of_before(publication: Publication, case: Case) -> bool:
    """Taken off before the case was decided anew: the new decision is published in its turn."""
    gone, decided = publication.withdrawn_at, case.decided_at
    return bool(gone and decided and gone <= decided)


def _kept(publication: Publication) -> dict[str, object]:
    return {
        "content": publication.content,
        "published_at": publication.published_at.isoformat(),
        "withdrawn_at": publication.withdrawn_at and publication.withdrawn_at.isoformat(),
        "reason": publication.reason,
    }


@transaction.atomic
def withdraw(*, publication: Publication, reason: str, by: Account, at: datetime) -> Publication:
    """Take it off the list, because the decision was changed, revoked or has been shown enough."""
    case = publication.case
    by.require("enforce.publish", region=case.region)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    shown = Publication.objects.filter(pk=publication.pk, withdrawn_at=None)
    if not shown.update(withdrawn_at=at, withdrawn_by=by, reason=reason[:300]):
        raise Refusal("enforce.withdrawn", _("It has been taken off already."))
    publication.refresh_from_db()
    terms.meet(case=case, rule="enforce.withdraw", by=by, at=at, note=reason)
    log(case=case, move="withdraw", by=by, at=at, note=reason)
    return publication
