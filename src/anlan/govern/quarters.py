"""Quarters of a year: the rhythm in which committees meet."""

from datetime import date, timedelta


def quarter_of(day: date) -> int:
    return (day.month - 1) // 3 + 1


def first_day(year: int, quarter: int) -> date:
    return date(year, quarter * 3 - 2, 1)


def last_day(year: int, quarter: int) -> date:
    following = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    return following - timedelta(days=1)
