"""Cases of penalty of one county, at every stage. Enterprises, people and offences are made up.

Everything goes through the services that a bureau uses, each step at its own time.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import resources

from anlan.enforce.models import Approval, Case, Certificate, Organ, Paper
from anlan.enforce.services import (
    approvals,
    cases,
    decisions,
    evidence,
    findings,
    money,
    notices,
    organs,
    papers,
    publicity,
    serving,
)
from anlan.people.models import Account, Holding, Post
from anlan.places.models import Region
from anlan.prevent.models import Enterprise

from . import city, people, times

COUNTY = "330702"
LAW = "《中华人民共和国安全生产法》"
TRAINING = findings.Finding(
    facts="2026年检查时发现，该单位新上岗的12名从业人员未经安全生产教育和培训（模拟案情）。",
    proof="现场检查记录、询问笔录、培训台账",
    violated=f"{LAW}第二十八条第一款",
    basis=f"{LAW}第九十七条第三项",
    fine=Decimal(30000),
    besides="",
)
SIGNS = replace(
    TRAINING,
    facts="该单位在涂装车间未设置明显的安全警示标志，共3处（模拟案情）。",
    violated=f"{LAW}第三十五条",
    basis=f"{LAW}第九十九条第一项",
    fine=Decimal(20000),
)
DUST = replace(
    TRAINING,
    facts="该单位抛光车间除尘系统未按标准设置泄爆装置，属重大事故隐患，逾期未整改（模拟案情）。",
    violated=f"{LAW}第四十一条第二款",
    basis=f"{LAW}第一百零二条",
    fine=Decimal(80000),
)
REFUSED = replace(DUST, facts="该单位对重大事故隐患拒不整改，继续生产（模拟案情）。")


class Bureau:
    """Who acts: the county's inspector and a colleague, its reviewer, its safety leader."""

    def __init__(self, county: Region) -> None:
        self.county = county
        self.officer = _holder("county.inspector", county)
        self.head = _holder("county.safety_leader", county)
        self.reviewer = _holder("county.legal_reviewer", county)
        self.second = Account.objects.create(
            username="wucheng-jiancha2",
            name=city.person_name(900_001),
            password=people.NO_SIGN_IN,
            organisation=self.officer.organisation,
        )
        post = Post.objects.get(role__code="county.inspector", region=county)
        Holding.objects.create(post=post, account=self.second, from_date=people.HELD_SINCE)
        self.organ = self._organ()
        found = Enterprise.objects.filter(site__region__path__under=county.path)
        self.enterprises = list(found.select_related("site__region").order_by("pk")[:12])

    def _organ(self) -> Organ:
        at = datetime(2026, 1, 5, 9, tzinfo=times.LOCAL)
        organ = organs.save_organ(
            region=self.county,
            name=f"{self.county.name}应急管理局",
            mark="婺",
            address=f"{self.county.name}（模拟地址）1号",
            postcode="321000",
            contact="办公室",
            phone="0579-00000000",
            review_body=f"{self.county.name}人民政府",
            court=f"金华市{self.county.name}人民法院",
            bank="代收银行（模拟）",
            account_number="0000000000000000",
            by=self.head,
            at=at,
        )
        self.certificates: list[Certificate] = [
            organs.add_certificate(
                organ=organ,
                account=account,
                number=f"YS3307{n:06d}",
                valid_from=date(2024, 1, 1),
                valid_until=date(2028, 12, 31),
                by=self.head,
                at=at,
            )
            for n, account in enumerate((self.officer, self.second), start=1)
        ]
        content = resources.files("anlan.enforce").joinpath("data/discretion_example.csv")
        rows, _problems = organs.read_discretion(content.read_bytes())
        organs.load_discretion(
            name="裁量基准（示例，仅供演示）",
            source="示例，非正式文件",
            since=date(2026, 1, 1),
            rows=rows,
            region=self.county,
            example=True,
            by=self.head,
            at=at,
        )
        return organ

    def propose(self, n: int, cause: str, source: str, at: datetime) -> Case:
        enterprise = self.enterprises[n]
        return cases.propose_case(
            organ=self.organ,
            region=enterprise.site.region,
            party=cases.party_of(enterprise),
            cause=cause,
            source=source,
            summary=f"检查发现该单位{cause}（模拟案情），建议立案调查。",
            certificates=self.certificates,
            by=self.officer,
            at=at,
        )

    def decide(self, case: Case, at: datetime, opinion: str = "同意。", agree: bool = True) -> None:
        approval = case.approvals.get(result="")
        review = approval.subject == Approval.Subject.REVIEW
        by = self.reviewer if review else self.head
        approvals.decide(approval=approval, agree=agree, opinion=opinion, by=by, at=at)
        case.refresh_from_db()

    def file(self, n: int, cause: str, source: str, at: datetime) -> Case:
        case = self.propose(n, cause, source, at)
        self.decide(case, at + timedelta(hours=20))
        return case

    def prove(self, case: Case, at: datetime) -> None:
        thing = evidence.Thing("THING", "培训台账及现场照片", "违法事实", place="厂区")
        evidence.add_evidence(case=case, thing=thing, by=self.officer, at=at)
        said = evidence.Questioned(
            person=case.party.head or "负责人",
            place=self.organ.name,
            employer=case.party.name,
            post="负责人",
            text="问：检查发现的情况是否属实？\n答：属实，我们马上整改。\n（模拟笔录）",
        )
        evidence.add_inquiry(
            case=case,
            said=said,
            started_at=at - timedelta(hours=1),
            ended_at=at,
            written_by=self.second,
            by=self.officer,
            at=at,
        )

    def conclude(self, case: Case, finding: findings.Finding, at: datetime) -> None:
        self.prove(case, at - timedelta(hours=2))
        cases.conclude_inquiry(
            case=case, finding=finding, request="事实清楚，建议处罚。", by=self.officer, at=at
        )
        case.refresh_from_db()

    def tell(self, case: Case, at: datetime) -> None:
        """Review, notice and its service."""
        self.decide(case, at)
        for paper in notices.issue_notice(case=case, by=self.officer, at=at):
            self.serve(paper, at + timedelta(hours=3))

    def serve(self, paper: Paper, at: datetime) -> None:
        party = paper.case.party
        delivery = serving.Delivery(
            "DIRECT", party.address or party.name, at, at, receiver=party.head or party.name
        )
        serving.serve(paper=paper, delivery=delivery, by=self.officer, at=at)

    def fine(self, case: Case, at: datetime) -> None:
        """The limits are over: asked for, decided, served two days later."""
        notices.end_notice(case=case, by=self.officer, at=at)
        decisions.ask_decision(
            case=case,
            fine=case.told_fine,
            besides="",
            spare=False,
            discussion="经负责人集体讨论，一致同意（模拟）。",
            request="请审批。",
            by=self.officer,
            at=at,
        )
        self.decide(case, at + timedelta(hours=4))
        paper = papers.standing(case, *papers.DECISIONS)
        assert paper is not None  # issued with the decision
        self.serve(paper, at + timedelta(days=2))
        case.refresh_from_db()

    def pay(self, case: Case, amount: Decimal, voucher: str, at: datetime) -> None:
        money.enter_payment(
            case=case,
            amount=amount,
            paid_on=at.date(),
            voucher=voucher,
            on_spot=False,
            by=self.officer,
            at=at,
        )

    def on_spot(self, n: int, at: datetime) -> None:
        enterprise = self.enterprises[n]
        finding = replace(
            SIGNS, facts="现场作业人员未佩戴劳动防护用品（模拟案情）。", fine=Decimal(1000)
        )
        cases.decide_on_spot(
            organ=self.organ,
            region=enterprise.site.region,
            party=cases.party_of(enterprise),
            cause="从业人员未佩戴劳动防护用品",
            finding=finding,
            certificates=self.certificates,
            receiver=enterprise.legal_person or "负责人",
            by=self.officer,
            at=at,
        )


