"""How grave an accident is: the grades of the State Council's order 493, article 3.

What is said there as 以上 includes the number, 以下 excludes it (article 3, last sentence).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    GENERAL = "GENERAL", _("general accident")
    LARGER = "LARGER", _("larger accident")
    MAJOR = "MAJOR", _("major accident")
    GRAVE = "GRAVE", _("especially grave accident")


@dataclass(frozen=True)
class Grade:
    """From these numbers on (any one of them) an accident has the grade."""

    severity: Severity
    deaths: int
    injured: int
    loss: Decimal  # yuan, direct


SOURCE = "生产安全事故报告和调查处理条例（国务院令第493号）第三条"
GRADES = (
    Grade(Severity.GRAVE, 30, 100, Decimal(100_000_000)),
    Grade(Severity.MAJOR, 10, 50, Decimal(50_000_000)),
    Grade(Severity.LARGER, 3, 10, Decimal(10_000_000)),
)
# Which government investigates by article 19; a higher one may take it over.
INVESTIGATES = {
    Severity.GRAVE: _("the State Council"),
    Severity.MAJOR: _("the province"),
    Severity.LARGER: _("the city"),
    Severity.GENERAL: _("the county"),
}


def severity_of(*, deaths: int, injured: int, loss: Decimal) -> Severity:
    """`injured`: seriously, with acute industrial poisoning; `loss`: direct, in yuan."""
    for grade in GRADES:
        if deaths >= grade.deaths or injured >= grade.injured or loss >= grade.loss:
            return grade.severity
    return Severity.GENERAL


def counts_until(happened_at: datetime, *, fire_or_traffic: bool) -> datetime:
    """Until when a change of casualties changes the grade (articles 13 and 20)."""
    return happened_at + timedelta(days=7 if fire_or_traffic else 30)
