"""Numbers that people and programs write into addresses and forms, and how they read them."""

from decimal import Decimal

LONGEST = 18  # digits: what a database's whole number holds, and no more


def whole(text: str | None) -> int | None:
    """The number, or None where the text is none that a row could have.

    Not `int(text)`: that takes other scripts' digits, and fails on thousands of them.
    """
    given = (text or "").strip()
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= LONGEST else None


def yuan(amount: object) -> str:
    """12,300.00"""
    return f"{Decimal(str(amount or 0)):,.2f}"


def plain(value: Decimal) -> str:
    """30, 7.5: without zeros at the end, and never 3E+1."""
    return f"{value.normalize():f}"
