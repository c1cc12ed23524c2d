"""Regions and sites for tests: a small made-up tree, never a real city's codes."""

import factory
import shapely
from factory.django import DjangoModelFactory

from anlan.places.models import Region, Road, Site

_LENGTHS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12, 6: 15}


class RegionFactory(DjangoModelFactory):
    """A county, or whatever lies below the given parent."""

    class Meta:
        model = Region

    class Params:
        number = factory.Sequence(lambda n: n + 1)

    parent = None
    level = factory.LazyAttribute(lambda o: o.parent.level + 1 if o.parent else 3)
    code = factory.LazyAttribute(lambda o: f"{o.number:0{_LENGTHS[o.level]}d}")
    name = factory.LazyAttribute(lambda o: f"第{o.code}区")
    path = factory.LazyAttribute(lambda o: (o.parent.path if o.parent else "99/") + o.code + "/")


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = Site

    code = factory.Sequence(lambda n: f"S{n:05d}")
    kind = "underpass"
    name = factory.LazyAttribute(lambda o: f"点位{o.code}")
    region = factory.SubFactory(RegionFactory)
    lon = 119.65
    lat = 29.1


class RoadFactory(DjangoModelFactory):
    """A hundred metres of road, west to east, through the place where `SiteFactory` puts sites."""

    class Meta:
        model = Road

    code = factory.Sequence(lambda n: f"W{n:05d}")
    name = factory.LazyAttribute(lambda o: f"道路{o.code}")
    road_class = Road.Class.ARTERIAL
    region = factory.SubFactory(RegionFactory)
    wkb = factory.LazyFunction(
        lambda: shapely.to_wkb(shapely.LineString([(119.6495, 29.1), (119.6505, 29.1)]))
    )
    source = "测试"
