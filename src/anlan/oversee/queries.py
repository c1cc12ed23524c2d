"""Read letters and the ladder. Every function takes the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Case, Count, Model, Q, QuerySet, When
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Holding, Organisation, Post
from anlan.places.models import PLACE, Region
from anlan.prevent.models import Enterprise
from anlan.work.models import Step, WorkItem
from anlan.work.queries import steps_of as steps_of_item
from anlan.work.queries import visible

from .models import Interview, Ladder, Letter, Problem, Proposal, Remedy

VIEW = "oversee.view"
M = TypeVar("M", bound=Model)
S = Proposal.State


@dataclass(frozen=True)
class LetterFilter:
    kind: str = ""
    state: str = ""  # of its work item; "overdue": the answer is late
    text: str = ""
    year: int = 0  # in which it was issued


def list_letters(
    *, actor: Account, region: Region, wanted: LetterFilter, at: datetime
) -> QuerySet[Letter]:
    """Letters to offices at and below a region, newest first."""
    rows = Letter.objects.within(actor.regions_for(VIEW)).filter(
        item__region__path__under=region.path
    )
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state == "overdue":
        rows = rows.filter(item__in=WorkItem.objects.overdue(at))
    elif wanted.state:
        rows = rows.filter(item__state=wanted.state)
    if wanted.year:
        rows = rows.filter(issued_at__year=wanted.year)
    if wanted.text:
        words = Q(title__icontains=wanted.text) | Q(number__icontains=wanted.text)
        rows = rows.filter(words | Q(to__name__icontains=wanted.text))
    rows = rows.select_related(f"item__region__{PLACE}", "to", "issued_by")
    return rows.order_by("-issued_at", "-pk")


def get_letter(*, actor: Account, letter_id: int) -> Letter:
    """A letter, for whoever oversees there and for whoever has to answer it."""
    rows = _seen(actor, [letter_id]).select_related(
        f"item__region__{PLACE}", "item__doer", "item__post__role", "item__post__region", "to",
        "about__region", "issued_by", "proposal__ladder", "proposal__decided_by",
    )  # fmt: skip
    return _found(rows.first())


def _seen(actor: Account, keys: Sequence[int]) -> QuerySet[Letter]:
    """Which of these few letters the reader sees, who oversees there or has to answer them.

    Each is looked up: all duties that a reader of the city sees are a million.
    """
    answered = visible(actor).filter(pk__in=keys)
    overseen = Letter.objects.within(actor.regions_for(VIEW)).filter(pk__in=keys)
    return Letter.objects.filter(Q(item__in=answered) | Q(pk__in=overseen.values("pk")))


def interview_of(letter: Letter) -> Interview | None:
    return Interview.objects.select_related("recorded_by").filter(pk=letter.pk).first()


def steps_of(letter: Letter) -> QuerySet[Step]:
    """The letter's way: issued, received, answered, verified, with the files handed in."""
    return steps_of_item(letter.item)


ABOUT_SHOWN = 20


def letters_about(actor: Account, items: QuerySet[WorkItem]) -> list[Letter]:
    """The newest letters about these duties, for whoever oversees there or has to answer them."""
    return _newest(actor, Q(about__in=items))


def letters_of_enterprise(
    actor: Account, enterprise: Enterprise, at: datetime
) -> dict[str, list[Letter]] | None:
    """About what is to be done at an enterprise: its hazards and the visits due there."""
    hazards = WorkItem.objects.filter(hazard__site=enterprise.site_id)
    visits = WorkItem.objects.filter(visit_plan__enterprise=enterprise)
    rows = _newest(actor, Q(about__in=hazards) | Q(about__in=visits))
    return {"rows": rows} if rows else None


def _newest(actor: Account, about: Q) -> list[Letter]:
    keys = list(Letter.objects.filter(about).values_list("pk", flat=True))
    if not keys:
        return []
    rows = _seen(actor, keys).select_related("item", "to")
    return list(rows.order_by("-issued_at", "-pk")[:ABOUT_SHOWN])


