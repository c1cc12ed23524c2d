"""Write the ladder's versions, propose its steps, have a person confirm or drop each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of, spoken
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.people.models import Account
from anlan.places.models import PLACE, Region
from anlan.work.models import WorkItem

from ..climbing import Past, next_rung, working_days_between
from ..models import Ladder, Letter, Proposal, Rung
from ..queries import ladder_in_force
from .letters import LETTER, LetterText, write_letter

S = Proposal.State
TOGETHER, BUDGET_S = 50, 1.5
COLUMNS = {
    Rung.REMIND: "remind_days",
    Rung.URGE: "urge_days",
    Rung.INTERVIEW: "interview_days",
    Rung.SANCTION: "sanction_days",
}


@transaction.atomic
def write_ladder(
    *, days: dict[Rung, int | None], since: date, source: str, by: Account, at: datetime
) -> Ladder:
    """The next version, for whoever may write it for the whole tree. Older ones stay."""
    for top in Region.objects.filter(parent=None, valid_to=None):
        by.require("oversee.ladder", region=top)
    if not source.strip():
        raise BadInput("oversee.no_source", _("Name the document that the ladder rests on."))
    given = {COLUMNS[rung]: count for rung, count in days.items() if count is not None}
    if not given:
        raise BadInput("oversee.no_rung", _("A ladder has one step at least."))
    if any(not 0 <= count <= 365 for count in given.values()):
        raise BadInput("oversee.rung_days", _("Give each step 0 to 365 working days."))
    last = Ladder.objects.order_by("-number").first()
    if last is not None and since < last.since:
        raise BadInput(
            "oversee.ladder_before",
            _("The last version holds since %(day)s; the next one cannot begin before.")
            % {"day": spoken(last.since)},
        )
    ladder = Ladder.objects.create(
        number=(Ladder.objects.aggregate(n=Max("number"))["n"] or 0) + 1,
        since=since,
        source=source.strip()[:300],
        author=by,
        made_at=at,
        **given,
    )
    publish("oversee.ladder.written", at=at, by=by, number=ladder.number)
    return ladder


def propose_due(at: datetime) -> int:
    """A duty of the ticker: propose what is due, and let go of what has been settled meanwhile."""
    _let_lapse(at)
    ladder = ladder_in_force(timezone.localdate(at))
    if ladder is None:
        return 0
    # The numbers first: a list that is still being read would hold up the writes between.
    numbers = list(_candidates(ladder, at).order_by("due_at", "pk").values_list("pk", flat=True))
    until, made = time.monotonic() + BUDGET_S, 0
    for start in range(0, len(numbers), TOGETHER):
        some = WorkItem.objects.filter(pk__in=numbers[start : start + TOGETHER])
        related = some.select_related(f"region__{PLACE}", "post__role", "post__region", "doer")
        for item in related.prefetch_related(
            "proposals", "letters__item", "letters__interview"
        ).order_by("due_at", "pk"):
            made += propose(item=item, ladder=ladder, at=at) is not None
        if time.monotonic() > until:
            break  # the worker has alarms to deliver: the rest in the next round
    return made


def _candidates(ladder: Ladder, at: datetime) -> QuerySet[WorkItem]:
    """Overdue duties about which something may be due: nothing waits for a decision, the ladder is
    not at its end, and enough days have passed (working days are never more than days)."""
    soonest = min(days for _rung, days in ladder.rungs)
    day = timezone.localdate(at) - timedelta(days=soonest)
    passed = end_of(day)
    about = Proposal.objects.filter(item=OuterRef("pk"))
    top = about.filter(rung=ladder.rungs[-1][0], state=S.CONFIRMED)
    return (
        WorkItem.objects.overdue(at)
        .filter(~Exists(about.filter(state=S.PROPOSED)), ~Exists(top), exercise=False)
        .filter(~Exists(about.filter(decided_at__gte=passed)), due_at__lt=passed)
        .exclude(kind=LETTER)  # the ladder does not climb upon itself
    )


@transaction.atomic
def propose(*, item: WorkItem, ladder: Ladder, at: datetime) -> Proposal | None:
    """The step that is due about a duty, with the facts as they stand; none where none is."""
    past = sorted(item.proposals.all(), key=lambda one: one.pk)
    assert item.due_at is not None
    rung = next_rung(
        ladder.rungs,
        due_at=item.due_at,
        past=[Past(one.rung, one.state, one.decided_at) for one in past],
        at=at,
    )
    if rung is None:
        return None
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                item=item, ladder=ladder, rung=rung, evidence=facts_of(item, at), made_at=at
            )
    except IntegrityError:
        return None  # another worker has just made it
    system = Account.objects.system()
    publish(
        "oversee.step.proposed",
        at=at,
        by=system,
        region_path=item.region.path,
        proposal_id=made.pk,
        item_id=item.pk,
        rung=made.rung,
        digest=proposal_digest(made),
    )
    return made


def facts_of(item: WorkItem, at: datetime) -> dict[str, Any]:
    """What is known about an overdue duty: kept with the proposal, whatever happens later."""
    due_at = item.due_at or at
    return {
        "title": item.title,
        "kind": str(item.kind_of.label),
        "region": item.region.place(),
        "post": str(item.post) if item.post else "",
        "doer": str(item.doer) if item.doer else "",
        "state": str(item.get_state_display()),
        "due_at": timezone.localtime(due_at).isoformat(timespec="minutes"),
        "working_days_over": working_days_between(due_at, at),
        "reminders": item.reminders.count(),
        "letters": [_standing(letter) for letter in item.letters.all()],
    }


def _standing(letter: Letter) -> str:
    """A letter with what had become of it: received, answered, talked over."""
    said = [str(letter.item.get_state_display())]
    interview = getattr(letter, "interview", None)
    if interview is not None:
        said.append(_("talked over on %(day)s") % {"day": spoken(interview.held_on)})
    return f"{letter.number}（{'，'.join(said)}）"


@transaction.atomic
def confirm(*, proposal: Proposal, letter: LetterText, by: Account, at: datetime) -> Letter:
    """A person confirms the step: its letter goes out."""
    _require(proposal, by)
    item = proposal.item
    if not item.is_overdue(at):
        raise Refusal(
            "oversee.settled",
            _("The task is no longer overdue."),
            hint=_("Nothing needs to be sent; the proposal lapses."),
        )
    if letter.kind != proposal.rung:
        raise BadInput("oversee.other_rung", _("The proposal is for another kind of letter."))
    _decide(proposal, S.CONFIRMED, "", by, at)
    return write_letter(letter=letter, about=item, proposal=proposal, by=by, at=at)


@transaction.atomic
def drop(*, proposal: Proposal, reason: str, by: Account, at: datetime) -> Proposal:
    """A person decides against the step, with the reason. It may be proposed again later."""
    _require(proposal, by)
    if not reason.strip():
        raise BadInput("oversee.no_reason", _("Say why, in a few words."))
    _decide(proposal, S.DROPPED, reason, by, at)
    return proposal


def _require(proposal: Proposal, by: Account) -> None:
    """Confirming is a person's act: the system account, which may everything else, may not."""
    if by.is_system:
        raise Refusal("oversee.not_a_person", _("A step is confirmed by a person."))
    by.require("oversee.issue", region=proposal.item.region)
    if proposal.rung == Rung.SANCTION:
        by.require("oversee.sanction", region=proposal.item.region)


