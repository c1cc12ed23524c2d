"""What papers say that come of a visit or a hazard without a case: read off its record alone.

The record of an inspection (form 3), the order to put hazards right (5), the opinion after the
re-check (6). Numbers are the record's own; what the record does not know stays blank for the pen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from anlan.people.models import Account
from anlan.places.models import Site
from anlan.prevent.models import Answer, DeskRecheck, Hazard, Recheck, Visit
from anlan.prevent.services.rechecks import words_of
from anlan.work.models import Step

from ..models import Certificate, Organ
from .amounts import full_day, last_day_of, limit_words, minute_of, plain_day
from .catalogue import Form, edition_on


@dataclass(frozen=True)
class Sheet:
    """One paper, ready to be set."""

    form: Form
    number: str  # empty: none was given, and the paper leaves room for one
    values: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.form.title} {self.number}".strip()


def record(visit: Visit) -> Sheet | None:
    """现场检查记录, of an inspection that is finished."""
    if not has_record(visit):
        return None
    again = list(visit.rechecks.select_related("hazard").order_by("pk"))
    none = "未发现事故隐患。" if all(row.passed for row in again) else "未发现新的事故隐患。"
    notes = [*_checklist(visit), *_looked_at_again(again), visit.note]
    return _sheet(
        "check_record",
        number=visit.number or "",
        site=visit.enterprise.site,
        signed=list(visit.inspectors.order_by("pk")),
        at=visit.finished_at or visit.started_at,
        said={
            "visit_time": visit_time(visit),
            "visit_found": numbered(found_at(visit)) or none,
            "text": "\n".join(note for note in notes if note),
        },
    )


def has_record(visit: Visit) -> bool:
    return visit.finished_at is not None and visit.kind == Visit.Kind.INSPECTION


def order(hazard: Hazard) -> Sheet | None:
    """责令限期整改指令书, with all that was ordered under the same number."""
    if not hazard.order_number or hazard.ordered_at is None or hazard.ordered_by is None:
        return None
    together = Hazard.objects.filter(order_number=hazard.order_number, site=hazard.site_id)
    hazards = list(together.order_by("pk"))
    others = hazard.visit.inspectors.order_by("pk") if hazard.visit else []
    days = [last_day_of(one.order_due_at) for one in hazards]
    same = len(set(days)) == 1
    lines = [
        told(one) + ("" if same else f"（限期：{day}）")
        for one, day in zip(hazards, days, strict=True)
    ]
    return _sheet(
        "rectify_order",
        number=hazard.order_number,
        site=hazard.site,
        signed=[hazard.ordered_by, *(one for one in others if one != hazard.ordered_by)],
        at=hazard.ordered_at,
        said={
            "measure_what": numbered(lines),
            "measure_basis": edition_on(timezone.localdate(hazard.ordered_at)).articles["a_order"],
            "measure_until": days[0] if same else "各项所列日期",
        },
    )


def rechecks_of(visit: Visit) -> list[Recheck]:
    """What a finished visit found of hazards that had been ordered to be put right."""
    if visit.finished_at is None:
        return []
    ordered = visit.rechecks.filter(hazard__ordered_at__lte=visit.finished_at)
    return list(ordered.select_related("hazard__site").order_by("pk"))


def recheck(visit: Visit) -> Sheet | None:
    """整改复查意见书, of all that was ordered before and looked at again at a visit."""
    rows = rechecks_of(visit)
    if not rows:
        return None
    return _recheck_sheet(
        [(row.hazard, row.passed, row.note) for row in rows],
        number=recheck_number(visit),
        signed=list(visit.inspectors.order_by("pk")),
        at=visit.finished_at or visit.started_at,
    )


def recheck_number(visit: Visit) -> str:
    """A visit of re-check has it as its own; before these were given, an inspection had none."""
    return (visit.number if visit.kind == Visit.Kind.RECHECK else visit.recheck_number) or ""


def step_number(step: Step) -> str:
    """Of a re-check on the hazard's task; given at once after it."""
    given = DeskRecheck.objects.filter(step=step).values_list("number", flat=True).first()
    return given or ""


def recheck_of(hazard: Hazard) -> Sheet | None:
    """The opinion after the latest re-check of one hazard, at a visit or on its task."""
    row, step = latest_recheck(hazard)
    if row is not None:
        return recheck(row.visit)
    if step is None:
        return None
    return _recheck_sheet(
        [(hazard, step.move == "verify", step.note)],
        number=step_number(step),
        signed=[step.by],
        at=step.at,
    )


def latest_recheck(hazard: Hazard) -> tuple[Recheck | None, Step | None]:
    """Where an ordered hazard was last looked at again: at a visit, or by a move of its task."""
    if hazard.ordered_at is None:
        return None, None
    rows = hazard.rechecks.filter(visit__finished_at__gte=hazard.ordered_at)
    row = rows.select_related("visit").order_by("-visit__finished_at", "-pk").first()
    steps = hazard.item.steps.filter(move__in=("verify", "return"), at__gte=hazard.ordered_at)
    step = steps.order_by("-pk").first()
    if row is None or step is None:
        return row, step
    # At a visit the move is made by it: by its words, where a phone sent the visit in later.
    of_visit = (step.move == "verify", step.note[:300]) == (row.passed, row.note)
    over = row.visit.finished_at
    return (row, None) if of_visit or (over and step.at <= over) else (None, step)


