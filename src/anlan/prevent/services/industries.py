"""The classification of industries (GB/T 4754) as the bureau has it: taken in from its own list.

The standard's text is not ours to ship; what comes along is a small example for the demo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem
from anlan.people.models import Account

from ..models import Industry
from .standards import require_everywhere

COLUMNS = (
    Column("code", ("行业代码", "代码")),
    Column("name", ("行业名称", "类别名称", "名称")),
)
# A section's letter, and with it the two to four digits of division, group and class.
_CODE = re.compile(r"[A-T](\d{2,4})?")


@dataclass(frozen=True)
class IndustryPlan:
    new: int
    changed: int
    same: int
    problems: list[Problem] = field(default_factory=list)
    rows: list[Industry] = field(default_factory=list)


def plan_industries(content: bytes) -> IndustryPlan:
    """What a list would add or rename, with every bad cell; nothing is removed by absence."""
    known = dict(Industry.objects.values_list("code", "name"))
    problems: list[Problem] = []
    rows: dict[str, Industry] = {}
    for line in tables.read(content, COLUMNS):
        wrong = list(_check(line, rows))
        problems += wrong
        if not wrong:
            code = line["code"].upper()
            rows[code] = Industry(code=code, name=line["name"])
    new = [code for code in rows if code not in known]
    changed = [code for code, row in rows.items() if known.get(code, row.name) != row.name]
    same = len(rows) - len(new) - len(changed)
    return IndustryPlan(len(new), len(changed), same, problems, list(rows.values()))


@transaction.atomic
def import_industries(*, content: bytes, by: Account, at: datetime) -> IndustryPlan:
    """Take every good line; the same list again changes nothing."""
    require_everywhere(by)
    plan = plan_industries(content)
    if plan.new or plan.changed:
        Industry.objects.bulk_create(
            plan.rows, update_conflicts=True, unique_fields=["code"], update_fields=["name"]
        )
        publish("prevent.industries.imported", at=at, by=by, new=plan.new, changed=plan.changed)
    return plan


def _check(line: Line, before: dict[str, Industry]) -> Iterable[Problem]:
    code = line["code"].upper()
    if not _CODE.fullmatch(code):
        why = _("Write the code of GB/T 4754, such as C2651.")
        yield Problem(line.number, "code", line["code"], why)
    elif code in before:
        yield Problem(line.number, "code", line["code"], _("This code stands there twice."))
    if not 0 < len(line["name"]) <= 120:
        yield Problem(line.number, "name", line["name"], _("A name has 1 to 120 characters."))