def _decide(proposal: Proposal, state: str, reason: str, by: Account, at: datetime) -> None:
    waiting = Proposal.objects.filter(pk=proposal.pk, state=S.PROPOSED)
    values = {"state": state, "decided_by": by, "decided_at": at, "reason": reason.strip()[:300]}
    if not waiting.update(**values):
        raise Refusal(
            "oversee.decided",
            _("Someone else has just decided on this."),
            hint=_("Reload the page to see how."),
        )
    proposal.refresh_from_db()
    publish(
        "oversee.step.decided",
        at=at,
        by=by,
        region_path=proposal.item.region.path,
        proposal_id=proposal.pk,
        item_id=proposal.item_id,
        state=state,
    )


def _let_lapse(at: datetime) -> int:
    """Proposals about duties that are no longer overdue."""
    overdue = WorkItem.objects.overdue(at).filter(pk=OuterRef("item"))
    settled = Proposal.objects.filter(~Exists(overdue), state=S.PROPOSED)
    return settled.update(state=S.LAPSED, decided_at=at)


def proposal_digest(proposal: Proposal) -> str:
    """What the journal keeps of the facts that a proposal rested on."""
    facts = proposal.evidence
    return text_digest(
        str(proposal.item_id), proposal.rung, *(f"{key}={facts[key]}" for key in sorted(facts))
    )


def check_facts() -> Iterator[Finding]:
    """For the journal: every proposal still rests on the facts that it was made with."""
    rows = ((row.pk, proposal_digest(row)) for row in Proposal.objects.iterator())
    return check_digests("oversee.step.proposed", "proposal_id", rows)
