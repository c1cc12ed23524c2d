"""Model towns: a standard is written, towns assess themselves, others review and award."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.base.numbers import plain
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work import files

from ..models import Assessment, Score, ScoreFile, TownLine, TownStandard

S, T = Assessment.State, TownStandard.State
WRITE, ASSESS, REVIEW = "prevent.standard", "prevent.manage", "prevent.campaign"
MOST_FILES = 12


@dataclass(frozen=True)
class LineText:
    text: str
    points: Decimal
    proof: str = ""


@transaction.atomic
def make_standard(
    *,
    region: Region,
    year: int,
    name: str,
    passing: Decimal,
    due_on: date,
    by: Account,
    at: datetime,
) -> TownStandard:
    """A year's standard as a draft, without lines."""
    by.require(WRITE, region=region)
    if not name.strip():
        raise BadInput("prevent.empty", _("Name the standard."))
    if not 2000 <= year <= 2100 or passing <= 0:
        raise BadInput("prevent.town_standard", _("Give the year and the points to reach."))
    try:
        with transaction.atomic():
            standard = TownStandard.objects.create(
                region=region,
                year=year,
                name=name.strip()[:120],
                passing=passing,
                due_on=due_on,
                author=by,
                made_at=at,
            )
    except IntegrityError as error:
        raise Refusal(
            "prevent.town_standard_known", _("This year has its standard in the region already.")
        ) from error
    _tell("prevent.town_standard.made", region, by, at, standard_id=standard.pk)
    return standard


@transaction.atomic
def save_line(
    *, standard: TownStandard, line: LineText, number: int | None, by: Account, at: datetime
) -> TownLine:
    """Write or rewrite a line of a draft. Who wrote last may not put it in force."""
    _write(standard, by, at)
    if not line.text.strip() or not 0 < line.points <= 100:
        raise BadInput("prevent.town_line", _("A line needs words and 0.1 to 100 points."))
    if number is None:
        number = (standard.lines.aggregate(last=Max("number"))["last"] or 0) + 1
    made, _new = TownLine.objects.update_or_create(
        standard=standard,
        number=number,
        defaults={
            "text": line.text.strip()[:300],
            "points": line.points,
            "proof": line.proof.strip()[:200],
        },
    )
    return made


@transaction.atomic
def remove_line(*, standard: TownStandard, number: int, by: Account, at: datetime) -> None:
    _write(standard, by, at)
    standard.lines.filter(number=number).delete()


@transaction.atomic
def put_in_force(*, standard: TownStandard, by: Account, at: datetime) -> TownStandard:
    """From now on the towns can assess themselves, and nothing of it changes any more."""
    by.require(WRITE, region=standard.region)
    if standard.author_id == by.pk:
        raise Refusal(
            "prevent.own_standard",
            _("You wrote this standard, so someone else must put it in force."),
        )
    _require_region(standard)
    if full_marks(standard) < standard.passing:
        raise BadInput(
            "prevent.town_points", _("The lines are worth less than what has to be reached.")
        )
    same = TownStandard.objects.filter(pk=standard.pk, state=T.DRAFT, author=standard.author)
    if not same.update(state=T.IN_FORCE, approved_by=by, approved_at=at):
        raise Refusal("prevent.not_draft", _("It is no draft any more, or was just changed."))
    standard.refresh_from_db()
    _tell("prevent.town_standard.in_force", standard.region, by, at, standard_id=standard.pk)
    return standard


def full_marks(standard: TownStandard) -> Decimal:
    return standard.lines.aggregate(n=Sum("points"))["n"] or Decimal(0)


@transaction.atomic
def begin(*, standard: TownStandard, town: Region, by: Account, at: datetime) -> Assessment:
    """The town's assessment of the year: begun, or the one that was."""
    by.require(ASSESS, region=town)
    if standard.state != T.IN_FORCE:
        raise Refusal("prevent.not_in_force", _("This standard is not in force yet."))
    _require_region(standard)
    if town.level != Region.Level.TOWN or not standard.region.covers(town):
        raise BadInput("prevent.no_town", _("Choose a town or street office of the region."))
    made, _new = Assessment.objects.get_or_create(standard=standard, town=town)
    return made


