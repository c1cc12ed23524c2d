"""Issue letters and write down interviews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import end_of
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.people.models import Account, Organisation, Post
from anlan.people.numbers import number_document
from anlan.people.services.sent import sent_already
from anlan.places.models import Region
from anlan.places.queries import home_region
from anlan.work.models import WorkItem
from anlan.work.services import open_item

from ..models import Interview, Letter, Proposal

LETTER = "oversee.letter"
AGAIN = timedelta(minutes=10)  # the same once more so soon is one letter, sent twice
# What stands in the number between the office and the year.
WORDS = {
    Letter.Kind.ASSIGN: "交办函",
    Letter.Kind.REMIND: "提醒函",
    Letter.Kind.URGE: "督办函",
    Letter.Kind.INTERVIEW: "约谈函",
    Letter.Kind.SANCTION: "通报",
}


@dataclass(frozen=True)
class LetterText:
    """A letter as somebody writes it."""

    kind: str
    to: Organisation
    title: str
    text: str
    reply_by: date
    basis: str = ""
    measure: str = ""
    post: Post | None = None  # who answers for the office


@transaction.atomic
def issue_letter(
    *, letter: LetterText, about: WorkItem | None = None, by: Account, at: datetime
) -> Letter:
    """Send a letter of one's own accord. A sanction comes only from the ladder."""
    if letter.kind == Letter.Kind.SANCTION:
        raise Refusal(
            "oversee.sanction_by_ladder",
            _("A sanction is proposed by the ladder and confirmed by somebody who may."),
            hint=_("Send a letter first; the ladder goes on from there."),
        )
    if about is not None:
        by.require("oversee.issue", region=about.region)
    same = Letter.objects.filter(
        kind=letter.kind, to=letter.to, about=about, title=letter.title.strip()[:120],
        text=letter.text.strip(), issued_by=by, issued_at__gt=at - AGAIN,
    )  # fmt: skip
    if there := sent_already(same, by=by):
        return there
    return write_letter(letter=letter, about=about, proposal=None, by=by, at=at)


def write_letter(
    *,
    letter: LetterText,
    about: WorkItem | None,
    proposal: Proposal | None,
    by: Account,
    at: datetime,
) -> Letter:
    """The letter with its number and the work item of its answer. In the caller's transaction."""
    region = letter.to.region
    by.require("oversee.issue", region=region)
    _check(letter, at)
    item = open_item(
        kind=LETTER,
        title=letter.title.strip(),
        region=region,
        post=letter.post,
        due_at=end_of(letter.reply_by),
        exercise=bool(about and about.exercise),
        by=by,
        at=at,
    )
    kind = Letter.Kind(letter.kind)
    made = Letter.objects.create(
        item=item,
        kind=kind,
        number=number_document(word=WORDS[kind], by=by, region=_home(by, region), at=at),
        organ=_organ(by, region),
        to=letter.to,
        about=about,
        proposal=proposal,
        title=letter.title.strip()[:120],
        text=letter.text.strip(),
        basis=letter.basis.strip()[:300],
        measure=letter.measure,
        reply_by=letter.reply_by,
        issued_by=by,
        issued_at=at,
    )
    publish(
        "oversee.letter.issued",
        at=at,
        by=by,
        region_path=region.path,
        letter_id=made.pk,
        kind=made.kind,
        about_id=made.about_id,
        proposal_id=made.proposal_id,
        digest=letter_digest(made),
    )
    return made


def _organ(by: Account, region: Region) -> str:
    """Whose letter it is: the issuer's office; else the committee's office where they issue."""
    if by.organisation is not None:
        return by.organisation.name
    name = _home(by, region).name
    return _("Office of the work-safety committee of %(region)s") % {"region": name}


def _home(by: Account, region: Region) -> Region:
    """Where the issuer issues: head and number of a letter name the same region."""
    return home_region(by.regions_for("oversee.issue")) or region


def _check(letter: LetterText, at: datetime) -> None:
    if letter.kind not in Letter.Kind.values:
        raise BadInput("oversee.letter_kind", _("There is no such kind of letter."))
    if not letter.title.strip() or not letter.text.strip():
        raise BadInput("oversee.letter_empty", _("A letter needs a title and a text."))
    if letter.reply_by < timezone.localdate(at):
        raise BadInput("oversee.reply_past", _("The answer cannot be due before today."))
    if (letter.kind == Letter.Kind.SANCTION) != bool(letter.measure):
        raise BadInput("oversee.no_measure", _("Say what the sanction consists of."))
    if letter.measure and letter.measure not in Letter.Measure.values:
        raise BadInput("oversee.no_measure", _("Say what the sanction consists of."))
    post = letter.post
    if post is not None and not letter.to.region.covers(post.region):
        raise BadInput(
            "oversee.post_elsewhere",
            _("%(post)s does not belong to %(region)s.")
            % {"post": post, "region": letter.to.region.name},
        )


@dataclass(frozen=True)
class Talk:
    """An interview as somebody writes it down."""

    held_on: date
    held_by: str
    with_whom: str
    minutes: str
    place: str = ""
    promised: str = ""


@transaction.atomic
def record_interview(*, letter: Letter, talk: Talk, by: Account, at: datetime) -> Interview:
    """Write an interview down, once. What was promised is answered for through the letter."""
    by.require("oversee.issue", region=letter.item.region)
    if letter.kind != Letter.Kind.INTERVIEW:
        raise BadInput("oversee.no_interview", _("This letter calls nobody to an interview."))
    if not all(text.strip() for text in (talk.held_by, talk.with_whom, talk.minutes)):
        raise BadInput("oversee.no_minutes", _("Write who talked with whom and what was said."))
    if not timezone.localdate(letter.issued_at) <= talk.held_on <= timezone.localdate(at):
        raise BadInput(
            "oversee.interview_day", _("It was held between the letter's day and today.")
        )
    try:
        with transaction.atomic():
            interview = Interview.objects.create(
                letter=letter,
                held_on=talk.held_on,
                place=talk.place.strip()[:120],
                held_by=talk.held_by.strip()[:120],
                with_whom=talk.with_whom.strip()[:120],
                minutes=talk.minutes.strip(),
                promised=talk.promised.strip()[:500],
                recorded_by=by,
                recorded_at=at,
            )
    except IntegrityError:
        raise Refusal("oversee.interview_there", _("It has been recorded already.")) from None
    publish(
        "oversee.interview.recorded",
        at=at,
        by=by,
        region_path=letter.item.region.path,
        letter_id=letter.pk,
        digest=interview_digest(interview),
    )
    return interview


def letter_digest(letter: Letter) -> str:
    """What the journal keeps of a letter's words."""
    return text_digest(
        letter.kind,
        letter.number,
        letter.organ,
        str(letter.to_id),
        letter.title,
        letter.text,
        letter.basis,
        letter.measure,
        letter.reply_by.isoformat(),
    )


def interview_digest(interview: Interview) -> str:
    return text_digest(
        interview.held_on.isoformat(),
        interview.held_by,
        interview.with_whom,
        interview.minutes,
        interview.promised,
    )


def check_words() -> Iterator[Finding]:
    """For the journal: letters and interviews still say what their events said."""
    letters = ((letter.pk, letter_digest(letter)) for letter in Letter.objects.iterator())
    yield from check_digests("oversee.letter.issued", "letter_id", letters)
    held = ((row.pk, interview_digest(row)) for row in Interview.objects.iterator())
    yield from check_digests("oversee.interview.recorded", "letter_id", held)
