"""Whose discretion table holds: the organ's own region's, else the nearest around it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.enforce import queries
from anlan.enforce.models import DiscretionTable, Organ
from anlan.enforce.services import cases
from anlan.enforce.services.organs import load_discretion, read_discretion
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

from .factories import FINDING, NOON
from .test_pages import TABLE

pytestmark = pytest.mark.django_db
ROWS, _ = read_discretion(TABLE.format(low=70000).encode())


def load(region, by, since=date(2026, 1, 1), name="裁量基准"):
    return load_discretion(
        name=name, source="某文件", since=since, rows=ROWS, region=region, by=by, at=NOON
    )


@pytest.fixture
def city():
    """A city with two counties, each with an organ and a head who keeps its table."""
    top = RegionFactory(level=2)
    regions = {
        "city": top,
        "county": RegionFactory(level=3, parent=top),
        "other": RegionFactory(level=3, parent=top),
        "elsewhere": RegionFactory(level=3),
    }
    for n, region in enumerate(regions.values()):
        region.organ = Organ.objects.create(region=region, name=f"局{n}", mark=str(n))
        region.head = account_in(region, "enforce.manage")
    return regions


def in_force(region, day=date(2026, 7, 1)):
    return queries.discretion_on(organ=region.organ, day=day)


def test_the_nearest_table_holds_and_a_lower_office_replaces_nobody_else_s(city):
    wide = load(city["city"], city["city"].head)
    assert in_force(city["county"]) == in_force(city["other"]) == in_force(city["city"]) == wide
    assert in_force(city["elsewhere"]) is None
    own = load(city["county"], city["county"].head, since=date(2026, 6, 1))
    assert in_force(city["county"]) == own
    assert in_force(city["county"], date(2026, 5, 31)) == wide  # its own does not hold yet
    assert in_force(city["other"]) == in_force(city["city"]) == wide
    newer = load(city["city"], city["city"].head, since=date(2026, 6, 15))
    assert (in_force(city["county"]), in_force(city["other"])) == (own, newer)
    with pytest.raises(Refusal):
        load(city["county"], city["county"].head, since=date(2026, 6, 1))


def test_only_who_keeps_a_region_s_table_loads_one_there(city, client):
    for region in (city["city"], city["other"]):
        for stranger in (city["county"].head, city["elsewhere"].head):
            with pytest.raises(NotAllowed):
                load(region, stranger)
    client.force_login(city["county"].head)
    file = TABLE.format(low=70000).encode()
    for region, status in ((city["city"], 422), (city["county"], 302)):
        sent = {
            "name": "裁量基准", "source": "某文件", "since": "2026-01-01",
            "region": region.code, "file": SimpleUploadedFile("裁量.csv", file),
        }  # fmt: skip
        assert client.post(reverse("enforce:load_discretion"), sent).status_code == status
    assert [table.region for table in DiscretionTable.objects.all()] == [city["county"]]


def test_a_line_of_another_office_s_table_is_refused(bureau, city):
    case = bureau.filed()
    bureau.prove(case)
    own = load(bureau.county, bureau.head).entries.get(gravity=2)
    foreign = load(city["city"], city["city"].head).entries.get(gravity=2)
    ask = {"case": case, "request": "建议处罚", "by": bureau.officer, "at": NOON}
    finding = replace(FINDING, fine=Decimal(30000))
    with pytest.raises(BadInput) as refused:
        cases.conclude_inquiry(**ask, finding=replace(finding, discretion=foreign))
    assert refused.value.code == "enforce.other_table"
    cases.conclude_inquiry(**ask, finding=replace(finding, discretion=own))
    case.refresh_from_db()
    assert case.discretion == own


def test_tables_from_before_become_the_uppermost_region_s(city):
    table = load(city["county"], city["county"].head)
    province = RegionFactory(level=1)
    import_module("anlan.enforce.migrations.0006_discretion_region").give_to_the_top(apps, None)
    table.refresh_from_db()
    assert table.region == province
