"""Let people in: password, lockout, second factor, first change of password.

`at` is machine time here: locks and codes belong to the real world, not to a scenario.
"""

import hashlib
import hmac
import time
from datetime import datetime, timedelta

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish

from ..models import Account, SignInTries

TRIES_PER_ACCOUNT = 5
LOCK = timedelta(minutes=15)


class Locked(Refusal):
    """Too many wrong tries: this door stays shut for a while."""

    status = 429


def check_credentials(*, username: str, password: str, address: str, at: datetime) -> Account:
    """The account of this name and password, or a Refusal that does not say which was wrong.

    Costs the same whether the name exists or not, and whether it is locked or not.
    """
    keys = _keys(username, address)
    account = Account.objects.filter(username=username, is_active=True).first()
    right = check_password(password, account.password if account else _no_password())
    _refuse_locked(keys, at)
    if account is None or not right or account.is_system:
        _count_failure(keys, at)
        raise NotAllowed(
            "people.wrong_password",
            _("The user name or the password is wrong."),
            hint=_("After five wrong tries the account is locked for 15 minutes."),
        )
    if not account.totp_secret:
        _forget_failures(keys[0])
    return account


def check_code(*, account: Account, code: str, address: str, at: datetime) -> Account:
    """Accept a code of the second factor, each code once."""
    keys = _keys(account.username, address)
    _refuse_locked(keys, at)
    step = _matching_step(account.totp_secret, code, at)
    # Compared and set in one UPDATE: a code that was seen and sent again at once works once.
    fresh = Account.objects.filter(pk=account.pk, totp_last_step__lt=step or 0)
    if step is None or not fresh.update(totp_last_step=step):
        _count_failure(keys, at)
        raise NotAllowed(
            "people.wrong_code",
            _("The code is wrong or was used already."),
            hint=_("Wait for the next code and check the phone's clock."),
        )
    _forget_failures(keys[0])
    return account


@transaction.atomic
def note_sign_in(*, account: Account, way: str, at: datetime) -> None:
    """Into the journal: who signed in and how. The address is not kept."""
    publish("people.signed_in", at=at, by=account, way=way)


@transaction.atomic
def change_password(
    *, account: Account, old: str | None, new: str, by: Account, at: datetime
) -> Account:
    """One's own password with the old one, or (`old` is None) just after a first sign-in."""
    if by.pk != account.pk:
        raise NotAllowed("people.own_password", _("You can only change your own password."))
    if old is not None and not account.check_password(old):
        raise BadInput("people.wrong_password", _("The present password is wrong."))
    if account.check_password(new):
        raise BadInput("people.same_password", _("Choose a password that differs from the last."))
    set_password(account, new)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    publish("people.password.changed", at=at, by=by, account_id=account.pk)
    return account


def set_password(account: Account, password: str) -> None:
    """Set, not save, a password that obeys the rules."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise BadInput("people.weak_password", " ".join(error.messages)) from error
    account.set_password(password)


def new_secret() -> str:
    return pyotp.random_base32()


def enrolment_uri(account: Account, secret: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=str(_("Anlan")))


@transaction.atomic
def enrol_second_factor(
    *, account: Account, secret: str, code: str, by: Account, at: datetime
) -> Account:
    """Turn the second factor on, once a code proves that the phone has the secret."""
    if by.pk != account.pk:
        raise NotAllowed("people.own_factor", _("You can only set up your own second factor."))
    step = _matching_step(secret, code, at)
    if step is None:
        raise BadInput(
            "people.wrong_code",
            _("The code is wrong or was used already."),
            hint=_("Wait for the next code and check the phone's clock."),
        )
    account.totp_secret, account.totp_last_step = secret, step
    account.save(update_fields=["totp_secret", "totp_last_step"])
    publish("people.second_factor.on", at=at, by=by, account_id=account.pk)
    return account


@transaction.atomic
def drop_second_factor(*, account: Account, password: str, by: Account, at: datetime) -> Account:
    """Turn it off: one's own with the password."""
    if by.pk != account.pk or not account.check_password(password):
        raise BadInput("people.wrong_password", _("The present password is wrong."))
    account.totp_secret = ""
    account.save(update_fields=["totp_secret"])
    publish("people.second_factor.off", at=at, by=by, account_id=account.pk)
    return account


def forget_old_tries(*, at: datetime) -> int:
    """Names that somebody once guessed need not be kept; called daily."""
    old = at - timedelta(days=1)
    return SignInTries.objects.filter(last_at__lt=old).delete()[0]


def _matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The 30-second step of this code, one step early or late allowed."""
    totp = pyotp.TOTP(secret)
    now = int(at.timestamp()) // totp.interval
    given = code.strip().replace(" ", "")
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            return step
    return None


_dummy: list[str] = []


def _no_password() -> str:
    """A real hash that no password fits, so that unknown names cost as much as known ones."""
    if not _dummy:
        _dummy.append(make_password(f"nobody {time.time_ns()}"))
    return _dummy[0]


def _keys(username: str, address: str) -> tuple[str, str]:
    secret = settings.SECRET_KEY.encode()
    return (
        hmac.new(secret, f"name:{username.casefold()}".encode(), hashlib.sha256).hexdigest(),
        hmac.new(secret, f"address:{address}".encode(), hashlib.sha256).hexdigest(),
    )


def _refuse_locked(keys: tuple[str, str], at: datetime) -> None:
    until = (
        SignInTries.objects.filter(key__in=keys, locked_until__gt=at)
        .order_by("-locked_until")
        .values_list("locked_until", flat=True)
        .first()
    )
    if until:
        minutes = max(1, round((until - at).total_seconds() / 60))
        raise Locked(
            "people.locked",
            _("Too many wrong tries. Try again in %(minutes)d minutes.") % {"minutes": minutes},
            hint=_("If it was not you, tell your administrator."),
        )


@transaction.atomic
def _count_failure(keys: tuple[str, str], at: datetime) -> None:
    limits = (TRIES_PER_ACCOUNT, settings.TRIES_PER_ADDRESS)
    for key, limit in zip(keys, limits, strict=True):
        SignInTries.objects.get_or_create(key=key, defaults={"last_at": at})
        tries = SignInTries.objects.select_for_update().get(key=key)
        # A quiet quarter of an hour starts the count anew.
        tries.count = 1 if at - tries.last_at > LOCK else tries.count + 1
        tries.last_at = at
        if tries.count >= limit:
            tries.count, tries.locked_until = 0, at + LOCK
            publish("people.sign_in.locked", at=at, by=None, key=key[:12])
        tries.save()


def _forget_failures(key: str) -> None:
    SignInTries.objects.filter(key=key).delete()