def _recheck_sheet(
    rows: Sequence[tuple[Hazard, bool, str]], *, number: str, signed: list[Account], at: datetime
) -> Sheet:
    hazards = [hazard for hazard, _passed, _note in rows]
    days = [timezone.localdate(hazard.ordered_at) for hazard in hazards if hazard.ordered_at]
    lines = [
        f"{hazard.what}：{'已整改' if passed else '未整改'}" + (f"（{note}）" if note else "")
        for hazard, passed, note in rows
    ]
    return _sheet(
        "recheck",
        number=number,
        blank=_blank_number(hazards[0]),
        site=hazards[0].site,
        signed=signed,
        at=at,
        said={
            "measure_from": "、".join(dict.fromkeys(plain_day(day) for day in sorted(days))),
            "order_number": "、".join(dict.fromkeys(hazard.order_number for hazard in hazards)),
            "measure_end": numbered(lines),
        },
    )


def _blank_number(hazard: Hazard) -> str:
    """（金）应急复查〔　〕　号, for the pen: of the office that gave the order."""
    return f"{words_of(hazard)}〔　　　〕　　号"


def visit_time(visit: Visit) -> str:
    ended = f"至{minute_of(visit.finished_at)}" if visit.finished_at else ""
    return f"{minute_of(visit.started_at)}{ended}"


def told(hazard: Hazard) -> str:
    """A hazard with the article that it offends."""
    return hazard.what + (f"（{hazard.basis}）" if hazard.basis else "")


def found_at(visit: Visit) -> list[str]:
    """What a visit found, and what it found again that was known and open."""
    again = Q(answers__visit=visit, answers__result=Answer.Result.WRONG)
    known = Hazard.objects.filter(again).exclude(visit=visit).distinct()
    return [
        *(told(hazard) for hazard in visit.hazards.order_by("pk")),
        *(f"{told(hazard)}（此前已发现，尚未整改）" for hazard in known.order_by("pk")),
    ]


def numbered(lines: Sequence[str]) -> str:
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1))


def _checklist(visit: Visit) -> list[str]:
    """依据《金属制品》检查标准检查3项：符合2项，不符合1项，不涉及0项。"""
    if visit.version is None:
        return []
    rows = visit.answers.values_list("result").annotate(n=Count("pk"))
    given = dict(rows.order_by("result"))
    if not given:
        return []
    R = Answer.Result
    words = ((R.FINE, "符合"), (R.WRONG, "不符合"), (R.NONE, "不涉及"))
    counts = "，".join(f"{word}{given.get(result, 0)}项" for result, word in words)
    name = visit.version.standard.name
    return [f"依据《{name}》检查标准检查{sum(given.values())}项：{counts}。"]


def _looked_at_again(rows: Sequence[Recheck]) -> list[str]:
    return [
        f"此前隐患“{row.hazard.what}”：{'已整改' if row.passed else '未整改'}"
        + (f"（{row.note}）。" if row.note else "。")
        for row in rows
    ]


def _sheet(
    code: str,
    *,
    number: str,
    site: Site,
    signed: list[Account],
    at: datetime,
    said: dict[str, str],
    blank: str = "",
) -> Sheet:
    day = timezone.localdate(at)
    organ = _organ(number or blank)
    office = signed[0].organisation if signed else None
    values = {
        "number": number or blank,
        "organ": organ.name if organ else office.name if office else "",
        "issued_on": full_day(day),
        "rows": [],
        "review_body": organ.review_body if organ else "",
        "court": organ.court if organ else "",
        "review_days": limit_words("enforce.reconsider", at),
        "court_months": limit_words("enforce.lawsuit", at),
        **_party(site),
        **_officers(signed, organ, day),
        **said,
    }
    return Sheet(edition_on(day).form(code), number, values)


def _organ(number: str) -> Organ | None:
    """Whose number it is: what an organ's numbers begin with, its mark or its name."""
    for organ in Organ.objects.select_related("region").order_by("pk"):
        if number.startswith((f"（{organ.mark}）", organ.name, f"（{organ.region.name}）")):
            return organ
    return None


def _party(site: Site) -> dict[str, str]:
    """As its file has it; telephone numbers are people's and stay out of the papers."""
    firm = getattr(site, "enterprise", None)
    return {
        "party": site.name,
        "party_address": firm.address if firm else "",
        "party_head": firm.legal_person if firm else "",
        "party_phone": "",
    }


def _officers(signed: Sequence[Account], organ: Organ | None, day: date) -> dict[str, str]:
    """Two of those who made it, first those with a certificate that was in force."""
    held = Certificate.objects.filter(account__in=[one.pk for one in signed]).valid_on(day)
    if organ is not None:
        held = held.filter(organ=organ)
    numbers = dict(held.order_by("pk").values_list("account", "number"))
    pairs = [(one.name, numbers.get(one.pk, "")) for one in signed]
    pairs.sort(key=lambda pair: not pair[1])
    names: dict[str, str] = {}
    for n, (name, number) in enumerate((*pairs, ("", ""), ("", ""))[:2], start=1):
        names |= {f"officer{n}": name, f"cert{n}": number}
    return names
