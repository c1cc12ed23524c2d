"""Enterprises, what is expected of them, who visited them, and what was found."""

from .enterprises import Contact, Enterprise
from .hazards import Hazard
from .standards import Entry, Standard, StandardVersion
from .visits import Answer, Visit

__all__ = [
    "Answer",
    "Contact",
    "Enterprise",
    "Entry",
    "Hazard",
    "Standard",
    "StandardVersion",
    "Visit",
]
