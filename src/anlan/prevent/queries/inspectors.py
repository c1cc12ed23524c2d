"""Who can be sent to look at an enterprise: to choose from, found by name or office."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from anlan.people.models import Account, Grant, Holding
from anlan.places.models import Region
from anlan.places.queries import paths_today, paths_upwards, reaching

INSPECT, HAND_OUT = "prevent.inspect", "people.manage"
# Who inspects and re-checks too: grid workers only look and report.
RECHECKS = (INSPECT, "prevent.check")
MOST = 30  # shown at once; a search finds the others


@dataclass(frozen=True)
class People:
    """Those that a form shows: who is chosen already, then who fits the search."""

    shown: list[Account]
    more: int  # fit as well and are not shown


def people_to_send(
    *, region: Region, at: datetime, reader: Account, text: str = "", chosen: Collection[str] = ()
) -> People:
    """The reader's own office first. For a region that the reader was given."""
    everybody = list(who_inspects(region, at))
    first = [person for person in everybody if str(person.pk) in chosen]
    fit = [person for person in everybody if person not in first and fits(person, text.strip())]
    fit.sort(key=lambda person: person.organisation_id != reader.organisation_id)
    return People([*first, *fit[:MOST]], max(0, len(fit) - MOST))


def people_beside(
    *, region: Region, at: datetime, reader: Account, text: str = "", chosen: Collection[str] = ()
) -> People:
    """The same without the reader, who goes anyway."""
    found = people_to_send(region=region, at=at, reader=reader, text=text, chosen=chosen)
    return People([person for person in found.shown if person != reader], found.more)


def who_inspects(
    region: Region, at: datetime, rights: Sequence[str] = (INSPECT,)
) -> QuerySet[Account]:
    """Who has these rights in the region and uses them. For machinery: no actor.

    An administrator holds every right only to hand it out: a right that comes with that of managing
    people, by the same post or by grants, makes nobody an inspector.
    """
    over = reaching([region.path])
    held = Holding.objects.filter(post__region__path__in=over).on(timezone.localdate(at))
    posts = list(held.values_list("account_id", "post__role__permissions"))
    granted: dict[str, set[int]] = {right: set() for right in (*rights, HAND_OUT)}
    grants = Grant.objects.filter(region__path__in=over, permission__in=granted)
    for who, permission in grants.values_list("account_id", "permission"):
        granted[permission].add(who)
    able = set.intersection(
        *(
            {who for who, codes in posts if right in codes and HAND_OUT not in codes}
            | (granted[right] - granted[HAND_OUT])
            for right in rights
        )
    )
    rows = Account.objects.filter(pk__in=able, is_active=True).select_related("organisation")
    return rows.order_by("organisation__name", "name", "pk")


def where_they_inspect(paths: Collection[str], at: datetime) -> list[tuple[Account, list[str]]]:
    """Whoever `who_inspects` would name anywhere in these subtrees, with the paths of their right.

    For a phone, which asks for each enterprise by itself. For paths that the reader was given.
    """
    today = paths_today()
    before = [old for old, new in today.items() if new.startswith(tuple(paths))]
    near = [*reaching(paths), *before]
    touching = Q(post__region__path__in=near)
    granted = Q(region__path__in=near)
    for path in paths:
        touching |= Q(post__region__path__under=path)
        granted |= Q(region__path__under=path)
    held = Holding.objects.filter(touching).on(timezone.localdate(at))
    posts = held.values_list("account_id", "post__region__path", "post__role__permissions")
    found: dict[int, set[str]] = {}
    for who, path, codes in posts:
        if INSPECT in codes and HAND_OUT not in codes:
            found.setdefault(who, set()).add(path)
    grants = Grant.objects.filter(granted, permission__in=[INSPECT, HAND_OUT])
    given = list(grants.values_list("account_id", "region__path", "permission"))
    over = {(who, path) for who, path, permission in given if permission == HAND_OUT}
    for who, path, permission in given:
        if permission == INSPECT and not any((who, up) in over for up in paths_upwards(path)):
            found.setdefault(who, set()).add(path)
    rows = Account.objects.filter(pk__in=found, is_active=True).select_related("organisation")
    people = rows.order_by("organisation__name", "name", "pk")
    return [(one, sorted({today.get(path, path) for path in found[one.pk]})) for one in people]


def fits(person: Account, text: str) -> bool:
    return text.casefold() in f"{person} {person.organisation or ''}".casefold()
