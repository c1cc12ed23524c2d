"""Kinds of post: the bureau's own beside those that the house begins with."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.places.models import Region

from .. import permissions as known
from ..models import Account, Role


@transaction.atomic
def set_role_permissions(*, role: Role, codes: list[str], by: Account, at: datetime) -> Role:
    """Change what comes with a role's posts, everywhere: for whoever manages the whole tree."""
    require_everywhere(by)
    _check_permissions(codes)
    before, role.permissions = role.permissions, sorted(set(codes))
    role.save(update_fields=["permissions"])
    publish(
        "people.role.changed", at=at, by=by, role=role.code, before=before, now=role.permissions
    )
    return role


@transaction.atomic
def make_role(
    *, code: str, name: str, level: int, permissions: list[str], by: Account, at: datetime
) -> Role:
    """Add a kind of post of the bureau's own; for whoever manages the whole tree."""
    require_everywhere(by)
    _check_permissions(permissions)
    name = name.strip()[:60]
    if level not in Region.Level.values or not name or not code.strip():
        raise BadInput("people.bad_role", _("A kind of post needs a code, a name and a level."))
    _refuse_name(name, level)
    try:
        with transaction.atomic():
            role = Role.objects.create(
                code=code[:40], name=name, level=level, permissions=sorted(set(permissions))
            )
    except IntegrityError:
        raise Refusal("people.role_there", _("There is such a kind of post already.")) from None
    publish("people.role.made", at=at, by=by, role=role.code)
    return role


def code_for(name: str, level: int) -> str:
    """The code of a kind of post that somebody only gives a name."""
    digest = hashlib.sha256(name.strip().encode()).hexdigest()[:12]
    return f"{Region.Level(level).name.lower()}.{digest}"


@transaction.atomic
def rename_role(*, role: Role, name: str, by: Account, at: datetime) -> Role:
    """Another name everywhere; its code, posts and holders stay."""
    require_everywhere(by)
    name = name.strip()[:60]
    if not name:
        raise BadInput("people.bad_role", _("A kind of post needs a code, a name and a level."))
    before = role.name
    if name != before:
        _refuse_name(name, role.level)
        role.name = name
        role.save(update_fields=["name"])
        publish("people.role.renamed", at=at, by=by, role=role.code, before=before, now=name)
    return role


@transaction.atomic
def retire_role(*, role: Role, by: Account, at: datetime) -> Role:
    """Open no more posts of it. Posts that stand, and what they carry, stay as they are."""
    require_everywhere(by)
    if not Role.objects.filter(pk=role.pk, retired_at=None).update(retired_at=at):
        raise Refusal("people.role_is_retired", _("This kind of post is no longer used already."))
    role.retired_at = at
    publish("people.role.retired", at=at, by=by, role=role.code)
    return role


@transaction.atomic
def restore_role(*, role: Role, by: Account, at: datetime) -> Role:
    """Take it up again."""
    require_everywhere(by)
    if not Role.objects.filter(pk=role.pk, retired_at__isnull=False).update(retired_at=None):
        raise Refusal("people.role_in_use", _("This kind of post is in use."))
    role.retired_at = None
    publish("people.role.restored", at=at, by=by, role=role.code)
    return role


def _refuse_name(name: str, level: int) -> None:
    if Role.objects.filter(name=name, level=level).exists():
        raise Refusal(
            "people.role_there",
            _("There is such a kind of post already."),
            hint=_("Give it another name, or use the one that is there."),
        )


def require_everywhere(by: Account) -> None:
    """Kinds of post hold for the whole tree."""
    for top in Region.objects.filter(parent=None, valid_to=None):
        by.require("people.manage", region=top)


def _check_permissions(codes: list[str]) -> None:
    unknown = sorted(set(codes) - set(known.registered()))
    if unknown:
        raise BadInput("people.unknown_permission", _("No such permission: %s.") % unknown[0])