def claim(
    *,
    assessment: Assessment,
    line: TownLine,
    claimed: Decimal,
    note: str,
    uploads: Sequence[tuple[str, bytes]] = (),
    by: Account,
    at: datetime,
) -> Score:
    """What the town gives itself for a line, with what shows it.

    Files are checked and on the disk before the transaction that names them begins.
    """
    by.require(ASSESS, region=assessment.town)
    _check_points(line, claimed)
    if line.standard_id != assessment.standard_id:
        raise BadInput("prevent.other_standard", _("That line belongs to another standard."))
    stored = [(name, files.take(data)) for name, data in uploads[:MOST_FILES]]
    return _claim(assessment, line, claimed, note.strip()[:300], stored, by, at)


@transaction.atomic
def _claim(
    assessment: Assessment,
    line: TownLine,
    claimed: Decimal,
    note: str,
    stored: Sequence[tuple[str, files.Stored]],
    by: Account,
    at: datetime,
) -> Score:
    _lock(assessment, S.WRITING)
    score, _new = Score.objects.update_or_create(
        assessment=assessment,
        line=line,
        defaults={"claimed": claimed, "note": note, "by": by, "at": at},
    )
    if score.files.count() + len(stored) > MOST_FILES:
        raise BadInput(
            "prevent.many_files", _("At most %(n)s files for a line.") % {"n": MOST_FILES}
        )
    for name, kept in stored:
        ScoreFile.objects.create(
            score=score,
            path=kept.path,
            mime=kept.mime,
            size=kept.size,
            name=files.tidy(name, kept.path)[:120],
            at=at,
            by=by,
        )
    return score


@transaction.atomic
def submit(*, assessment: Assessment, by: Account, at: datetime) -> Assessment:
    """Hand the assessment in: every line answered, and what is claimed is shown."""
    by.require(ASSESS, region=assessment.town)
    _lock(assessment, S.WRITING)
    answered = {score.line_id: score for score in assessment.scores.prefetch_related("files")}
    for line in assessment.standard.lines.order_by("number"):
        score = answered.get(line.pk)
        if score is None:
            raise BadInput(
                "prevent.town_unanswered", _("Line %(n)s has no score yet.") % {"n": line.number}
            )
        if score.claimed > 0 and line.proof and not score.files.all():
            raise BadInput(
                "prevent.town_unproven",
                _("Line %(n)s claims points without evidence: %(proof)s")
                % {"n": line.number, "proof": line.proof},
            )
    _move(assessment, S.SUBMITTED, submitted_by=by, submitted_at=at, returned_why="")
    _tell("prevent.town.submitted", assessment.town, by, at, assessment_id=assessment.pk)
    return assessment


@transaction.atomic
def send_back(*, assessment: Assessment, why: str, by: Account, at: datetime) -> Assessment:
    """The town has to write it anew."""
    _require_reviewer(assessment, by)
    if not why.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    _lock(assessment, S.SUBMITTED)
    _move(assessment, S.WRITING, returned_why=why.strip()[:300])
    _tell("prevent.town.returned", assessment.town, by, at, assessment_id=assessment.pk)
    return assessment


@transaction.atomic
def review(
    *,
    assessment: Assessment,
    found: Mapping[int, tuple[Decimal, str]],
    by: Account,
    at: datetime,
) -> Assessment:
    """Score every line anew, by its number: points and why. Not by anybody who wrote it."""
    _require_reviewer(assessment, by)
    _lock(assessment, S.SUBMITTED)
    total = Decimal(0)
    for score in assessment.scores.select_related("line"):
        if score.line.number not in found:
            raise BadInput(
                "prevent.town_unreviewed",
                _("Line %(n)s has not been reviewed.") % {"n": score.line.number},
            )
        points, note = found[score.line.number]
        _check_points(score.line, points)
        if points != score.claimed and not note.strip():
            raise BadInput(
                "prevent.town_why",
                _("Line %(n)s differs from what the town claims: say why.")
                % {"n": score.line.number},
            )
        score.reviewed, score.review_note = points, note.strip()[:300]
        score.save(update_fields=["reviewed", "review_note"])
        total += points
    _move(assessment, S.REVIEWED, reviewed_by=by, reviewed_at=at, total=total)
    _tell("prevent.town.reviewed", assessment.town, by, at, assessment_id=assessment.pk)
    return assessment


