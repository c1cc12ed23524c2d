"""Who visits whom by lot, in a way that anybody can repeat (docs/rules/draws.md).

Pure: lists and a seed in, pairs out. The list is fixed first and its digest published; the seed is
made known afterwards, so nobody could choose one to fit the other.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

FORMAT = "anlan-draw-1"
MOST_ON_PAGE = 300_000  # lots; about a second
TARGET, INSPECTOR = "TARGET", "INSPECTOR"


class BadDraw(ValueError):
    """The list cannot be drawn from, or the file cannot be read; the text is for programs."""


@dataclass(frozen=True)
class Candidate:
    code: str  # a credit code; of an inspector, the number of their account
    name: str


@dataclass(frozen=True)
class Excluded:
    """Somebody who would be a candidate and is not, and why."""

    kind: str  # TARGET or INSPECTOR
    code: str
    name: str
    reason: str


@dataclass(frozen=True)
class Recused:
    """An inspector who does not go to one target, and why (回避)."""

    inspector: str
    target: str
    reason: str


@dataclass(frozen=True)
class Pair:
    target: str
    inspectors: tuple[str, ...]


@dataclass(frozen=True)
class Frozen:
    """All that a draw rests on but its seed."""

    targets: tuple[Candidate, ...]
    inspectors: tuple[Candidate, ...]
    wanted: int  # how many targets
    each: int  # how many inspectors go to one
    excluded: tuple[Excluded, ...] = ()
    recused: tuple[Recused, ...] = ()

    def lines(self) -> list[str]:
        """The list as text, one fact a line, in byte order: what the digest is taken of."""
        rows: list[tuple[str, ...]] = [("WANTED", str(self.wanted), str(self.each))]
        rows += [(TARGET, one.code, one.name) for one in self.targets]
        rows += [(INSPECTOR, one.code, one.name) for one in self.inspectors]
        rows += [("EXCLUDED", one.kind, one.code, one.name, one.reason) for one in self.excluded]
        rows += [("RECUSED", one.inspector, one.target, one.reason) for one in self.recused]
        return sorted("\t".join(" ".join(cell.split()) for cell in row) for row in rows)

    def digest(self) -> str:
        """SHA-256 of the lines, each ended by a line feed, as UTF-8."""
        return hashlib.sha256("".join(f"{line}\n" for line in self.lines()).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def frozen_from(data: Any) -> Frozen:
    """A list as it was kept or published."""
    try:
        return Frozen(
            targets=tuple(Candidate(**row) for row in data["targets"]),
            inspectors=tuple(Candidate(**row) for row in data["inspectors"]),
            wanted=int(data["wanted"]),
            each=int(data["each"]),
            excluded=tuple(Excluded(**row) for row in data["excluded"]),
            recused=tuple(Recused(**row) for row in data["recused"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadDraw("list") from error


def lot(seed: str, digest: str, text: str) -> str:
    """HMAC-SHA256 with the seed as its key; whose value is smaller comes first."""
    message = f"{digest}\n{text}".encode()
    return hmac.new(seed.encode(), message, hashlib.sha256).hexdigest()


def draw(frozen: Frozen, seed: str) -> list[Pair]:
    """The targets in their order, and who goes to each.

    Targets by their lot. For each in turn those inspectors who have the fewest so far; among them
    by the lot of the pair.
    """
    if not 0 < frozen.wanted <= len(frozen.targets) or frozen.each < 1:
        raise BadDraw("wanted")
    digest = frozen.digest()
    order = sorted(frozen.targets, key=lambda one: lot(seed, digest, f"{TARGET}\t{one.code}"))
    recused = {(one.inspector, one.target) for one in frozen.recused}
    load = {one.code: 0 for one in frozen.inspectors}
    pairs = []
    for target in order[: frozen.wanted]:
        able = [code for code in load if (code, target.code) not in recused]
        if len(able) < frozen.each:
            raise BadDraw("inspectors")
        able.sort(key=lambda code: (load[code], _pair_lot(seed, digest, target.code, code)))
        chosen = tuple(able[: frozen.each])
        for code in chosen:
            load[code] += 1
        pairs.append(Pair(target.code, chosen))
    return pairs


def _pair_lot(seed: str, digest: str, target: str, inspector: str) -> str:
    return lot(seed, digest, f"{INSPECTOR}\t{target}\t{inspector}")


def _effort(frozen: Frozen) -> int:
    """How many values are worked out."""
    return len(frozen.targets) + max(frozen.wanted, 0) * len(frozen.inspectors)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Named:
    """A drawn target and who goes there, by the names that stand in the file."""

    target: Candidate
    inspectors: tuple[Candidate, ...]


def named(frozen: Frozen, pairs: list[Pair]) -> list[Named]:
    targets = {one.code: one for one in frozen.targets}
    people = {one.code: one for one in frozen.inspectors}
    return [
        Named(targets[pair.target], tuple(people[code] for code in pair.inspectors))
        for pair in pairs
    ]


@dataclass(frozen=True)
class Verdict:
    """What comes out when a published draw is repeated."""

    title: str
    targets: int
    inspectors: int
    digest: str
    digest_right: bool  # the list is the one whose digest was published
    result_right: bool  # the seed gives this result
    seed_after: bool  # the list was fixed before the seed was known, by the times given
    pairs: list[Named]

    @property
    def is_right(self) -> bool:
        return self.digest_right and self.result_right and self.seed_after


def verify(document: bytes, *, most: int | None = None) -> Verdict:
    """Repeat a published draw from its file; with `most`, only where it takes no more lots."""
    try:
        data = json.loads(document)
        if data["format"] != FORMAT:
            raise BadDraw("format")
        frozen = frozen_from(data["frozen"])
        if most is not None and _effort(frozen) > most:
            raise BadDraw("size")
        published = [Pair(row["target"], tuple(row["inspectors"])) for row in data["drawn"]]
        pairs = draw(frozen, str(data["seed"]))
        return Verdict(
            title=str(data.get("title", "")),
            targets=len(frozen.targets),
            inspectors=len(frozen.inspectors),
            digest=frozen.digest(),
            digest_right=frozen.digest() == data["digest"],
            result_right=pairs == published,
            seed_after=_instant(data["frozen_at"]) < _instant(data["drawn_at"]),
            pairs=named(frozen, pairs),
        )
    except BadDraw:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadDraw("file") from error
