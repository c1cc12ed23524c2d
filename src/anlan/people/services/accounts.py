"""Accounts and organisations: made, closed, given a first password; phones shown on the record."""

import re
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import publish
from anlan.places.models import Region

from .. import permissions, roles
from ..models import Account, Holding, Organisation
from .sign_in import set_password

_USERNAME = re.compile(r"[\w.@-]{2,60}")
LONGEST_PREFIX = 20
_PREFIX = re.compile(r"[^\W\d_]*(（[^\W\d_]+）[^\W\d_]*)?")  # no year, no number
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}")
# No 0 and O, 1 and l: read out over the telephone.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@transaction.atomic
def create_organisation(
    *, code: str, name: str, region: Region, short: str = "", by: Account, at: datetime
) -> Organisation:
    by.require("people.manage", region=region)
    if Organisation.objects.filter(code=code).exists():
        raise Refusal("people.code_taken", _("An organisation with this code is there already."))
    if not code.strip() or not name.strip():
        raise BadInput("people.no_name", _("Give a code and a name."))
    made = Organisation.objects.create(
        code=code.strip(), name=name.strip(), region=region, short=_prefix(short)
    )
    publish("people.organisation.made", at=at, by=by, region_path=region.path, code=made.code)
    return made


@transaction.atomic
def change_organisation(
    *, organisation: Organisation, name: str, short: str, by: Account, at: datetime
) -> Organisation:
    """Another name or prefix. Numbers that were given stay; under a new prefix they begin at 1."""
    by.require("people.manage", region=organisation.region)
    if not name.strip():
        raise BadInput("people.no_name", _("Give a code and a name."))
    organisation.name, organisation.short = name.strip(), _prefix(short)
    organisation.save(update_fields=["name", "short"])
    publish(
        "people.organisation.changed",
        at=at,
        by=by,
        region_path=organisation.region.path,
        code=organisation.code,
        name=organisation.name,
        short=organisation.short,
    )
    return organisation


def _prefix(typed: str) -> str:
    """（金）应急: without spaces, in the brackets of official numbers, whichever were typed."""
    prefix = "".join(typed.split()).translate(str.maketrans("()", "（）"))
    if len(prefix) > LONGEST_PREFIX or not _PREFIX.fullmatch(prefix):
        raise BadInput(
            "people.bad_prefix",
            _("This is no prefix of numbers: %(typed)s.") % {"typed": typed[:40]},
            hint=_("Enter what stands before a document's word, as （金）应急."),
        )
    return prefix


@transaction.atomic
def create_account(
    *,
    username: str,
    name: str,
    phone: str,
    organisation: Organisation,
    by: Account,
    at: datetime,
) -> tuple[Account, str]:
    """A new account and its first password, which is shown once and must be changed."""
    by.require("people.manage", region=organisation.region)
    if not _USERNAME.fullmatch(username):
        raise BadInput("people.bad_username", _("A user name has 2 to 60 letters or digits."))
    if not 0 < len(name.strip()) <= 40:
        raise BadInput("people.no_name", _("Give the person's name."))
    if phone and not PHONE.fullmatch(phone):
        raise BadInput("people.bad_phone", _("This is not a telephone number."))
    if Account.objects.filter(username=username).exists():
        raise Refusal("people.username_taken", _("This user name is taken."))
    account = Account(
        username=username,
        name=name.strip(),
        phone=phone,
        organisation=organisation,
        must_change_password=True,
    )
    password = _first_password()
    set_password(account, password)
    account.save()
    publish(
        "people.account.made",
        at=at,
        by=by,
        region_path=organisation.region.path,
        account_id=account.pk,
    )
    return account, password


@transaction.atomic
def issue_first_password(*, account: Account, by: Account, at: datetime) -> str:
    """A new first password, shown once: for somebody who forgot theirs or never had one."""
    require_over(account, by)
    password = _first_password()
    set_password(account, password)
    account.must_change_password = True
    account.totp_secret = ""  # whoever lost the phone could not come in otherwise
    account.save(update_fields=["password", "must_change_password", "totp_secret"])
    publish("people.password.issued", at=at, by=by, account_id=account.pk)
    return password


@transaction.atomic
def close_account(*, account: Account, by: Account, at: datetime) -> Account:
    """Nobody signs in with it any more; what it did stays. It must hold no post."""
    require_over(account, by)
    if account.pk == by.pk:
        raise Refusal("people.own_account", _("You cannot close your own account."))
    if account.holdings.filter(to_date=None).exists():
        raise Refusal(
            "people.holds_posts",
            _("%(name)s still holds a post.") % {"name": account.name},
            hint=_("Hand the post over first."),
        )
    account.is_active = False
    account.save(update_fields=["is_active"])
    publish("people.account.closed", at=at, by=by, account_id=account.pk)
    return account


@transaction.atomic
def reveal_phone(*, account: Account, by: Account, at: datetime) -> str:
    """The whole number, for who may see it; each look is in the journal."""
    regions = regions_of(account)
    seen = [region for region in regions if _sees(by, "people.view", region)]
    if not seen:
        raise NotFound("people.none", _("There is no such person in your regions."))
    allowed = [region for region in seen if _sees(by, "people.unmask", region)]
    if not allowed and by.pk != account.pk:
        raise NotAllowed(
            "people.masked",
            _("You may not see whole phone numbers here."),
            hint=_("Ask your office administrator for “%(permission)s”.")
            % {"permission": permissions.label("people.unmask")},
        )
    path = allowed[0].path if allowed else ""
    publish("people.phone.revealed", at=at, by=by, region_path=path, account_id=account.pk)
    return account.phone


def _sees(by: Account, permission: str, region: Region) -> bool:
    """Below one's own regions, or above them: whom a village may have to ring."""
    paths = by.regions_for(permission)
    return any(region.path.startswith(p) or p.startswith(region.path) for p in paths)


def regions_of(account: Account) -> list[Region]:
    """Where somebody belongs: the organisation's region and those of posts held or once held."""
    holdings = Holding.objects.filter(account=account).select_related("post__region")
    found = [holding.post.region for holding in holdings]
    if account.organisation:
        found.append(account.organisation.region)
    return found


def require_over(account: Account, by: Account) -> None:
    """Who sets a password could sign in with it: only over accounts that may no more than oneself.

    Ordinary duties of lower posts are covered by managing people there.
    """
    if by.is_system:
        return
    managed = tuple(by.regions_for("people.manage"))
    regions = regions_of(account)
    if not any(region.path.startswith(managed) for region in regions if managed):
        raise NotFound("people.none", _("There is no such person in your regions."))
    for code in permissions.registered():
        held = tuple(by.regions_for(code))
        if code in roles.ORDINARY:
            held += managed
        if not all(path.startswith(held) for path in account.regions_for(code)):
            raise NotAllowed(
                "people.beyond_own",
                _("%(name)s holds “%(permission)s”, which you do not hold there.")
                % {"name": account.name, "permission": permissions.label(code)},
                hint=_("Ask somebody who holds it, or the system's administrator."),
            )


def _first_password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _n in range(4)) for _part in range(3))
