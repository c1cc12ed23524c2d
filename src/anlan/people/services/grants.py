"""Who may do what where, apart from posts."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed
from anlan.base.events import publish
from anlan.places.models import Region

from .. import permissions
from ..models import Account, Grant


@transaction.atomic
def grant(*, account: Account, permission: str, region: Region, by: Account, at: datetime) -> Grant:
    """Nobody grants what they do not hold, nor beyond the regions where they manage people."""
    if permission not in permissions.registered():
        raise BadInput("people.unknown_permission", _("No such permission: %s.") % permission)
    _require(permission, region, by)
    if not account.is_active:
        raise BadInput("people.inactive", _("This account is no longer in use."))
    row, made = Grant.objects.get_or_create(account=account, permission=permission, region=region)
    if made:
        _tell("people.granted", row, by, at)
        account.forget_scopes()
    return row


@transaction.atomic
def revoke(*, row: Grant, by: Account, at: datetime) -> None:
    _require(row.permission, row.region, by)
    _tell("people.revoked", row, by, at)
    row.delete()


def _require(permission: str, region: Region, by: Account) -> None:
    by.require("people.manage", region=region)
    if not by.is_system and not by.may(permission, region=region):
        raise NotAllowed(
            "people.not_held",
            _("You do not hold “%(permission)s” in %(region)s yourself.")
            % {"permission": permissions.label(permission), "region": region.name},
            hint=_("Ask somebody who holds it, or the system's administrator."),
        )


def _tell(name: str, row: Grant, by: Account, at: datetime) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=row.region.path,
        account_id=row.account_id,
        permission=row.permission,
        region=row.region.code,
    )
