"""Checklists: drafted by one person, put in force by another, kept by version for good.

A standard is the whole city's: whoever writes one holds the right in all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.base.tables import Column, Line, Problem
from anlan.people.models import Account
from anlan.places.models import Region

from ..models import Entry, Standard, StandardVersion

V = StandardVersion.State
PERMISSION = "prevent.standard"
MOST_ENTRIES = 500
COLUMNS = (
    Column("section", ("检查项目", "类别", "项目"), required=False),
    Column("text", ("检查内容", "内容", "标准要求")),
    Column("basis", ("依据", "法律依据", "条款"), required=False),
    Column("how", ("检查方法", "方法"), required=False),
    Column("major", ("重大隐患", "是否重大隐患"), required=False),
)
YES = {"是", "重大", "√", "1", "Y", "YES", "TRUE"}
NO = {"", "否", "一般", "0", "N", "NO", "FALSE"}
LONGEST = {"section": 60, "text": 500, "basis": 300, "how": 300}


@dataclass(frozen=True)
class Text:
    """One line of a checklist as somebody writes it."""

    text: str
    section: str = ""
    basis: str = ""
    how: str = ""
    major: bool = False


@transaction.atomic
def make_standard(*, code: str, name: str, notice: str = "", by: Account, at: datetime) -> Standard:
    """A new category, still without a checklist."""
    require_everywhere(by)
    code, name = code.strip(), name.strip()
    if not (0 < len(code) <= 40 and 0 < len(name) <= 120):
        raise BadInput("prevent.no_standard_name", _("Give a short code and a name."))
    if Standard.objects.filter(code=code).exists():
        raise Refusal("prevent.double_standard", _("There is a standard with this code already."))
    made = Standard.objects.create(code=code, name=name, notice=notice.strip()[:300])
    publish("prevent.standard.made", at=at, by=by, standard_id=made.pk, code=code)
    return made


@transaction.atomic
def change_standard(
    *, standard: Standard, name: str, notice: str, by: Account, at: datetime
) -> Standard:
    """Its name and what is read at the gate; the checklist has its versions."""
    require_everywhere(by)
    if not 0 < len(name.strip()) <= 120:
        raise BadInput("prevent.no_standard_name", _("Give a short code and a name."))
    standard.name, standard.notice = name.strip(), notice.strip()[:300]
    standard.save(update_fields=["name", "notice"])
    publish("prevent.standard.changed", at=at, by=by, standard_id=standard.pk)
    return standard


@transaction.atomic
def retire_standard(*, standard: Standard, by: Account, at: datetime) -> Standard:
    """No longer to be chosen; enterprises and visits that have it keep it."""
    require_everywhere(by)
    standard.retired_on = localdate(at)
    standard.save(update_fields=["retired_on"])
    publish("prevent.standard.retired", at=at, by=by, standard_id=standard.pk)
    return standard


@transaction.atomic
def draft_version(*, standard: Standard, by: Account, at: datetime) -> StandardVersion:
    """The next version, begun as a copy of the one in force. One draft at a time."""
    require_everywhere(by)
    last = standard.versions.order_by("-number").first()
    try:
        with transaction.atomic():
            draft = StandardVersion.objects.create(
                standard=standard, number=last.number + 1 if last else 1, made_at=at, author=by
            )
    except IntegrityError:
        raise Refusal(
            "prevent.draft_exists",
            _("Somebody is writing the next version already."),
            hint=_("Look at their draft; it must be put in force or given up first."),
        ) from None
    in_force = standard.versions.filter(state=V.IN_FORCE).first()
    if in_force:
        _fill(draft, [text_of(entry) for entry in in_force.entries.order_by("number")])
    return draft


@transaction.atomic
def save_entry(
    *, version: StandardVersion, number: int | None, given: Text, by: Account, at: datetime
) -> Entry:
    """Change a line of one's draft, or add one at its end."""
    _require_own_draft(version, by)
    problems = list(_check(given))
    if problems:
        raise BadInput("prevent.bad_entry", problems[0][1])
    if number is None:
        count = version.entries.count()
        if count >= MOST_ENTRIES:
            raise _too_long()
        return Entry.objects.create(version=version, number=count + 1, **asdict(given))
    entry = _entry(version, number)
    for name, value in asdict(given).items():
        setattr(entry, name, value)
    entry.save()
    return entry


@transaction.atomic
def remove_entry(*, version: StandardVersion, number: int, by: Account, at: datetime) -> None:
    """Take a line out of one's draft; those below move up."""
    _require_own_draft(version, by)
    _entry(version, number).delete()
    _number_anew(version, version.entries.order_by("number"))


@transaction.atomic
def move_entry(
    *, version: StandardVersion, number: int, by_lines: int, by: Account, at: datetime
) -> None:
    """Move a line of one's draft up (-1) or down (1)."""
    _require_own_draft(version, by)
    order = list(version.entries.order_by("number"))
    moved = _entry(version, number)
    place = order.index(moved)
    order.insert(max(0, min(place + by_lines, len(order) - 1)), order.pop(place))
    _number_anew(version, order)


def plan_entries(content: bytes) -> tuple[list[Text], list[Problem], list[Line]]:
    """What a workbook holds as a checklist, and every bad cell."""
    texts, problems = [], []
    lines = tables.read(content, COLUMNS)
    for line in lines:
        given = Text(
            text=line["text"],
            section=line["section"],
            basis=line["basis"],
            how=line["how"],
            major=line["major"].upper() in YES,
        )
        wrong = [Problem(line.number, column, line[column], why) for column, why in _check(given)]
        if line["major"].upper() not in YES | NO:
            wrong.append(Problem(line.number, "major", line["major"], _("Write 是 or 否.")))
        problems += wrong
        texts += [] if wrong else [given]
    return texts, problems, lines


