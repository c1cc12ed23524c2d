"""Where a case stands and how it gets from there: one column, one table."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    PROPOSED = "PROPOSED", _("filing asked for")
    NOT_FILED = "REFUSED", _("not filed")
    INQUIRY = "INQUIRY", _("inquiry")
    REVIEW = "REVIEW", _("review")
    NOTICE = "NOTICE", _("notice to the party")
    HEARING = "HEARING", _("hearing")
    DECISION = "DECISION", _("waiting for the decision")
    SERVICE = "SERVICE", _("waiting for service")
    FULFIL = "FULFIL", _("fulfilment")
    ENFORCE = "ENFORCE", _("enforcement by the court")
    TRANSFERRED = "POLICE", _("with the police")
    CLOSED = "CLOSED", _("case closed")


class Procedure(models.TextChoices):
    ORDINARY = "ORDINARY", _("ordinary procedure")
    SUMMARY = "SUMMARY", _("summary procedure")


class Outcome(models.TextChoices):
    PENALTY = "PENALTY", _("penalty")
    SPARED = "SPARED", _("no penalty")
    DROPPED = "DROPPED", _("dropped")
    POLICE = "POLICE", _("with the police")
    REVOKED = "REVOKED", _("decision revoked")


S = Stage
# From where, by what, to where. `services.moves.move_case` is the only one to follow it.
MOVES: dict[tuple[str, str], str] = {
    (S.PROPOSED, "file"): S.INQUIRY,
    (S.PROPOSED, "refuse"): S.NOT_FILED,
    (S.INQUIRY, "conclude"): S.REVIEW,
    (S.REVIEW, "return"): S.INQUIRY,
    (S.REVIEW, "pass"): S.NOTICE,
    (S.NOTICE, "hear"): S.HEARING,
    (S.NOTICE, "ready"): S.DECISION,
    (S.HEARING, "ready"): S.DECISION,
    (S.DECISION, "decide"): S.SERVICE,
    (S.DECISION, "return"): S.INQUIRY,
    (S.SERVICE, "serve"): S.FULFIL,
    (S.FULFIL, "enforce"): S.ENFORCE,
    (S.FULFIL, "close"): S.CLOSED,
    (S.ENFORCE, "close"): S.CLOSED,
    (S.TRANSFERRED, "close"): S.CLOSED,
    (S.INQUIRY, "drop"): S.CLOSED,
    (S.INQUIRY, "transfer"): S.TRANSFERRED,
    (S.REVIEW, "transfer"): S.TRANSFERRED,
    (S.NOTICE, "transfer"): S.TRANSFERRED,
    (S.DECISION, "transfer"): S.TRANSFERRED,
    (S.TRANSFERRED, "hand_back"): S.INQUIRY,
    (S.NOTICE, "recall"): S.INQUIRY,
    (S.HEARING, "recall"): S.INQUIRY,
    (S.DECISION, "recall"): S.INQUIRY,
    # Revoked, to be decided anew, or for good.
    (S.SERVICE, "revoke"): S.INQUIRY,
    (S.FULFIL, "revoke"): S.INQUIRY,
    (S.ENFORCE, "revoke"): S.INQUIRY,
    (S.CLOSED, "revoke"): S.INQUIRY,
    (S.SERVICE, "annul"): S.CLOSED,
    (S.FULFIL, "annul"): S.CLOSED,
    (S.ENFORCE, "annul"): S.CLOSED,
    (S.CLOSED, "annul"): S.CLOSED,
}

# On a timeline: what was done.
LABELS = {
    "propose": _("asked to file the case"),
    "on_spot": _("decided on the spot"),
    "file": _("filed the case"),
    "refuse": _("did not file the case"),
    "conclude": _("ended the inquiry"),
    "return": _("sent it back"),
    "pass": _("passed the review"),
    "hear": _("granted the hearing"),
    "ready": _("ended the notice"),
    "decide": _("decided"),
    "serve": _("served the decision"),
    "enforce": _("applied to the court"),
    "close": _("closed the case"),
    "drop": _("dropped the case"),
    "transfer": _("handed it to the police"),
    "hand_back": _("took it back from the police"),
    "ask": _("asked for approval"),
    "agree": _("approved"),
    "disagree": _("did not approve"),
    "officer": _("changed the officers"),
    "recuse": _("recused an officer"),
    "evidence": _("took evidence"),
    "inquire": _("questioned somebody"),
    "keep": _("registered and kept evidence"),
    "unkeep": _("decided on the kept evidence"),
    "measure": _("took a measure"),
    "lift": _("ended a measure"),
    "issue": _("issued a document"),
    "correct": _("corrected a document"),
    "receipt": _("served a document"),
    "state": _("took down the party's statement"),
    "hearing": _("arranged the hearing"),
    "heard": _("held the hearing"),
    "pay": _("entered a payment"),
    "cash": _("handed in the cash"),
    "unpay": _("cancelled a payment"),
    "instal": _("granted instalments"),
    "stand": _("reconsideration or lawsuit began"),
    "unstand": _("reconsideration or lawsuit ended"),
    "dun": _("demanded payment"),
    "flag": _("noted a possible crime"),
    "police": _("entered the answer of the police"),
    "hand_over": _("handed things and papers over to the police"),
    "consult": _("consulted with police and prosecution"),
    "publish": _("put it on the publicity list"),
    "withdraw": _("took it off the publicity list"),
    "recall": _("took the notice back"),
    "revoke": _("revoked the decision, to decide anew"),
    "annul": _("revoked the decision"),
    "refund": _("paid back"),
    "join": _("added a party"),
    "note": _("noted"),
}


def label(move: str) -> str:
    return str(LABELS.get(move, move))
