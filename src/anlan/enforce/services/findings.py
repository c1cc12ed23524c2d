"""What an inquiry found and what is proposed: checked against the law, the table and the clock."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account

from .. import rules
from ..models import Case, DiscretionEntry
from ..queries import discretion_on
from . import referrals
from .penalties import check_penalty


@dataclass(frozen=True)
class Finding:
    """What the inquiry found and what the officers propose."""

    facts: str
    proof: str
    violated: str
    basis: str
    fine: Decimal | None = None
    confiscated: Decimal | None = None
    besides: str = ""
    discretion: DiscretionEntry | None = None
    departure: str = ""
    offended_on: date | None = None
    deaths: int = 0
    injured: int = 0
    loss: Decimal = field(default=Decimal(0))


def check_finding(case: Case, finding: Finding) -> None:
    """Facts, articles and a fine within the discretion table, or why not."""
    for text in (finding.facts, finding.proof, finding.violated, finding.basis):
        if not text.strip():
            raise BadInput(
                "enforce.finding_incomplete",
                _("Facts, evidence and both articles must be written down."),
            )
    check_penalty(fine=finding.fine, confiscated=finding.confiscated, besides=finding.besides)
    if finding.discretion:
        _check_range(case, finding, finding.discretion)


def check_time_bar(offended_on: date | None, *, harm: bool, at: datetime) -> None:
    """No penalty after two years; five where there was harm to life or safety (art. 36)."""
    if offended_on is None:
        return
    today = timezone.localdate(at)
    if offended_on > today:
        raise BadInput("enforce.future", _("The offence cannot lie in the future."))
    years = rules.BARRED_AFTER_HARM_YEARS if harm else rules.BARRED_AFTER_YEARS
    if today > rules.years_later(offended_on, years):
        raise Refusal(
            "enforce.time_barred",
            _("The offence came to light more than %(years)d years after it happened.")
            % {"years": years},
            hint=_("It can no longer be punished (art. 36); drop the case."),
        )


def check_table(case: Case, entry: DiscretionEntry, day: date) -> None:
    """The line is of the table that the case's organ goes by, and no other office's."""
    if entry.table != discretion_on(organ=case.organ, day=day):
        raise BadInput(
            "enforce.other_table",
            _("That line is of another discretion table than the one in force here."),
            hint=_("Open the form anew and choose a line of the table of your organ's region."),
        )


def _check_range(case: Case, finding: Finding, entry: DiscretionEntry) -> None:
    fine = finding.fine or Decimal(0)
    if entry.for_person != case.party.is_person:
        raise BadInput(
            "enforce.other_party",
            _("That line of the discretion table is for the other kind of party."),
        )
    if not entry.fine_from <= fine <= entry.fine_to and not finding.departure.strip():
        raise Refusal(
            "enforce.out_of_range",
            _("The discretion table says %(low)s to %(high)s yuan here.")
            % {"low": entry.fine_from, "high": entry.fine_to},
            hint=_("Propose a fine within it, or write down why it departs from it."),
        )


def write_finding(case: Case, finding: Finding, by: Account, at: datetime) -> None:
    columns: dict[str, object] = {
        "facts": finding.facts,
        "proof": finding.proof,
        "violated": finding.violated,
        "basis": finding.basis,
        "discretion": finding.discretion,
        "departure": finding.departure,
        "told_fine": finding.fine,
        "told_confiscated": finding.confiscated or None,
        "told_besides": finding.besides,
        "deaths": finding.deaths,
        "injured": finding.injured,
        "loss": finding.loss,
    }
    if finding.offended_on:
        columns["offended_on"] = finding.offended_on
    Case.objects.filter(pk=case.pk).update(**columns)
    case.refresh_from_db()
    referrals.flag_if_criminal(case=case, by=by, at=at)
