"""What can be done in a case, when, by whom: a form and the service that it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from anlan.base.errors import Refusal
from anlan.people.models import Account

from . import forms
from .forms import CaseForm
from .known import Known
from .models import Approval, Case, Party, Referral
from .services import (
    cases,
    decisions,
    evidence,
    findings,
    joint,
    money,
    notices,
    officers,
    papers,
    publicity,
    referrals,
    withdrawing,
)
from .services.approvals import as_read, decide
from .stages import Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

S = Stage
Doer = Callable[[Case, CaseForm, Account, datetime], Any]
OPEN = frozenset(S.values) - {S.CLOSED, S.NOT_FILED}
UNTIL_DECIDED = frozenset({S.INQUIRY, S.REVIEW, S.NOTICE, S.HEARING})


@dataclass(frozen=True)
class Act:
    code: str
    label: "StrOrPromise"
    form: type[CaseForm]
    do: Doer
    stages: frozenset[str]
    permission: str = "enforce.handle"
    group: str = "step"  # "step": the way on; "more": what may come at any time
    fits: Callable[[Known], bool] = lambda known: True
    grave: bool = False
    asks: str = ""  # the subject that it asks for: not while that waits for a decision

    def is_open(self, case: Case, actor: Account, at: datetime) -> bool:
        """Whether it makes sense now, for this reader. The service has the last word."""
        known = Known(case, actor, at)
        return self.belongs_in(known) and self.code not in known.not_yet

    def belongs_in(self, known: Known) -> bool:
        """Whether the reader does it in a case that stands so, now or from a later day on."""
        case = known.case
        may = known.actor.may(self.permission, region=case.region)
        if not may or case.stage not in self.stages or not self.fits(known):
            return False
        return not self.asks or self.asks not in known.asked


def _plain(service: Callable[..., Any], *names: str) -> Doer:
    """The form's fields are the service's arguments."""

    def do(case: Case, form: CaseForm, by: Account, at: datetime) -> Any:
        wanted = names or tuple(form.cleaned_data)
        return service(case=case, **{n: form.cleaned_data[n] for n in wanted}, by=by, at=at)

    return do


def _conclude(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = dict(form.cleaned_data)
    request = data.pop("request")
    data["discretion"] = form.picked("discretion")
    finding = findings.Finding(**data)
    cases.conclude_inquiry(case=case, finding=finding, request=request, by=by, at=at)


def _decide(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    assert isinstance(form, forms.DecideForm)
    data = form.cleaned_data
    read = as_read(form.waiting, data["approval"])
    decide(approval=read, agree=data["agree"], opinion=data["opinion"], by=by, at=at)


def _officer(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    officers.change_officer(
        case=case,
        old=form.picked("officer"),
        new=form.picked("certificate"),
        recused=form.cleaned_data["recused"],
        reason=form.cleaned_data["reason"],
        by=by,
        at=at,
    )


def _evidence(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = dict(form.cleaned_data)
    file = data.pop("file")
    evidence.add_evidence(
        case=case,
        thing=evidence.Thing(**data),
        data=file.read() if file else b"",
        file_name=file.name if file else "",
        by=by,
        at=at,
    )


def _inquire(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = dict(form.cleaned_data)
    times = {name: data.pop(name) for name in ("started_at", "ended_at")}
    data.pop("written_by")
    evidence.add_inquiry(
        case=case,
        said=evidence.Questioned(**data),
        written_by=form.picked("written_by"),
        **times,
        by=by,
        at=at,
    )


def _keep(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = form.cleaned_data
    evidence.ask_keeping(
        case=case,
        things=_things(data["things"]),
        place=data["place"],
        on_site=data["on_site"],
        reason=data["reason"],
        by=by,
        at=at,
    )


def _things(text: str) -> list[evidence.Thing]:
    """Lines of name, model, quantity."""
    rows = [line.replace("，", ",").split(",") for line in text.splitlines() if line.strip()]
    return [
        evidence.Thing("THING", name.strip()[:120], "", spec.strip()[:80], amount.strip()[:40])
        for name, spec, amount in ((*row, "", "")[:3] for row in rows)
    ]


def _unkeep(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = form.cleaned_data
    evidence.decide_keeping(
        keeping=form.picked("keeping"), outcome=data["outcome"], note=data["note"], by=by, at=at
    )


def _end_measure(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    note = form.cleaned_data["note"]
    evidence.end_measure(measure=form.picked("measure"), note=note, by=by, at=at)


def _extend_measure(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    note = form.cleaned_data["note"]
    evidence.extend_measure(measure=form.picked("measure"), reason=note, by=by, at=at)


def _hearing(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = form.cleaned_data
    notices.arrange_hearing(
        case=case,
        meets_at=data["meets_at"],
        place=data["place"],
        public=data["public"],
        host=form.picked("host"),
        clerk=form.picked("clerk"),
        by=by,
        at=at,
    )


def _instalments(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    parts = [money.Part(amount, day) for day, amount in form.cleaned_data["parts"]]
    money.ask_instalments(case=case, parts=parts, reason=form.cleaned_data["reason"], by=by, at=at)


def _unpay(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    reason = form.cleaned_data["reason"]
    money.cancel_payment(payment=form.picked("payment"), reason=reason, by=by, at=at)


def _referral(service: Callable[..., Any]) -> Doer:
    def do(case: Case, form: CaseForm, by: Account, at: datetime) -> Any:
        return service(referral=case.referral, **form.cleaned_data, by=by, at=at)

    return do


def _withdraw(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    reason = form.cleaned_data["reason"]
    publicity.withdraw(publication=case.publication, reason=reason, by=by, at=at)


def _join(case: Case, form: CaseForm, by: Account, at: datetime) -> None:
    data = dict(form.cleaned_data)
    reason = data.pop("reason")
    joint.add_party(case=case, party=Party(**data), reason=reason, by=by, at=at)


def _is_officer(known: Known) -> bool:
    return known.is_officer


def _may_ask(known: Known) -> bool:
    return known.is_officer and not known.waiting


def _owes(known: Known) -> bool:
    return known.unpaid and known.is_officer


def _owes_a_fine(known: Known) -> bool:
    """Gains that are confiscated have neither instalments nor a surcharge."""
    return _owes(known) and known.fine is not None and not known.fine.gains


def _noticed(known: Known) -> bool:
    return known.is_officer and "penalty_notice" in known.forms


def _told(form: str) -> Callable[[Known], bool]:
    """The party was served with it: what follows from it may come."""
    return lambda known: known.is_officer and form in known.served


def _referral_in(*states: str) -> Callable[[Known], bool]:
    return lambda known: known.is_officer and known.referral in states


R = Referral.State
A = Approval.Subject
ACTS: tuple[Act, ...] = (
    Act("decide", _("Decide on what is asked for"), forms.DecideForm, _decide, OPEN | {S.CLOSED},
        "enforce.view", fits=lambda known: known.may_decide),
    Act("evidence", _("Take evidence"), forms.EvidenceForm, _evidence, UNTIL_DECIDED,
        group="inquiry", fits=_is_officer),
    Act("inquire", _("Record a questioning"), forms.InquiryForm, _inquire, UNTIL_DECIDED,
        group="inquiry", fits=_is_officer),
    Act("keep", _("Have evidence registered and kept"), forms.KeepForm, _keep,
        frozenset({S.INQUIRY}), group="inquiry", fits=_is_officer, asks=A.KEEPING),
    Act("unkeep", _("Decide on kept evidence"), forms.UnkeepForm, _unkeep, OPEN, group="inquiry",
        fits=lambda known: known.is_officer and known.keeps),
    Act("measure", _("Order a measure"), forms.MeasureForm, _plain(evidence.take_measure), OPEN,
        group="inquiry", fits=_is_officer),
    Act("end_measure", _("End a measure"), forms.EndMeasureForm, _end_measure, OPEN,
        group="inquiry", fits=lambda known: known.is_officer and bool(known.sealed)),
    Act("extend_measure", _("Extend a sealing"), forms.EndMeasureForm, _extend_measure, OPEN,
        "enforce.approve", group="inquiry",
        fits=lambda known: any(known.sealed)),
    Act("conclude", _("End the inquiry"), forms.ConcludeForm, _conclude, frozenset({S.INQUIRY}),
        fits=_is_officer),
    Act("notice", _("Issue the notice"), forms.PlainForm, _plain(notices.issue_notice),
        frozenset({S.NOTICE}), fits=lambda known: known.is_officer
        and "penalty_notice" not in known.forms),
    Act("statement", _("Take down the party's statement"), forms.StatementForm,
        _plain(notices.take_statement), frozenset({S.NOTICE, S.HEARING, S.DECISION}),
        fits=_noticed),
    Act("hearing_asked", _("The party asks for a hearing"), forms.HearingAskedForm,
        _plain(notices.request_hearing), frozenset({S.NOTICE}), fits=_told("hearing_right")),
    Act("hearing", _("Arrange the hearing"), forms.HearingForm, _hearing, frozenset({S.HEARING}),
        fits=_is_officer),
    Act("heard", _("Report of the hearing"), forms.HearingRecordForm,
        _plain(notices.record_hearing), frozenset({S.HEARING}), "enforce.view",
        fits=lambda known: known.is_host),
    Act("end_notice", _("End the notice, go on to the decision"), forms.PlainForm,
        _plain(notices.end_notice), frozenset({S.NOTICE}), fits=_told("penalty_notice")),
    Act("legal_review", _("Ask for a legal review"), forms.RequestForm,
        _plain(decisions.ask_legal_review), frozenset({S.DECISION}),
        fits=_may_ask),
    Act("decision", _("Ask for the decision"), forms.DecisionForm, _plain(decisions.ask_decision),
        frozenset({S.DECISION}),
        fits=_may_ask),
    Act("pay", _("Enter a payment"), forms.PaymentForm, _plain(money.enter_payment),
        frozenset({S.FULFIL, S.ENFORCE}), fits=lambda known: known.unpaid),
    Act("cash", _("Cash has been handed in"), forms.PlainForm, _plain(money.hand_in_cash),
        OPEN | {S.CLOSED}, group="money",
        fits=lambda known: known.is_officer and "enforce.cash" in known.running),
    Act("instalments", _("Ask for later payment or instalments"), forms.InstalmentsForm,
        _instalments, frozenset({S.FULFIL}), group="money",
        fits=_owes_a_fine, asks=A.INSTALMENT),
    Act("demand", _("Demand payment"), forms.PlainForm, _plain(money.demand_payment),
        frozenset({S.FULFIL}), group="money",
        fits=_owes),
    Act("surcharge", _("Impose the surcharge"), forms.PlainForm, _plain(money.impose_surcharge),
        frozenset({S.FULFIL}), group="money",
        fits=_owes_a_fine),
    Act("court", _("Apply to the court"), forms.RequestForm, _plain(money.apply_to_court),
        frozenset({S.FULFIL}), group="money",
        fits=_owes),
    Act("stand", _("Reconsideration or lawsuit began"), forms.StandForm,
        _plain(money.begin_standstill), frozenset({S.FULFIL, S.ENFORCE}), group="money",
        fits=_owes),
    Act("unstand", _("Reconsideration or lawsuit ended"), forms.UnstandForm,
        _plain(money.end_standstill), frozenset({S.FULFIL, S.ENFORCE}), group="money",
        fits=lambda known: known.is_officer and known.stands_still),
    Act("unpay", _("Cancel a payment"), forms.CancelPaymentForm, _unpay,
        frozenset({S.FULFIL, S.ENFORCE}), "enforce.approve", group="money", grave=True,
        fits=lambda known: known.fine is not None),
    Act("closing", _("Ask to close the case"), forms.ResultForm, _plain(decisions.ask_closing),
        frozenset({S.FULFIL, S.ENFORCE, S.TRANSFERRED}),
        fits=lambda known: _may_ask(known)
        and not (known.unpaid and known.case.stage == S.FULFIL)),
    Act("publish", _("Put it on the publicity list"), forms.PlainForm,
        _plain(publicity.publish_case), frozenset({S.FULFIL, S.ENFORCE, S.CLOSED}),
        "enforce.publish", fits=lambda known: known.case.outcome == "PENALTY"
        and not known.case.exercise and known.unpublished),
    Act("withdraw", _("Take it off the publicity list"), forms.ReasonForm, _withdraw,
        frozenset(S.values), "enforce.publish", group="more", grave=True,
        fits=lambda known: known.publication is not None
        and known.publication.withdrawn_at is None),
    Act("pay_back", _("Enter the repayment"), forms.PayBackForm, _plain(withdrawing.pay_back),
        frozenset(S.values), group="money", fits=lambda known: known.pays_back),
    Act("join", _("Add a party"), forms.JointPartyForm, _join, frozenset({S.INQUIRY}),
        group="more", fits=lambda known: known.is_officer and not known.case.joined_id),
    Act("recall", _("Take the notice back"), forms.ReasonForm,
        _plain(withdrawing.withdraw_notice), frozenset({S.NOTICE, S.HEARING, S.DECISION}),
        group="more", grave=True, fits=_noticed),
    Act("revoke", _("Ask to revoke the decision"), forms.RevokeForm,
        _plain(withdrawing.ask_revocation), frozenset(withdrawing.REVOCABLE), group="more",
        grave=True, fits=lambda known: _may_ask(known) and known.decided),
    Act("paper", _("Issue a document"), forms.PaperForm,
        _plain(papers.issue_by_hand), frozenset(S.values), group="more", fits=_is_officer),
    Act("extension", _("Ask for more time for the case"), forms.ExtensionForm,
        _plain(cases.ask_extension), UNTIL_DECIDED | {S.DECISION}, group="more",
        fits=lambda known: known.is_officer and known.can_extend, asks=A.EXTENSION),
    Act("officer", _("Replace an officer"), forms.OfficerForm, _officer, OPEN, "enforce.approve",
        group="more"),
    Act("drop", _("Drop the case"), forms.ReasonForm, _plain(cases.drop_case),
        frozenset({S.INQUIRY}), "enforce.approve", group="more", grave=True),
    Act("transfer", _("Ask for transfer to the police"), forms.ReasonForm,
        _plain(referrals.ask_transfer), OPEN - {S.PROPOSED, S.TRANSFERRED}, group="police",
        fits=_referral_in("", R.FLAGGED, R.DISMISSED)),
    Act("dismiss", _("No crime: say why"), forms.ReasonForm, _referral(referrals.dismiss), OPEN,
        "enforce.approve", group="police",
        fits=lambda known: known.referral == R.FLAGGED),
    Act("send", _("Send it to the police"), forms.SendForm, _referral(referrals.send), OPEN,
        group="police", fits=_referral_in(R.ASKED)),
    Act("answer", _("Enter the answer of the police"), forms.AnswerForm,
        _referral(referrals.enter_answer), OPEN, group="police",
        fits=_referral_in(R.SENT, R.DISPUTED)),
    Act("hand_over", _("Things and papers are handed over"), forms.PlainForm,
        _plain(referrals.hand_over), OPEN, group="police",
        fits=lambda known: known.is_officer and "enforce.transfer_hand" in known.running),
    Act("dispute", _("Ask for reconsideration or supervision"), forms.ReasonForm,
        _referral(referrals.dispute), OPEN, group="police", fits=_referral_in(R.DECLINED)),
    Act("consult", _("Record a joint consultation"), forms.ConsultationForm,
        _referral(referrals.add_consultation), frozenset(S.values), group="police",
        fits=_referral_in(*R.values)),
    Act("outcome", _("Enter the outcome"), forms.OutcomeForm, _referral(referrals.enter_outcome),
        OPEN, group="police", fits=_referral_in(R.TAKEN, R.DECLINED)),
)  # fmt: skip
# As they stand on the page: the way on first.
GROUPS = ("step", "inquiry", "money", "police", "more")
_by_code = {act.code: act for act in ACTS}


def get(code: str) -> Act | None:
    return _by_code.get(code)


def open_to(known: Known) -> dict[str, list[Act]]:
    """What the reader can do in the case now, by group."""
    groups: dict[str, list[Act]] = {name: [] for name in GROUPS}
    for act in ACTS:
        if act.belongs_in(known) and act.code not in known.not_yet:
            groups[act.group].append(act)
    return {name: found for name, found in groups.items() if found}


def later(known: Known) -> list[tuple[Act, Refusal]]:
    """What the reader will do, but cannot yet, and why."""
    return [
        (act, known.not_yet[act.code])
        for act in ACTS
        if act.code in known.not_yet and act.belongs_in(known)
    ]
