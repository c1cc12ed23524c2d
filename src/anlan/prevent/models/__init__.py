"""Enterprises, what is expected of them, who visited them, and what was found."""

from .campaigns import Campaign, Quota
from .contracts import Contract, Served, ServiceReview
from .draws import Draw
from .edits import Edit
from .enterprises import Change, Contact, Enterprise, Evidence, Have, Industry, Wording
from .fishbones import Bone, Fishbone, FishboneVersion
from .gate import PublicReport
from .hazards import Extension, Hazard, Listing, Transfer
from .imports import ListImport
from .risks import Area, Check, Control, FloorPlan, Grading, MethodRule, MissedCheck, RiskPoint
from .standards import Entry, Standard, StandardVersion
from .towns import Assessment, Score, ScoreFile, TownLine, TownStandard
from .visits import Answer, DeskRecheck, Recheck, Visit, VisitFile, VisitPlan

__all__ = [
    "Answer",
    "Area",
    "Assessment",
    "Bone",
    "Campaign",
    "Change",
    "Check",
    "Contact",
    "Contract",
    "Control",
    "DeskRecheck",
    "Draw",
    "Edit",
    "Enterprise",
    "Entry",
    "Evidence",
    "Extension",
    "Fishbone",
    "FishboneVersion",
    "FloorPlan",
    "Grading",
    "Have",
    "Hazard",
    "Industry",
    "ListImport",
    "Listing",
    "MethodRule",
    "MissedCheck",
    "PublicReport",
    "Quota",
    "Recheck",
    "RiskPoint",
    "Score",
    "ScoreFile",
    "Served",
    "ServiceReview",
    "Standard",
    "StandardVersion",
    "TownLine",
    "TownStandard",
    "Transfer",
    "Visit",
    "VisitFile",
    "VisitPlan",
    "Wording",
]
