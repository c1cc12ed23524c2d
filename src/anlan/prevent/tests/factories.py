"""Enterprises for tests, with credit codes that are right."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory
from stdnum.cn import uscc

from anlan.places.models import Region
from anlan.places.tests.factories import SiteFactory
from anlan.prevent.models import Enterprise, Standard
from anlan.prevent.services.enterprises import Particulars
from anlan.prevent.services.wordings import keep_wording

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


def credit_code(number: int) -> str:
    """A made-up code of a registry that does not exist (division 990000)."""
    base = f"91990000{number:09d}"
    return base + uscc.calc_check_digit(base)


class EnterpriseFactory(DjangoModelFactory):
    """`EnterpriseFactory(site__region=village, site__name="…")`."""

    class Meta:
        model = Enterprise
        skip_postgeneration_save = True

    class Params:
        number = factory.Sequence(lambda n: n + 1000)

    site = factory.SubFactory(SiteFactory, kind="enterprise")
    credit_code = factory.LazyAttribute(lambda o: credit_code(o.number))
    changed_at = NOON

    @factory.post_generation
    def wording(self, create, extracted, **more):
        keep_wording(self)


class StandardFactory(DjangoModelFactory):
    class Meta:
        model = Standard

    code = factory.Sequence(lambda n: f"s{n}")
    name = factory.LazyAttribute(lambda o: f"标准{o.code}")


def particulars(region: Region, number: int = 1, **fields) -> Particulars:
    given = {
        "name": "东湖五金厂",
        "credit_code": credit_code(number),
        "region": region,
        "lon": 119.65,
        "lat": 29.1,
    }
    return Particulars(**given | fields)
