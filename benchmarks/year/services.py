"""The plan as people carry it out: every act through the service that a page or a phone calls."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone
from PIL import Image

from anlan.enforce.models import Approval, Case
from anlan.enforce.services import (
    approvals,
    cases,
    decisions,
    evidence,
    findings,
    money,
    notices,
    papers,
    publicity,
    serving,
)
from anlan.people.models import Account
from anlan.prevent.models import Hazard, RiskPoint, Visit, VisitPlan
from anlan.prevent.services import extensions, listings, rechecks, risks, visits
from anlan.work import submissions
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .plan import LINES, RISKS, Act, CaseStory, Plan, RiskStory, Story, VisitStory
from .world import Office, World

NAMESPACE = uuid.UUID("7d5c1b1e-90c5-4d0a-9a0a-3b5d4f3f2a61")
BODY = b"{}"
LAW = "《中华人民共和国安全生产法》"
FINDING = {
    "facts": "检查时发现，该单位新上岗的从业人员未经安全生产教育和培训。",
    "proof": "现场检查记录、询问笔录、培训台账",
    "violated": f"{LAW}第二十八条第一款",
    "basis": f"{LAW}第九十七条第三项",
}
CAUSE = "未对从业人员进行安全生产教育和培训"


def visit_id(number: int) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"visit {number}")


def submission_id(number: int, act: Act) -> uuid.UUID:
    """What the phone calls what it hands in."""
    return uuid.uuid5(NAMESPACE, f"visit {number} {act.name}")


def voucher(number: int) -> str:
    return f"试票{number:06d}"


@lru_cache(maxsize=1)
def photo() -> bytes:
    """The same on every phone: what is proven is that files are kept, not what they show."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 110, 150)).save(file, "JPEG", quality=80)
    return file.getvalue()


def write(plan: Plan, world: World) -> None:
    """All acts of the year, one after the other."""
    doing = Doing(world)
    for act, n in plan.acts():
        doing.act(plan.stories[n], act)


def write_story(story: Story, world: World, before: Callable[[Act], None]) -> None:
    """Its acts, each after `before` was called with it."""
    doing = Doing(world)
    for act in story.acts:
        before(act)
        doing.act(story, act)


