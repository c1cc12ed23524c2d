"""Risk points of an enterprise and their gradings; its colour follows the gravest of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.base.numbers import plain
from anlan.people.models import Account
from anlan.places.models import Region

from .. import grading
from ..models import Area, Enterprise, Grading, MethodRule, RiskPoint, Standard
from ..queries.risks import is_own, method_for
from .enterprises import follow_risk

Stage = Grading.Stage
INDUSTRY = re.compile(r"[A-T][0-9]{0,4}")  # of GB/T 4754


def require_keeper(enterprise: Enterprise, by: Account) -> None:
    """The enterprise itself, or who keeps its file for the bureau."""
    if not is_own(by, enterprise):
        by.require("prevent.manage", region=enterprise.site.region)


@transaction.atomic
def add_area(*, enterprise: Enterprise, name: str, by: Account, at: datetime) -> Area:
    """A workshop, store or yard; one that is known by this name is returned."""
    require_keeper(enterprise, by)
    name = _text(name, 60, _("Name the area."))
    area, made = Area.objects.get_or_create(enterprise=enterprise, name=name)
    if made:
        _tell("prevent.area.added", enterprise, by=by, at=at, area_id=area.pk)
    return area


@transaction.atomic
def add_point(
    *,
    enterprise: Enterprise,
    area: str,
    name: str,
    sort: str,
    danger: str,
    accident: str,
    by: Account,
    at: datetime,
) -> RiskPoint:
    """Put a risk point on the enterprise's register. It counts as not graded at first."""
    if sort not in RiskPoint.Sort or accident not in RiskPoint.Accident:
        raise BadInput("prevent.risk_point", _("Choose a kind from the list."))
    where = add_area(enterprise=enterprise, name=area, by=by, at=at)
    try:
        with transaction.atomic():
            point = RiskPoint.objects.create(
                enterprise=enterprise,
                area=where,
                name=_text(name, 120, _("Name the risk point.")),
                sort=sort,
                danger=_text(danger, 300, _("Say what can go wrong there.")),
                accident=accident,
                made_at=at,
            )
    except IntegrityError as error:
        raise Refusal(
            "prevent.risk_point_known",
            _("“%(area)s” has a risk point of this name.") % {"area": where.name},
            hint=_("Open that one, or give this one another name."),
        ) from error
    _tell("prevent.risk.added", enterprise, by=by, at=at, point_id=point.pk)
    return point


@transaction.atomic
def grade(
    *,
    point: RiskPoint,
    stage: str,
    values: Mapping[str, Decimal],
    note: str = "",
    by: Account,
    at: datetime,
) -> Grading:
    """Grade a point without or with its measures, by the method of its enterprise."""
    require_keeper(point.enterprise, by)
    if point.closed_on is not None:
        raise Refusal("prevent.risk_closed", _("This risk point is no longer there."))
    if stage not in Stage:
        raise BadInput("prevent.grade_stage", _("Grade it without or with its measures."))
    method = method_for(point.enterprise)
    score = grading.score(method, values)
    if stage == Stage.RESIDUAL:
        _check_residual(point, method.code, score)
    made = Grading.objects.create(
        point=point,
        stage=Stage(stage),
        method=method.code,
        likelihood=values["likelihood"],
        exposure=values.get("exposure"),
        severity=values["severity"],
        score=score,
        grade=grading.grade_of(method, score),
        note=note.strip()[:300],
        at=at,
        by=by,
    )
    _take_over(point, made)
    recolour(enterprise=point.enterprise, by=by, at=at)
    _tell(
        "prevent.risk.graded",
        point.enterprise,
        by=by,
        at=at,
        point_id=point.pk,
        grading_id=made.pk,
        stage=made.stage,
        grade=made.grade,
        digest=grading_digest(made),
    )
    return made


