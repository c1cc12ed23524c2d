"""A city whose office oversees, a county that is late, a stranger."""

from datetime import date, datetime

from django.utils import timezone

from anlan.oversee.services.letters import LetterText
from anlan.people.models import Account, Organisation
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory
from anlan.work.services import open_item

OVERSEES = ("oversee.view", "oversee.issue", "work.view", "work.check", "people.view")


def noon(day):
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


MONDAY = date(2026, 5, 11)  # no holiday around it
NOON = noon(MONDAY)


class City:
    def __init__(self):
        self.city = RegionFactory(level=2)
        self.county = RegionFactory(level=3, parent=self.city)
        self.bureau = office("应急管理局", self.city)
        self.theirs = office("水利局", self.county)
        self.office = account_in(self.city, *OVERSEES)
        self.colleague = account_in(self.city, *OVERSEES)
        self.office.organisation = self.bureau
        self.office.save()
        self.leader = account_in(self.city, *OVERSEES, "oversee.sanction")
        self.post = post_in(self.county, "county.water", "work.do", "work.view")
        self.doer = holder_of(self.post)
        elsewhere = RegionFactory(level=2)
        self.stranger = account_in(elsewhere, *OVERSEES, "oversee.sanction", "work.do")

    def late(self, due=MONDAY, **more):
        """A task of the county that was due at noon of a day."""
        return open_item(
            kind=more.pop("kind", "test.duty"), title="山塘除险", region=self.county,
            post=self.post, due_at=noon(due), by=Account.objects.system(), at=noon(due), **more,
        )  # fmt: skip

    def text(self, kind="URGE", **more):
        return LetterText(
            **{
                "kind": kind, "to": self.theirs, "title": "关于山塘除险的督办函",
                "text": "请抓紧办理。\n并说明原因。", "reply_by": date(2026, 12, 31),
                "post": self.post,
            }
            | more
        )  # fmt: skip


def office(name, region):
    return Organisation.objects.create(code=f"{name}-{region.code}", name=name, region=region)