def _holder(role: str, region: Region) -> Account:
    return Holding.objects.get(post__role__code=role, post__region=region).account


def _at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=times.LOCAL)


def load(county: Region, at: datetime) -> None:
    """A handful of cases, one at nearly every stage when the demo opens."""
    bureau = Bureau(county)
    if len(bureau.enterprises) < 8:
        return  # a very small city
    _closed(bureau)
    _late(bureau)
    _before_decision(bureau)
    _open(bureau)
    bureau.on_spot(7, _at(6, 10))


def _closed(bureau: Bureau) -> None:
    """Paid, closed and published."""
    case = bureau.file(0, "未对从业人员进行安全生产教育和培训", Case.Source.VISIT, _at(3, 10))
    bureau.conclude(case, TRAINING, _at(3, 23))
    bureau.tell(case, _at(3, 26))
    bureau.fine(case, _at(4, 8))
    bureau.pay(case, Decimal(30000), "模拟票据0001", _at(4, 16))
    decisions.ask_closing(case=case, result="罚款已缴清。", by=bureau.officer, at=_at(4, 20))
    bureau.decide(case, _at(4, 21))
    publicity.publish_case(case=case, by=bureau.reviewer, at=_at(4, 15))


def _late(bureau: Bureau) -> None:
    """Served, not paid in time: the surcharge runs."""
    case = bureau.file(1, "未设置安全警示标志", Case.Source.VISIT, _at(4, 27))
    bureau.conclude(case, SIGNS, _at(5, 12))
    bureau.tell(case, _at(5, 15))
    bureau.fine(case, _at(5, 26))
    publicity.publish_case(case=case, by=bureau.reviewer, at=_at(6, 2))
    bureau.pay(case, Decimal(5000), "模拟票据0002", _at(6, 8))


def _before_decision(bureau: Bureau) -> None:
    """A large fine with the right to a hearing; another that may be a crime."""
    case = bureau.file(2, "重大事故隐患逾期未整改", Case.Source.HAZARD, _at(6, 1))
    bureau.conclude(case, DUST, _at(6, 22))
    bureau.tell(case, _at(6, 29))
    case = bureau.file(3, "对重大事故隐患拒不整改", Case.Source.HAZARD, _at(6, 15))
    bureau.conclude(case, REFUSED, _at(6, 30))


def _open(bureau: Bureau) -> None:
    """One with kept evidence whose seven days are nearly over, one waiting to be filed."""
    case = bureau.file(4, "未对从业人员进行安全生产教育和培训", Case.Source.REPORT, _at(6, 18))
    evidence.ask_keeping(
        case=case,
        things=[evidence.Thing("THING", "培训记录本", "", quantity="2本")],
        place="厂区档案室",
        on_site=True,
        reason="可能被更换，提请先行登记保存。",
        by=bureau.officer,
        at=_at(6, 24),
    )
    bureau.decide(case, _at(6, 24, 15))
    bureau.propose(5, "未设置安全警示标志", Case.Source.VISIT, _at(7, 1))
    refused = bureau.propose(6, "消防通道堆放杂物", Case.Source.REPORT, _at(6, 25))
    bureau.decide(refused, _at(6, 26), "不属本机关管辖，移交消防救援机构。", agree=False)
