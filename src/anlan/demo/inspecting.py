"""Visits, hazards and a draw in the reference city, by the services that people use. All made up.

A month of two counties' inspectors: some hazards are put right, some wait, some are late.
"""

import hashlib
import io
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from PIL import Image, ImageDraw

from anlan.people.models import Account, Holding
from anlan.places.models import Region
from anlan.prevent.models import (
    Answer,
    Campaign,
    Contact,
    Enterprise,
    Entry,
    Hazard,
    Visit,
)
from anlan.prevent.services import campaigns, draws, extensions, listings, visit_files, visits
from anlan.prevent.services.hazards import Finding, order_rectification
from anlan.work import submissions
from anlan.work.services import advance

from .people import FIRM, PASSWORD
from .times import LOCAL

COUNTIES = {"330702": 28, "330782": 12}  # how many enterprises are visited in each
FOUND = (
    ("配电箱前堆放杂物", "GB 50054 第四章", Hazard.Grade.GENERAL),
    ("灭火器压力不足", "消防法第十六条", Hazard.Grade.GENERAL),
    ("砂轮机缺防护罩", "安全生产法第三十六条", Hazard.Grade.GENERAL),
    ("安全出口上锁", "安全生产法第四十二条", Hazard.Grade.GENERAL),
    ("抛光间除尘器停用", "工贸企业重大事故隐患判定标准", Hazard.Grade.MAJOR),
)
NAMESPACE = uuid.UUID("6a1f7c1e-7a55-4f5e-9d0a-3d2c5b7e9a10")


@dataclass(frozen=True)
class Office:
    """Who inspects in a county, and who checks what they did."""

    county: Region
    inspector: Account
    leader: Account


def load(city: Region, at: datetime) -> None:
    """A month before the storm; the firms of two counties."""
    _campaign(city, at)
    for code, number in COUNTIES.items():
        office = _office(code)
        rows = Enterprise.objects.within([office.county.path]).order_by("colour", "pk")
        firms = list(rows.select_related("site__region", "standard")[:number])
        for n, firm in enumerate(firms):
            day = at.astimezone(LOCAL) - timedelta(days=28 - 26 * n / number)
            when = day.replace(hour=9 + n % 7, minute=7 * n % 60)
            _follow_up(n, _visit(n, firm, office, when), office, at)
        _plans(firms, office, at)
    _draw(_office("330702"), at)
    _sign_in_for_a_firm()


def _campaign(city: Region, at: datetime) -> Campaign:
    leader = _holder("city.safety_leader", "3307")
    made = campaigns.make_campaign(
        title="夏季高温安全生产专项整治（模拟）",
        region=city,
        starts_on=(at - timedelta(days=40)).date(),
        ends_on=(at + timedelta(days=60)).date(),
        note="模拟数据，仅供演示。",
        by=leader,
        at=at - timedelta(days=40),
    )
    for code, number in COUNTIES.items():
        county = Region.objects.get(code=code, valid_to=None)
        campaigns.set_quota(
            campaign=made, region=county, visits=number * 2, by=leader, at=at - timedelta(days=40)
        )
    return made


def _office(code: str) -> Office:
    return Office(
        Region.objects.get(code=code, valid_to=None),
        _holder("county.inspector", code),
        _holder("county.safety_leader", code),
    )


def _holder(role: str, code: str) -> Account:
    held = Holding.objects.filter(post__role__code=role, post__region__code=code)
    return held.select_related("account__organisation").order_by("pk")[0].account