@transaction.atomic
def award(*, assessment: Assessment, by: Account, at: datetime) -> Assessment:
    """Name the town a model of its year; by another person than who reviewed it."""
    by.require(REVIEW, region=assessment.standard.region)
    _lock(assessment, S.REVIEWED)
    if assessment.reviewed_by_id == by.pk:
        raise NotAllowed(
            "prevent.own_review", _("You reviewed this town, so someone else must decide.")
        )
    if not assessment.passes:
        raise Refusal("prevent.town_below", _("The town has not reached the points."))
    free = Assessment.objects.filter(pk=assessment.pk, awarded_on=None)
    if not free.update(awarded_on=timezone.localdate(at), awarded_by=by):
        raise Refusal("prevent.town_awarded", _("The town holds the award already."))
    assessment.refresh_from_db()
    _tell("prevent.town.awarded", assessment.town, by, at, assessment_id=assessment.pk)
    return assessment


@transaction.atomic
def withdraw(*, assessment: Assessment, why: str, by: Account, at: datetime) -> Assessment:
    """Take an award back, after an accident for instance. It stays in the history."""
    by.require(REVIEW, region=assessment.standard.region)
    if not why.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    held = Assessment.objects.filter(pk=assessment.pk, awarded_on__isnull=False, withdrawn_on=None)
    if not held.update(withdrawn_on=timezone.localdate(at), withdrawn_why=why.strip()[:300]):
        raise Refusal("prevent.town_unawarded", _("The town does not hold the award."))
    assessment.refresh_from_db()
    _tell("prevent.town.withdrawn", assessment.town, by, at, assessment_id=assessment.pk)
    return assessment


def _write(standard: TownStandard, by: Account, at: datetime) -> None:
    by.require(WRITE, region=standard.region)
    draft = TownStandard.objects.filter(pk=standard.pk, state=T.DRAFT)
    if not draft.update(author=by, made_at=at):
        raise Refusal("prevent.not_draft", _("It is no draft any more, or was just changed."))


def _require_region(standard: TownStandard) -> None:
    """The standard of a merged region is history: what was begun by it can be ended, no more."""
    if standard.region.successor is not None:
        raise Refusal(
            "prevent.town_standard_over",
            _("%(region)s has been merged into %(into)s, and its standard has ended with it.")
            % {"region": standard.region.name, "into": standard.region.successor.name},
            hint=_("Go by the standard of %(into)s.") % {"into": standard.region.successor.name},
        )


def _require_reviewer(assessment: Assessment, by: Account) -> None:
    """Somebody of the region that sets the standard, who had no part in the town's own."""
    by.require(REVIEW, region=assessment.standard.region)
    wrote = assessment.scores.filter(by=by).exists()
    if wrote or assessment.submitted_by_id == by.pk:
        raise NotAllowed(
            "prevent.own_assessment",
            _("You had a part in the town's own assessment, so someone else must review it."),
        )


def _lock(assessment: Assessment, state: str) -> None:
    """Of two at once one waits; who comes too late is told."""
    now = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if now.state != state:
        raise Refusal(
            "prevent.town_moved",
            _("This assessment is “%(state)s”.") % {"state": now.get_state_display()},
            hint=_("Reload the page to see where it stands."),
        )


def _move(assessment: Assessment, state: str, **fields: object) -> None:
    same = Assessment.objects.filter(pk=assessment.pk).exclude(state=state)
    same.update(state=state, **fields)
    assessment.refresh_from_db()


def _check_points(line: TownLine, points: Decimal) -> None:
    if not points.is_finite() or not 0 <= points <= line.points:
        raise BadInput(
            "prevent.town_points_of_line",
            _("Line %(n)s is worth 0 to %(most)s points.")
            % {"n": line.number, "most": plain(line.points)},
        )


def _tell(name: str, region: Region, by: Account, at: datetime, **data: int) -> None:
    publish(name, at=at, by=by, region_path=region.path, **data)
