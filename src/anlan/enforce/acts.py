"""What can be done in a case, when, by whom: a form and the service that it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account

from . import forms
from .forms import CaseForm
from .models import Case, Party, Referral
from .services import (
    cases,
    decisions,
    evidence,
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
    fits: Callable[[Case, Account], bool] = lambda case, actor: True
    grave: bool = False

    def is_open(self, case: Case, actor: Account) -> bool:
        """Whether it makes sense now, for this reader. The service has the last word."""
        may = actor.may(self.permission, region=case.region)
        return may and case.stage in self.stages and self.fits(case, actor)


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
    finding = cases.Finding(**data)
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


def _pays_back(case: Case, actor: Account) -> bool:
    fine = getattr(case, "fine_due", None)
    return bool(fine and fine.revoked_on and withdrawing.kept_payments(fine).exists())


def _unpublished(case: Case) -> bool:
    shown = getattr(case, "publication", None)
    return shown is None or publicity.is_of_before(shown, case)


def _asked(case: Case) -> bool:
    return case.approvals.filter(result="").exists()


def _is_officer(case: Case, actor: Account) -> bool:
    return case.officers.filter(to_at=None, certificate__account=actor).exists()


def _referral_in(*states: str) -> Callable[[Case, Account], bool]:
    def fits(case: Case, actor: Account) -> bool:
        referral = Referral.objects.filter(case=case).first()
        return _is_officer(case, actor) and bool(referral and referral.state in states)

    return fits


def _may_decide(case: Case, actor: Account) -> bool:
    waiting = case.approvals.filter(result="").select_related("item")
    return any(
        a.asked_by_id != actor.pk and actor.may(a.item.kind_of.may_check, region=case.region)
        for a in waiting
    )


def _noticed(case: Case, actor: Account) -> bool:
    return _is_officer(case, actor) and papers.standing(case, "penalty_notice") is not None


def _has_fine(case: Case, actor: Account) -> bool:
    fine = getattr(case, "fine_due", None)
    return fine is not None and fine.settled_on is None


def _is_host(case: Case, actor: Account) -> bool:
    hearing = getattr(case, "hearing", None)
    return bool(hearing and hearing.host_id == actor.pk)


R = Referral.State
ACTS: tuple[Act, ...] = (
    Act("decide", _("Decide on what is asked for"), forms.DecideForm, _decide, OPEN | {S.CLOSED},
        "enforce.view", fits=_may_decide),
    Act("evidence", _("Take evidence"), forms.EvidenceForm, _evidence, UNTIL_DECIDED,
        group="inquiry", fits=_is_officer),
    Act("inquire", _("Record a questioning"), forms.InquiryForm, _inquire, UNTIL_DECIDED,
        group="inquiry", fits=_is_officer),
    Act("keep", _("Have evidence registered and kept"), forms.KeepForm, _keep,
        frozenset({S.INQUIRY}), group="inquiry", fits=_is_officer),
    Act("unkeep", _("Decide on kept evidence"), forms.UnkeepForm, _unkeep, OPEN, group="inquiry",
        fits=lambda case, actor: _is_officer(case, actor)
        and case.keepings.filter(decided_at=None).exists()),
    Act("measure", _("Order a measure"), forms.MeasureForm, _plain(evidence.take_measure), OPEN,
        group="inquiry", fits=_is_officer),
    Act("end_measure", _("End a measure"), forms.EndMeasureForm, _end_measure, OPEN,
        group="inquiry", fits=lambda case, actor: _is_officer(case, actor)
        and case.measures.filter(ended_at=None).exists()),
    Act("extend_measure", _("Extend a sealing"), forms.EndMeasureForm, _extend_measure, OPEN,
        "enforce.approve", group="inquiry",
        fits=lambda case, actor: case.measures.filter(ended_at=None, term__isnull=False).exists()),
    Act("conclude", _("End the inquiry"), forms.ConcludeForm, _conclude, frozenset({S.INQUIRY}),
        fits=_is_officer),
    Act("notice", _("Issue the notice"), forms.PlainForm, _plain(notices.issue_notice),
        frozenset({S.NOTICE}), fits=lambda case, actor: _is_officer(case, actor)
        and papers.standing(case, "penalty_notice") is None),
    Act("statement", _("Take down the party's statement"), forms.StatementForm,
        _plain(notices.take_statement), frozenset({S.NOTICE, S.HEARING, S.DECISION}),
        fits=_noticed),
    Act("hearing_asked", _("The party asks for a hearing"), forms.HearingAskedForm,
        _plain(notices.request_hearing), frozenset({S.NOTICE}), fits=_noticed),
    Act("hearing", _("Arrange the hearing"), forms.HearingForm, _hearing, frozenset({S.HEARING}),
        fits=_is_officer),
    Act("heard", _("Report of the hearing"), forms.HearingRecordForm,
        _plain(notices.record_hearing), frozenset({S.HEARING}), "enforce.view", fits=_is_host),
    Act("end_notice", _("End the notice, go on to the decision"), forms.PlainForm,
        _plain(notices.end_notice), frozenset({S.NOTICE}), fits=_noticed),
    Act("legal_review", _("Ask for a legal review"), forms.RequestForm,
        _plain(decisions.ask_legal_review), frozenset({S.DECISION}),
        fits=lambda case, actor: _is_officer(case, actor) and not _asked(case)),
    Act("decision", _("Ask for the decision"), forms.DecisionForm, _plain(decisions.ask_decision),
        frozenset({S.DECISION}),
        fits=lambda case, actor: _is_officer(case, actor) and not _asked(case)),
    Act("pay", _("Enter a payment"), forms.PaymentForm, _plain(money.enter_payment),
        frozenset({S.FULFIL, S.ENFORCE}), fits=_has_fine),
    Act("cash", _("Cash has been handed in"), forms.PlainForm, _plain(money.hand_in_cash),
        OPEN | {S.CLOSED}, group="money",
        fits=lambda case, actor: _is_officer(case, actor)
        and case.terms.filter(rule="enforce.cash", met_at=None).exists()),
    Act("instalments", _("Ask for later payment or instalments"), forms.InstalmentsForm,
        _instalments, frozenset({S.FULFIL}), group="money",
        fits=lambda case, actor: _has_fine(case, actor) and _is_officer(case, actor)),
    Act("demand", _("Demand payment"), forms.PlainForm, _plain(money.demand_payment),
        frozenset({S.FULFIL}), group="money",
        fits=lambda case, actor: _has_fine(case, actor) and _is_officer(case, actor)),
    Act("surcharge", _("Impose the surcharge"), forms.PlainForm, _plain(money.impose_surcharge),
        frozenset({S.FULFIL}), group="money",
        fits=lambda case, actor: _has_fine(case, actor) and _is_officer(case, actor)),
    Act("court", _("Apply to the court"), forms.RequestForm, _plain(money.apply_to_court),
        frozenset({S.FULFIL}), group="money",
        fits=lambda case, actor: _has_fine(case, actor) and _is_officer(case, actor)),
    Act("stand", _("Reconsideration or lawsuit began"), forms.StandForm,
        _plain(money.begin_standstill), frozenset({S.FULFIL, S.ENFORCE}), group="money",
        fits=lambda case, actor: _has_fine(case, actor) and _is_officer(case, actor)),
    Act("unstand", _("Reconsideration or lawsuit ended"), forms.UnstandForm,
        _plain(money.end_standstill), frozenset({S.FULFIL, S.ENFORCE}), group="money",
        fits=lambda case, actor: _is_officer(case, actor) and case.fine_due.standstills.filter(
            to_date=None).exists() if hasattr(case, "fine_due") else False),
    Act("unpay", _("Cancel a payment"), forms.CancelPaymentForm, _unpay,
        frozenset({S.FULFIL, S.ENFORCE}), "enforce.approve", group="money", grave=True,
        fits=lambda case, actor: hasattr(case, "fine_due")),
    Act("closing", _("Ask to close the case"), forms.ResultForm, _plain(decisions.ask_closing),
        frozenset({S.FULFIL, S.ENFORCE, S.TRANSFERRED}),
        fits=lambda case, actor: _is_officer(case, actor) and not _asked(case)),
    Act("publish", _("Put it on the publicity list"), forms.PlainForm,
        _plain(publicity.publish_case), frozenset({S.FULFIL, S.ENFORCE, S.CLOSED}),
        "enforce.publish", fits=lambda case, actor: case.outcome == "PENALTY"
        and not case.exercise and _unpublished(case)),
    Act("withdraw", _("Take it off the publicity list"), forms.ReasonForm, _withdraw,
        frozenset(S.values), "enforce.publish", group="more", grave=True,
        fits=lambda case, actor: hasattr(case, "publication")
        and case.publication.withdrawn_at is None),
    Act("pay_back", _("Enter the repayment"), forms.PayBackForm, _plain(withdrawing.pay_back),
        frozenset(S.values), group="money", fits=_pays_back),
    Act("join", _("Add a party"), forms.JointPartyForm, _join, frozenset({S.INQUIRY}),
        group="more", fits=lambda case, actor: _is_officer(case, actor) and not case.joined_id),
    Act("recall", _("Take the notice back"), forms.ReasonForm,
        _plain(withdrawing.withdraw_notice), frozenset({S.NOTICE, S.HEARING, S.DECISION}),
        group="more", grave=True, fits=_noticed),
    Act("revoke", _("Ask to revoke the decision"), forms.RevokeForm,
        _plain(withdrawing.ask_revocation), frozenset(withdrawing.REVOCABLE), group="more",
        grave=True, fits=lambda case, actor: _is_officer(case, actor) and not _asked(case)
        and papers.standing(case, *papers.DECISIONS) is not None),
    Act("paper", _("Issue a document"), forms.PaperForm,
        _plain(papers.issue_by_hand), frozenset(S.values), group="more", fits=_is_officer),
    Act("extension", _("Ask for more time for the case"), forms.ExtensionForm,
        _plain(cases.ask_extension), UNTIL_DECIDED | {S.DECISION}, group="more", fits=_is_officer),
    Act("officer", _("Replace an officer"), forms.OfficerForm, _officer, OPEN, "enforce.approve",
        group="more"),
    Act("drop", _("Drop the case"), forms.ReasonForm, _plain(cases.drop_case),
        frozenset({S.INQUIRY}), "enforce.approve", group="more", grave=True),
    Act("transfer", _("Ask for transfer to the police"), forms.ReasonForm,
        _plain(referrals.ask_transfer), OPEN - {S.PROPOSED, S.TRANSFERRED}, group="police",
        fits=lambda case, actor: _is_officer(case, actor) and not _referral_in(
            R.ASKED, R.SENT, R.TAKEN, R.DECLINED, R.DISPUTED, R.OVER)(case, actor)),
    Act("dismiss", _("No crime: say why"), forms.ReasonForm, _referral(referrals.dismiss), OPEN,
        "enforce.approve", group="police",
        fits=lambda case, actor: Referral.objects.filter(case=case, state=R.FLAGGED).exists()),
    Act("send", _("Send it to the police"), forms.SendForm, _referral(referrals.send), OPEN,
        group="police", fits=_referral_in(R.ASKED)),
    Act("answer", _("Enter the answer of the police"), forms.AnswerForm,
        _referral(referrals.enter_answer), OPEN, group="police",
        fits=_referral_in(R.SENT, R.DISPUTED)),
    Act("hand_over", _("Things and papers are handed over"), forms.PlainForm,
        _plain(referrals.hand_over), OPEN, group="police",
        fits=lambda case, actor: _is_officer(case, actor)
        and case.terms.filter(rule="enforce.transfer_hand", met_at=None).exists()),
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


def open_to(case: Case, actor: Account) -> dict[str, list[Act]]:
    """What the reader can do in the case now, by group."""
    groups: dict[str, list[Act]] = {name: [] for name in GROUPS}
    for act in ACTS:
        if act.is_open(case, actor):
            groups[act.group].append(act)
    return {name: found for name, found in groups.items() if found}
