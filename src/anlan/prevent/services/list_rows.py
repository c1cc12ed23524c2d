"""What a list of enterprises says, line by line, and what all of it would change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from anlan.base.tables import Line, Problem
from anlan.places.models import Region, Site

from ..models import Enterprise

SHOWN = 100


@dataclass(slots=True)
class Row:
    """A good line: what it says, whom it is about, what it changes there."""

    line: int
    given: dict[str, Any]
    region: Region | None = None
    enterprise: Enterprise | None = None
    site: Site | None = None  # it stands on the map, and has no file yet
    fields: dict[str, list[Any]] = field(default_factory=dict)  # before and after
    contacts: list[tuple[str, str, str]] = field(default_factory=list)  # role, name, phone: new


@dataclass
class Plan:
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    same: int = 0
    absent: list[str] = field(default_factory=list)  # names of some that the list does not have
    absent_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "same": self.same,
            "absent": self.absent_count,
            "bad_lines": len({problem.row for problem in self.problems}),
        }

    @property
    def shown(self) -> dict[str, Any]:
        """The first of each, for the page that asks whether to go on."""
        return {
            "new": [row.given["name"] for row in self.new[:SHOWN]],
            "changed": [
                {"name": row.given["name"], "fields": row.fields, "contacts": bool(row.contacts)}
                for row in self.changed[:SHOWN]
            ],
            "absent": self.absent,
        }