@dataclass
class Doing:
    """Carries out acts; remembers which case is which story's."""

    world: World
    cases: dict[int, int] = field(default_factory=dict)

    def act(self, story: Story, act: Act) -> None:
        if isinstance(story, VisitStory):
            VISIT_ACTS[act.move.removesuffix(" again")](self, story, act)
        elif isinstance(story, CaseStory):
            CASE_ACTS[act.move](self, story, act)
        else:
            RISK_ACTS[act.move](self, story, act)

    # A visit and its hazards

    def inspector(self, story: VisitStory) -> Account:
        return self.world.inspectors[self.world.town_of(story.firm)]

    def doer(self, story: VisitStory) -> Account:
        return self.world.doers[self.world.town_of(story.firm)]

    def planned(self, story: VisitStory) -> VisitPlan:
        found = VisitPlan.objects.select_related("item__region", "enterprise", "campaign")
        opened = next(act.at for act in story.acts if act.move == "plan")
        return found.get(enterprise=self.world.firms[story.firm], item__opened_at=opened)

    def hazard(self, story: VisitStory, act: Act) -> Hazard:
        entry = self.world.lines[story.firm % len(self.world.lines)][story.finds[act.part].line]
        found = Hazard.objects.select_related("item__region", "item__doer", "item__post", "site")
        return found.get(visit=visit_id(story.number), entry=entry)

    def plan(self, story: VisitStory, act: Act) -> None:
        visits.plan_visits(
            enterprises=[self.world.firms[story.firm]], due_on=story.days["plan"],
            campaign=self.world.campaigns.get(story.campaign or 0),
            inspectors=[[self.inspector(story)]], by=self.world.city, at=act.at,
        )  # fmt: skip

    def take_over(self, story: VisitStory, act: Act) -> None:
        item = self.planned(story).item
        advance(item=item, move="accept", by=self.inspector(story), at=act.at)

    def start(self, story: VisitStory, act: Act) -> None:
        visits.start_visit(
            enterprise=self.world.firms[story.firm],
            plan=self.planned(story) if story.planned else None,
            lon=119.6, lat=29.1, accuracy_m=12.0, visit_id=visit_id(story.number),
            by=self.inspector(story), at=act.at,
        )  # fmt: skip

    def finish(self, story: VisitStory, act: Act) -> None:
        """What is wrong is answered first, in the order of the finds."""
        lines = self.world.lines[story.firm % len(self.world.lines)]
        wrong = [find.line for find in story.finds]
        order = [*wrong, *(n for n in range(LINES) if n not in wrong)]
        replies = [visits.Reply(lines[n].pk, "WRONG" if n in wrong else "FINE", "") for n in order]
        visit = Visit.objects.select_related("enterprise__site__region", "region", "item").get(
            pk=visit_id(story.number)
        )
        by = self.inspector(story)
        visits.answer_lines(visit=visit, replies=replies, by=by, at=act.at)
        visits.finish_visit(visit=visit, by=by, at=act.at)

    def order(self, story: VisitStory, act: Act) -> None:
        visit = Visit.objects.select_related("region").get(pk=visit_id(story.number))
        visits.order_from_visit(visit=visit, by=self.inspector(story), at=act.at)

    def accept(self, story: VisitStory, act: Act) -> None:
        item = self.hazard(story, act).item
        advance(item=item, move="accept", by=self.doer(story), at=act.at)

    def submit(self, story: VisitStory, act: Act) -> None:
        """By phone, with a photo."""
        digest = hashlib.sha256(photo()).hexdigest()
        sent = submissions.Sent(
            id=submission_id(story.number, act), item=self.hazard(story, act).item, move="submit",
            made_at=act.at, note="已整改到位", lon=119.6, lat=29.1, accuracy_m=9.0,
            announced=(digest,),
        )  # fmt: skip
        by = self.doer(story)
        submissions.receive(sent=sent, body=BODY, by=by, at=act.at)
        submissions.attach(
            submission_id=sent.id, digest=digest, data=photo(), name="整改后.jpg", by=by, at=act.at
        )

    def verify(self, story: VisitStory, act: Act) -> None:
        item = self.hazard(story, act).item
        advance(item=item, move="verify", by=self.inspector(story), at=act.at, note="复查合格")
        self.number(item)

    def send_back(self, story: VisitStory, act: Act) -> None:
        item = self.hazard(story, act).item
        advance(item=item, move="return", by=self.inspector(story), at=act.at, note="未整改到位")
        self.number(item)

    def number(self, item: WorkItem) -> None:
        """As the worker does at once when it hears of the re-check."""
        rechecks.number_step(step=item.steps.select_related("by__organisation").latest("pk"))

    def ask(self, story: VisitStory, act: Act) -> None:
        extensions.ask_extension(
            hazard=self.hazard(story, act), until=story.days["until"], reason="配件订货中",
            by=self.doer(story), at=act.at,
        )  # fmt: skip

    def grant(self, story: VisitStory, act: Act) -> None:
        extensions.decide_extension(
            extension=self.hazard(story, act).extensions.get(), granted=True,
            by=self.inspector(story), at=act.at,
        )  # fmt: skip

    def list(self, story: VisitStory, act: Act) -> None:
        hazard = self.hazard(story, act)
        organ = self.world.office_of(story.firm).organ
        listings.list_hazard(
            hazard=hazard, region=organ.region, until=story.days["listed"],
            reason="重大事故隐患", by=self.world.city, at=act.at,
        )  # fmt: skip

    def lift(self, story: VisitStory, act: Act) -> None:
        listing = self.hazard(story, act).listings.select_related("region", "hazard__item").get()
        listings.lift_listing(listing=listing, note="已整改", by=self.world.city, at=act.at)

    # A register of risks

    def add(self, story: RiskStory, act: Act) -> None:
        risks.add_point(
            enterprise=self.world.firms[story.firm], area="冲压车间", name=f"冲床{act.part + 1}",
            sort="FACILITY", danger="手伸入模区被压伤", accident="03",
            by=self.world.city, at=act.at,
        )  # fmt: skip

    def grade(self, story: RiskStory, act: Act) -> None:
        point = RiskPoint.objects.select_related("enterprise__site__region").get(
            enterprise=self.world.firms[story.firm], name=f"冲床{act.part + 1}"
        )
        names = ("likelihood", "exposure", "severity")
        values = dict(zip(names, map(Decimal, RISKS[story.risks[act.part]]), strict=True))
        risks.grade(point=point, stage="INHERENT", values=values, by=self.world.city, at=act.at)

    # A case

    def office(self, story: CaseStory) -> Office:
        return self.world.office_of(story.firm)

    def case(self, story: CaseStory) -> Case:
        found = Case.objects.select_related("organ", "region", "party")
        return found.get(pk=self.cases[story.number])

    def opening(self, story: CaseStory) -> dict[str, object]:
        office, firm = self.office(story), self.world.firms[story.firm]
        visit = story.visit
        return {
            "organ": office.organ,
            "region": firm.site.region,
            "party": cases.party_of(firm),
            "cause": CAUSE,
            "certificates": office.certificates,
            "visit": Visit.objects.get(pk=visit_id(visit)) if visit is not None else None,
            "by": office.officer,
        }

    def finding(self, story: CaseStory) -> findings.Finding:
        return findings.Finding(**FINDING, fine=Decimal(story.fine))

    def spot(self, story: CaseStory, act: Act) -> None:
        made = cases.decide_on_spot(
            **self.opening(story), finding=self.finding(story), receiver="王小明", at=act.at
        )
        self.cases[story.number] = made.pk

    def propose(self, story: CaseStory, act: Act) -> None:
        made = cases.propose_case(
            **self.opening(story), source=Case.Source.VISIT, summary="建议立案调查。", at=act.at
        )
        self.cases[story.number] = made.pk

    def agree(self, story: CaseStory, act: Act) -> None:
        office, case = self.office(story), self.case(story)
        waiting = Approval.objects.select_related("item__region", "case").get(case=case, result="")
        by = office.reviewer if waiting.subject == Approval.Subject.REVIEW else office.head
        approvals.decide(approval=waiting, agree=True, opinion="同意。", by=by, at=act.at)

    def add_evidence(self, story: CaseStory, act: Act) -> None:
        thing = evidence.Thing("THING", "培训台账", "违法事实", place="厂区")
        evidence.add_evidence(
            case=self.case(story), thing=thing, by=self.office(story).officer, at=act.at
        )

    def inquire(self, story: CaseStory, act: Act) -> None:
        office, case = self.office(story), self.case(story)
        said = evidence.Questioned(
            person=case.party.head, place=office.organ.name, employer=case.party.name,
            post="负责人", text="问：情况是否属实？\n答：属实。",
        )  # fmt: skip
        evidence.add_inquiry(
            case=case, said=said, started_at=act.at - timedelta(seconds=20), ended_at=act.at,
            written_by=office.second, by=office.officer, at=act.at,
        )  # fmt: skip

    def conclude(self, story: CaseStory, act: Act) -> None:
        cases.conclude_inquiry(
            case=self.case(story), finding=self.finding(story), request="事实清楚，建议处罚。",
            by=self.office(story).officer, at=act.at,
        )  # fmt: skip

    def notice(self, story: CaseStory, act: Act) -> None:
        notices.issue_notice(case=self.case(story), by=self.office(story).officer, at=act.at)

    def tell(self, story: CaseStory, act: Act) -> None:
        self._serve(story, act, "penalty_notice")

    def serve(self, story: CaseStory, act: Act) -> None:
        self._serve(story, act, *papers.DECISIONS)

    def _serve(self, story: CaseStory, act: Act, *forms: str) -> None:
        case = self.case(story)
        paper = papers.standing(case, *forms)
        if paper is None:
            raise RuntimeError(f"nothing to serve in {story}")
        delivery = serving.Delivery(
            "DIRECT", case.party.address, act.at, act.at, receiver=case.party.head
        )
        serving.serve(paper=paper, delivery=delivery, by=self.office(story).officer, at=act.at)

    def state(self, story: CaseStory, act: Act) -> None:
        case = self.case(story)
        notices.take_statement(
            case=case, person=case.party.head, text="", waived=True, accepted=False, finding="",
            by=self.office(story).officer, at=act.at,
        )  # fmt: skip

    def ready(self, story: CaseStory, act: Act) -> None:
        notices.end_notice(case=self.case(story), by=self.office(story).officer, at=act.at)

    def ask_decision(self, story: CaseStory, act: Act) -> None:
        decisions.ask_decision(
            case=self.case(story), fine=Decimal(story.fine), besides="", spare=False,
            discussion="", request="请审批。", by=self.office(story).officer, at=act.at,
        )  # fmt: skip

    def pay(self, story: CaseStory, act: Act) -> None:
        money.enter_payment(
            case=self.case(story), amount=Decimal(story.fine),
            paid_on=timezone.localdate(act.at), voucher=voucher(story.number), on_spot=False,
            by=self.office(story).officer, at=act.at,
        )  # fmt: skip

    def publish(self, story: CaseStory, act: Act) -> None:
        publicity.publish_case(case=self.case(story), by=self.office(story).head, at=act.at)

    def ask_closing(self, story: CaseStory, act: Act) -> None:
        decisions.ask_closing(
            case=self.case(story), result="罚款已缴清。", by=self.office(story).officer, at=act.at
        )


