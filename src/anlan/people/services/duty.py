"""The duty rota: planned turns, rotations, and hand-overs that both sides sign."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.places.models import Region

from ..models import Account, Shift

LONGEST = timedelta(hours=72)
MOST_SHIFTS = 400


@transaction.atomic
def plan_shift(
    *,
    region: Region,
    account: Account,
    starts_at: datetime,
    ends_at: datetime,
    leads: bool,
    by: Account,
    at: datetime,
) -> Shift:
    """Put one person on the desk's rota for a time."""
    by.require("people.duty", region=region)
    _check(account, starts_at, ends_at)
    shift = Shift.objects.create(
        region=region, account=account, starts_at=starts_at, ends_at=ends_at, leads=leads
    )
    _tell("people.shift.planned", shift, by, at, starts_at=starts_at, ends_at=ends_at)
    return shift


@transaction.atomic
def plan_rotation(
    *,
    region: Region,
    accounts: Sequence[Account],
    first: date,
    days: int,
    changes_at: time,
    hours: int,
    leads: bool,
    by: Account,
    at: datetime,
) -> list[Shift]:
    """Turn after turn, one person after the other; turns that stand already stay."""
    by.require("people.duty", region=region)
    if not accounts:
        raise BadInput("people.nobody", _("Choose at least one person."))
    if hours not in {4, 6, 8, 12, 24} or not 0 < days * 24 // hours <= MOST_SHIFTS:
        raise BadInput("people.bad_rotation", _("Turns last 4, 6, 8, 12 or 24 hours."))
    start = timezone.make_aware(datetime.combine(first, changes_at))
    length = timedelta(hours=hours)
    turns = [(start + n * length, start + (n + 1) * length) for n in range(days * 24 // hours)]
    standing = set(
        Shift.objects.filter(
            region=region, leads=leads, starts_at__gte=turns[0][0], starts_at__lt=turns[-1][1]
        ).values_list("starts_at", flat=True)
    )
    made = []
    for n, (starts_at, ends_at) in enumerate(turns):
        account = accounts[n % len(accounts)]
        _check(account, starts_at, ends_at)
        if starts_at not in standing:
            shift = Shift(region=region, account=account, leads=leads)
            shift.starts_at, shift.ends_at = starts_at, ends_at
            made.append(shift)
    Shift.objects.bulk_create(made)
    if made:
        publish(
            "people.rotation.planned",
            at=at,
            by=by,
            region_path=region.path,
            shifts=len(made),
            first=turns[0][0],
            last=turns[-1][1],
        )
    return made


@transaction.atomic
def drop_shift(*, shift: Shift, by: Account, at: datetime) -> None:
    """Take a turn that has not begun off the rota."""
    by.require("people.duty", region=shift.region)
    if shift.starts_at <= at:
        raise Refusal(
            "people.shift_begun",
            _("This turn has begun; hand it over instead."),
        )
    _tell("people.shift.dropped", shift, by, at, starts_at=shift.starts_at)
    shift.delete()


@transaction.atomic
def hand_over_shift(*, shift: Shift, to: Account, note: str, by: Account, at: datetime) -> Shift:
    """The one on duty signs over to the next, with what the next must know."""
    if by.pk != shift.account_id:
        raise NotAllowed(
            "people.not_your_shift",
            _("%(name)s is on this turn and must sign it over.") % {"name": shift.account},
        )
    if at < shift.starts_at:
        raise Refusal("people.shift_not_begun", _("This turn has not begun."))
    if to.pk == by.pk or not to.is_active:
        raise BadInput("people.hand_over_to", _("Choose the colleague who takes over."))
    if not note.strip():
        raise BadInput("people.no_note", _("Write what the next one must know."))
    unsigned = Shift.objects.filter(pk=shift.pk, handed_over_at=None)
    if not unsigned.update(handed_over_at=at, handed_over_to=to, handover_note=note.strip()):
        raise Refusal("people.handed_over", _("This turn has already been handed over."))
    shift.refresh_from_db()
    _tell("people.shift.handed_over", shift, by, at, to=to.pk)
    return shift


@transaction.atomic
def take_over_shift(*, shift: Shift, by: Account, at: datetime) -> Shift:
    """The next one signs that they have read the note and answer from now on."""
    if shift.handed_over_to_id != by.pk:
        raise NotAllowed(
            "people.not_to_you", _("This turn was handed over to somebody else, or not yet.")
        )
    unsigned = Shift.objects.filter(pk=shift.pk, taken_over_at=None)
    if not unsigned.update(taken_over_at=at):
        raise Refusal("people.taken_over", _("You have already taken over."))
    shift.refresh_from_db()
    _tell("people.shift.taken_over", shift, by, at)
    return shift


def _check(account: Account, starts_at: datetime, ends_at: datetime) -> None:
    if not account.is_active or account.is_system:
        raise BadInput("people.inactive", _("This account is no longer in use."))
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise BadInput("people.shift_times", _("A turn ends after it begins, within 72 hours."))
    clash = Shift.objects.filter(
        account=account, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exclude(starts_at=starts_at)
    if clash.exists():
        raise Refusal(
            "people.double_duty",
            _("%(name)s is already on duty at that time.") % {"name": account.name},
            hint=_("Choose somebody else, or drop the other turn first."),
        )


def _tell(name: str, shift: Shift, by: Account, at: datetime, **data: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=shift.region.path,
        shift_id=shift.pk,
        account_id=shift.account_id,
        **data,
    )
