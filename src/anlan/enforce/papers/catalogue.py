"""The sets of forms, by the day from which they hold; each form is data (data/forms.toml)."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

_KEY = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Form:
    """One form: its title, the word of its number, and what stands in it from top to bottom."""

    code: str
    no: int  # in the official set; above 100 are our own additions
    title: str
    word: str  # empty: it has no number
    body: tuple[dict[str, Any], ...]
    copies: str = ""  # 本文书一式两份…
    by_hand: bool = False  # an officer issues it; otherwise a step does
    served: bool = False  # it goes to the party, with a receipt
    seal: bool = True  # ends with the organ and the day

    @property
    def keys(self) -> tuple[str, ...]:
        """What it takes from the record."""
        found = dict.fromkeys(_KEY.findall(repr(self.body)))
        ticked = [
            line.partition("|")[0]
            for block in self.body
            if block["kind"] == "tick"
            for line in block["lines"]
        ]
        return (*found, *ticked)


@dataclass(frozen=True)
class Edition:
    """A set of forms in force from a day."""

    code: str
    since: date
    prefix: str  # 应急, in the numbers: 应急罚
    source: str
    articles: dict[str, str]  # which article of the law of that time says what
    forms: dict[str, Form]

    def form(self, code: str) -> Form:
        return self.forms[code]


@lru_cache(maxsize=1)
def editions() -> tuple[Edition, ...]:
    text = resources.files("anlan.enforce").joinpath("data/forms.toml").read_text("utf-8")
    names = tomllib.loads(text)["texts"]
    # Longer names first: @sign1 before @sign. What a text says may itself be such a name.
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}", names[name])
    data = tomllib.loads(text)
    return tuple(_edition(row, data["form"]) for row in data["edition"])


def _edition(row: dict[str, Any], forms: list[dict[str, Any]]) -> Edition:
    made = {}
    for form in forms:
        word = form.get("word", "")
        made[form["code"]] = Form(
            **{k: v for k, v in form.items() if k not in {"word", "body"}},
            word=row["prefix"] + word if word else "",
            body=tuple(form["body"]),
        )
    return Edition(row["code"], row["since"], row["prefix"], row["source"], row["articles"], made)


def edition_on(day: date) -> Edition:
    """The set in force on a day; before the first one, the first."""
    held = [edition for edition in editions() if edition.since <= day]
    return max(held, key=lambda edition: edition.since) if held else editions()[0]


def edition(code: str) -> Edition:
    return next(edition for edition in editions() if edition.code == code)
