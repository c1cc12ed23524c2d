"""The plan written in bulk: two stories of each shape through the services, the others after them.

What the services leave behind for a story is read and undone again. A value that is a fact of the
story (`facts`) is the fact's in every story of the shape; what is left is the same in all of them.
The second story settles what in the first was a coincidence, and anything that is neither a fact
nor constant stops the writing.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from anlan.base.models import Serial
from anlan.prevent.models import Enterprise, Hazard

from . import services
from .facts import Facts, Name, Ref
from .plan import Act, CaseStory, Plan, VisitStory
from .world import World

ROOMS = ("work", "prevent", "enforce")
SAMPLES, STORIES_A_TIME = 2, 2_000

# What the bulk path does not write as the services do, and why. The test holds this list to be
# exact: each of these differs, and nothing else does.
LEFT_OUT = {
    "base.Event": "a million events; they are for other rooms and the journal, no page lists them",
    "base.Delivery": "events on their way; delivered, they leave nothing in these rooms",
    "enforce.Paper.fields": "the text of a document: as in the first case of the shape",
    "enforce.Paper.pdf": "to typeset a document takes a tenth of a second: the first case's file",
    "enforce.Paper.docx": "the same",
    "enforce.Paper.digest": "of that file",
}
# Numbers that name a row without being a foreign key: by what the row's form is about.
ABOUT = {"inquiry": "enforce.Inquiry", "statement": "enforce.Statement"}


def models_of(rooms: Iterable[str] = ROOMS) -> list[type[models.Model]]:
    return [
        model
        for room in rooms
        for model in apps.get_app_config(room).get_models(include_auto_created=True)
    ]


@cache
def root(model: type[models.Model]) -> type[models.Model]:
    """The model whose number this one's key is: of a hazard, its work item."""
    key = model._meta.pk
    if key is None or key.remote_field is None:
        return model
    return root(key.remote_field.model)


def label(model: type[models.Model]) -> str:
    return root(model)._meta.label


def target(row: models.Model, column: models.Field[Any, Any]) -> str | None:
    """What a column's number points at; a key of its own counts as pointing at itself."""
    if column.remote_field is not None:
        return label(column.remote_field.model)
    if column.primary_key:
        return label(type(row))
    if column.name == "about" and column.model._meta.label == "enforce.Paper":
        return ABOUT.get(row.form)  # type: ignore[attr-defined]
    return None


@dataclass
class Cell:
    """One value of a row: as it was, and which facts it may be."""

    raw: Any
    names: frozenset[Name] = frozenset()
    text: tuple[str | frozenset[Name], ...] = ()  # parts: constant, or one of these facts

    def met(self, other: Cell, where: str) -> Cell:
        """What holds of both."""
        names = self.names & other.names
        if names:
            return Cell(self.raw, names)
        text = _met(self.text, other.text)
        if text and any(isinstance(part, frozenset) for part in text):
            return Cell(self.raw, text=text)
        if self.raw == other.raw:
            return Cell(self.raw)
        raise RuntimeError(f"{where} is neither a fact nor constant: {self.raw!r}, {other.raw!r}")


def _met(
    one: tuple[str | frozenset[Name], ...], other: tuple[str | frozenset[Name], ...]
) -> tuple[str | frozenset[Name], ...]:
    if len(one) != len(other):
        return ()
    found: list[str | frozenset[Name]] = []
    for a, b in zip(one, other, strict=True):
        both = a & b if isinstance(a, frozenset) and isinstance(b, frozenset) else a
        if (not both and a) or (isinstance(both, str) and a != b):
            return ()
        found.append(both)
    return tuple(found)


