"""Rules that flag a case as possibly criminal: data with source and version, not code."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import Case


@dataclass(frozen=True)
class CrimeRule:
    """One offence of the Criminal Law and what in a case points to it. Any condition is enough."""

    code: str
    crime: str  # 重大责任事故罪
    article: str
    source: str
    since: date
    deaths: int = 0  # from so many on; 0: does not count
    injured: int = 0
    loss: int = 0  # yuan
    words: tuple[str, ...] = ()  # in cause or facts
    needs: tuple[str, ...] = ()  # and one of these, too
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def fits(self, case: "Case") -> bool:
        """Whether the harm, or the words, of a case point to this crime."""
        text = f"{case.cause} {case.facts}"
        named = not self.needs or any(word in text for word in self.needs)
        harm = (
            0 < self.deaths <= case.deaths
            or 0 < self.injured <= case.injured
            or 0 < self.loss <= case.loss
        )
        return named and (harm or any(word in text for word in self.words))


def _rule(row: dict[str, Any]) -> CrimeRule:
    lists = {name: tuple(row.get(name, ())) for name in ("words", "needs")}
    return CrimeRule(**(row | lists))


@lru_cache(maxsize=1)
def crime_rules() -> tuple[CrimeRule, ...]:
    text = resources.files("anlan.enforce").joinpath("data/crimes.toml").read_text("utf-8")
    return tuple(_rule(row) for row in tomllib.loads(text)["rule"])


def flags(case: "Case", day: date) -> list[CrimeRule]:
    """The rules in force on the day that a case meets."""
    return [rule for rule in crime_rules() if rule.holds_on(day) and rule.fits(case)]


def by_code(code: str) -> CrimeRule | None:
    return next((rule for rule in crime_rules() if rule.code == code), None)
