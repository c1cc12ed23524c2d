"""Read campaigns: whom they reach, and how far each region is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import paths_upwards
from anlan.work.counts import part_of
from anlan.work.models import WorkItem

from ..models import Campaign, Enterprise, Hazard, Visit
from ..models.enterprises import EnterpriseQuerySet
from .rates import percent


def visible(actor: Account) -> QuerySet[Campaign]:
    """Campaigns in the reader's regions, and those held above them."""
    paths = actor.regions_for("prevent.view")
    above = {over for path in paths for over in paths_upwards(path)}
    return Campaign.objects.within(paths) | Campaign.objects.filter(region__path__in=above)


def list_campaigns(*, actor: Account, over: bool = False) -> QuerySet[Campaign]:
    """Running ones, or those that are over, the latest first."""
    rows = visible(actor).filter(closed_at__isnull=not over)
    return rows.select_related("region").distinct().order_by("-starts_on", "-pk")


def get_campaign(*, actor: Account, campaign_id: int) -> Campaign:
    rows = visible(actor).select_related("region", "made_by", "closed_by")
    campaign = rows.filter(pk=campaign_id).prefetch_related("standards").distinct().first()
    if campaign is None:
        raise NotFound("prevent.no_campaign", _("There is no such campaign in your regions."))
    return campaign


def scope(campaign: Campaign) -> EnterpriseQuerySet:
    """The enterprises in business that a campaign is about."""
    rows = Enterprise.objects.in_business().filter(site__region__path__under=campaign.region.path)
    standards = [standard.pk for standard in campaign.standards.all()]
    if standards:
        rows = rows.filter(standard__in=standards)
    if campaign.colours:
        rows = rows.filter(colour__in=campaign.colours)
    if campaign.industries:
        wanted = Q(pk__in=[])
        for code in campaign.industries:
            wanted |= Q(industry__startswith=code)
        rows = rows.filter(wanted)
    return rows


@dataclass
class Progress:
    """How far one region is in a campaign."""

    region: Region
    quota: int | None = None
    targets: int = 0
    visits: int = 0
    enterprises: int = 0  # of them visited at least once
    found: int = 0
    closed: int = 0
    opens: bool = True  # the region is the reader's, so lists open to it

    @property
    def percent(self) -> Decimal | None:
        """Visits made of those asked for; nothing where none were."""
        return percent(self.visits, self.quota) if self.quota else None

    @property
    def closed_percent(self) -> Decimal | None:
        return percent(self.closed, self.found)


def progress(*, actor: Account, campaign: Campaign) -> list[Progress]:
    """By the regions with a quota, or by those below the campaign's, as far as the reader sees."""
    quotas = {quota.region: quota.visits for quota in campaign.quotas.select_related("region")}
    below = campaign.region.children.filter(valid_to=None)
    regions = sorted(quotas or below, key=lambda region: region.code)
    mine = actor.regions_for("prevent.view")
    rows = {
        region.pk: Progress(
            region,
            quotas.get(region),
            opens=any(region.path.startswith(path) for path in mine),
        )
        for region in regions
        if any(region.path.startswith(path) or path.startswith(region.path) for path in mine)
    }
    shown = [row.region for row in rows.values()]
    aims = scope(campaign).within(mine).annotate(part=part_of(shown, "site__region__path"))
    _count(rows, "targets", aims.values_list("part").annotate(n=Count("pk")).order_by())
    done = Visit.objects.within(mine).finished().filter(campaign=campaign, exercise=False)
    firms = Count("enterprise", distinct=True)
    visited = list(
        done.annotate(part=part_of(shown))
        .values_list("part")
        .annotate(n=Count("pk"), firms=firms)
        .order_by()
    )
    _count(rows, "visits", ((part, number) for part, number, _firms in visited))
    _count(rows, "enterprises", ((part, number) for part, _visits, number in visited))
    # From the campaign's visits on: by region first, a city's whole year of work would be read.
    found = Hazard.objects.filter(visit__campaign=campaign).values("pk")
    hazards = Hazard.objects.within(mine).counted().filter(pk__in=found)
    right = Count("pk", filter=Q(item__state=WorkItem.State.CLOSED))
    by_part = list(
        hazards.annotate(part=part_of(shown, "item__region__path"))
        .values_list("part")
        .annotate(n=Count("pk"), closed=right)
        .order_by()
    )
    _count(rows, "found", ((part, number) for part, number, _closed in by_part))
    _count(rows, "closed", ((part, closed) for part, _number, closed in by_part))
    return list(rows.values())


def _count(rows: dict[int, Progress], name: str, grouped: Iterable[tuple[int | None, int]]) -> None:
    for part, number in grouped:
        if part is not None:
            setattr(rows[part], name, number)


def colours_of(campaign: Campaign) -> list[str]:
    """The risk colours of its scope, as they read."""
    return [str(Enterprise.Colour(code).label) for code in campaign.colours]
