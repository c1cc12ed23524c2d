"""Open an accident's file, count casualties, write causes and remedies, report, approve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import journal
from anlan.base.days import end_of
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import check_digests, text_digest
from anlan.people.models import Account, Organisation, Post
from anlan.people.services.sent import sent_already
from anlan.places.models import Region, Site
from anlan.places.queries import lineage
from anlan.work import clocks
from anlan.work.models import WorkItem
from anlan.work.services import advance, open_item

from ..models import (
    Accident,
    Casualties,
    Finding,
    LookBack,
    PersonMeasure,
    Remedy,
    Report,
)
from ..severity import severity_of
from .letters import AGAIN

INVESTIGATION, REMEDY = "oversee.investigation", "oversee.remedy"
S = WorkItem.State


@dataclass(frozen=True)
class Count:
    """Dead, seriously injured, direct loss in yuan."""

    deaths: int
    injured: int
    loss: Decimal
    source: str = ""

    @classmethod
    def of(cls, kept: Casualties) -> Self:
        return cls(kept.deaths, kept.injured, kept.loss, kept.source)


@dataclass(frozen=True)
class Happening:
    """An accident as it is first reported."""

    title: str
    kind: str
    happened_at: datetime
    place: str
    account: str = ""
    site: Site | None = None


@transaction.atomic
def open_accident(
    *, region: Region, what: Happening, count: Count, by: Account, at: datetime
) -> Accident:
    """Open the file and the investigation, whose sixty days run from the accident (article 29)."""
    by.require("oversee.investigate", region=region)
    _check_happening(region, what, at)
    _check_count(count)
    if there := _opened_already(region, what, by):
        return there
    item = open_item(kind=INVESTIGATION, title=what.title.strip(), region=region, by=by, at=at)
    clocks.start(item=item, rule="accident.investigation", at=what.happened_at)
    accident = Accident.objects.create(
        item=item,
        title=what.title.strip()[:120],
        kind=what.kind,
        happened_at=what.happened_at,
        site=what.site,
        place=what.place.strip()[:200],
        account=what.account.strip(),
        severity=severity_of(deaths=count.deaths, injured=count.injured, loss=count.loss),
        opened_by=by,
        opened_at=at,
    )
    _keep_count(accident, count, by, at)
    _tell("oversee.accident.opened", accident, by, at, severity=accident.severity)
    return accident


def _opened_already(region: Region, what: Happening, by: Account) -> Accident | None:
    """The file that the same person has just opened; another's is refused, with where it is."""
    same = Accident.objects.filter(
        item__region__path=region.path, kind=what.kind, happened_at=what.happened_at,
        title=what.title.strip()[:120],
    )  # fmt: skip
    there = sent_already(same, by=by)
    if there is not None and there.opened_by_id != by.pk:
        raise Refusal(
            "oversee.accident_there",
            _("%(who)s has opened a file of this accident already.") % {"who": there.opened_by},
            hint=_("Open it from the list of accidents."),
        )
    return there


def _check_happening(region: Region, what: Happening, at: datetime) -> None:
    if not what.title.strip() or not what.place.strip():
        raise BadInput("oversee.accident_empty", _("Give the accident a title and a place."))
    if what.kind not in Accident.Kind.values:
        raise BadInput("oversee.accident_kind", _("There is no such kind of accident."))
    if what.happened_at > at:
        raise BadInput("oversee.accident_future", _("It cannot have happened in the future."))
    check_site(region, what.site, hint=_("Choose the region in which it lies, or one above."))


def check_site(region: Region, site: Site | None, *, hint: str) -> None:
    """The accident's region may have another path by now; the site has that of today."""
    if site is not None and not site.region.path.startswith(tuple(lineage([region.path]))):
        raise BadInput(
            "oversee.site_elsewhere",
            _("“%(site)s” does not lie in %(region)s.")
            % {"site": site.name, "region": region.name},
            hint=hint,
        )


def _check_count(count: Count) -> None:
    if not (0 <= count.deaths <= 9999 and 0 <= count.injured <= 9999):
        raise BadInput("oversee.count", _("Casualties are counted from 0 to 9999."))
    if not (count.loss.is_finite() and 0 <= count.loss < Decimal(10) ** 12):
        raise BadInput("oversee.loss", _("Give the direct loss in yuan."))


def _keep_count(accident: Accident, count: Count, by: Account, at: datetime) -> Casualties:
    return Casualties.objects.create(
        accident=accident,
        counted_at=at,
        deaths=count.deaths,
        injured=count.injured,
        loss=count.loss.quantize(Decimal("0.01")),
        source=count.source.strip()[:200],
        by=by,
    )


