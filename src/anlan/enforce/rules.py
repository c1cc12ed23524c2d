"""Limits of the law that this room counts by: terms, amounts, surcharge (docs/rules/enforce.md).

Terms of the Administrative Penalty Law itself stand in `work.deadlines`; here are those of the
laws around it, and amounts, each by the day from which it holds.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from anlan.work.deadlines import Rule, Unit, Version

_NATURAL, _WORKING, _MONTHS, _HOURS = Unit.NATURAL_DAYS, Unit.WORKING_DAYS, Unit.MONTHS, Unit.HOURS
_TRANSFER = "行政执法机关移送涉嫌犯罪案件的规定（国务院令第310号，第730号修订）"
PENALTY_LAW_2021 = date(2021, 7, 15)

# The party's right to appeal runs its time whatever becomes of the case, unless the decision goes.
APPEALS = ("enforce.reconsider", "enforce.lawsuit")
TERMS = (
    Rule(
        "enforce.statement",
        _("statement and defence"),
        (
            Version(date(2016, 1, 1), 3, _NATURAL, "安全生产行政执法文书式样（2016）第24号"),
            Version(
                PENALTY_LAW_2021,
                3,
                _WORKING,
                "行政处罚法（2021）第四十五条、第八十五条；文书式样第24号",
            ),
        ),
    ),
    Rule(
        "enforce.hearing_notice",
        _("notice before a hearing"),
        (
            Version(date(1996, 10, 1), 7, _NATURAL, "行政处罚法（1996）第四十二条"),
            Version(PENALTY_LAW_2021, 7, _WORKING, "行政处罚法（2021）第六十四条、第八十五条"),
        ),
    ),
    Rule(
        "enforce.reconsider",
        _("administrative reconsideration"),
        (
            Version(date(1999, 10, 1), 60, _NATURAL, "行政复议法（1999）第九条"),
            Version(date(2024, 1, 1), 60, _NATURAL, "行政复议法（2023）第二十条"),
        ),
    ),
    Rule(
        "enforce.lawsuit",
        _("administrative lawsuit"),
        (
            Version(date(1990, 10, 1), 3, _MONTHS, "行政诉讼法（1989）第三十九条"),
            Version(date(2015, 5, 1), 6, _MONTHS, "行政诉讼法（2014修正）第四十六条"),
        ),
    ),
    Rule(
        "enforce.apply_court",
        _("application for enforcement by the court"),
        (Version(date(2012, 1, 1), 3, _MONTHS, "行政强制法第五十三条"),),
    ),
    Rule(
        "enforce.demand",
        _("demand before the court is asked"),
        (Version(date(2012, 1, 1), 10, _WORKING, "行政强制法第五十四条、第六十九条"),),
    ),
    Rule(
        "enforce.seal",
        _("sealing or seizure"),
        (Version(date(2012, 1, 1), 30, _NATURAL, "行政强制法第二十五条", rolls=False),),
    ),
    Rule(
        "enforce.seal_longer",
        _("extended sealing or seizure"),
        (Version(date(2012, 1, 1), 60, _NATURAL, "行政强制法第二十五条", rolls=False),),
    ),
    Rule(
        "enforce.public_notice",
        _("service by public notice"),
        (
            Version(date(1991, 4, 9), 60, _NATURAL, "民事诉讼法（2017修正）第九十二条"),
            Version(date(2022, 1, 1), 30, _NATURAL, "民事诉讼法（2021修正）第九十五条"),
        ),
    ),
    Rule(
        "enforce.cash",
        _("cash taken by officers to the organ"),
        (Version(PENALTY_LAW_2021, 2, _WORKING, "行政处罚法（2021）第七十一条、第八十五条"),),
    ),
    Rule(
        "enforce.transfer_decide",
        _("decision on the transfer to the police"),
        (Version(date(2001, 7, 9), 3, _NATURAL, f"{_TRANSFER}第五条"),),
    ),
    Rule(
        "enforce.transfer_send",
        _("transfer to the police"),
        (Version(date(2001, 7, 9), 24, _HOURS, f"{_TRANSFER}第五条"),),
    ),
    Rule(
        "enforce.police_answer",
        _("answer of the police"),
        (Version(date(2001, 7, 9), 3, _NATURAL, f"{_TRANSFER}第八条"),),
    ),
    Rule(
        "enforce.transfer_dispute",
        _("objection to the police's refusal"),
        (Version(date(2001, 7, 9), 3, _NATURAL, f"{_TRANSFER}第九条"),),
    ),
    Rule(
        "enforce.transfer_hand",
        _("handing over of things and papers to the police"),
        (Version(date(2001, 7, 9), 3, _NATURAL, f"{_TRANSFER}第十二条"),),
    ),
    Rule(
        "enforce.lawsuit_after",
        _("lawsuit after the reconsideration"),
        (Version(date(1990, 10, 1), 15, _NATURAL, "行政诉讼法（2017修正）第四十五条"),),
    ),
    Rule(
        "enforce.refund",
        _("paying back of a revoked fine"),
        (
            # The law names no days; fifteen, as the party has to pay, are the house's own.
            Version(date(2012, 1, 1), 15, _NATURAL, "行政强制法第四十一条（期限由本机关定）"),
        ),
    ),
    Rule(
        "enforce.withdraw",
        _("withdrawal from the publicity list"),
        (Version(PENALTY_LAW_2021, 3, _WORKING, "行政处罚法（2021）第四十八条、第八十五条"),),
    ),
)


@dataclass(frozen=True)
class Amounts:
    """Limits in yuan that hold from a day on, and where they are written."""

    since: date
    person: Decimal
    org: Decimal
    source: str


# A fine up to here, or a warning, may be decided on the spot.
SUMMARY = (
    Amounts(date(1996, 10, 1), Decimal(50), Decimal(1000), "行政处罚法（1996）第三十三条"),
    Amounts(PENALTY_LAW_2021, Decimal(200), Decimal(3000), "行政处罚法（2021）第五十一条"),
)
# A fine from here on is a large one: the party may ask for a hearing, the heads discuss it.
HEARING = (
    Amounts(
        date(2015, 5, 1),
        Decimal(20000),
        Decimal(50000),
        "安全生产违法行为行政处罚办法（国家安全监管总局令第15号，第77号修正）第三十三条",
    ),
)
# Officers may take a fine up to here themselves.
CASH = (
    Amounts(date(1996, 10, 1), Decimal(20), Decimal(20), "行政处罚法（1996）第四十七条"),
    Amounts(PENALTY_LAW_2021, Decimal(100), Decimal(100), "行政处罚法（2021）第六十八条"),
)

SURCHARGE_A_DAY = Decimal("0.03")  # 行政处罚法 72（2021）, 51（1996）
SURCHARGE_MOST = Decimal(1)  # of the fine: 行政处罚法（2021）72, 行政强制法 45
LARGE_FINE = Decimal(50000)  # counted apart: 罚款五万元以上
PUNISHABLE_AGE = 14  # 行政处罚法（2021）第三十条
# Years after which an offence is not punished any more (行政处罚法（2021）第三十六条).
BARRED_AFTER_YEARS, BARRED_AFTER_HARM_YEARS = 2, 5
# From here on a decision on the spot goes to reconsideration first: 行政复议法（2023）第二十三条.
RECONSIDER_FIRST = date(2024, 1, 1)
GAINS = "没收违法所得"  # its amount has a field; what else is confiscated stands in words
# What may be imposed on the spot besides a fine: 行政处罚法（2021）第五十一条.
ON_THE_SPOT_BESIDES = ("", "警告")
# The credit platforms show a penalty for three years at most, from the day of its decision:
# 失信行为纠正后的信用信息修复管理办法（试行）（国家发展改革委令第58号）.
SHOWN_YEARS = 3
OFFICERS_NEEDED = 2  # 行政处罚法（2021）第四十二条


def on(limits: tuple[Amounts, ...], day: date) -> Amounts:
    """The limits in force on a day; before the first ones, the first."""
    held = [limit for limit in limits if limit.since <= day]
    return max(held, key=lambda limit: limit.since) if held else limits[0]


def years_later(day: date, years: int) -> date:
    """The same day some years later."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)
