"""Campaigns: their scope and time, and how many visits each region is to make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import paths_upwards

from ..models import Campaign, Enterprise, Quota, Standard


@transaction.atomic
def make_campaign(
    *,
    title: str,
    region: Region,
    starts_on: date,
    ends_on: date,
    standards: Sequence[Standard] = (),
    industries: Sequence[str] = (),
    colours: Sequence[int] = (),
    note: str = "",
    by: Account,
    at: datetime,
) -> Campaign:
    """Begin a campaign in a region; what is left empty narrows nothing."""
    by.require("prevent.campaign", region=region)
    if not title.strip():
        raise BadInput("prevent.no_title", _("Give it a title."))
    if ends_on < starts_on:
        raise BadInput("prevent.bad_days", _("It cannot end before it starts."))
    campaign = Campaign.objects.create(
        title=title.strip()[:120],
        region=region,
        starts_on=starts_on,
        ends_on=ends_on,
        industries=sorted({code.strip().upper() for code in industries if code.strip()}),
        colours=sorted(set(colours)),
        note=note.strip(),
        made_by=by,
        made_at=at,
    )
    campaign.standards.set(standards)
    _tell("prevent.campaign.made", campaign, by, at)
    return campaign


@transaction.atomic
def set_quota(
    *, campaign: Campaign, region: Region, visits: int, by: Account, at: datetime
) -> None:
    """How many visits a region inside the campaign's is to make; 0 takes the quota away."""
    by.require("prevent.campaign", region=campaign.region)
    _require_open(campaign)
    if not campaign.region.covers(region):
        raise BadInput(
            "prevent.quota_elsewhere",
            _("%(region)s does not lie in the campaign's region.") % {"region": region.name},
        )
    if not 0 <= visits <= 1_000_000:
        raise BadInput("prevent.bad_quota", _("That is no sensible number of visits."))
    Quota.objects.filter(campaign=campaign, region=region).delete()
    if visits:
        Quota.objects.create(campaign=campaign, region=region, visits=visits)
    _tell("prevent.campaign.quota", campaign, by, at, region_id=region.pk, visits=visits)


@transaction.atomic
def close_campaign(*, campaign: Campaign, by: Account, at: datetime) -> Campaign:
    """End it; its figures stay and no visit is counted to it any more."""
    by.require("prevent.campaign", region=campaign.region)
    open_one = Campaign.objects.filter(pk=campaign.pk, closed_at=None)
    if not open_one.update(closed_at=at, closed_by=by):
        raise Refusal("prevent.campaign_over", _("This campaign is over."))
    campaign.refresh_from_db()
    _tell("prevent.campaign.closed", campaign, by, at)
    return campaign


def _require_open(campaign: Campaign) -> None:
    if campaign.closed_at is not None:
        raise Refusal("prevent.campaign_over", _("This campaign is over."))


def running_for(enterprise: Enterprise, at: datetime) -> Campaign | None:
    """The campaign that a visit to this enterprise counts to: the latest running one that fits."""
    day = timezone.localdate(at)
    running = Campaign.objects.filter(
        closed_at=None,
        starts_on__lte=day,
        ends_on__gte=day,
        region__path__in=paths_upwards(enterprise.site.region.path),
    ).prefetch_related("standards")
    fitting = [one for one in running.order_by("-starts_on", "-pk") if fits(one, enterprise)]
    return fitting[0] if fitting else None


def fits(campaign: Campaign, enterprise: Enterprise) -> bool:
    """Whether the enterprise is in the campaign's scope; its region is asked elsewhere."""
    standards = {standard.pk for standard in campaign.standards.all()}
    return (
        (not standards or enterprise.standard_id in standards)
        and (not campaign.colours or enterprise.colour in campaign.colours)
        and (not campaign.industries or enterprise.industry.startswith(tuple(campaign.industries)))
    )


def _tell(name: str, campaign: Campaign, by: Account, at: datetime, **more: int) -> None:
    path = campaign.region.path
    publish(name, at=at, by=by, region_path=path, campaign_id=campaign.pk, **more)
