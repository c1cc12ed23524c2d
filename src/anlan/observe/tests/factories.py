"""Stations, series and senders for tests."""

import factory
from factory.django import DjangoModelFactory

from anlan.observe import registry
from anlan.observe.models import Sender, Series, Station
from anlan.places.tests.factories import RegionFactory


class StationFactory(DjangoModelFactory):
    class Meta:
        model = Station

    code = factory.Sequence(lambda n: f"G{n:04d}")
    name = factory.LazyAttribute(lambda o: f"测站{o.code}")
    kind = "rain"
    region = factory.SubFactory(RegionFactory)
    lon = 119.65
    lat = 29.1


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = Series

    station = factory.SubFactory(StationFactory)
    quantity = "rain_5min"
    unit = "mm"


def sender_for(region, token="token", station=None, name=None):
    return Sender.objects.create(
        name=name or f"网关{token}",
        token_hash=registry.token_hash(token),
        region=region,
        station=station,
    )
