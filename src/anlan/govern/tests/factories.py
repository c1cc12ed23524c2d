"""A small city with its committees, for this room's tests."""

from datetime import UTC, date, datetime

from anlan.govern.models import Committee
from anlan.govern.services.committees import found_committee
from anlan.people.models import Account, Organisation
from anlan.people.tests.factories import account_in, post_in
from anlan.places.tests.factories import RegionFactory

NOON = datetime(2026, 5, 6, 4, tzinfo=UTC)
TODAY = date(2026, 5, 6)
KEEPS = (
    "govern.view", "govern.manage", "people.view", "work.view", "work.do", "work.check",
    "work.assign",
)  # fmt: skip


class City:
    """A city with a county and a town; an office that keeps, a leader who issues, a stranger."""

    def __init__(self):
        self.city = RegionFactory(level=2)
        self.county = RegionFactory(level=3, parent=self.city)
        self.town = RegionFactory(parent=self.county)
        self.keeper = account_in(self.city, *KEEPS)
        self.colleague = account_in(self.city, *KEEPS)
        self.leader = account_in(self.city, "govern.view", "govern.issue")
        elsewhere = RegionFactory(level=2)
        self.stranger = account_in(elsewhere, *KEEPS, "govern.issue", "people.manage")
        self.bureau = organisation("应急管理局", self.city)
        self.post = post_in(self.city, "city.safety_office", "work.do", "work.view")

    def committee(self, region=None, kind=Committee.Kind.SAFETY, name="安全生产委员会", **more):
        day = more.pop("founded_on", date(2020, 1, 1))
        return found_committee(
            kind=kind, name=name, region=region or self.city, founded_on=day,
            by=more.pop("by", self.keeper), at=NOON,
        )  # fmt: skip


def organisation(name, region):
    return Organisation.objects.create(code=f"{name}-{region.code}", name=name, region=region)


def system():
    return Account.objects.system()