class Reader:
    """Reads the rows of one story as cells."""

    def __init__(self, facts: Facts, new: dict[tuple[str, object], Name]) -> None:
        self.new = new
        self.values: dict[tuple[type, Any], set[Name]] = defaultdict(set)
        texts: dict[str, set[Name]] = defaultdict(set)
        for name in facts.names():
            value = facts[name]
            if isinstance(value, Ref) and value.pk is None and name != ("campaign",):
                continue
            if isinstance(value, Ref):
                value = Ref(label(apps.get_model(value.model)), value.pk)
            self.values[type(value), value].add(name)
            if isinstance(value, str):
                texts[value].add(name)
            elif type(value) is date:
                texts[value.isoformat()].add(("iso", *name))
        self.texts = texts
        longest = sorted(texts, key=len, reverse=True)
        self.pattern = re.compile(
            "|".join(rf"(?<![\d.,]){re.escape(text)}(?![\d.,]\d|\d)" for text in longest)
        )

    def cell(self, row: models.Model, column: models.Field[Any, Any]) -> Cell:
        raw = getattr(row, column.attname)
        at = target(row, column)
        if at is not None:
            if (at, raw) in self.new:
                return Cell(raw, frozenset([self.new[at, raw]]))
            return Cell(raw, frozenset(self.values.get((Ref, Ref(at, raw)), ())))
        if isinstance(column, models.JSONField):
            return Cell(raw, text=self.parts(json.dumps(raw, ensure_ascii=False)))
        if isinstance(raw, str):
            return Cell(raw, text=self.parts(raw))
        if isinstance(raw, (datetime, date, Decimal, UUID)):
            return Cell(raw, frozenset(self.values.get((type(raw), raw), ())))
        return Cell(raw)

    def parts(self, text: str) -> tuple[str | frozenset[Name], ...]:
        found: list[str | frozenset[Name]] = []
        end = 0
        for match in self.pattern.finditer(text):
            found += [text[end : match.start()], frozenset(self.texts[match.group()])]
            end = match.end()
        return (*found, text[end:])


# The rows of one story: model → row → column → cell. Then the enterprise's changed columns.
Rows = dict[type[models.Model], list[dict[str, Cell]]]


@dataclass
class Traces:
    """What the services left behind for a story."""

    rows: Rows
    changed: dict[str, Cell]

    def met(self, other: Traces) -> Traces:
        counts = [{m.__name__: len(rows) for m, rows in t.rows.items()} for t in (self, other)]
        if counts[0] != counts[1]:
            raise RuntimeError(f"two stories of one shape left different rows: {counts}")
        rows = {
            model: [
                _both(a, b, f"{model._meta.label} {n}")
                for n, (a, b) in enumerate(zip(own, other.rows[model], strict=True))
            ]
            for model, own in self.rows.items()
        }
        return Traces(rows, _both(self.changed, other.changed, "the enterprise"))


def _both(one: dict[str, Cell], other: dict[str, Cell], where: str) -> dict[str, Cell]:
    return {
        name: Cell(cell.raw) if left_out(where, name) else cell.met(other[name], f"{where} {name}")
        for name, cell in one.items()
    }


def left_out(where: str, name: str) -> bool:
    return f"{where.split(' ')[0]}.{name}" in LEFT_OUT


def _last_key(model: type[models.Model]) -> Any:
    """PostgreSQL has no greatest of UUIDs, but puts them in order."""
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first()


def record(facts: Facts) -> Traces:
    """Do the story through the services, read what it left, and undo it."""
    kept = models_of()
    before = {model: _last_key(model) for model in kept}
    with transaction.atomic():
        firm = Enterprise.objects.get(pk=facts.firm.pk)
        services.write_story(facts.story, facts.world, before=partial(_set_number, facts))
        rows = {model: _new_rows(model, before[model], facts) for model in kept}
        new: dict[tuple[str, object], Name] = {
            (model._meta.label, row.pk): ("new", model._meta.label, n)
            for model, found in rows.items()
            if isinstance(model._meta.pk, models.AutoField)
            for n, row in enumerate(found)
        }
        reader = Reader(facts, new)
        cells = {
            model: [{c.attname: reader.cell(row, c) for c in _columns(model)} for row in found]
            for model, found in rows.items()
            if found
        }
        now = Enterprise.objects.get(pk=firm.pk)
        changed = {
            c.attname: reader.cell(now, c)
            for c in _columns(Enterprise)
            if getattr(now, c.attname) != getattr(firm, c.attname)
        }
        transaction.set_rollback(True)
    return Traces(cells, changed)


