"""What a case's file must hold at its stage, and what is missing (案卷评查)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .models import Case, Evidence, Inquiry, Keeping, Paper
from .papers.catalogue import editions
from .stages import Outcome, Procedure, Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_ORDER = (
    Stage.PROPOSED, Stage.INQUIRY, Stage.REVIEW, Stage.NOTICE, Stage.HEARING, Stage.DECISION,
    Stage.SERVICE, Stage.FULFIL, Stage.ENFORCE, Stage.CLOSED,
)  # fmt: skip
DECISIONS = ("decision_org", "decision_person", "spot_org", "spot_person", "no_penalty")


@dataclass(frozen=True)
class Check:
    what: "StrOrPromise"
    fine: bool


def check_file(case: Case) -> list[Check]:
    """Each thing that the file should hold by now, and whether it does."""
    papers = case.papers.exclude(state__in=Paper.GONE).values_list("form", "state")
    forms = {form for form, _state in papers}
    served = {form for form, state in papers if state == Paper.State.SERVED}
    unserved = {form for form, state in papers if state == Paper.State.ISSUED}
    checks = _spot(forms, served) if case.procedure == Procedure.SUMMARY else []
    if case.procedure == Procedure.ORDINARY:
        checks = _ordinary(case, forms, served)
    if case.outcome == Outcome.PENALTY and _reached(case, Stage.FULFIL):
        checks += _paid(case)
        checks.append(Check(_("publication of the penalty"), _is_shown(case)))
    lacking = unserved & _served_forms()
    checks.append(Check(_("a receipt for every document that goes to the party"), not lacking))
    if case.stage == Stage.CLOSED and case.procedure == Procedure.ORDINARY:
        checks.append(Check(_("approval of the closing"), "closing" in forms))
    return checks


def _paid(case: Case) -> list[Check]:
    owed = getattr(case, "fine_due", None)
    settled = bool(owed and owed.settled_on)
    if case.fine:
        return [Check(_("payment vouchers for the whole fine"), settled)]
    if owed and owed.gains:
        return [Check(_("payment vouchers for all that was confiscated"), settled)]
    return []


def _spot(forms: set[str], served: set[str]) -> list[Check]:
    return [Check(_("decision on the spot, handed over"), bool(served & set(DECISIONS)))]


def _ordinary(case: Case, forms: set[str], served: set[str]) -> list[Check]:
    checks = [Check(_("approval of the filing"), "filing" in forms)]
    if _reached(case, Stage.INQUIRY):
        evidence = Evidence.objects.filter(case.of_group())
        checks.append(Check(_("evidence"), evidence.exists()))
        inquiries = Inquiry.objects.filter(case.of_group())
        checks.append(Check(_("a record of questioning"), inquiries.exists()))
        open_ones = Keeping.objects.filter(case.of_group(), decided_at=None).exists()
        checks.append(Check(_("a decision on all kept evidence"), not open_ones))
    if _reached(case, Stage.NOTICE):
        reviewed = case.approvals.filter(subject="REVIEW", result="AGREED").exists()
        checks.append(Check(_("review of the case"), reviewed))
    if _reached(case, Stage.DECISION) and case.outcome != Outcome.DROPPED:
        checks.append(Check(_("notice of the penalty, served"), "penalty_notice" in served))
        if "hearing_right" in forms:
            checks.append(Check(_("notice of the hearing, served"), "hearing_right" in served))
            checks.append(
                Check(
                    _("joint discussion of the heads"), bool(case.discussion) or not case.decided_at
                )
            )
        checks.append(Check(_("a decision within its time limit"), not _decided_late(case)))
    if _reached(case, Stage.FULFIL) and case.outcome in {Outcome.PENALTY, Outcome.SPARED}:
        checks.append(Check(_("the decision, served"), bool(served & set(DECISIONS))))
    return checks


def _decided_late(case: Case) -> bool:
    """Whether the decision came after its ninety days, or after what they were extended to."""
    term = case.terms.filter(rule="penalty.decision").order_by("-pk").first()
    return bool(term and case.decided_at and case.decided_at >= term.due_at)


def _is_shown(case: Case) -> bool:
    """Whether this decision stands, or stood, on the publicity list."""
    shown = getattr(case, "publication", None)
    return bool(shown and case.decided_at and shown.published_at >= case.decided_at)


def _reached(case: Case, stage: Stage) -> bool:
    if case.stage not in _ORDER:
        return False
    return _ORDER.index(Stage(case.stage)) >= _ORDER.index(stage)


def _served_forms() -> set[str]:
    return {form.code for form in editions()[-1].forms.values() if form.served}
