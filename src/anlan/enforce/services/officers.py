"""Who acts in a case: two at least, each with a certificate in force, none with an interest."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.people.models import Account

from ..models import Case, CaseOfficer, Certificate, Organ
from ..queries import acting_for
from ..rules import OFFICERS_NEEDED
from .moves import log


def check_certificates(certificates: Iterable[Certificate], organ: Organ, on: date) -> None:
    """At least two officers of this organ, certificates in force on the day (art. 42).

    Where it has ended, also of the organ that took over.
    """
    certificates = list(certificates)
    organs = acting_for(organ)
    for certificate in certificates:
        if certificate.organ_id not in organs:
            raise BadInput(
                "enforce.other_organ",
                _("%(name)s has no certificate of %(organ)s.")
                % {"name": certificate.account, "organ": organ},
            )
        if not certificate.is_valid_on(on):
            raise Refusal(
                "enforce.certificate_over",
                _("The certificate %(number)s of %(name)s is not in force on that day.")
                % {"number": certificate.number, "name": certificate.account},
                hint=_("Have it renewed, or let another officer act."),
            )
    if len({certificate.account_id for certificate in certificates}) < OFFICERS_NEEDED:
        raise Refusal(
            "enforce.two_officers",
            _("At least two officers with certificates must act."),
            hint=_("Choose a second officer (Administrative Penalty Law, art. 42)."),
        )


def acting(case: Case) -> list[CaseOfficer]:
    """Who acts in the case now, who leads first."""
    found = case.officers.filter(to_at=None).select_related("certificate__account")
    return list(found.order_by("-leads", "pk"))


def require_officer(*, case: Case, by: Account, at: datetime) -> None:
    """Only the case's own officers act in it, and only while two of them may.

    The case is held until the end of the transaction, so that of two people at once the second
    sees what the first did.
    """
    by.require("enforce.handle", region=case.region)
    case.refresh_from_db(
        fields=["stage"], from_queryset=Case.objects.select_for_update(of=("self",))
    )
    officers = acting(case)
    if by.pk not in {officer.certificate.account_id for officer in officers}:
        raise NotAllowed(
            "enforce.not_yours",
            _("You are not an officer of this case."),
            hint=_("Ask its officers, or have yourself added to it."),
        )
    certificates = [officer.certificate for officer in officers]
    check_certificates(certificates, case.organ, timezone.localdate(at))


def check_unbiased(case: Case, account: Account) -> None:
    """Who was recused takes no further part, also not in deciding."""
    if case.officers.filter(certificate__account=account, recused=True).exists():
        raise NotAllowed(
            "enforce.recused",
            _("%(name)s was recused from this case.") % {"name": account},
            hint=_("Let somebody else act (Administrative Penalty Law, art. 43)."),
        )


def appoint(
    *, case: Case, certificates: Sequence[Certificate], by: Account, at: datetime
) -> list[CaseOfficer]:
    """The officers of a new case; the first leads."""
    check_certificates(certificates, case.organ, timezone.localdate(at))
    return CaseOfficer.objects.bulk_create(
        CaseOfficer(case=case, certificate=certificate, leads=n == 0, from_at=at)
        for n, certificate in enumerate(certificates)
    )


@transaction.atomic
def change_officer(
    *,
    case: Case,
    old: CaseOfficer,
    new: Certificate,
    recused: bool,
    reason: str,
    by: Account,
    at: datetime,
) -> CaseOfficer:
    """Put another in an officer's place, because of an interest in the case or otherwise.

    Decided by whoever approves, not by the officers themselves (art. 43).
    """
    by.require("enforce.approve", region=case.region)
    if by.pk in {old.certificate.account_id, new.account_id}:
        raise NotAllowed(
            "enforce.own_recusal",
            _("Officers do not decide on their own place in a case."),
            hint=_("Ask the head of the organ."),
        )
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    if old.case_id != case.pk or old.to_at is not None or not case.is_open:
        raise Refusal("enforce.no_officer", _("That officer no longer acts in this case."))
    check_unbiased(case, new.account)
    CaseOfficer.objects.filter(pk=old.pk).update(to_at=at, recused=recused, reason=reason[:200])
    rest = [officer.certificate for officer in acting(case)]
    check_certificates([*rest, new], case.organ, timezone.localdate(at))
    made = CaseOfficer.objects.create(case=case, certificate=new, leads=old.leads, from_at=at)
    note = f"{old.certificate.account} → {new.account}：{reason}"
    log(case=case, move="recuse" if recused else "officer", by=by, at=at, note=note)
    return made