def _columns(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return list(model._meta.concrete_fields)


def _new_rows(model: type[models.Model], last: object, facts: Facts) -> list[models.Model]:
    found = model._default_manager.order_by("pk")
    if isinstance(root(model)._meta.pk, models.UUIDField):
        own = (facts[name] for name in facts.names() if name[0] in {"sent", "visit"})
        known = [ref.pk for ref in own if ref.model == model._meta.label]
        if isinstance(facts.story, CaseStory):
            return []
        rows = {row.pk: row for row in found.filter(pk__in=known)}
        return [rows[pk] for pk in known]
    return list(found if last is None else found.filter(pk__gt=last))


def _set_number(facts: Facts, act: Act) -> None:
    """So that the service gives the act the number of the plan."""
    number = facts.plan.numbers.get((facts.position, act.name))
    if number is not None:
        name = facts.series(act.name)
        Serial.objects.update_or_create(name=name, defaults={"last": number - 1})


class Stencil:
    """A shape's rows, ready to be filled with the facts of another story.

    All values of a story stand in one list: constants, then facts, then the keys of its new rows;
    a row picks its own from there.
    """

    def __init__(self, traces: Traces) -> None:
        self.constants: list[Any] = []
        self.facts: list[tuple[Name, models.Field[Any, Any]]] = []
        self.keys = {
            model: len(rows)
            for model, rows in traces.rows.items()
            if isinstance(model._meta.pk, models.AutoField)
        }
        self._slots: dict[Hashable, tuple[str, int]] = {}
        asked = {
            model: [[self._slot(row[c.attname], c) for c in _columns(model)] for row in rows]
            for model, rows in traces.rows.items()
        }
        self.changed = {
            name: self._slot(cell, Enterprise._meta.get_field(name))
            for name, cell in traces.changed.items()
        }
        self.rows = {
            model: [itemgetter(*(self._place(slot) for slot in row)) for row in rows]
            for model, rows in asked.items()
        }
        self.hazards = [self._place(row[0]) for row in asked.get(Hazard, ())]

    def _slot(self, cell: Cell, column: models.Field[Any, Any]) -> Hashable:
        name = self._name(cell, column)
        if name is not None and name[0] == "new":
            return name
        key = (name if name is not None else ("=", len(self.constants)), type(column))
        if key not in self._slots:
            if name is None:
                self._slots[key] = ("constant", len(self.constants))
                self.constants.append(_prepared(column, cell.raw))
            else:
                self._slots[key] = ("fact", len(self.facts))
                self.facts.append((name, column))
        return key

    def _name(self, cell: Cell, column: models.Field[Any, Any]) -> Name | None:
        if cell.names:
            return min(cell.names, key=str)
        if any(isinstance(part, frozenset) for part in cell.text):
            parts = (p if isinstance(p, str) else min(p, key=str) for p in cell.text)
            return ("json" if isinstance(column, models.JSONField) else "text", *parts)
        return None

    def _place(self, slot: Hashable) -> int:
        if slot in self._slots:
            sort, n = self._slots[slot]
            return n + (len(self.constants) if sort == "fact" else 0)
        _new, wanted, n = slot  # type: ignore[misc]
        place = len(self.constants) + len(self.facts)
        for model, count in self.keys.items():
            if model._meta.label == wanted:
                return place + int(n)
            place += count
        raise KeyError(wanted)

    def values(self, facts: Facts, keys: list[int]) -> list[Any]:
        return [
            *self.constants,
            *(_prepared(column, value_of(facts, name)) for name, column in self.facts),
            *keys,
        ]


def value_of(facts: Facts, name: Name) -> Any:
    sort = name[0]
    if sort in {"text", "json"}:
        text = "".join(p if isinstance(p, str) else str(value_of(facts, p)) for p in name[1:])  # type: ignore[arg-type]
        return json.loads(text) if sort == "json" else text
    if sort == "iso":
        return facts[name[1:]].isoformat()
    value = facts[name]
    return value.pk if isinstance(value, Ref) else value


def _prepared(column: models.Field[Any, Any], value: Any) -> Any:
    return column.get_db_prep_save(value, connection)


@dataclass
class Bulk:
    """Writes the stories of a plan, in order."""

    plan: Plan
    world: World
    seen: dict[Hashable, list[Traces]] = field(default_factory=lambda: defaultdict(list))
    stencils: dict[Hashable, Stencil] = field(default_factory=dict)
    hazards: dict[Any, int] = field(default_factory=dict)  # a story's n-th → its key
    rows: dict[type[models.Model], list[Any]] = field(default_factory=lambda: defaultdict(list))
    changes: list[tuple[dict[str, Any], object]] = field(default_factory=list)
    last: dict[type[models.Model], int] = field(default_factory=dict)

    def write(self) -> None:
        for model in models_of():
            if isinstance(model._meta.pk, models.AutoField):
                self.last[model] = _last_key(model) or 0
        for position in range(len(self.plan.stories)):
            self.story(Facts(self.plan, position, self.world, self.hazards))
            if position % STORIES_A_TIME == STORIES_A_TIME - 1:
                self.flush()
        self.flush()
        self.keep_numbers()

    def story(self, facts: Facts) -> None:
        shape = facts.story.shape
        seen = self.seen[shape]
        if len(seen) < SAMPLES:
            self.flush()  # a story may name what an earlier one left
            seen.append(record(facts))
            self.stencils[shape] = Stencil(seen[0].met(seen[-1]))
        self.stamp(self.stencils[shape], facts)

    def stamp(self, stencil: Stencil, facts: Facts) -> None:
        keys: list[int] = []
        for model, count in stencil.keys.items():
            keys += range(self.last[model] + 1, self.last[model] + count + 1)
            self.last[model] += count
        values = stencil.values(facts, keys)
        for model, getters in stencil.rows.items():
            self.rows[model] += [getter(values) for getter in getters]
        if stencil.changed:
            changed = {name: values[stencil._place(slot)] for name, slot in stencil.changed.items()}
            self.changes.append((changed, facts.firm.pk))
        if isinstance(facts.story, VisitStory):
            for n, place in enumerate(stencil.hazards):
                self.hazards[facts.story.number, n] = values[place]

    @transaction.atomic
    def flush(self) -> None:
        with connection.cursor() as cursor:
            for model in models_of():
                if self.rows[model]:
                    cursor.executemany(_insert(model), self.rows.pop(model))
            for changed, pk in self.changes:
                sets = ", ".join(f"{_quote(name)} = %s" for name in changed)
                table = _quote(Enterprise._meta.db_table)
                cursor.execute(
                    f"UPDATE {table} SET {sets} WHERE site_id = %s", [*changed.values(), pk]
                )
            # Where keys are not counted by the table itself, the services go on after these.
            for sql in connection.ops.sequence_reset_sql(no_style(), list(self.last)):
                cursor.execute(sql)
        self.changes.clear()

    def keep_numbers(self) -> None:
        """The last number of each row of documents."""
        last: dict[str, int] = {}
        for (position, act), number in self.plan.numbers.items():
            series = Facts(self.plan, position, self.world, self.hazards).series(act)
            last[series] = max(last.get(series, 0), number)
        for series, number in last.items():
            Serial.objects.create(name=series, last=number)


def _quote(name: str) -> str:
    return str(connection.ops.quote_name(name))


@cache
def _insert(model: type[models.Model]) -> str:
    columns = [_quote(str(c.column)) for c in _columns(model)]
    table, places = _quote(model._meta.db_table), ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


def write(plan: Plan, world: World) -> None:
    Bulk(plan, world).write()
