"""Documents: made from the record, numbered, frozen; a mistake needs a correction with a reason."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account
from anlan.work import files

from ..models import Case, Paper
from ..papers import catalogue, typeset, values
from .moves import log
from .numbers import take_number
from .officers import require_officer


def word(form: str, at: datetime) -> str:
    """The word in a form's number on a day: 应急立."""
    return catalogue.edition_on(timezone.localdate(at)).form(form).word


def issue(
    *,
    case: Case,
    form: str,
    by: Account,
    at: datetime,
    number: str = "",
    about: int | None = None,
    text: str = "",
    corrects: Paper | None = None,
    reason: str = "",
) -> Paper:
    """Make a document of the record as it stands, and freeze it."""
    edition = catalogue.edition_on(timezone.localdate(at))
    found = edition.form(form)
    if found.word and not number:
        number = take_number(organ=case.organ, word=found.word, at=at)
    fields = values.fields_of(case=case, form=found, at=at, number=number, about=about, text=text)
    pages = typeset.pdf(found, fields)
    paper = Paper.objects.create(
        case=case,
        form=form,
        edition=edition.code,
        number=number,
        title=found.title,
        about=about,
        fields=fields,
        issued_at=at,
        issued_by=by,
        pdf=files.keep(pages, "pdf"),
        docx=files.keep(typeset.docx(found, fields), "docx"),
        digest=hashlib.sha256(pages).hexdigest(),
        corrects=corrects,
        reason=reason,
    )
    move = "correct" if corrects else "issue"
    log(case=case, move=move, by=by, at=at, note=f"{found.title} {number} {reason}".strip())
    return paper


@transaction.atomic
def issue_by_hand(
    *, case: Case, form: str, text: str, by: Account, at: datetime, about: int | None = None
) -> Paper:
    """A document that no step makes by itself: a record of the scene, a request for an expert."""
    require_officer(case=case, by=by, at=at)
    found = catalogue.edition_on(timezone.localdate(at)).forms.get(form)
    if found is None or not found.by_hand:
        raise BadInput("enforce.no_form", _("Choose a document."))
    owed = getattr(case, "fine_due", None)
    if form in DEMANDS and owed is not None and owed.gains:
        raise Refusal(
            "enforce.demand_of_gains",
            _("This document demands a fine; here illegal gains are to be handed over."),
            hint=_("Use “Demand payment”, which writes the gains' own document."),
        )
    return issue(case=case, form=form, by=by, at=at, text=text, about=about)


@transaction.atomic
def correct(*, paper: Paper, reason: str, text: str, by: Account, at: datetime) -> Paper:
    """Another document in the place of one that was wrong; both stay in the file."""
    require_officer(case=paper.case, by=by, at=at)
    if not reason.strip():
        raise BadInput("enforce.no_reason", _("Say why, in a few words."))
    standing = Paper.objects.filter(pk=paper.pk).exclude(state__in=Paper.GONE)
    if not standing.update(state=Paper.State.REPLACED):
        raise Refusal(
            "enforce.replaced", _("This document has been replaced or taken back already.")
        )
    return issue(
        case=paper.case,
        form=paper.form,
        by=by,
        at=at,
        about=paper.about,
        text=text or str(paper.fields.get("text", "")),
        corrects=paper,
        reason=reason[:200],
    )


def decision_form(case: Case) -> str:
    """Which decision letter fits the party and the procedure."""
    if case.outcome == "SPARED":
        return "no_penalty"
    way = "spot" if case.procedure == "SUMMARY" else "decision"
    return f"{way}_{'person' if case.party.is_person else 'org'}"


# What the party is demanded to do before the court is asked.
DEMANDS = ("demand", "gains_demand", "enforce_demand")
DECISIONS = ("decision_org", "decision_person", "spot_org", "spot_person", "no_penalty")


def issue_decision(*, case: Case, by: Account, at: datetime) -> Paper:
    return issue(case=case, form=decision_form(case), by=by, at=at)


def standing(case: Case, *forms: str) -> Paper | None:
    """The newest document of these forms that has not been replaced or taken back."""
    found = case.papers.filter(form__in=forms).exclude(state__in=Paper.GONE)
    return found.order_by("-pk").first()


def unchanged(paper: Paper) -> bool:
    """Whether the file on the disk is still the one that was frozen."""
    path = files.absolute(paper.pdf)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == paper.digest
