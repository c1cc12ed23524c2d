"""The one way along the stages, and the history of everything that is done in a case."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.base.events import publish
from anlan.base.journal import Finding, check_digests, text_digest
from anlan.people.models import Account

from ..models import Case, CaseStep
from ..stages import MOVES


def move_case(
    *, case: Case, move: str, by: Account, at: datetime, note: str = "", **changes: Any
) -> Case:
    """Compare and set the stage; of two people at once, one wins and the other is told."""
    target = MOVES.get((case.stage, move))
    if target is None:
        raise Refusal(
            "enforce.no_such_move",
            _("The case stands at “%(stage)s”, so that step is not possible.")
            % {"stage": case.get_stage_display()},
            hint=_("Reload the page to see where it stands."),
        )
    same = Case.objects.filter(pk=case.pk, stage=case.stage)
    if not same.update(stage=target, **changes):
        raise Refusal(
            "enforce.moved",
            _("Someone else has just changed this case."),
            hint=_("Reload the page to see where it stands."),
        )
    case.refresh_from_db()
    log(case=case, move=move, by=by, at=at, note=note)
    return case


def log(*, case: Case, move: str, by: Account, at: datetime, note: str = "") -> CaseStep:
    """A line of the case's history, sealed by the journal."""
    step = CaseStep.objects.create(case=case, move=move, by=by, at=at, note=note[:4000])
    publish(
        "enforce.case.step",
        at=at,
        by=by,
        region_path=case.region.path,
        case_id=case.pk,
        move=move,
        stage=case.stage,
        step_id=step.pk,
        digest=step_digest(step),
    )
    return step


def require_stage(case: Case, *stages: str) -> None:
    """Refuse what belongs to another stage."""
    if case.stage not in stages:
        raise Refusal(
            "enforce.wrong_stage",
            _("The case stands at “%(stage)s”, so that step is not possible.")
            % {"stage": case.get_stage_display()},
            hint=_("Reload the page to see where it stands."),
        )


def step_digest(step: CaseStep) -> str:
    return text_digest(str(step.case_id), step.move, str(step.by_id), step.note)


def check_steps() -> Iterator[Finding]:
    """For the journal: every step still says what its event said."""
    rows = ((step.pk, step_digest(step)) for step in CaseStep.objects.iterator())
    return check_digests("enforce.case.", "step_id", rows)
