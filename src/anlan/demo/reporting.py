"""What the public has reported at enterprises' gates in the reference city. All made up.

Through the same door as a citizen's report; then as the inspectors of the county decided.
"""

from datetime import datetime, timedelta

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.prevent.models import Enterprise, Hazard, PublicReport
from anlan.prevent.services import gate, reports
from anlan.prevent.services.hazards import Finding

from . import people

COUNTY = "330702"
# What was said, how many days before the scenario begins, what became of it.
SAID = (
    ("车间后门被货物堵死，人出不来（模拟）", 12, "hazard"),
    ("二楼宿舍和仓库在一起，晚上有人住（模拟）", 9, "visit"),
    ("门口每天下午气味很大，眼睛难受（模拟）", 7, "reject"),
    ("配电箱没有门，电线露在外面（模拟）", 6, "hazard"),
    ("切割机没有防护罩（模拟）", 5, "merge"),
    ("除尘管道破了，粉尘落了一地（模拟）", 4, ""),  # nobody has looked at it in time
    ("氧气瓶和乙炔瓶放在一起（模拟）", 1, ""),
    ("消防通道停满了货车（模拟）", 1, ""),
)


def load(at: datetime) -> None:
    who = {(s.role, s.region): s.username for s in people.SIGN_INS}
    inspector = Account.objects.get(username=who["county.inspector", COUNTY])
    leader = Account.objects.get(username=who["county.safety_leader", COUNTY])
    for n, (enterprise, (what, days, outcome)) in enumerate(zip(_firms(), SAID, strict=True)):
        heard = at - timedelta(days=days)
        report = gate.report_at_gate(
            # Addresses kept for examples (RFC 5737): nobody's.
            enterprise=enterprise, what=what, address=f"192.0.2.{n + 1}",
            machine_at=heard, at=heard,
        )  # fmt: skip
        if outcome:
            _decide(report, outcome, inspector, leader, heard + timedelta(hours=20))


def _firms() -> list[Enterprise]:
    """The fifth has an open hazard for the report about it; the others have none."""
    county = Region.objects.get(code=COUNTY, valid_to=None)
    rows = Enterprise.objects.within([county.path]).in_business().select_related("site__region")
    known = Hazard.objects.unresolved().values("site")
    quiet = list(rows.exclude(pk__in=known).order_by("-pk")[: len(SAID) - 1])
    return [*quiet[:4], *rows.filter(pk__in=known).order_by("pk")[:1], *quiet[4:]]


def _decide(
    report: PublicReport, outcome: str, inspector: Account, leader: Account, at: datetime
) -> None:
    if outcome == "hazard":
        finding = Finding(report.what, Hazard.Grade.GENERAL)
        reports.confirm_as_hazard(report=report, finding=finding, by=inspector, at=at)
    elif outcome == "visit":
        due = (at + timedelta(days=20)).date()
        reports.confirm_as_visit(
            report=report, due_on=due, inspectors=[inspector], by=inspector, at=at
        )
    elif outcome == "merge":
        known = Hazard.objects.unresolved().filter(site=report.enterprise_id)
        hazard = known.select_related("item").order_by("pk")[0]
        reports.merge(report=report, hazard=hazard, by=leader, at=at)
    else:
        reason = "现场检测排放达标，系相邻路段施工气味（模拟）"
        reports.reject(report=report, reason=reason, by=leader, at=at)
