"""Listed supervision of major hazards (挂牌督办): by which region, until when, how it ended."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.models import WorkItem

from ..limits import check_ahead
from ..models import Hazard, Listing


def list_hazard(
    *, hazard: Hazard, region: Region, until: date, reason: str, by: Account, at: datetime
) -> Listing:
    """Put an open major hazard under the supervision of a region at or above its own."""
    by.require("prevent.campaign", region=region)
    item = hazard.item
    if not region.covers(item.region):
        raise BadInput(
            "prevent.listed_elsewhere",
            _("%(region)s is not above this hazard.") % {"region": region.name},
        )
    if hazard.grade != Hazard.Grade.MAJOR or not item.is_open:
        raise Refusal("prevent.not_listable", _("Only open major hazards are listed."))
    check_ahead(until, at)
    if not reason.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    try:
        with transaction.atomic():
            return _list(hazard, region, until, reason.strip(), by, at)
    except IntegrityError as error:
        raise Refusal("prevent.is_listed", _("It is under listed supervision.")) from error


def _list(
    hazard: Hazard, region: Region, until: date, reason: str, by: Account, at: datetime
) -> Listing:
    listing = Listing.objects.create(
        hazard=hazard, region=region, until=until, reason=reason[:500], listed_by=by, listed_at=at
    )
    _tell("prevent.hazard.listed", listing, by, at)
    return listing


@transaction.atomic
def lift_listing(*, listing: Listing, note: str, by: Account, at: datetime) -> Listing:
    """End the supervision (摘牌): only after somebody checked that the hazard is put right."""
    by.require("prevent.campaign", region=listing.region)
    if listing.hazard.item.state not in {WorkItem.State.CLOSED, WorkItem.State.CANCELLED}:
        raise Refusal(
            "prevent.still_open",
            _("The hazard has not been put right yet."),
            hint=_("Listed supervision ends after the hazard was re-checked and closed."),
        )
    if not note.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    open_one = Listing.objects.filter(pk=listing.pk, lifted_at=None)
    if not open_one.update(lifted_by=by, lifted_at=at, lifted_note=note.strip()[:500]):
        raise Refusal("prevent.lifted", _("It was lifted already."))
    listing.refresh_from_db()
    _tell("prevent.hazard.lifted", listing, by, at)
    return listing


def _tell(name: str, listing: Listing, by: Account, at: datetime) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=listing.hazard.item.region.path,
        hazard_id=listing.hazard_id,
        listing_id=listing.pk,
        level=listing.region.level,
    )
