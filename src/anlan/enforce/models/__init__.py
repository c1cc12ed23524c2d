"""Cases of administrative penalty: who acts, what was found, what was decided, what was paid."""

from .cases import Approval, Case, CaseOfficer, CaseStep, Party, Term
from .evidence import Evidence, Inquiry, Keeping, Measure
from .money import Fine, Instalment, Payment, Standstill
from .notices import Hearing, Statement
from .organs import Certificate, DiscretionEntry, DiscretionTable, Organ
from .papers import Paper, Receipt
from .publicity import Publication
from .referrals import Consultation, Referral

__all__ = [
    "Approval",
    "Case",
    "CaseOfficer",
    "CaseStep",
    "Certificate",
    "Consultation",
    "DiscretionEntry",
    "DiscretionTable",
    "Evidence",
    "Fine",
    "Hearing",
    "Inquiry",
    "Instalment",
    "Keeping",
    "Measure",
    "Organ",
    "Paper",
    "Party",
    "Payment",
    "Publication",
    "Receipt",
    "Referral",
    "Standstill",
    "Statement",
    "Term",
]
