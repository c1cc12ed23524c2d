"""Amounts, days and limits as documents write them: 壹万贰仟叁佰元整, 二〇二六年七月一日."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from anlan.base.days import last_day
from anlan.work import deadlines

_UNITS = {
    deadlines.Unit.NATURAL_DAYS: "日",
    deadlines.Unit.WORKING_DAYS: "个工作日",
    deadlines.Unit.MONTHS: "个月",
    deadlines.Unit.HOURS: "小时",
}
_DIGITS = "〇一二三四五六七八九"


def capital(amount: Decimal) -> str:
    """A sum of money in capital numerals (大写金额)."""
    import cn2an  # takes a third of a second, and few processes write amounts

    return str(cn2an.an2cn(f"{amount:.2f}".removesuffix(".00"), "rmb"))


def both(amount: Decimal) -> str:
    """人民币壹万贰仟叁佰元整（¥12,300.00）"""
    return f"人民币{capital(amount)}（¥{amount:,.2f}）"


def plain_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def full_day(day: date) -> str:
    """二〇二六年十月二十三日, under a document."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_number(day.month)}月{_number(day.day)}日"


def ordinal(n: int) -> str:
    """二, 十二: of joined cases."""
    return _number(n)


def _number(n: int) -> str:
    """Up to 31: 十, 十一, 二十, 二十三."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones or not head else "")


def day_of(at: datetime | None) -> str:
    return plain_day(timezone.localdate(at)) if at else ""


def last_day_of(due_at: datetime | None) -> str:
    return plain_day(last_day(due_at)) if due_at else ""


def minute_of(at: datetime | None) -> str:
    return f"{day_of(at)}{timezone.localtime(at):%H时%M分}" if at else ""


def limit_words(rule: str, at: datetime) -> str:
    """60日, 6个月: a limit as the law of that day has it."""
    version = deadlines.get(rule).on(timezone.localdate(at))
    return f"{version.amount}{_UNITS[version.unit]}"
