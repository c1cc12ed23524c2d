"""Write a plan's next version, step by step; another person puts it in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.command.models import Plan, PlanStep, PlanVersion, ResponseLevel
from anlan.people.models import Account, Role
from anlan.places.models import Region


@dataclass(frozen=True)
class StepText:
    """A step as somebody writes it."""

    level: int
    title: str
    role: str
    region_level: int
    minutes: int
    instructions: str = ""
    site_kind: str = ""
    hit_by_forecast: bool = False


@transaction.atomic
def load_plan(
    *, document: dict[str, Any], region: Region, by: Account, at: datetime
) -> PlanVersion:
    """A draft version from a plan file (docs/guide/plans.md); unchanged text gives no new one."""
    by.require("command.plan", region=region)
    try:
        steps = [StepText(**step) for step in document["steps"]]
        code, name = str(document["code"]), str(document["name"])
    except (KeyError, TypeError) as error:
        raise BadInput(
            "command.plan_file",
            _("The plan file lacks something or has a field too many: %(what)s") % {"what": error},
            hint=_("Compare it with the example in the guide."),
        ) from error
    plan, _made = Plan.objects.get_or_create(code=code, defaults={"name": name, "region": region})
    current = plan.versions.exclude(state=PlanVersion.State.REPLACED).order_by("-number").first()
    if current is not None and step_texts(current) == steps:
        return current
    draft = draft_version(plan=plan, by=by, at=at, source=str(document.get("source", "")))
    draft.steps.all().delete()
    for order, step in enumerate(steps, start=1):
        _put_step(draft, order, step)
    return draft


@transaction.atomic
def draft_version(*, plan: Plan, by: Account, at: datetime, source: str = "") -> PlanVersion:
    """The plan's draft: the one that is being written, or a copy of the version in force."""
    by.require("command.plan", region=plan.region)
    draft = plan.versions.filter(state=PlanVersion.State.DRAFT).first()
    if draft is not None:
        return draft
    number = (plan.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    draft = PlanVersion.objects.create(
        plan=plan, number=number, author=by, written_at=at, source=source
    )
    in_force = plan.versions.filter(state=PlanVersion.State.IN_FORCE).first()
    for order, step in enumerate(step_texts(in_force) if in_force else [], start=1):
        _put_step(draft, order, step)
    return draft


@transaction.atomic
def save_step(
    *, version: PlanVersion, step: StepText, order: int | None, by: Account, at: datetime
) -> PlanStep:
    """Write or rewrite a step of a draft. Who last wrote it may not approve it."""
    _require_draft(version, by)
    if order is None:
        order = (version.steps.aggregate(last=Max("order"))["last"] or 0) + 1
    _now_written_by(version, by, at)
    return _put_step(version, order, step)


@transaction.atomic
def remove_step(*, version: PlanVersion, order: int, by: Account, at: datetime) -> None:
    _require_draft(version, by)
    _now_written_by(version, by, at)
    version.steps.filter(order=order).delete()


@transaction.atomic
def approve_version(*, version: PlanVersion, by: Account, at: datetime) -> PlanVersion:
    """Put a draft in force in place of the version before it. Not by its author."""
    by.require("command.approve", region=version.plan.region)
    if version.author_id == by.pk:
        raise Refusal(
            "command.own_plan",
            _("You wrote this version, so someone else must approve it."),
            hint=_("Ask a colleague who may approve plans."),
        )
    if not version.steps.exists():
        raise BadInput("command.empty_plan", _("A plan without steps cannot be put in force."))
    version.plan.versions.filter(state=PlanVersion.State.IN_FORCE).update(
        state=PlanVersion.State.REPLACED
    )
    same = PlanVersion.objects.filter(pk=version.pk, state=PlanVersion.State.DRAFT)
    if not same.update(state=PlanVersion.State.IN_FORCE, approver=by, approved_at=at):
        raise Refusal("command.not_draft", _("This version is no longer a draft."))
    version.refresh_from_db()
    publish(
        "command.plan.approved",
        at=at,
        by=by,
        region_path=version.plan.region.path,
        plan=version.plan.code,
        number=version.number,
    )
    return version


def step_texts(version: PlanVersion) -> list[StepText]:
    """A version's steps as they would be written."""
    return [
        StepText(
            level=step.level,
            title=step.title,
            role=step.role,
            region_level=step.region_level,
            minutes=step.minutes,
            instructions=step.instructions,
            site_kind=step.site_kind,
            hit_by_forecast=step.hit_by_forecast,
        )
        for step in version.steps.order_by("order")
    ]


def _put_step(version: PlanVersion, order: int, step: StepText) -> PlanStep:
    if step.level not in ResponseLevel.values or step.region_level not in Region.Level.values:
        raise BadInput("command.step_level", _("Response levels run from 1 (gravest) to 4."))
    if not step.title.strip() or not 1 <= step.minutes <= 60 * 24 * 30:
        raise BadInput(
            "command.step_text", _("A step needs a title and a time limit of 1 minute to 30 days.")
        )
    if not Role.objects.filter(code=step.role, level=step.region_level).exists():
        raise BadInput(
            "command.step_role",
            _("There is no post “%(role)s” at that level.") % {"role": step.role},
            hint=_("Choose a post from the list, or have it set up first."),
        )
    if step.hit_by_forecast and not step.site_kind:
        raise BadInput(
            "command.step_forecast",
            _("A forecast hits sites: choose their kind for such a step."),
        )
    put, _made = PlanStep.objects.update_or_create(
        version=version,
        order=order,
        defaults={
            "level": step.level,
            "title": step.title.strip(),
            "instructions": step.instructions.strip(),
            "role": step.role,
            "region_level": step.region_level,
            "site_kind": step.site_kind,
            "hit_by_forecast": step.hit_by_forecast,
            "minutes": step.minutes,
        },
    )
    return put


def _require_draft(version: PlanVersion, by: Account) -> None:
    by.require("command.plan", region=version.plan.region)
    if version.state != PlanVersion.State.DRAFT:
        raise Refusal(
            "command.not_draft",
            _("This version is no longer a draft."),
            hint=_("Start a new version to change the plan."),
        )


def _now_written_by(version: PlanVersion, by: Account, at: datetime) -> None:
    version.author, version.written_at = by, at
    version.save(update_fields=["author", "written_at"])
