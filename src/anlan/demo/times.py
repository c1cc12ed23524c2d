"""The storm's hours on the city's calendar."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import storm

LOCAL = ZoneInfo("Asia/Shanghai")
# The record begins at midnight of Thursday 2013-06-06; so does the city's of 2026-07-02.
RECORD_START = datetime(2026, 7, 2, tzinfo=LOCAL)
# The demo opens when the rain has set in; the year of hourly readings ends here.
OPENS = RECORD_START + timedelta(hours=26)
# An hour before the heaviest bands arrive.
PEAK = RECORD_START + timedelta(hours=41)
ENDS = RECORD_START + timedelta(hours=72)
HISTORY_HOURS = 365 * 24


def step_of(at: datetime) -> int:
    """How many whole five-minute steps of the storm are over."""
    return int((at - RECORD_START).total_seconds() // (storm.STEP_H * 3600))


def step_end(step: int) -> datetime:
    """When a step's reading is taken: at its end."""
    return RECORD_START + timedelta(hours=(step + 1) * storm.STEP_H)
