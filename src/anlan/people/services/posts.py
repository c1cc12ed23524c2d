"""Roles, posts and who holds them."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base.days import spoken
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.places.models import Region

from .. import permissions, roles
from ..models import Account, Holding, Post, Role


@transaction.atomic
def load_roles(*, by: Account, at: datetime) -> list[Role]:
    """Write the default roles that are not there yet; what a bureau has changed stays."""
    if not by.is_system:
        raise NotAllowed("people.system_only", _("Only the system's administrator may do this."))
    known = set(Role.objects.values_list("code", flat=True))
    made = Role.objects.bulk_create(
        Role(
            code=default.code,
            name=default.name,
            level=default.level,
            permissions=list(default.permissions),
        )
        for default in roles.DEFAULTS
        if default.code not in known
    )
    if made:
        publish("people.roles.loaded", at=at, by=by, codes=[role.code for role in made])
    return made


@transaction.atomic
def open_post(*, role: Role, region: Region, by: Account, at: datetime) -> Post:
    """Make a post; the same again gives the one that stands."""
    by.require("people.manage", region=region)
    if role.retired_at is not None and not role.posts.filter(region=region).exists():
        raise Refusal(
            "people.role_retired",
            _("“%(role)s” is no longer used; no new post of it is opened.") % {"role": role.name},
            hint=_("Choose another kind of post, or take this one up again."),
        )
    if role.level != region.level:
        raise BadInput(
            "people.wrong_level",
            _("“%(role)s” is a post of another level than %(region)s.")
            % {"role": role.name, "region": region.name},
        )
    refuse_beyond_own(role, region, by)
    post, made = Post.objects.get_or_create(role=role, region=region)
    if made:
        publish("people.post.opened", at=at, by=by, region_path=region.path, post_id=post.pk)
    return post


@transaction.atomic
def appoint(*, post: Post, account: Account, from_date: date, by: Account, at: datetime) -> Holding:
    """Give a post to a person from a day on. Others may hold it beside them."""
    by.require("people.manage", region=post.region)
    refuse_beyond_own(post.role, post.region, by)
    if not account.is_active or account.is_system:
        raise Refusal("people.inactive", _("This account is no longer in use."))
    held = post.holdings.filter(account=account, to_date=None).first()
    if held:
        return held
    holding = Holding.objects.create(
        post=post, account=account, from_date=from_date, confirmed_at=at
    )
    _tell("people.post.taken", holding, by, at)
    return holding


@transaction.atomic
def hand_over(*, holding: Holding, to: Account, on: date, by: Account, at: datetime) -> Holding:
    """End one person's holding and begin the next one's on the same day: no gap, no overlap."""
    end_holding(holding=holding, on=on, by=by, at=at)
    return appoint(post=holding.post, account=to, from_date=on, by=by, at=at)


@transaction.atomic
def end_holding(*, holding: Holding, on: date, by: Account, at: datetime) -> Holding:
    """From this day on the person no longer holds the post."""
    by.require("people.manage", region=holding.post.region)
    if on < holding.from_date:
        raise BadInput(
            "people.ends_before",
            _("It cannot end before it began on %(day)s.") % {"day": spoken(holding.from_date)},
        )
    open_one = Holding.objects.filter(pk=holding.pk, to_date=None)
    if not open_one.update(to_date=on):
        raise Refusal("people.already_ended", _("This holding has already ended."))
    holding.to_date = on
    _tell("people.post.left", holding, by, at)
    return holding


@transaction.atomic
def confirm_holding(*, holding: Holding, by: Account, at: datetime) -> Holding:
    """Say that the person still holds it and the phone is right: the yearly refresh."""
    region = holding.post.region
    if by.pk != holding.account_id and not by.may("people.confirm", region=region):
        by.require("people.manage", region=region)
    if holding.to_date is not None and holding.to_date <= localdate(at):
        raise Refusal("people.already_ended", _("This holding has already ended."))
    holding.confirmed_at = at
    holding.save(update_fields=["confirmed_at"])
    _tell("people.post.confirmed", holding, by, at)
    return holding


def refuse_beyond_own(role: Role, region: Region, by: Account) -> None:
    """A post carries permissions: nobody gives through one what they do not hold themselves."""
    if by.is_system:
        return
    beyond = [code for code in role.permissions if not by.may(code, region=region)]
    # Doing and looking is what lower posts are for; whoever manages people there may hand it out.
    beyond = [code for code in beyond if code not in roles.ORDINARY]
    if beyond:
        raise NotAllowed(
            "people.beyond_own",
            _("This post carries “%(permission)s”, which you do not hold there.")
            % {"permission": permissions.label(beyond[0])},
            hint=_("Ask somebody who holds it to make the appointment."),
        )


def _tell(name: str, holding: Holding, by: Account, at: datetime) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=holding.post.region.path,
        holding_id=holding.pk,
        post_id=holding.post_id,
        account_id=holding.account_id,
    )