VISIT_ACTS: dict[str, Callable[[Doing, VisitStory, Act], None]] = {
    "plan": Doing.plan, "take over": Doing.take_over, "start": Doing.start,
    "finish": Doing.finish, "order": Doing.order, "accept": Doing.accept,
    "submit": Doing.submit, "verify": Doing.verify, "return": Doing.send_back, "ask": Doing.ask,
    "grant": Doing.grant, "list": Doing.list, "lift": Doing.lift,
}  # fmt: skip
RISK_ACTS: dict[str, Callable[[Doing, RiskStory, Act], None]] = {
    "add": Doing.add,
    "grade": Doing.grade,
}
CASE_ACTS: dict[str, Callable[[Doing, CaseStory, Act], None]] = {
    "spot": Doing.spot, "propose": Doing.propose, "file": Doing.agree,
    "evidence": Doing.add_evidence, "inquire": Doing.inquire, "conclude": Doing.conclude,
    "pass": Doing.agree, "notice": Doing.notice, "tell": Doing.tell, "state": Doing.state,
    "ready": Doing.ready, "ask decision": Doing.ask_decision, "decide": Doing.agree,
    "serve": Doing.serve, "pay": Doing.pay, "publish": Doing.publish,
    "ask closing": Doing.ask_closing, "close": Doing.agree,
}  # fmt: skip