def _visit(n: int, firm: Enterprise, office: Office, at: datetime) -> Visit:
    """By the checklist where there is one, and what else was seen."""
    visit = visits.start_visit(
        enterprise=firm,
        led_by_principal=n % 9 == 0,
        lon=firm.site.lon,
        lat=firm.site.lat,
        accuracy_m=12.0,
        by=office.inspector,
        at=at,
    )
    entries = list(visit.version.entries.order_by("number")) if visit.version else []
    visits.answer_lines(visit=visit, replies=_replies(n, entries), by=office.inspector, at=at)
    if n % 4 != 3:
        what, basis, grade = FOUND[(n // 2) % len(FOUND)]
        finding = Finding(what, grade, basis, lon=firm.site.lon, lat=firm.site.lat)
        hazard = visits.find_hazard(visit=visit, finding=finding, by=office.inspector, at=at)
        visit_files.add_file(
            visit=visit, data=picture(n), name="模拟照片.jpg", hazard=hazard,
            by=office.inspector, at=at,
        )  # fmt: skip
    done = at + timedelta(minutes=50)
    return visits.finish_visit(visit=visit, note="模拟检查", by=office.inspector, at=done)


def _replies(n: int, entries: list[Entry]) -> list[visits.Reply]:
    wrong = {(n * 5) % max(len(entries), 1)} if n % 3 == 0 else set()
    return [
        visits.Reply(entry.pk, Answer.Result.WRONG if i in wrong else Answer.Result.FINE)
        for i, entry in enumerate(entries)
    ]


def _follow_up(n: int, visit: Visit, office: Office, at: datetime) -> None:
    """Ordered at once; put right after some days, sent back, extended, or left to be late."""
    found = list(visit.hazards.select_related("item__region", "site"))
    if not found:
        return
    began = visit.finished_at or at
    order_rectification(hazards=found, by=office.inspector, at=began)
    for hazard in found:
        if hazard.grade == Hazard.Grade.MAJOR:
            _major(hazard, office, began)
        elif n % 5 < 3:
            _put_right(hazard, office, began, at, closed=n % 5 < 2)
        elif n % 5 == 3:
            _extend(hazard, office, began)


def _put_right(
    hazard: Hazard, office: Office, began: datetime, until: datetime, *, closed: bool
) -> None:
    """The inspector hands the firm's proof in; the leader looks whether it is so."""
    done = min(began + timedelta(days=5), until - timedelta(hours=3))
    advance(item=hazard.item, move="accept", by=office.inspector, at=began)
    data, made = picture(hazard.pk), uuid.uuid5(NAMESPACE, str(hazard.pk))
    digest = hashlib.sha256(data).hexdigest()
    sent = submissions.Sent(
        id=made, item=hazard.item, move="submit", made_at=done, note="已整改（模拟）",
        lon=hazard.lon, lat=hazard.lat, accuracy_m=9.0, announced=(digest,),
    )  # fmt: skip
    body = json.dumps({"id": str(made)}).encode()
    submissions.receive(sent=sent, body=body, by=office.inspector, at=done)
    submissions.attach(
        submission_id=made, digest=digest, data=data, name="模拟照片.jpg", by=office.inspector,
        at=done,
    )  # fmt: skip
    if closed:
        hazard.item.refresh_from_db()
        advance(item=hazard.item, move="verify", by=office.leader, at=done + timedelta(hours=2))


def _major(hazard: Hazard, office: Office, began: datetime) -> None:
    listings.list_hazard(
        hazard=hazard,
        region=office.county,
        until=(began + timedelta(days=60)).date(),
        reason="重大事故隐患（模拟）",
        by=office.leader,
        at=began,
    )


def _extend(hazard: Hazard, office: Office, began: datetime) -> None:
    asked = extensions.ask_extension(
        hazard=hazard, until=(began + timedelta(days=45)).date(), reason="配件订货中（模拟）",
        by=office.inspector, at=began + timedelta(days=1),
    )  # fmt: skip
    extensions.decide_extension(
        extension=asked, granted=True, by=office.leader, at=began + timedelta(days=2)
    )


def _plans(firms: list[Enterprise], office: Office, at: datetime) -> None:
    visits.plan_visits(
        enterprises=firms[:4],
        due_on=(at + timedelta(days=20)).date(),
        inspectors=[[office.inspector]] * 4,
        by=office.leader,
        at=at - timedelta(days=1),
    )


def _draw(office: Office, at: datetime) -> None:
    made = draws.freeze_draw(
        title="七月双随机抽查（模拟）",
        region=office.county,
        wanted=5,
        each=2,
        due_on=(at + timedelta(days=28)).date(),
        without={f"I{_holder('city.safety_leader', '3307').pk}": "出差（模拟）"},
        by=office.leader,
        at=at - timedelta(days=3),
    )
    draws.draw_lots(
        draw_of=made,
        seed="03 08 14 21 27 33+09",
        source="模拟号码，不是真实开奖结果",
        by=office.leader,
        at=at - timedelta(days=1),
    )


def _sign_in_for_a_firm() -> None:
    """Somebody of an enterprise with an open hazard, who sees and does what is theirs."""
    open_one = Hazard.objects.unresolved().filter(item__state="OPEN").order_by("pk")[0]
    contact = Contact.objects.filter(enterprise=open_one.site_id, account=None).first()
    name = contact.name if contact else "企业安全员"
    account = Account.objects.create(username=FIRM, name=name, password=make_password(PASSWORD))
    Contact.objects.update_or_create(
        enterprise_id=open_one.site_id, role=Contact.Role.SAFETY, name=name,
        defaults={"account": account},
    )  # fmt: skip


def picture(n: int) -> bytes:
    """Plainly no photo: a coloured field that says so."""
    image = Image.new("RGB", (480, 360), (60 + n % 120, 110, 150))
    ImageDraw.Draw(image).text((40, 160), f"DEMO PICTURE {n}", fill="white")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()
