"""Say which post answers for a site or a road."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.base.events import publish
from anlan.places.models import Road, Site

from ..models import Account, Charge, Post


@transaction.atomic
def set_charge(
    *, place: Site | Road, post: Post, owner: str = "", by: Account, at: datetime
) -> Charge:
    """Name the post that answers for a place, in place of the one that did."""
    by.require("people.manage", region=place.region)
    if not post.region.covers(place.region):
        raise BadInput(
            "people.post_elsewhere",
            _("%(post)s does not answer for %(region)s.")
            % {"post": post, "region": place.region.name},
            hint=_("Choose a post of this region or of one above it."),
        )
    charge = Charge(post=post, owner=owner.strip()[:120], **of_place(place))
    before = Charge.objects.filter(**of_place(place)).first()
    if before is not None:
        charge.pk = before.pk
        if (before.post_id, before.owner) == (charge.post_id, charge.owner):
            return before
    charge.save()
    _tell(place, post.pk, before.post_id if before else None, by, at)
    return charge


@transaction.atomic
def end_charge(*, charge: Charge, by: Account, at: datetime) -> None:
    """Nobody answers for the place any more."""
    place = charge.place
    by.require("people.manage", region=place.region)
    charge.delete()
    _tell(place, None, charge.post_id, by, at)


def of_place(place: Site | Road) -> dict[str, Site | Road]:
    """The place under the name of its column."""
    return {"site" if isinstance(place, Site) else "road": place}


def _tell(
    place: Site | Road, post_id: int | None, before: int | None, by: Account, at: datetime
) -> None:
    publish(
        "people.charge.set",
        at=at,
        by=by,
        region_path=place.region.path,
        post_id=post_id,
        from_post_id=before,
        **{f"{name}_id": row.pk for name, row in of_place(place).items()},
    )