def list_proposals(*, actor: Account, region: Region, decided: bool) -> QuerySet[Proposal]:
    """What the ladder proposes in a region, longest overdue first; or what was decided."""
    rows = Proposal.objects.within(actor.regions_for(VIEW)).filter(
        item__region__path__under=region.path
    )
    rows = rows.select_related(
        f"item__region__{PLACE}", "item__post__role", "item__post__region", "item__doer",
        "ladder", "decided_by", "letter",
    )  # fmt: skip
    if decided:
        return rows.exclude(state=S.PROPOSED).order_by("-decided_at", "-pk")
    return rows.filter(state=S.PROPOSED).order_by("item__due_at", "pk")


def count_proposals(*, actor: Account, region: Region) -> dict[str, int]:
    """How many of each step wait for a decision."""
    rows = list_proposals(actor=actor, region=region, decided=False).order_by()
    return dict(rows.values_list("rung").annotate(n=Count("pk")))


def get_proposal(*, actor: Account, proposal_id: int) -> Proposal:
    rows = Proposal.objects.within(actor.regions_for(VIEW)).select_related(
        f"item__region__{PLACE}", "item__post__role", "item__post__region", "item__doer",
        "ladder", "decided_by",
    )  # fmt: skip
    return _found(rows.filter(pk=proposal_id).first())


@dataclass(frozen=True)
class Climb:
    """Everything that the ladder and letters did about one duty, oldest first."""

    proposals: list[Proposal]
    letters: list[Letter]


def climb_of(item: WorkItem) -> Climb:
    """For a duty that the caller was given."""
    proposals = item.proposals.select_related("ladder", "decided_by").order_by("pk")
    letters = item.letters.select_related("to", "item", "interview").order_by("pk")
    return Climb(list(proposals), list(letters))


def get_about(*, actor: Account, item_id: int) -> WorkItem:
    """A duty that a letter is to be about."""
    rows = visible(actor).filter(region__in=_regions(actor, "oversee.issue"))
    return _found(
        rows.select_related("region", "post", "doer__organisation").filter(pk=item_id).first()
    )


def _regions(actor: Account, permission: str) -> QuerySet[Region]:
    return Region.objects.within(actor.regions_for(permission))


def organisations_for(*, actor: Account, region: Region) -> QuerySet[Organisation]:
    """Offices that the actor may write to: of the region, of those above it and directly below."""
    codes = region.path.rstrip("/").split("/")
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    near = Q(region__path__in=above) | Q(region__parent=region)
    mine = Q(region__in=_regions(actor, "oversee.issue"))
    own = Case(When(region=region, then=0), When(region__parent=region, then=2), default=1)
    return Organisation.objects.filter(near, mine).order_by(own, "-region__level", "name")


def office_for(item: WorkItem) -> int | None:
    """The office that a letter about a duty goes to, as far as the records say: the last letter's,
    the one that an accident's list names, the doer's, that of whoever holds the post. None: a
    person chooses."""
    before = item.letters.order_by("-pk").values_list("to", flat=True).first()
    if before is not None:
        return before
    if item.kind.startswith("oversee."):
        problems = Problem.objects.filter(item=item).values_list("organisation", flat=True)
        remedies = Remedy.objects.filter(item=item).values_list("organisation", flat=True)
        for named in remedies.union(problems):
            return named
    if item.doer is not None and item.doer.organisation_id is not None:
        return item.doer.organisation_id
    held = Holding.objects.filter(post=item.post_id, to_date=None, account__organisation__gt=0)
    found: int | None = held.values_list("account__organisation", flat=True).first()
    return found


def posts_for(region: Region) -> QuerySet[Post]:
    """Posts of a region that may answer a letter to one of its offices."""
    rows = Post.objects.filter(region=region).select_related("role", "region")
    return rows.order_by("role__name")


def list_ladders() -> QuerySet[Ladder]:
    """The rules are the same for everybody."""
    return Ladder.objects.select_related("author").order_by("-number")


def ladder_in_force(on: date) -> Ladder | None:
    return Ladder.objects.filter(since__lte=on).order_by("-since", "-number").first()


def _found(row: M | None) -> M:
    if row is None:
        raise NotFound("oversee.none", _("There is no such thing in your regions."))
    return row
