"""Reads that span rooms. Every function takes the reader and shows only their regions."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.observe.models import Station
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.models import WorkItem

FOUND_AT_MOST = 20


@dataclass(frozen=True)
class Found:
    label: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    label: str
    rows: list[Found]


def search(*, actor: Account, text: str) -> list[Group]:
    """What the actor may see whose name, code or number holds the text."""
    groups = [
        Group(_("Work"), _work(actor, text)),
        Group(_("Stations"), _stations(actor, text)),
        Group(_("Regions"), _regions(actor, text)),
    ]
    return [group for group in groups if group.rows]


def _work(actor: Account, text: str) -> list[Found]:
    match = Q(title__icontains=text)
    if text.lstrip("#").isdecimal():
        match |= Q(pk=int(text.lstrip("#")[:18]))
    items = WorkItem.objects.within(actor.regions_for("work.view")).filter(match)
    rows = items.select_related("region").order_by("-pk")[:FOUND_AT_MOST]
    return [
        Found(f"#{i.pk} {i.title}", i.region.name, reverse("work:item", args=[i.pk])) for i in rows
    ]


def _stations(actor: Account, text: str) -> list[Found]:
    stations = Station.objects.within(actor.regions_for("observe.view")).in_use()
    rows = stations.filter(Q(name__icontains=text) | Q(code__istartswith=text))
    rows = rows.select_related("region").order_by("name")[:FOUND_AT_MOST]
    return [
        Found(s.name, f"{s.region.name} {s.code}", reverse("observe:station", args=[s.pk]))
        for s in rows
    ]


def _regions(actor: Account, text: str) -> list[Found]:
    regions = Region.objects.within(actor.regions_for("places.view")).filter(valid_to=None)
    rows = regions.filter(Q(name__icontains=text) | Q(code__startswith=text))
    rows = rows.select_related("parent").order_by("level", "path")[:FOUND_AT_MOST]
    return [
        Found(
            r.name,
            f"{r.parent.name if r.parent else ''} {r.code}",
            f"{reverse('places:index')}?region={r.code}",
        )
        for r in rows
    ]
