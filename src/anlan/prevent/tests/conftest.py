"""The story of most tests: a county's inspectors, a firm in a village, and a stranger."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from anlan.people.models import Account, Organisation, Post
from anlan.people.tests.factories import AccountFactory, account_in, post_in
from anlan.places.models import Region
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent.models import Contact, Enterprise, Entry, Standard, StandardVersion
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.prevent.services.visits import start_visit
from anlan.work.services import advance
from anlan.work.tests.factories import proof_of

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)  # a Wednesday, 12:00 in Beijing
RIGHTS = ("view", "inspect", "rectify", "check", "campaign")


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


@dataclass
class Story:
    city: Region
    county: Region
    town: Region
    village: Region
    firm: Enterprise
    version: StandardVersion
    entries: list[Entry]
    inspector: Account  # of the county, as is the second
    colleague: Account
    boss: Account  # the firm's safety officer, with no right anywhere
    stranger: Account  # the same rights, in another county
    post: Post

    def report(self, what="灭火器过期", *, by=None, at=NOON, site=None, **more):
        finding = {key: more.pop(key) for key in ("grade", "entry", "due_on") if key in more}
        return report_hazard(
            site=site or self.firm.site,
            finding=Finding(what=what, **finding),
            by=by or self.inspector,
            at=at,
            **more,
        )

    def put_right(self, hazard, *, by=None, at=None):
        """The firm accepts and hands in proof."""
        by, at, item = by or self.boss, at or days(1), hazard.item
        advance(item=item, move="accept", by=by, at=at)
        self.hand_in(hazard, by=by, at=at)

    def hand_in(self, hazard, *, by=None, at=None):
        by, at = by or self.boss, at or days(1)
        advance(
            item=hazard.item,
            move="submit",
            by=by,
            at=at,
            note="已更换",
            submission=proof_of(hazard.item, by, at),
        )

    def close(self, hazard, *, at=None):
        self.put_right(hazard, at=at)
        advance(item=hazard.item, move="verify", by=self.colleague, at=at or days(2))

    def visit(self, *, by=None, at=NOON, **more):
        return start_visit(
            enterprise=more.pop("enterprise", self.firm), by=by or self.inspector, at=at, **more
        )

    def another_firm(self, code, region=None, **more) -> Enterprise:
        return firm_in(region or self.village, code, self.version.standard, **more)


def firm_in(region, code, standard=None, **more) -> Enterprise:
    site = SiteFactory(region=region, kind="enterprise", code=code, name=f"企业{code}")
    return Enterprise.objects.create(
        site=site, credit_code=f"9133{code:0>14}", standard=standard, changed_at=NOON, **more
    )


@pytest.fixture
def story(settings, tmp_path) -> Story:
    settings.FILES_DIR = tmp_path / "files"
    city = RegionFactory(level=2, name="金华市")
    county = RegionFactory(parent=city, name="婺城区")
    village = RegionFactory(parent=RegionFactory(parent=county))
    standard = Standard.objects.create(code="metal", name="金属制品")
    rights = [f"prevent.{right}" for right in RIGHTS]
    inspector, colleague = account_in(county, *rights), account_in(county, *rights)
    version = StandardVersion.objects.create(
        standard=standard, number=1, state="IN_FORCE", made_at=NOON, author=inspector
    )
    lines = [
        ("灭火器在有效期内", False),
        ("粉尘涉爆场所除尘系统正常运行", True),
        ("安全出口畅通", False),
    ]
    entries = [
        Entry.objects.create(
            version=version, number=n, text=text, major=major, basis="安全生产法第三十六条"
        )
        for n, (text, major) in enumerate(lines, 1)
    ]
    firm = firm_in(village, "1", standard)
    boss = AccountFactory()
    Contact.objects.create(enterprise=firm, role="SAFETY", name="王五", account=boss)
    office = Organisation.objects.create(
        code="wc", name="婺城区应急管理局", region=county, short="（婺）应急"
    )
    for officer in (inspector, colleague):
        officer.organisation = office
        officer.save()
    return Story(
        city,
        county,
        village.parent,
        village,
        firm,
        version,
        entries,
        inspector,
        colleague,
        boss,
        account_in(RegionFactory(parent=city, name="东阳市"), *rights, "work.view"),
        post_in(village, "village.grid_officer", "prevent.rectify"),
    )
