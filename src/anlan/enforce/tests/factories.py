"""An organ with officers, a reviewer and a head, for stories about cases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from anlan.enforce.models import Approval, Case, Certificate, Organ, Party
from anlan.enforce.services import approvals, cases, decisions, evidence, notices, serving
from anlan.enforce.services.cases import PartyText
from anlan.enforce.services.evidence import Questioned, Thing
from anlan.enforce.services.findings import Finding
from anlan.enforce.services.serving import Delivery
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)  # a Wednesday, noon in Beijing
FINDING = Finding(
    facts="2026年6月30日，该单位未对从业人员进行安全生产教育和培训。",
    proof="现场检查记录、询问笔录、照片",
    violated="《中华人民共和国安全生产法》第二十八条第一款",
    basis="《中华人民共和国安全生产法》第九十七条第三项",
    fine=Decimal("30000"),
)


def days(n, hours=0):
    return NOON + timedelta(days=n, hours=hours)


class Bureau:
    """A county's organ: two officers, a spare one, a reviewer, a head; and a stranger."""

    def __init__(self, mark="金"):
        self.county = RegionFactory(level=3, name="婺城区")
        self.town = RegionFactory(parent=self.county)
        self.organ = Organ.objects.create(
            region=self.county,
            name="婺城区应急管理局",
            mark=mark,
            address="某路1号",
            contact="周某",
            phone="0579-00000000",
            review_body="婺城区人民政府",
            court="婺城区人民法院",
            bank="某银行婺城支行",
            account_number="330000000001",
        )
        handles = ("enforce.view", "enforce.handle", "work.view")
        self.officer = account_in(self.county, *handles)
        self.second = account_in(self.county, *handles)
        self.spare = account_in(self.county, *handles)
        self.reviewer = account_in(self.county, "enforce.view", "enforce.review")
        self.head = account_in(
            self.county, "enforce.view", "enforce.approve", "enforce.publish", "enforce.manage"
        )
        self.stranger = account_in(
            RegionFactory(level=3), "enforce.view", "enforce.handle", "enforce.review",
            "enforce.approve", "enforce.publish", "enforce.manage",
        )  # fmt: skip
        self.certificates = [
            self.certificate(account) for account in (self.officer, self.second, self.spare)
        ]

    def certificate(self, account, until=date(2030, 12, 31)):
        return Certificate.objects.create(
            account=account,
            organ=self.organ,
            number=f"ZJ{account.pk:06d}",
            valid_from=date(2010, 1, 1),
            valid_until=until,
        )

    def party(self, kind=Party.Kind.ORG, **more):
        columns = {
            "name": "测试机械厂" if kind == Party.Kind.ORG else "张某某",
            "code": "91330702MA2AAAAA1X" if kind == Party.Kind.ORG else "330702199001011234",
            "address": "工业区2号",
            "phone": "13812345678",
        }
        return PartyText(kind=kind, **columns | more)

    def propose(self, at=NOON, party=None, **more):
        return cases.propose_case(
            **{
                "organ": self.organ,
                "region": self.town,
                "party": party or self.party(),
                "cause": "未进行安全生产教育和培训",
                "source": Case.Source.VISIT,
                "summary": "检查时发现未按规定培训。",
                "certificates": self.certificates[:2],
                "by": self.officer,
                "at": at,
            }
            | more
        )

    def decide(self, case, by=None, agree=True, opinion="同意。", at=NOON):
        approval = case.approvals.get(result="")
        review = approval.subject == Approval.Subject.REVIEW
        by = by or (self.reviewer if review else self.head)
        approvals.decide(approval=approval, agree=agree, opinion=opinion, by=by, at=at)
        case.refresh_from_db()
        return approval

    def filed(self, at=NOON, **more):
        case = self.propose(at=at, **more)
        self.decide(case, at=at)
        return case

    def prove(self, case, at=NOON):
        evidence.add_evidence(
            case=case, thing=Thing("THING", "培训台账", "未培训"), by=self.officer, at=at
        )
        evidence.add_inquiry(
            case=case,
            said=Questioned(person="王某", place="本局", text="问：是否培训？答：没有。"),
            started_at=at - timedelta(hours=1),
            ended_at=at,
            written_by=self.second,
            by=self.officer,
            at=at,
        )

    def concluded(self, at=NOON, finding=FINDING, **more):
        case = self.filed(at=at, **more)
        self.prove(case, at)
        cases.conclude_inquiry(
            case=case, finding=finding, request="建议处罚", by=self.officer, at=at
        )
        return case

    def reviewed(self, at=NOON, finding=FINDING, **more):
        case = self.concluded(at=at, finding=finding, **more)
        self.decide(case, at=at)
        return case

    def noticed(self, at=NOON, finding=FINDING, **more):
        """The notices are issued and served."""
        case = self.reviewed(at=at, finding=finding, **more)
        for paper in notices.issue_notice(case=case, by=self.officer, at=at):
            self.serve(paper, at=at)
        return case

    def serve(self, paper, at=NOON, way="DIRECT", **more):
        values = {
            "way": way,
            "place": "当事人住所",
            "sent_at": at,
            "received_at": at,
            "receiver": "王某",
        } | more
        return serving.serve(paper=paper, delivery=Delivery(**values), by=self.officer, at=at)

    def decided(self, at=NOON, finding=FINDING, **more):
        """Told on the first day, waived, decided the same day."""
        case = self.noticed(at=at, finding=finding, **more)
        notices.take_statement(
            case=case, person="王某", text="", waived=True, accepted=False, finding="",
            by=self.officer, at=at,
        )  # fmt: skip
        notices.end_notice(case=case, by=self.officer, at=at)
        decisions.ask_decision(
            case=case, fine=finding.fine, besides=finding.besides, spare=False,
            confiscated=finding.confiscated,
            discussion="经集体讨论，同意。", request="请审批", by=self.officer, at=at,
        )  # fmt: skip
        self.decide(case, at=at)
        return case

    def served(self, at=NOON, **more):
        case = self.decided(at=at, **more)
        self.serve(case.papers.get(form__startswith="decision"), at=at)
        case.refresh_from_db()
        return case
