"""The organ's own data: names and numbers, officers' certificates, the discretion table."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem, read
from anlan.people.models import Account
from anlan.places.models import Region

from ..models import Certificate, DiscretionEntry, DiscretionTable, Organ
from .succession import check_standing


@transaction.atomic
def save_organ(*, region: Region, by: Account, at: datetime, **columns: Any) -> Organ:
    """The organ of a region, as its documents name it."""
    by.require("enforce.manage", region=region)
    if not columns.get("name", "").strip() or not columns.get("mark", "").strip():
        raise BadInput("enforce.no_organ", _("An organ has a name and a mark for its numbers."))
    organ, _made = Organ.objects.update_or_create(region=region, defaults=columns)
    publish("enforce.organ.saved", at=at, by=by, region_path=region.path, organ_id=organ.pk)
    return organ


@transaction.atomic
def add_certificate(
    *,
    organ: Organ,
    account: Account,
    number: str,
    valid_from: date,
    valid_until: date,
    by: Account,
    at: datetime,
) -> Certificate:
    """An officer may act from a day to a day."""
    by.require("enforce.manage", region=organ.region)
    check_standing(organ)
    if not number.strip() or valid_until < valid_from:
        raise BadInput("enforce.bad_certificate", _("Enter its number and the days it holds."))
    try:
        with transaction.atomic():
            made = Certificate.objects.create(
                organ=organ,
                account=account,
                number=number.strip(),
                valid_from=valid_from,
                valid_until=valid_until,
            )
    except IntegrityError as error:
        raise Refusal("enforce.certificate_once", _("There is such a number already.")) from error
    _tell("enforce.certificate.added", made, by, at)
    return made


@transaction.atomic
def revoke_certificate(
    *, certificate: Certificate, on: date, by: Account, at: datetime
) -> Certificate:
    """From that day on its holder may not act any more."""
    by.require("enforce.manage", region=certificate.organ.region)
    if not Certificate.objects.filter(pk=certificate.pk, revoked_on=None).update(revoked_on=on):
        raise Refusal("enforce.revoked", _("It has been revoked already."))
    certificate.refresh_from_db()
    _tell("enforce.certificate.revoked", certificate, by, at)
    return certificate


def _tell(name: str, certificate: Certificate, by: Account, at: datetime) -> None:
    path = certificate.organ.region.path
    publish(name, at=at, by=by, region_path=path, certificate_id=certificate.pk)


COLUMNS = (
    Column("code", ("编号", "code")),
    Column("offence", ("违法行为", "offence")),
    Column("violated", ("违反条款", "violated")),
    Column("basis", ("处罚依据", "basis")),
    Column("gravity", ("裁量阶次", "gravity")),
    Column("circumstance", ("适用情形", "circumstance")),
    Column("fine_from", ("罚款下限（元）", "from")),
    Column("fine_to", ("罚款上限（元）", "to")),
    Column("besides", ("并处", "besides"), required=False),
    Column("party", ("适用对象", "party"), required=False),
)
GRAVITY = {"轻微": 1, "一般": 2, "较重": 3, "从轻": 1, "从重": 3, "严重": 4}


def read_discretion(content: bytes) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The lines of a discretion table, and what is wrong with which cell."""
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    seen: set[tuple[str, int, bool]] = set()
    for line in read(content, COLUMNS):
        row, wrong = _read_line(line)
        key = (row["code"], row["gravity"], row["for_person"])
        if not wrong and key in seen:
            wrong = [Problem(line.number, "code", line["code"], _("stands in the table twice"))]
        seen.add(key)
        rows.append(row)
        problems += wrong
    return rows, problems


def _read_line(line: Line) -> tuple[dict[str, Any], list[Problem]]:
    problems = []
    row: dict[str, Any] = {
        name: line[name]
        for name in ("code", "offence", "violated", "basis", "circumstance", "besides")
    }
    for name in ("code", "offence", "violated", "basis", "circumstance"):
        if not row[name]:
            problems.append(Problem(line.number, name, "", _("is missing")))
    row["gravity"] = GRAVITY.get(line["gravity"], 0)
    if not row["gravity"]:
        problems.append(
            Problem(line.number, "gravity", line["gravity"], _("is none of 轻微, 一般, 较重, 严重"))
        )
    for name in ("fine_from", "fine_to"):
        row[name] = _money(line[name])
        if row[name] is None:
            problems.append(Problem(line.number, name, line[name], _("is no amount in yuan")))
    if not problems and row["fine_to"] < row["fine_from"]:
        problems.append(Problem(line.number, "fine_to", line["fine_to"], _("is below the other")))
    row["for_person"] = line["party"] in {"个人", "自然人", "person"}
    return row, problems


def _money(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "") or "0")
    except InvalidOperation:
        return None
    fits = amount.is_finite() and 0 <= amount < 10**12 and amount == round(amount, 2)
    return amount if fits else None


@transaction.atomic
def load_discretion(
    *,
    name: str,
    source: str,
    since: date,
    rows: Sequence[dict[str, Any]],
    region: Region,
    by: Account,
    at: datetime,
    example: bool = False,
) -> DiscretionTable:
    """Put an edition of a region's table in force from a day; earlier ones stay for their cases."""
    by.require("enforce.manage", region=region)
    if not rows or not name.strip() or not source.strip():
        raise BadInput("enforce.no_table", _("The table has no lines, or no name or source."))
    if DiscretionTable.objects.filter(region=region, since=since).exists():
        raise Refusal("enforce.table_once", _("An edition from that day on is there already."))
    table = DiscretionTable.objects.create(
        region=region, name=name, source=source, since=since, example=example, loaded_at=at,
        loaded_by=by,
    )  # fmt: skip
    DiscretionEntry.objects.bulk_create(DiscretionEntry(table=table, **row) for row in rows)
    publish(
        "enforce.discretion.loaded", at=at, by=by, region_path=region.path, table_id=table.pk,
        lines=len(rows),
    )  # fmt: skip
    return table
