"""Enterprises, what is expected of them, who visited them, and what was found."""

from .campaigns import Campaign, Quota
from .draws import Draw
from .enterprises import Change, Contact, Enterprise, Evidence, Have, Industry, Wording
from .hazards import Extension, Hazard, Listing, Transfer
from .imports import ListImport
from .standards import Entry, Standard, StandardVersion
from .visits import Answer, Recheck, Visit, VisitFile, VisitPlan

__all__ = [
    "Answer",
    "Campaign",
    "Change",
    "Contact",
    "Draw",
    "Enterprise",
    "Entry",
    "Evidence",
    "Extension",
    "Have",
    "Hazard",
    "Industry",
    "ListImport",
    "Listing",
    "Quota",
    "Recheck",
    "Standard",
    "StandardVersion",
    "Transfer",
    "Visit",
    "VisitFile",
    "VisitPlan",
    "Wording",
]
