"""Third-party service: contracts, which enterprises they serve, how good the visits were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from ..models import Contract, Enterprise, Served, ServiceReview, Visit
from .enterprises import check_credit_code

KEEP, JUDGE = "prevent.manage", "prevent.check"
MOST_VISITS = 365


@transaction.atomic
def make_contract(
    *,
    number: str,
    provider: str,
    provider_code: str,
    region: Region,
    from_date: date,
    to_date: date,
    visits_a_year: int,
    note: str = "",
    by: Account,
    at: datetime,
) -> Contract:
    """Enter a contract; the enterprises that it serves are added one by one or by their codes."""
    by.require(KEEP, region=region)
    if not number.strip() or not provider.strip():
        raise BadInput("prevent.empty", _("Give the contract's number and the agency's name."))
    if to_date < from_date:
        raise BadInput("prevent.contract_dates", _("The contract ends before it begins."))
    if not 1 <= visits_a_year <= MOST_VISITS:
        raise BadInput("prevent.contract_visits", _("Say how many visits a year are agreed."))
    try:
        with transaction.atomic():
            contract = Contract.objects.create(
                number=number.strip()[:60],
                provider=provider.strip()[:120],
                provider_code=check_credit_code(provider_code),
                region=region,
                from_date=from_date,
                to_date=to_date,
                visits_a_year=visits_a_year,
                note=note.strip()[:300],
                made_at=at,
                by=by,
            )
    except IntegrityError as error:
        raise Refusal(
            "prevent.contract_known", _("This contract number is known in the region already.")
        ) from error
    _tell("prevent.contract.made", contract, by, at)
    return contract


@transaction.atomic
def serve(
    *, contract: Contract, codes: Iterable[str], by: Account, at: datetime
) -> list[Enterprise]:
    """Put enterprises under a contract by their credit codes: all of them or none."""
    by.require(KEEP, region=contract.region)
    _require_running(contract, at)
    wanted = list(dict.fromkeys(check_credit_code(code) for code in codes))
    # Of enterprises elsewhere the refusal says no more than of those that do not exist.
    inside = Enterprise.objects.filter(
        credit_code__in=wanted, site__region__path__under=contract.region.path
    )
    found = {enterprise.credit_code: enterprise for enterprise in inside.select_related("site")}
    missing = [code for code in wanted if code not in found]
    if missing or not wanted:
        raise BadInput(
            "prevent.not_served",
            _("No enterprise of the region has the code %(code)s.")
            % {"code": "、".join(missing[:5]) or "—"},
            hint=_("Check the codes; enterprises are put under the contract of their own region."),
        )
    Served.objects.bulk_create(
        [Served(contract=contract, enterprise=found[code]) for code in wanted],
        ignore_conflicts=True,
    )
    _tell("prevent.contract.served", contract, by, at, enterprises=len(wanted))
    return [found[code] for code in wanted]


@transaction.atomic
def drop(*, contract: Contract, enterprise: Enterprise, by: Account, at: datetime) -> None:
    """An enterprise is no longer served by this contract."""
    by.require(KEEP, region=contract.region)
    deleted, _by_model = contract.served.filter(enterprise=enterprise).delete()
    if deleted:
        _tell("prevent.contract.dropped", contract, by, at, enterprise_id=enterprise.pk)


@transaction.atomic
def end_contract(*, contract: Contract, why: str, by: Account, at: datetime) -> Contract:
    """End it before its time, from today on."""
    by.require(KEEP, region=contract.region)
    if not why.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    _require_running(contract, at)
    running = Contract.objects.filter(pk=contract.pk, ended_on=None)
    running.update(ended_on=timezone.localdate(at), ended_why=why.strip()[:300])
    contract.refresh_from_db()
    _tell("prevent.contract.ended", contract, by, at)
    return contract


@transaction.atomic
def judge_visit(
    *, contract: Contract, visit: Visit, quality: int, note: str, by: Account, at: datetime
) -> ServiceReview:
    """How good a visit under the contract was; once, by somebody who did not make it."""
    by.require(JUDGE, region=visit.region)
    if quality not in ServiceReview.Quality.values:
        raise BadInput("prevent.quality", _("Choose one of the five."))
    if quality <= ServiceReview.Quality.POOR and not note.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    if visit.inspectors.filter(pk=by.pk).exists():
        raise NotAllowed(
            "prevent.own_visit", _("You made this visit, so someone else must judge it.")
        )
    day = timezone.localdate(visit.started_at)
    under = contract.served.filter(enterprise=visit.enterprise_id).exists()
    if visit.kind != Visit.Kind.SERVICE or not under or not covers(contract, day):
        raise BadInput("prevent.not_under_contract", _("This visit is not under the contract."))
    if visit.finished_at is None:
        raise Refusal("prevent.visit_going", _("The visit is not finished yet."))
    try:
        with transaction.atomic():
            review = ServiceReview.objects.create(
                visit=visit,
                contract=contract,
                quality=quality,
                note=note.strip()[:300],
                by=by,
                at=at,
            )
    except IntegrityError as error:
        raise Refusal(
            "prevent.visit_judged", _("Somebody has judged this visit already.")
        ) from error
    _tell("prevent.service.judged", contract, by, at, visit_id=str(visit.pk), quality=quality)
    return review


def covers(contract: Contract, day: date) -> bool:
    ended = contract.ended_on is not None and contract.ended_on <= day
    return contract.from_date <= day <= contract.to_date and not ended


def _require_running(contract: Contract, at: datetime) -> None:
    today = timezone.localdate(at)
    if contract.ended_on is not None or contract.to_date < today:
        raise Refusal("prevent.contract_over", _("This contract is over."))


def _tell(name: str, contract: Contract, by: Account, at: datetime, **data: object) -> None:
    publish(name, at=at, by=by, region_path=contract.region.path, contract_id=contract.pk, **data)
