"""Letters, the ladder from an overdue duty to a sanction, accidents and what became of them."""

from .ladders import Ladder, Proposal, Rung
from .letters import Interview, Letter

__all__ = ["Interview", "Ladder", "Letter", "Proposal", "Rung"]
