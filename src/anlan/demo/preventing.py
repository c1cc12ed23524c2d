"""Risks, a fishbone, a service contract and model towns of the reference city. All made up.

A few enterprises only, through the services: enough to see each page with something on it.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.prevent.models import Enterprise, RiskPoint
from anlan.prevent.services import contracts, controls, fishbones, risks, towns
from anlan.prevent.services.fishbones import BoneText
from anlan.prevent.services.towns import LineText

from . import people
from .enterprises import MACHINE_SHOPS, credit_code

SHOPS = 12  # enterprises with a register of risks
SERVED = 20
# Area, point, what can go wrong, kind of accident (GB 6441), L E C without and with measures.
POINTS = (
    ("冲压车间", "冲床", "手伸入模区被压伤", "03", (3, 6, 15), (1, 6, 7)),
    ("喷涂间", "喷漆作业", "溶剂蒸气遇火源燃烧爆炸", "18", (3, 6, 40), (1, 6, 15)),
    ("配电房", "低压配电柜", "检修作业触电", "05", (3, 2, 15), (1, 2, 15)),
)
MEASURES = (
    ("ENGINEER", "安全联锁、防护装置完好有效", "DEPT", "车间主任", 7),
    ("MANAGE", "作业前安全确认，严格执行操作规程", "TEAM", "班组长", 30),
)
BONES = (
    ("人员", "特种作业人员无证上岗", "建立持证台账，到期前提醒复审", "无证 持证"),
    ("设备设施", "安全联锁失效", "每周检查联锁装置", "联锁 防护"),
    ("物料", "易燃溶剂超量存放", "当班用量领取，专柜存放", "溶剂 稀释剂 油漆"),
    ("作业方法", "检修未断电挂牌", "执行上锁挂牌制度", "挂牌 断电 检修"),
    ("作业环境", "粉尘积聚未清理", "建立清扫制度", "粉尘 积尘"),
    ("安全管理", "外包作业失管", "签订安全协议，专人监护", "外包 外协"),
)
LINES = (
    ("应急消防管理站人员、装备配备到位", 30, ""),
    ("重大事故隐患整改率100%，一般隐患整改率95%以上", 40, ""),
    ("村社应急宣教全覆盖，年内演练不少于2次", 30, ""),
)


def load(at: datetime) -> None:
    """The city's inspector writes, the one above puts in force."""
    who = {s.role: s.username for s in people.SIGN_INS if s.region == "3307"}
    writer = Account.objects.get(username=who["city.inspector"])
    leader = Account.objects.get(username=who["city.safety_leader"])
    city = Region.objects.get(code="3307", valid_to=None)
    shops = Enterprise.objects.filter(industry__in=MACHINE_SHOPS).select_related("site__region")
    for number, shop in enumerate(shops.order_by("credit_code")[:SHOPS]):
        # Of the first two the weekly checks are late when the scenario begins.
        _risks(shop, writer, at - timedelta(days=9 if number < 2 else 2))
    _fishbone(city, writer, leader, at)
    _contract(writer, at)
    _towns(city, writer, leader, at)


def _risks(shop: Enterprise, by: Account, at: datetime) -> None:
    for area, name, danger, accident, before, after in POINTS:
        point = risks.add_point(
            enterprise=shop,
            area=area,
            name=name,
            sort=RiskPoint.Sort.FACILITY,
            danger=danger,
            accident=accident,
            by=by,
            at=at,
        )
        risks.grade(point=point, stage="INHERENT", values=_lec(*before), by=by, at=at)
        for sort, text, level, checker, every in MEASURES:
            controls.add_control(
                point=point,
                sort=sort,
                text=text,
                level=level,
                checker=checker,
                every_days=every,
                by=by,
                at=at,
            )
        risks.grade(point=point, stage="RESIDUAL", values=_lec(*after), by=by, at=at)


def _lec(likelihood: int, exposure: int, severity: int) -> dict[str, Decimal]:
    return {
        "likelihood": Decimal(likelihood),
        "exposure": Decimal(exposure),
        "severity": Decimal(severity),
    }


def _fishbone(city: Region, writer: Account, leader: Account, at: datetime) -> None:
    edition = fishbones.make_fishbone(
        name="机械制造行业（模拟）", effect="爆炸、机械伤害", region=city, by=writer, at=at
    )
    mains = {bone.text: bone for bone in edition.bones.all()}
    for main, text, measures, words in BONES:
        given = BoneText(text, measures=measures, keywords=words)
        fishbones.add_bone(version=edition, parent=mains[main], given=given, by=writer, at=at)
    fishbones.put_in_force(version=edition, by=leader, at=at)


def _contract(by: Account, at: datetime) -> None:
    """An agency serves the small manufacturers of one county."""
    county = Region.objects.get(code="330702", valid_to=None)
    small = Enterprise.objects.filter(
        site__region__path__under=county.path, size__in=["S", "XS"], industry__startswith="C"
    )
    codes = list(small.order_by("credit_code").values_list("credit_code", flat=True)[:SERVED])
    contract = contracts.make_contract(
        number="（模拟）2026-001",
        provider="安泰安全技术服务有限公司（模拟）",
        provider_code=credit_code(900_001),
        region=county,
        from_date=date(at.year, 1, 1),
        to_date=date(at.year, 12, 31),
        visits_a_year=4,
        by=by,
        at=at,
    )
    contracts.serve(contract=contract, codes=codes, by=by, at=at)


def _towns(city: Region, writer: Account, leader: Account, at: datetime) -> None:
    standard = towns.make_standard(
        region=city,
        year=at.year,
        name="安全生产示范乡镇创建标准（模拟）",
        passing=Decimal(80),
        due_on=date(at.year, 12, 15),
        by=writer,
        at=at,
    )
    for text, points, proof in LINES:
        line = LineText(text, Decimal(points), proof)
        towns.save_line(standard=standard, line=line, number=None, by=writer, at=at)
    towns.put_in_force(standard=standard, by=leader, at=at)