@transaction.atomic
def count_casualties(*, accident: Accident, count: Count, by: Account, at: datetime) -> Casualties:
    """Add a later count. Within thirty days (fire, traffic: seven) it changes the grade."""
    _require_open(accident, by)
    _check_count(count)
    last = sent_already(accident.counts.all(), by=by)
    if last and last.by_id == by.pk and Count.of(last) == count and last.counted_at > at - AGAIN:
        return last
    made = _keep_count(accident, count, by, at)
    if at <= accident.counts_until:
        grade = severity_of(deaths=count.deaths, injured=count.injured, loss=count.loss)
        Accident.objects.filter(pk=accident.pk).update(severity=grade)
        accident.severity = grade
    _tell("oversee.accident.counted", accident, by, at, severity=accident.severity)
    return made


@dataclass(frozen=True)
class PersonText:
    """A measure on a person as somebody writes it."""

    name: str
    measure: str
    organ: str
    from_date: date
    id_number: str = ""
    position: str = ""


@transaction.atomic
def add_person(
    *, accident: Accident, person: PersonText, by: Account, at: datetime
) -> PersonMeasure:
    """Write down what was done about a person. The event carries no personal data."""
    by.require("oversee.investigate", region=accident.item.region)
    if not person.name.strip() or not person.organ.strip():
        raise BadInput("oversee.person_empty", _("Give the person's name and the organ."))
    if person.measure not in PersonMeasure.Measure.values:
        raise BadInput("oversee.person_measure", _("There is no such measure."))
    same = accident.persons.filter(
        name=person.name.strip()[:60], id_number=person.id_number.strip()[:30],
        measure=person.measure, organ=person.organ.strip()[:120], from_date=person.from_date,
    )  # fmt: skip
    if there := sent_already(same, by=by):
        return there
    made = PersonMeasure.objects.create(
        accident=accident,
        name=person.name.strip()[:60],
        id_number=person.id_number.strip()[:30],
        position=person.position.strip()[:120],
        measure=person.measure,
        organ=person.organ.strip()[:120],
        from_date=person.from_date,
        by=by,
        at=at,
    )
    _tell("oversee.person.measured", accident, by, at, measure_id=made.pk)
    return made


@transaction.atomic
def end_measure(*, measure: PersonMeasure, on: date, by: Account, at: datetime) -> PersonMeasure:
    """The measure was lifted on a day."""
    by.require("oversee.investigate", region=measure.accident.item.region)
    if on < measure.from_date:
        raise BadInput("oversee.measure_ends", _("It cannot end before it began."))
    if not PersonMeasure.objects.filter(pk=measure.pk, to_date=None).update(to_date=on):
        raise Refusal("oversee.measure_ended", _("It has already ended."))
    measure.to_date = on
    _tell("oversee.person.released", measure.accident, by, at, measure_id=measure.pk)
    return measure


@transaction.atomic
def reveal_person(*, measure: PersonMeasure, by: Account, at: datetime) -> PersonMeasure:
    """Name and number in full, for who investigates; the look is in the journal."""
    by.require("oversee.investigate", region=measure.accident.item.region)
    _tell("oversee.person.revealed", measure.accident, by, at, measure_id=measure.pk)
    return measure


@transaction.atomic
def add_finding(*, accident: Accident, kind: str, text: str, by: Account, at: datetime) -> Finding:
    _require_open(accident, by)
    if kind not in Finding.Kind.values or not text.strip():
        raise BadInput("oversee.finding_empty", _("Write what was found."))
    same = accident.findings.filter(kind=kind, text=text.strip()[:1000])
    if there := sent_already(same, by=by):
        return there
    return Finding.objects.create(accident=accident, kind=kind, text=text.strip()[:1000])


@transaction.atomic
def add_remedy(
    *,
    accident: Accident,
    text: str,
    organisation: Organisation,
    due_on: date,
    post: Post | None = None,
    by: Account,
    at: datetime,
) -> Remedy:
    """A line of the rectification list. It becomes work when the report is approved."""
    _require_open(accident, by)
    if not text.strip():
        raise BadInput("oversee.remedy_empty", _("Write what is to be done."))
    if due_on <= timezone.localdate(accident.happened_at):
        raise BadInput("oversee.remedy_day", _("It is due after the accident."))
    if post is not None and not organisation.region.covers(post.region):
        raise BadInput(
            "oversee.post_elsewhere",
            _("%(post)s does not belong to %(region)s.")
            % {"post": post, "region": organisation.region.name},
        )
    same = accident.remedies.filter(
        text=text.strip()[:500], organisation=organisation, post=post, due_on=due_on
    )
    if there := sent_already(same, by=by):
        return there
    return Remedy.objects.create(
        accident=accident,
        text=text.strip()[:500],
        organisation=organisation,
        post=post,
        due_on=due_on,
    )


