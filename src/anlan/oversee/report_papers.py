"""The investigation's report and the look-back's on paper: what stands in them, and as PDF.

What stands there comes from the file's records. Official Chinese in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec

from django.utils import timezone, translation

from anlan.base import typeset
from anlan.places.queries import ancestors

from . import accidents
from .accidents import Proof
from .models import Accident, LookBack, PersonMeasure, Report, Verdict
from .models import Finding as Cause
from .printing import chinese_day, lines_of
from .severity import Severity

GRADES = {
    Severity.GENERAL: "一般事故",
    Severity.LARGER: "较大事故",
    Severity.MAJOR: "重大事故",
    Severity.GRAVE: "特别重大事故",
}
CAUSES = {
    Cause.Kind.DIRECT: "直接原因",
    Cause.Kind.INDIRECT: "间接原因",
    Cause.Kind.MANAGEMENT: "管理原因",
}
MEASURES = {
    PersonMeasure.Measure.DETAINED: "刑事拘留",
    PersonMeasure.Measure.ARRESTED: "逮捕",
    PersonMeasure.Measure.BAILED: "取保候审",
    PersonMeasure.Measure.RESIDENCE: "监视居住",
    PersonMeasure.Measure.NO_EXIT: "限制出境",
    PersonMeasure.Measure.DISCIPLINE: "党纪政务处分",
    PersonMeasure.Measure.QUALIFICATION: "撤销资格",
}
VERDICTS = {
    Verdict.Result.DONE: "已落实",
    Verdict.Result.PARTLY: "部分落实",
    Verdict.Result.NOT_DONE: "未落实",
}
STATUS = {
    Report.State.SUBMITTED: "（报批稿）",
    Report.State.RETURNED: "（退回修改稿）",
    Report.State.APPROVED: "",
}
REMEDY_HEADER = ["序号", "整改措施", "责任单位", "完成期限", "办理状态", "佐证"]
PROBLEM_HEADER = ["序号", "问题", "责任单位", "办理状态", "佐证"]
Block = dict[str, Any]


P = ParamSpec("P")


def official(build: Callable[P, dict[str, Any]]) -> Callable[P, dict[str, Any]]:
    """Papers are Chinese, whatever language their reader has chosen."""

    @wraps(build)
    def said(*args: P.args, **more: P.kwargs) -> dict[str, Any]:
        with translation.override("zh-hans"):
            return build(*args, **more)

    return said


def head(said: str) -> Block:
    return {"kind": "head", "text": said}


def text(said: str) -> Block:
    return {"kind": "text", "text": said}


def table(header: Sequence[str], widths: Sequence[int], rows: list[list[str]]) -> Block:
    return {"kind": "table", "header": list(header), "widths": list(widths), "rows": rows}


@official
def investigation(accident: Accident, report: Report) -> dict[str, Any]:
    """The report of an investigation in one of its versions."""
    blocks = [head("一、事故基本情况"), *map(text, _facts(accident))]
    blocks += [head("二、人员伤亡和直接经济损失"), text(_casualties(accident))]
    blocks += [head("三、事故原因"), *map(text, _causes(accident))]
    persons = accidents.persons_of(accident)
    if persons:
        blocks += [head("四、对有关人员采取的措施")]
        blocks += [
            text(
                f"{n}．{row.name}，{row.measure.position or '职务不详'}，"
                f"{chinese_day(row.measure.from_date)}由{row.measure.organ}"
                f"采取{MEASURES[PersonMeasure.Measure(row.measure.measure)]}措施。"
            )
            for n, row in enumerate(persons, start=1)
        ]
    number = "五" if persons else "四"
    blocks += [head(f"{number}、调查认定意见"), *map(text, lines_of(report.text))]
    blocks += [head(f"{'六' if persons else '五'}、整改和防范措施清单"), _remedies(accident)]
    return {
        "title": f"{accident.title}调查报告",
        "status": STATUS[Report.State(report.state)],
        "organ": f"{_government(accident)}事故调查组",
        "day": chinese_day(timezone.localdate(report.made_at)),
        "blocks": blocks,
    }


@official
def look_back_report(look_back: LookBack, at: datetime) -> dict[str, Any]:
    """The report of the look-back (评估报告): what became of each line, what else was found."""
    accident = look_back.accident
    remedies = list(accidents.remedies_of(accident))
    verdicts = [
        VERDICTS[Verdict.Result(row.verdict.result)] if hasattr(row, "verdict") else ""
        for row in remedies
    ]
    counts = "，".join(f"{said}{verdicts.count(said)}项" for said in VERDICTS.values())
    problems = list(accidents.problems_of(look_back))
    closed = sum(problem.item.state == "CLOSED" for problem in problems)
    found = f"评估发现问题{len(problems)}个，已办结{closed}个。" if problems else "未发现新的问题。"
    blocks = [
        head("一、评估依据和时间"),
        text(
            "依据《中华人民共和国安全生产法》第八十六条，对事故整改和防范措施落实情况进行评估，"
            f"评估期限为{chinese_day(look_back.opens_on)}至{chinese_day(look_back.due_on)}。"
        ),
        head("二、整改和防范措施落实情况"),
        text(f"调查报告提出整改和防范措施{len(remedies)}项，经评估：{counts}。"),
        _remedies(accident, judged=True),
        head("三、评估发现的问题"),
        text(found),
    ]
    if problems:
        proofs = accidents.proofs_of([problem.pk for problem in problems])
        rows = [
            [
                str(n), row.text, row.organisation.name,
                str(row.item.get_state_display()), _proof(proofs.get(row.pk)),
            ]
            for n, row in enumerate(problems, start=1)
        ]  # fmt: skip
        blocks.append(table(PROBLEM_HEADER, [1, 5, 3, 3, 4], rows))
    done = look_back.item is not None and look_back.item.state in {"SUBMITTED", "CLOSED"}
    return {
        "title": f"{accident.title}整改和防范措施落实情况评估报告",
        "status": "" if done else "（评估中）",
        "organ": f"{_government(accident)}事故评估组",
        "day": chinese_day(timezone.localdate(at)),
        "blocks": blocks,
    }


def _government(accident: Accident) -> str:
    region = accident.item.region
    over = next((r for r in (*ancestors(region), region) if r.level == 3), region)
    return over.name


def _facts(accident: Accident) -> Iterator[str]:
    when = timezone.localtime(accident.happened_at)
    region = accident.item.region
    yield (
        f"{chinese_day(when.date())}{when.hour}时{when.minute}分，{region.place()}{accident.place}"
        f"发生一起{accident.get_kind_display()}类事故，事故等级为{GRADES[Severity(accident.severity)]}。"
    )
    yield from lines_of(accident.account)


def _casualties(accident: Accident) -> str:
    last = accidents.counts_of(accident).last()
    if last is None:
        return "人员伤亡和直接经济损失待核定。"
    source = f"（{last.source}）" if last.source else ""
    return (
        f"截至{chinese_day(timezone.localdate(last.counted_at))}，事故造成{last.deaths}人死亡、"
        f"{last.injured}人重伤（含急性工业中毒），直接经济损失{_money(last.loss)}万元{source}。"
    )


def _money(yuan: Decimal) -> str:
    """Yuan as 万元, without losing a cent."""
    said = f"{yuan / 10_000:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def _causes(accident: Accident) -> Iterator[str]:
    findings = list(accidents.findings_of(accident))
    for kind, label in CAUSES.items():
        said = [row.text.rstrip("。；") for row in findings if row.kind == kind]
        if len(said) == 1:
            yield f"{label}：{said[0]}。"
        elif said:
            listed = "；".join(f"（{n}）{one}" for n, one in enumerate(said, start=1))
            yield f"{label}：{listed}。"


def _remedies(accident: Accident, *, judged: bool = False) -> Block:
    remedies = list(accidents.remedies_of(accident))
    proofs = accidents.proofs_of([row.item_id for row in remedies if row.item_id])
    rows = []
    for n, row in enumerate(remedies, start=1):
        state = str(row.item.get_state_display()) if row.item else "待报告批准后交办"
        cells = [str(n), row.text, row.organisation.name, _short(row.due_on), state]
        cells.append(_proof(proofs.get(row.item_id or 0)))
        if judged:
            verdict = getattr(row, "verdict", None)
            note = f"：{verdict.note}" if verdict and verdict.note else ""
            cells.append(VERDICTS[Verdict.Result(verdict.result)] + note if verdict else "未评估")
        rows.append(cells)
    if judged:
        return table([*REMEDY_HEADER, "评估结论"], [1, 4, 3, 3, 3, 4, 3], rows)
    return table(REMEDY_HEADER, [1, 5, 3, 3, 3, 4], rows)


def _proof(proof: Proof | None) -> str:
    if proof is None:
        return "—"
    files = f"，附件{len(proof.files)}份" if proof.files else ""
    return f"{_short(timezone.localdate(proof.at))} {proof.by}：{proof.note}{files}"


def _short(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def pdf(said: dict[str, Any]) -> bytes:
    return typeset.render("anlan.oversee", "report.typ", said)
