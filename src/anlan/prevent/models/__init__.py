"""Enterprises, what is expected of them, who visited them, and what was found."""

from .enterprises import Change, Contact, Enterprise, Evidence, Have, Industry, Wording
from .hazards import Hazard
from .standards import Entry, Standard, StandardVersion
from .visits import Answer, Visit

__all__ = [
    "Answer",
    "Change",
    "Contact",
    "Enterprise",
    "Entry",
    "Evidence",
    "Have",
    "Hazard",
    "Industry",
    "Standard",
    "StandardVersion",
    "Visit",
    "Wording",
]