@transaction.atomic
def drop_line(*, line: Finding | Remedy, by: Account, at: datetime) -> None:
    """Take a finding or remedy out again, before the report is handed in."""
    _require_open(line.accident, by)
    line.delete()


@transaction.atomic
def hand_in_report(*, accident: Accident, text: str, by: Account, at: datetime) -> Report:
    """Hand the report in for approval: the investigation's work is done with it."""
    _require_open(accident, by)
    if not text.strip():
        raise BadInput("oversee.report_empty", _("The report is empty."))
    if not accident.findings.exists() or not accident.remedies.exists():
        raise Refusal(
            "oversee.report_early",
            _("A report names causes and what is to be done."),
            hint=_("Write one cause and one remedy at least."),
        )
    item = accident.item
    if item.state == S.OPEN:
        advance(item=item, move="accept", by=by, at=at)
    advance(item=item, move="submit", note=_("Report handed in."), by=by, at=at)
    number = (accident.reports.aggregate(n=Max("number"))["n"] or 0) + 1
    report = Report.objects.create(
        accident=accident, number=number, text=text.strip(), author=by, made_at=at
    )
    _tell(
        "oversee.report.handed_in",
        accident,
        by,
        at,
        number=number,
        report_id=report.pk,
        digest=report_digest(report),
    )
    return report


@transaction.atomic
def approve_report(*, report: Report, by: Account, at: datetime) -> Report:
    """Somebody else approves: remedies become work, the look-back is set for within a year."""
    _decide(report, Report.State.APPROVED, "", by, at)
    accident = report.accident
    advance(item=accident.item, move="verify", by=by, at=at)
    for remedy in accident.remedies.select_related("organisation__region", "post__region"):
        _open_remedy(remedy, by, at)
    due_on = one_year_after(timezone.localdate(at))
    LookBack.objects.create(
        accident=accident, opens_on=due_on - LookBack.OPENS_BEFORE, due_on=due_on
    )
    _tell("oversee.report.approved", accident, by, at, report_id=report.pk)
    return report


def one_year_after(day: date) -> date:
    """The same day of the next year; of 29 February the day before (安全生产法 86)."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


@transaction.atomic
def return_report(*, report: Report, note: str, by: Account, at: datetime) -> Report:
    """Send it back with the reason: the investigation goes on."""
    if not note.strip():
        raise BadInput("oversee.no_reason", _("Say why, in a few words."))
    _decide(report, Report.State.RETURNED, note, by, at)
    advance(item=report.accident.item, move="return", note=note, by=by, at=at)
    _tell("oversee.report.returned", report.accident, by, at, report_id=report.pk)
    return report


def _decide(report: Report, state: str, note: str, by: Account, at: datetime) -> None:
    by.require("oversee.approve", region=report.accident.item.region)
    if report.author_id == by.pk:
        raise Refusal("oversee.own_report", _("Its author does not decide on a report."))
    waiting = Report.objects.filter(pk=report.pk, state=Report.State.SUBMITTED)
    values = {"state": state, "decided_by": by, "decided_at": at, "note": note.strip()[:500]}
    if not waiting.update(**values):
        raise Refusal("oversee.report_decided", _("This report has been decided on already."))
    report.refresh_from_db()


def _open_remedy(remedy: Remedy, by: Account, at: datetime) -> None:
    item = open_item(
        kind=REMEDY,
        title=remedy.text,
        region=remedy.post.region if remedy.post else remedy.organisation.region,
        post=remedy.post,
        due_at=end_of(max(remedy.due_on, timezone.localdate(at) + timedelta(days=1))),
        parent=remedy.accident.item,
        by=by,
        at=at,
    )
    Remedy.objects.filter(pk=remedy.pk).update(item=item)


def report_digest(report: Report) -> str:
    """What the journal keeps of a report's words."""
    return text_digest(str(report.accident_id), str(report.number), report.text)


def check_reports() -> Iterator[journal.Finding]:
    """For the journal: every report still says what its event said."""
    rows = ((report.pk, report_digest(report)) for report in Report.objects.iterator())
    return check_digests("oversee.report.handed_in", "report_id", rows)


def _require_open(accident: Accident, by: Account) -> None:
    by.require("oversee.investigate", region=accident.item.region)
    item = WorkItem.objects.get(pk=accident.pk)
    accident.item.state, accident.item.doer_id = item.state, item.doer_id
    if item.state not in {S.OPEN, S.DOING}:
        raise Refusal(
            "oversee.file_closed",
            _("The report has been handed in; the file is no longer changed."),
            hint=_("If it is sent back, the file opens again."),
        )


def _tell(name: str, accident: Accident, by: Account, at: datetime, **more: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=accident.item.region.path,
        accident_id=accident.pk,
        **more,
    )
