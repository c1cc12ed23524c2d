"""Take in a list of enterprises from Excel: what it would change, then the change by parts.

An empty cell says nothing and what it would change stays; an enterprise that is missing from the
list is never closed by it. The same list again changes nothing. The lines are read in
`list_cells`, compared in `list_known` and written in `list_writing`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from anlan.base import tables
from anlan.base.statistics import recount
from anlan.people.models import Account
from anlan.places.models import Region, Site

from ..models import Contact, Enterprise, Standard, Wording
from .list_cells import COLUMNS, Reader
from .list_known import Known
from .list_rows import Plan, Row
from .list_writing import write_changed, write_new

CHUNK = 500
MANY = 1000  # new ones: the database should know of them
Progress = Callable[[int, int], None]


def plan_list(
    *,
    content: bytes,
    region: Region | None = None,
    by: Account,
    progress: Progress = lambda done, total: None,
) -> Plan:
    """What a list would change, with every bad cell. `region`: all of it lies there."""
    plan = Plan(lines=tables.read(content, COLUMNS))
    reader = Reader(Standard.objects.filter(retired_on=None))
    rows = []
    for n, line in enumerate(plan.lines):
        given, problems = reader.read(line)
        plan.problems += problems
        if not problems:
            rows.append(Row(line.number, given))
        if n % 1000 == 0:
            progress(n // 2, len(plan.lines))
    known = Known(rows, region, by)
    known.locate(rows)
    for n, row in enumerate(rows):
        wrong = known.compare(row)
        if wrong is not None:
            plan.problems.append(wrong)
        elif row.enterprise is None:
            plan.new.append(row)
        elif row.fields or row.contacts:
            plan.changed.append(row)
        else:
            plan.same += 1
        if n % 1000 == 0:
            progress((len(rows) + n) // 2, len(plan.lines))
    plan.problems.sort(key=lambda problem: problem.row)
    listed = set(reader.first)
    plan.absent_count, plan.absent = known.absent(listed)
    return plan


def write_plan(
    *,
    plan: Plan,
    by: Account,
    at: datetime,
    made_up: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Carry a plan out in parts, each a transaction of its own.

    SQLite lets one write at a time: readings must get in between. Whoever stops it in the middle
    hands the same list in again, which takes only the rest.
    """
    total, done = len(plan.new) + len(plan.changed), 0
    for write, rows in ((write_new, plan.new), (write_changed, plan.changed)):
        for start in range(0, len(rows), CHUNK):
            part = rows[start : start + CHUNK]
            write(part, made_up=made_up, by=by, at=at)
            done += len(part)
            progress(done, total)
    if len(plan.new) >= MANY:
        recount(Site, Enterprise, Contact, Wording)


def error_list(plan: Plan) -> bytes:
    return tables.error_workbook(COLUMNS, plan.lines, plan.problems)


def empty_list() -> bytes:
    """A workbook with the headers and one example line."""
    example = {
        "credit_code": "91330700MA00000000",
        "name": "示例五金制品有限公司",
        "region": "330702001001001",
        "address": "示例路1号",
        "industry": "C3399",
        "size": "小型",
        "employees": "35",
        "officer": "张三",
        "officer_phone": "13800001234",
    }
    return tables.workbook(COLUMNS, [example])
