"""Read model towns: standards of a year, how far each town is, one town's assessment."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE, Region
from anlan.places.queries import paths_upwards

from ..models import Assessment, Score, ScoreFile, TownLine, TownStandard

VIEW = "prevent.view"


def visible(actor: Account) -> Q:
    """Standards of the actor's regions and of those around them."""
    paths = actor.regions_for(VIEW)
    condition = Q(region__path__in={up for path in paths for up in paths_upwards(path)})
    for path in paths:
        condition |= Q(region__path__under=path)
    return condition


def list_standards(*, actor: Account) -> QuerySet[TownStandard]:
    rows = TownStandard.objects.filter(visible(actor)).select_related("region", "author")
    return rows.order_by("-year", "region__path")


def list_awards(*, actor: Account, region: Region | None, year: int) -> QuerySet[Assessment]:
    """Towns that were awarded and still hold it: at and below a region, in a year; 0: any."""
    rows = Assessment.objects.within(actor.regions_for(VIEW)).filter(withdrawn_on=None)
    rows = rows.filter(awarded_on__year=year) if year else rows.exclude(awarded_on=None)
    if region is not None:
        rows = rows.filter(town__path__under=region.path)
    rows = rows.select_related(f"town__{PLACE}", "standard")
    return rows.order_by("-awarded_on", "town__path", "pk")


def get_standard(*, actor: Account, town_standard_id: int) -> TownStandard:
    found = (
        TownStandard.objects.filter(visible(actor), pk=town_standard_id)
        .select_related(f"region__{PLACE}", "author", "approved_by")
        .first()
    )
    if found is None:
        raise NotFound("prevent.no_town_standard", _("There is no such standard in your regions."))
    return found


def get_assessment(*, actor: Account, assessment_id: int) -> Assessment:
    found = (
        Assessment.objects.within(actor.regions_for(VIEW))
        .select_related(
            f"town__{PLACE}", "standard__region", "submitted_by", "reviewed_by", "awarded_by"
        )
        .filter(pk=assessment_id)
        .first()
    )
    if found is None:
        raise NotFound("prevent.no_assessment", _("There is no such assessment in your regions."))
    return found


def get_file(*, actor: Account, score_file_id: int) -> ScoreFile:
    rows = Assessment.objects.within(actor.regions_for(VIEW))
    found = ScoreFile.objects.filter(score__assessment__in=rows, pk=score_file_id).first()
    if found is None:
        raise NotFound("prevent.no_file", _("There is no such file in your regions."))
    return found


def get_line(*, standard: TownStandard, number: int) -> TownLine:
    """A line of a standard that `get_standard` or `get_assessment` has given."""
    line = standard.lines.filter(number=number).first()
    if line is None:
        raise NotFound("prevent.no_town_line", _("There is no such line in the standard."))
    return line


def lines_of(standard: TownStandard) -> QuerySet[TownLine]:
    return standard.lines.order_by("number")


@dataclass(frozen=True)
class TownRow:
    """A town and how far it is in the year."""

    town: Region
    assessment: Assessment | None
    claimed: Decimal | None


def towns_of(*, actor: Account, standard: TownStandard) -> list[TownRow]:
    """All towns of the standard's region that the actor sees, the best first.

    Also those that have ended or lie elsewhere by now, where they have begun.
    """
    here = Q(path__under=standard.region.path, level=Region.Level.TOWN, valid_to=None)
    begun_by = Q(pk__in=standard.assessments.values("town"))
    towns = Region.objects.within(actor.regions_for(VIEW)).filter(here | begun_by)
    towns = towns.select_related(PLACE).order_by("path")
    begun = standard.assessments.select_related("standard")
    by_town = {assessment.town_id: assessment for assessment in begun}
    summed = begun.values_list("town").annotate(n=Sum("scores__claimed"))
    claimed = dict(summed.values_list("town", "n"))
    rows = [TownRow(town, by_town.get(town.pk), claimed.get(town.pk)) for town in towns]
    return sorted(rows, key=_rank)


def _rank(row: TownRow) -> tuple[Decimal, Decimal]:
    reviewed = row.assessment.total if row.assessment else None
    return -(reviewed if reviewed is not None else Decimal(-1)), -(row.claimed or Decimal(-1))


@dataclass(frozen=True)
class Scored:
    line: TownLine
    score: Score | None


def scores_of(assessment: Assessment) -> list[Scored]:
    """Every line of the standard with what the town claims."""
    rows = assessment.scores.select_related("by").prefetch_related("files")
    by_line = {score.line_id: score for score in rows}
    return [Scored(line, by_line.get(line.pk)) for line in lines_of(assessment.standard)]
