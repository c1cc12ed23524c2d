"""Letters, the ladder and two accident files of the city: made up, through the services."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from anlan.oversee.models import Accident, Remedy, Rung
from anlan.oversee.services import accidents, ladders, letters, look_backs
from anlan.oversee.services.accidents import Count, Happening, PersonText
from anlan.oversee.services.letters import LetterText
from anlan.people.models import Account, Organisation, Post
from anlan.places.models import Region
from anlan.work.models import WorkItem
from anlan.work.services import advance

from . import times
from .governing import leader_of

LADDER = {Rung.REMIND: 1, Rung.URGE: 5, Rung.INTERVIEW: 10, Rung.SANCTION: 10}
RULES_SINCE = date(2026, 1, 1)


def make(regions: dict[str, Region], admin: Account, at: datetime) -> None:
    """What the office has written, and what waits for its decision, when the demo opens."""
    ladders.write_ladder(
        days=dict(LADDER),
        since=RULES_SINCE,
        source="督办工作规则（示例）",
        by=Account.objects.system(),
        at=at,
    )
    _letters(regions["330726"], checker_of(regions["3307"]), at)
    ladders.propose_due(at)
    _accidents(regions["330702"], regions["3307"], admin)
    look_backs.open_due(at)


def _office(region: Region, name: str) -> Organisation:
    return Organisation.objects.get(region=region, name=region.name + name)


def _letters(county: Region, office: Account, at: datetime) -> None:
    """The county that has not met: one letter answered, one on its way."""
    post = Post.objects.get(region=county, role__code="county.safety_office")
    first = letters.issue_letter(
        letter=LetterText(
            kind="ASSIGN", to=_office(county, "应急管理局"), post=post,
            title="关于做好汛期安全防范工作的交办函",
            text="请组织对下穿通道、地下空间和山塘水库开展一次全面检查，建立问题清单并限期整改。",
            basis="安全生产法（2021）第九条", reply_by=date(2026, 7, 10),
        ),
        by=office, at=at,
    )  # fmt: skip
    holder = post.holdings.get(to_date=None).account
    advance(item=first.item, move="accept", by=holder, at=at)
    advance(item=first.item, move="submit", note="已检查23处，问题6处，附清单。", by=holder, at=at)
    about = WorkItem.objects.filter(region=county, kind="govern.inspection").first()
    letters.issue_letter(
        letter=LetterText(
            kind="URGE", to=_office(county, "应急管理局"), post=post,
            title="关于汛前安全检查的督办函", text="请说明未按期完成的原因，并于期限内办结。",
            reply_by=date(2026, 7, 8),
        ),
        about=about, by=office, at=at,
    )  # fmt: skip


def _accidents(county: Region, city_region: Region, admin: Account) -> None:
    """One from last year whose look-back is under way, one whose investigation runs."""
    old = _file(
        county, admin, datetime(2025, 6, 3, 9, 40, tzinfo=times.LOCAL), "某机械厂厂房坍塌事故",
        Count(3, 2, Decimal(8_600_000)),
    )  # fmt: skip
    day = datetime(2025, 7, 20, 9, tzinfo=times.LOCAL)
    person = PersonText(
        name="赵示例", id_number="330702000000000000", position="企业实际控制人",
        measure="BAILED", organ="公安机关", from_date=date(2025, 6, 5),
    )  # fmt: skip
    accidents.add_person(accident=old, person=person, by=admin, at=day)
    accidents.add_finding(
        accident=old, kind="DIRECT", text="违规拆除承重墙，厂房局部失稳坍塌", by=admin, at=day
    )
    accidents.add_finding(
        accident=old, kind="MANAGE", text="未落实既有厂房改造安全审查", by=admin, at=day
    )
    for text, unit in (
        ("开展既有厂房违规改造专项排查", "住房和城乡建设局"),
        ("将厂房结构安全纳入企业检查标准", "应急管理局"),
    ):
        accidents.add_remedy(
            accident=old, text=text, organisation=_office(county, unit),
            due_on=date(2025, 12, 31), by=admin, at=day,
        )  # fmt: skip
    report = accidents.hand_in_report(
        accident=old, text="经调查认定，这是一起较大生产安全责任事故（演示）。", by=admin, at=day
    )
    accidents.approve_report(report=report, by=leader_of(city_region), at=day)
    _done(Remedy.objects.get(accident=old, text__startswith="将厂房"), admin, city_region, day)
    _file(
        county, admin, datetime(2026, 6, 12, 15, 20, tzinfo=times.LOCAL), "某工地高处坠落事故",
        Count(1, 0, Decimal(1_450_000)), kind="FALL",
    )  # fmt: skip


def _file(
    county: Region,
    admin: Account,
    happened_at: datetime,
    title: str,
    count: Count,
    kind: str = "COLLAPSE",
) -> Accident:
    what = Happening(title, kind, happened_at, "工业园区（示例）")
    at = happened_at.replace(hour=20)
    return accidents.open_accident(region=county, what=what, count=count, by=admin, at=at)


def _done(remedy: Remedy, admin: Account, city_region: Region, at: datetime) -> None:
    item = WorkItem.objects.select_related("region").get(remedy=remedy.pk)
    advance(item=item, move="accept", by=admin, at=at)
    advance(item=item, move="submit", note="已纳入检查标准。", by=admin, at=at)
    advance(item=item, move="verify", by=checker_of(city_region), at=at)


def checker_of(region: Region) -> Account:
    """The office that keeps accident files checks what they ask for."""
    return Account.objects.get(
        holdings__post__region=region, holdings__post__role__code="city.safety_office"
    )
