"""Quarters of a year: the rhythm in which committees meet."""

from datetime import date, timedelta


def quarter_of(day: date) -> int:
    return (day.month - 1) // 3 + 1


def first_day(year: int, quarter: int) -> date:
    return date(year, quarter * 3 - 2, 1)


def last_day(year: int, quarter: int) -> date:
    following = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    return following - timedelta(days=1)


def last_over(on: date, count: int = 4) -> list[tuple[int, int]]:
    """The last quarters that were over on a day, (year, quarter), the earliest first."""
    current = on.year * 4 + quarter_of(on) - 1
    return [(n // 4, n % 4 + 1) for n in range(current - count, current)]
