"""Committees, what their members answer for, the year's calendar, meetings, the yearly refresh."""

from .calendar import Entry, YearList
from .committees import Chair, Committee, Duty, DutyVersion, Member
from .meetings import Attendance, Meeting, Resolution
from .refresh import Refresh, RefreshTask

__all__ = [
    "Attendance",
    "Chair",
    "Committee",
    "Duty",
    "DutyVersion",
    "Entry",
    "Meeting",
    "Member",
    "Refresh",
    "RefreshTask",
    "Resolution",
    "YearList",
]
