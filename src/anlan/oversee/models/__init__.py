"""Letters, the ladder from an overdue duty to a sanction, accidents and what became of them."""

from .accidents import (
    Accident,
    Casualties,
    Finding,
    LookBack,
    PersonMeasure,
    Problem,
    Remedy,
    Report,
    SiteChange,
    Verdict,
)
from .ladders import Ladder, Proposal, Rung
from .letters import Interview, Letter

__all__ = [
    "Accident",
    "Casualties",
    "Finding",
    "Interview",
    "Ladder",
    "Letter",
    "LookBack",
    "PersonMeasure",
    "Problem",
    "Proposal",
    "Remedy",
    "Report",
    "Rung",
    "SiteChange",
    "Verdict",
]