def _check_residual(point: RiskPoint, method: str, score: Decimal) -> None:
    """What remains is graded after what there was, with something done in between."""
    before = point.gradings.filter(stage=Stage.INHERENT).order_by("-pk").first()
    if before is None or before.method != method:
        raise Refusal(
            "prevent.not_graded",
            _("The risk has not been graded without measures by this method."),
            hint=_("Grade it without measures first."),
        )
    if not point.controls.filter(retired_at=None).exists():
        raise Refusal(
            "prevent.no_controls",
            _("There are no measures yet, so nothing can have become better."),
            hint=_("Add the measures first."),
        )
    if score > before.score:
        raise BadInput(
            "prevent.grade_worse",
            _("Measures do not make a risk graver: it was %(score)s without them.")
            % {"score": plain(before.score)},
            hint=_("Grade it anew without measures if the risk itself has grown."),
        )


def _take_over(point: RiskPoint, made: Grading) -> None:
    """A fresh grading without measures counts until what remains has been graded again."""
    if made.stage == Stage.INHERENT:
        point.inherent = made.grade
    point.grade = made.grade
    point.regrade_on = in_a_year(timezone.localdate(made.at))
    point.save(update_fields=["inherent", "grade", "regrade_on"])


def in_a_year(day: date) -> date:
    """The same day of the next year; of 29 February, the last of the month."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


@transaction.atomic
def close_point(*, point: RiskPoint, why: str, by: Account, at: datetime) -> RiskPoint:
    """The machine is gone, the activity has ended: kept, no longer counted or checked."""
    require_keeper(point.enterprise, by)
    why = _text(why, 200, _("Say why, in a few words."))
    open_rows = RiskPoint.objects.in_use().filter(pk=point.pk)
    if not open_rows.update(closed_on=timezone.localdate(at)):
        raise Refusal("prevent.risk_closed", _("This risk point is no longer there."))
    point.refresh_from_db()
    recolour(enterprise=point.enterprise, by=by, at=at)
    _tell("prevent.risk.closed", point.enterprise, by=by, at=at, point_id=point.pk, why=why)
    return point


def recolour(*, enterprise: Enterprise, by: Account, at: datetime) -> None:
    """The gravest point gives the enterprise its colour, unless somebody set that by hand."""
    gravest = RiskPoint.objects.in_use().filter(enterprise=enterprise).aggregate(g=Min("grade"))
    if gravest["g"] is not None:
        why = _("The gravest of its risk points.")
        follow_risk(enterprise=enterprise, colour=gravest["g"], why=why, by=by, at=at)


@transaction.atomic
def set_method(
    *, standard: Standard | None, industry: str, method: str, by: Account, at: datetime
) -> MethodRule | None:
    """By which method a standard's or an industry's enterprises grade; "" takes the rule back."""
    for region in Region.objects.filter(parent=None, valid_to=None):
        by.require("prevent.standard", region=region)  # it holds everywhere
    industry = industry.strip().upper()
    if (standard is None) == (not industry):
        raise BadInput("prevent.method_of", _("Choose a standard or an industry, not both."))
    if industry and not INDUSTRY.fullmatch(industry):
        raise BadInput(
            "prevent.industry", _("An industry is a letter and up to four digits, such as C26.")
        )
    key = {"standard": standard} if standard else {"industry": industry}
    if not method:
        MethodRule.objects.filter(**key).delete()
        rule = None
    elif method in grading.METHODS:
        rule, _made = MethodRule.objects.update_or_create(**key, defaults={"method": method})
    else:
        raise BadInput("prevent.method", _("There is no such method."))
    publish(
        "prevent.method.set",
        at=at,
        by=by,
        standard=standard.code if standard else "",
        industry=industry,
        method=method,
    )
    return rule


def grading_digest(made: Grading) -> str:
    """What the journal keeps of a grading, so that its history cannot be altered."""
    factors = (
        plain(value) if value is not None else ""
        for value in (Decimal(made.likelihood), made.exposure, Decimal(made.severity))
    )
    return text_digest(
        str(made.point_id), made.stage, made.method, *factors, str(made.grade), made.note
    )


def check_gradings() -> Iterator[Finding]:
    """For the journal: every grading still says what its event said."""
    rows = ((made.pk, grading_digest(made)) for made in Grading.objects.iterator())
    return check_digests("prevent.risk.graded", "grading_id", rows)


def _text(text: str, length: int, missing: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput("prevent.empty", missing)
    return text[:length]


def _tell(name: str, enterprise: Enterprise, *, by: Account, at: datetime, **data: object) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        **data,
    )
