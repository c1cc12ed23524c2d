"""Who is left out of a draw or recused: found by name, ticked, with a reason; nothing is kept yet.

The page carries both lists along as lines of text, the key first and the reason last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from anlan.places.models import Region

from ..models import Campaign
from ..queries import draws as queries

STEPS = ("find", "leave_out", "recuse", "take_back")


@dataclass
class Line:
    """An entry of either list, with the names of whom it is about."""

    key: str  # "I12", a credit code, or both
    names: list[str]
    reason: str
    there: bool  # still a candidate in the region and campaign that are chosen now


@dataclass
class Lists:
    left_out: list[tuple[str, str]]
    recusals: list[tuple[str, str]]
    problem: str = ""
    picked: list[str] = field(default_factory=list)  # ticked, and on neither list yet
    candidates: queries.Candidates | None = None
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, data: QueryDict) -> Lists:
        out, recused = (data.get(name, "").replace("\x00", "") for name in ("left_out", "recusals"))
        ticked = (key.replace("\x00", "") for key in data.getlist("pick"))
        return cls(_read(out, 1), _read(recused, 2), picked=list(dict.fromkeys(ticked)))

    def step(self, data: QueryDict) -> None:
        """What one of the page's small buttons asks for."""
        people = [key for key in self.picked if key.startswith("I")]
        firms = [key for key in self.picked if key not in people]
        reason = " ".join(data.get("because", "").split())[:200]
        if "take_back" in data:
            gone = data["take_back"]
            self.left_out = [row for row in self.left_out if row[0] != gone]
            self.recusals = [row for row in self.recusals if row[0] != gone]
        elif "leave_out" in data:
            self._add(self.left_out, self.picked, reason)
        elif "recuse" in data:
            self._add(self.recusals, [f"{who} {firm}" for who in people for firm in firms], reason)
            if not (people and firms):
                self.problem = _("Tick inspectors and the enterprises that they do not go to.")

    def _add(self, rows: list[tuple[str, str]], keys: Iterable[str], reason: str) -> None:
        known = dict(rows)
        new = [key for key in keys if key not in known]
        if not new or not reason:
            self.problem = _("Tick whom it is about and say why.")
            return
        rows += [(key, reason) for key in new]
        self.picked = []

    def is_pending(self) -> bool:
        """Somebody is ticked and on neither list: the list is not fixed without them being so."""
        if self.picked:
            self.problem = _("Leave out or recuse whom you ticked, or take the ticks away.")
        return bool(self.problem)

    def look_up(
        self, *, region: Region, campaign: Campaign | None, at: datetime, text: str
    ) -> None:
        """The names of all of them, and who else is called so."""
        rows = [*self.left_out, *self.recusals]
        keys = {part for key, _reason in rows for part in key.split()}
        self.names = queries.names_of(region=region, campaign=campaign, at=at, keys=keys)
        self.candidates = queries.find_candidates(
            region=region, campaign=campaign, at=at, text=text, picked=self.picked
        )

    def texts(self) -> dict[str, str]:
        return {
            "left_out": "\n".join(f"{key} {reason}" for key, reason in self.left_out),
            "recusals": "\n".join(f"{key} {reason}" for key, reason in self.recusals),
        }

    def lines(self) -> dict[str, list[Line]]:
        return {
            "left_out": [self._line(*row) for row in self.left_out],
            "recusals": [self._line(*row) for row in self.recusals],
        }

    def _line(self, key: str, reason: str) -> Line:
        parts = key.split()
        there = all(part in self.names for part in parts)
        return Line(key, [self.names.get(part, part) for part in parts], reason, there)


def _read(text: str, keys: int) -> list[tuple[str, str]]:
    """Lines of one or two keys and a reason; nonsense is left for the form to refuse."""
    rows = (line.split(maxsplit=keys) for line in text.splitlines())
    return [(" ".join(row[:keys]), row[keys]) for row in rows if len(row) == keys + 1]