@transaction.atomic
def import_entries(
    *, version: StandardVersion, content: bytes, by: Account, at: datetime
) -> list[Problem]:
    """Put a workbook's lines in place of the draft's; where one is bad, all stays as it was."""
    _require_own_draft(version, by)
    texts, problems, lines = plan_entries(content)
    if len(lines) > MOST_ENTRIES:
        raise _too_long()
    if not problems:
        version.entries.all().delete()
        _fill(version, texts)
    return problems


def export_entries(version: StandardVersion) -> bytes:
    """A version as a workbook, which can be changed and taken in again."""
    rows = [
        asdict(text_of(entry)) | {"major": "是" if entry.major else "否"}
        for entry in version.entries.order_by("number")
    ]
    return tables.workbook(COLUMNS, rows)


@transaction.atomic
def put_in_force(*, version: StandardVersion, by: Account, at: datetime) -> StandardVersion:
    """Another person than the author; what was in force is replaced, and kept."""
    require_everywhere(by)
    if version.author_id == by.pk:
        raise Refusal(
            "prevent.own_draft",
            _("You wrote this checklist, so someone else must put it in force."),
            hint=_("Ask a colleague who may do so."),
        )
    if not version.entries.exists():
        raise Refusal("prevent.empty_draft", _("This checklist has no lines yet."))
    standard = Standard.objects.select_for_update().get(pk=version.standard_id)
    standard.versions.filter(state=V.IN_FORCE).update(state=V.REPLACED)
    draft = StandardVersion.objects.filter(pk=version.pk, state=V.DRAFT)
    if not draft.update(state=V.IN_FORCE, in_force_from=at, approved_by=by):
        raise _not_a_draft()
    version.refresh_from_db()
    publish(
        "prevent.standard.in_force",
        at=at,
        by=by,
        standard_id=version.standard_id,
        version_id=version.pk,
        number=version.number,
        entries=version.entries.count(),
    )
    return version


@transaction.atomic
def give_up_draft(*, version: StandardVersion, by: Account, at: datetime) -> None:
    """Throw a draft away: one's own, or that of somebody who does not go on with it."""
    require_everywhere(by)
    if version.state != V.DRAFT:
        raise _not_a_draft()
    publish(
        "prevent.standard.draft_given_up",
        at=at,
        by=by,
        standard_id=version.standard_id,
        number=version.number,
    )
    version.delete()


@transaction.atomic
def load_standard(*, document: dict[str, Any], by: Account, at: datetime) -> StandardVersion:
    """A checklist from a file, as a draft that another person puts in force."""
    require_everywhere(by)
    standard = Standard.objects.filter(code=str(document.get("code", ""))).first()
    if standard is None:
        standard = make_standard(
            code=str(document.get("code", "")),
            name=str(document.get("name", "")),
            notice=str(document.get("notice", "")),
            by=by,
            at=at,
        )
    draft = draft_version(standard=standard, by=by, at=at)
    draft.entries.all().delete()
    known = Text.__dataclass_fields__
    for row in document.get("entries", []):
        given = Text(**{name: value for name, value in row.items() if name in known})
        save_entry(version=draft, number=None, given=given, by=by, at=at)
    return draft


def require_everywhere(by: Account) -> None:
    """The right must be held in the whole city: every county works by the same checklists."""
    in_force = Region.objects.filter(valid_to=None)
    cities = list(in_force.filter(level=Region.Level.CITY)) or list(in_force.filter(parent=None))
    if by.is_system:
        return
    if not cities:
        raise NotAllowed("prevent.no_city", _("There are no regions yet."))
    for city in cities:
        by.require(PERMISSION, region=city)


def text_of(entry: Entry) -> Text:
    return Text(entry.text, entry.section, entry.basis, entry.how, entry.major)


def _check(given: Text) -> Iterable[tuple[str, str]]:
    if not given.text.strip():
        yield "text", _("Say what is to be looked at.")
    for name, most in LONGEST.items():
        if len(getattr(given, name)) > most:
            yield name, _("At most %(most)d characters.") % {"most": most}


def _require_own_draft(version: StandardVersion, by: Account) -> None:
    """Whoever changes a draft is its author, so that the person who approves it is another one."""
    require_everywhere(by)
    if version.state != V.DRAFT:
        raise _not_a_draft()
    if version.author_id != by.pk:
        raise Refusal(
            "prevent.not_your_draft",
            _("%(name)s is writing this version.") % {"name": version.author},
            hint=_("Tell them what to change, or give the draft up and begin your own."),
        )


def _not_a_draft() -> Refusal:
    return Refusal(
        "prevent.not_a_draft",
        _("A version that has been in force is not changed any more."),
        hint=_("Begin the next version."),
    )


def _too_long() -> BadInput:
    return BadInput(
        "prevent.too_many_entries",
        _("A checklist has at most %(most)d lines.") % {"most": MOST_ENTRIES},
    )


def _entry(version: StandardVersion, number: int) -> Entry:
    entry = version.entries.filter(number=number).first()
    if entry is None:
        raise Refusal(
            "prevent.no_entry",
            _("This line is no longer there."),
            hint=_("Reload the page to see where it stands."),
        )
    return entry


def _fill(version: StandardVersion, texts: Sequence[Text]) -> None:
    Entry.objects.bulk_create(
        Entry(version=version, number=n, **asdict(text)) for n, text in enumerate(texts, start=1)
    )


def _number_anew(version: StandardVersion, order: Iterable[Entry]) -> None:
    """In two steps, for a number may stand once only."""
    rows = list(order)
    for shift in (MOST_ENTRIES + 1, 1):
        for n, entry in enumerate(rows):
            entry.number = n + shift
        Entry.objects.bulk_update(rows, ["number"])
