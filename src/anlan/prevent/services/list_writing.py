"""Write lines of a list of enterprises: new files, or what they change of those that are there.

Each call is one transaction, with the history of every file and with what tells the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.events import publish, publish_many
from anlan.people.models import Account
from anlan.places.models import Region, Site
from anlan.places.services.revisions import touch
from anlan.places.services.sites import common_path

from ..models import Change, Contact, Enterprise, Wording
from .enterprises import OF_FILE, OF_SITE, SITE_KIND
from .list_rows import Row
from .wordings import wording_of


@transaction.atomic
def write_new(rows: Sequence[Row], *, made_up: bool, by: Account, at: datetime) -> None:
    for row in rows:
        assert row.region is not None
        site = row.site or Site(
            kind=SITE_KIND,
            code=row.given["credit_code"],
            # Where the line gives none; `compare` has seen to it that one of them is there.
            lon=row.region.lon or 0.0,
            lat=row.region.lat or 0.0,
            made_up=made_up,
        )
        _fill(site, OF_SITE, row)
        row.enterprise = Enterprise(site=site, changed_at=at)
        _fill(row.enterprise, OF_FILE, row)
    files = [row.enterprise for row in rows if row.enterprise]
    Site.objects.bulk_create([file.site for file in files if file.site.pk is None])
    _upsert([row.site for row in rows if row.site], OF_SITE)
    for file in files:
        # Anew, now that it has its number; setting the number alone would forget the site.
        file.site = file.site
    Enterprise.objects.bulk_create(files)
    _write_contacts(rows)
    _write_wordings(rows)
    _tell(rows, "new", by, at)


@transaction.atomic
def write_changed(rows: Sequence[Row], *, made_up: bool, by: Account, at: datetime) -> None:
    sites, files = [], []
    rows = _not_changed_meanwhile(rows)
    moves = _moves(rows)
    for row in rows:
        assert row.enterprise is not None
        if row.fields.keys() & set(OF_SITE):
            _fill(row.enterprise.site, OF_SITE, row)
            sites.append(row.enterprise.site)
        _fill(row.enterprise, OF_FILE, row)
        row.enterprise.changed_at = at
        files.append(row.enterprise)
    _upsert(sites, OF_SITE)
    _upsert(files, (*OF_FILE, "changed_at"))
    _write_contacts(rows)
    _write_wordings(rows)
    Change.objects.bulk_create(
        Change(
            enterprise=row.enterprise,
            at=at,
            by=by,
            fields=row.fields | ({"contacts": []} if row.contacts else {}),
            why=_("list imported"),
        )
        for row in rows
    )
    publish_many("prevent.enterprise.moved", at=at, by=by, rows=moves)
    _tell(rows, "changed", by, at)


def _moves(rows: Sequence[Row]) -> list[tuple[str, dict[str, Any]]]:
    """Those that go to another region, each under the path of the one it leaves."""
    moved = [row for row in rows if "region" in row.fields and row.enterprise and row.region]
    left = Region.objects.in_bulk([row.enterprise.site.region_id for row in moved])  # type: ignore[union-attr]
    return [
        (
            left[row.enterprise.site.region_id].path,
            {"enterprise_id": row.enterprise.pk, "to_path": row.region.path},
        )
        for row in moved
        if row.enterprise and row.region
    ]


def _not_changed_meanwhile(rows: Sequence[Row]) -> list[Row]:
    """What somebody has edited since the list was compared stays theirs."""
    pks = [row.enterprise.pk for row in rows if row.enterprise]
    now = dict(Enterprise.objects.filter(pk__in=pks).values_list("pk", "changed_at"))
    return [
        row
        for row in rows
        if row.enterprise and now[row.enterprise.pk] == row.enterprise.changed_at
    ]


def _fill(target: Site | Enterprise, names: Iterable[str], row: Row) -> None:
    for name in names:
        if name == "region":
            assert isinstance(target, Site)
            assert row.region is not None
            target.region = row.region
        elif name in row.given:
            setattr(target, name, row.given[name])


def _upsert(rows: Sequence[Any], columns: Sequence[str]) -> None:
    """Rows that exist, in one statement; `bulk_update` writes a branch a row and cell."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=list(columns)
        )


def _write_contacts(rows: Sequence[Row]) -> None:
    Contact.objects.bulk_create(
        [
            Contact(enterprise=row.enterprise, role=role, name=name, phone=phone)
            for row in rows
            for role, name, phone in row.contacts
        ],
        update_conflicts=True,
        unique_fields=["enterprise", "role", "name"],
        update_fields=["phone"],
    )


def _write_wordings(rows: Sequence[Row]) -> None:
    files = {row.enterprise.pk: row.enterprise for row in rows if row.enterprise}
    people: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(enterprise__in=files):
        people.setdefault(contact.enterprise_id, []).append(contact)
    Wording.objects.bulk_create(
        [wording_of(file, people.get(pk, [])) for pk, file in files.items()],
        update_conflicts=True,
        unique_fields=["enterprise"],
        update_fields=["text", "people"],
    )


def _tell(rows: Sequence[Row], what: str, by: Account, at: datetime) -> None:
    if not rows:
        return
    paths = [row.region.path for row in rows if row.region]
    publish(
        "prevent.enterprises.imported",
        at=at,
        by=by,
        region_path=common_path(paths),
        **{what: len(rows)},
    )
    touch("sites")
