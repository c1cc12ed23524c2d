"""Several parties to one offence (同案当事人): a case each, joined by its filing and evidence."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.prevent.models import Enterprise

from .. import rules
from ..models import Approval, Case, Party
from ..papers.amounts import ordinal
from ..stages import Procedure, Stage
from . import approvals
from .moves import log, require_stage
from .officers import acting, appoint, require_officer


def next_number(lead: Case) -> str:
    """（金）应急立〔2026〕1号之二: the second party's, under the filing of the first."""
    filed = Case.objects.filter(joined=lead).exclude(number=None).count()
    return f"{lead.number}之{ordinal(filed + 2)}"


@transaction.atomic
def add_party(*, case: Case, party: Party, reason: str, by: Account, at: datetime) -> Approval:
    """Ask for a case against another party to the same offence, under the same filing."""
    require_officer(case=case, by=by, at=at)
    require_stage(case, Stage.INQUIRY)
    if case.joined_id:
        raise Refusal(
            "enforce.not_first",
            _("Another party is added in the case of the first one."),
            hint=_("Open that case: it stands under the joined cases."),
        )
    _check(case, party)
    made = Case.objects.create(
        joined=case,
        name=f"{party.name}{case.cause}案"[:120],
        procedure=Procedure.ORDINARY,
        summary=case.summary,
        opened_at=at,
        **{name: getattr(case, name) for name in COMMON},
    )
    party.case = made
    party.enterprise = party.enterprise or _enterprise_of(party)
    party.save(force_insert=True)
    certificates = [officer.certificate for officer in acting(case)]
    appoint(case=made, certificates=certificates, by=by, at=at)
    log(case=case, move="join", by=by, at=at, note=party.name)
    log(case=made, move="propose", by=by, at=at, note=reason)
    return approvals.ask(case=made, subject=Approval.Subject.FILING, request=reason, by=by, at=at)


# What the parties' cases have in common.
COMMON = (
    "organ", "region", "cause", "source", "visit", "hazard", "offended_on", "exercise",
)  # fmt: skip


def _check(case: Case, party: Party) -> None:
    if not party.name.strip():
        raise BadInput("enforce.no_party", _("Name the party and the cause."))
    if party.age is not None and party.age < rules.PUNISHABLE_AGE:
        raise Refusal(
            "enforce.too_young",
            _("Nobody under fourteen is punished."),
            hint=_("Have the guardian take care of it (art. 30)."),
        )
    same = Party.objects.filter(case.of_group(), name=party.name, code=party.code)
    if same.exclude(case__stage=Stage.NOT_FILED).exists():
        raise Refusal("enforce.same_party", _("This party has a case here already."))


def _enterprise_of(party: Party) -> Enterprise | None:
    if party.is_person or not party.code:
        return None
    return Enterprise.objects.filter(credit_code=party.code).first()
