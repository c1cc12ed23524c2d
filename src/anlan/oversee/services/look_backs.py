"""The look-back: opened by the ticker, walks the rectification list, hands problems out, ends."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Organisation
from anlan.people.services.sent import sent_already
from anlan.work.models import WorkItem
from anlan.work.services import advance, open_item

from ..models import LookBack, Problem, Remedy, Verdict

LOOK_BACK, PROBLEM = "oversee.look_back", "oversee.problem"
S = WorkItem.State


def open_due(at: datetime) -> int:
    """A duty of the ticker: begin the look-backs whose day has come; returns how many."""
    due = LookBack.objects.filter(item=None, opens_on__lte=timezone.localdate(at))
    related = due.select_related("accident__item__region").order_by("opens_on", "pk")
    return sum(_open(look_back, at) for look_back in related[:100])


@transaction.atomic
def _open(look_back: LookBack, at: datetime) -> bool:
    locked = LookBack.objects.select_for_update().filter(pk=look_back.pk, item=None).first()
    if locked is None:
        return False
    accident, system = look_back.accident, Account.objects.system()
    item = open_item(
        kind=LOOK_BACK,
        title=_("Look-back: %(accident)s") % {"accident": accident.title},
        region=accident.item.region,
        due_at=end_of(look_back.due_on),
        parent=accident.item,
        by=system,
        at=at,
    )
    LookBack.objects.filter(pk=look_back.pk).update(item=item)
    _tell("oversee.look_back.opened", look_back, system, at)
    return True


@transaction.atomic
def judge(
    *, look_back: LookBack, remedy: Remedy, result: str, note: str = "", by: Account, at: datetime
) -> Verdict:
    """Say of one line of the list whether it was done. Written anew until the look-back ends."""
    _require_running(look_back, by)
    if remedy.accident_id != look_back.accident_id:
        raise BadInput("oversee.remedy_elsewhere", _("This line belongs to another accident."))
    if result not in Verdict.Result.values:
        raise BadInput("oversee.verdict", _("Say whether it was done."))
    if result != Verdict.Result.DONE and not note.strip():
        raise BadInput("oversee.verdict_note", _("Say what is missing."))
    verdict, _made = Verdict.objects.update_or_create(
        remedy=remedy,
        defaults={
            "look_back": look_back, "result": result, "note": note.strip()[:500], "by": by,
            "at": at,
        },
    )  # fmt: skip
    return verdict


@transaction.atomic
def hand_out(
    *,
    look_back: LookBack,
    text: str,
    organisation: Organisation,
    due_on: date,
    remedy: Remedy | None = None,
    by: Account,
    at: datetime,
) -> Problem:
    """Give a problem that was found to an office, as a work item."""
    _require_running(look_back, by)
    if not text.strip():
        raise BadInput("oversee.problem_empty", _("Write what is wrong."))
    if due_on < timezone.localdate(at):
        raise BadInput("oversee.problem_day", _("It cannot be due before today."))
    if remedy is not None and remedy.accident_id != look_back.accident_id:
        raise BadInput("oversee.remedy_elsewhere", _("This line belongs to another accident."))
    same = look_back.problems.filter(
        text=text.strip()[:500], organisation=organisation, remedy=remedy
    )
    if there := sent_already(same, by=by):
        return there
    item = open_item(
        kind=PROBLEM,
        title=text.strip(),
        region=organisation.region,
        due_at=end_of(due_on),
        parent=look_back.item,
        by=by,
        at=at,
    )
    return Problem.objects.create(
        item=item,
        look_back=look_back,
        remedy=remedy,
        text=text.strip()[:500],
        organisation=organisation,
    )


@transaction.atomic
def finish(*, look_back: LookBack, by: Account, at: datetime) -> LookBack:
    """Hand the look-back in: every line judged, and of what is not done a problem handed out."""
    _require_running(look_back, by)
    remedies = look_back.accident.remedies.select_related("verdict").prefetch_related("problems")
    for remedy in remedies:
        verdict = getattr(remedy, "verdict", None)
        if verdict is None:
            raise Refusal(
                "oversee.not_judged",
                _("“%(text)s” has not been judged yet.") % {"text": remedy.text[:40]},
            )
        if verdict.result != Verdict.Result.DONE and not remedy.problems.all():
            raise Refusal(
                "oversee.no_problem",
                _("“%(text)s” is not done, and no problem was handed out.")
                % {"text": remedy.text[:40]},
                hint=_("Hand it out to the office that must put it right."),
            )
    item = look_back.item
    assert item is not None
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    advance(item=item, move="submit", note=_("Every line was judged."), by=by, at=at)
    _tell("oversee.look_back.finished", look_back, by, at, problems=look_back.problems.count())
    return look_back


def _require_running(look_back: LookBack, by: Account) -> None:
    by.require("oversee.investigate", region=look_back.accident.item.region)
    item = look_back.item
    if item is None:
        raise Refusal("oversee.look_back_early", _("The look-back has not begun yet."))
    item.refresh_from_db(fields=["state", "doer"])
    if item.state not in {S.OPEN, S.DOING}:
        raise Refusal("oversee.look_back_over", _("The look-back has been handed in."))


def _tell(name: str, look_back: LookBack, by: Account, at: datetime, **more: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=look_back.accident.item.region.path,
        accident_id=look_back.accident_id,
        **more,
    )
