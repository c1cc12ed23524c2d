"""Many signed-in people at once, each opening one page after the other with a moment to read."""

import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

import httpx

from _house import ADDRESS, percentile

THINK_S = 2.0  # half of it to half as much again


@dataclass
class Answers:
    """Milliseconds until the last byte, by what was asked; and what was not answered with 200."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return percentile([ms for each in self.spent.values() for ms in each], 0.95)

    def worst(self, count: int) -> list[tuple[str, float]]:
        """The slowest pages with their own p95."""
        each = {name: percentile(spent, 0.95) for name, spent in self.spent.items()}
        return sorted(each.items(), key=lambda pair: -pair[1])[:count]


def ask(
    sessions: list[str], pages: list[list[tuple[str, str]]], seconds: float, warm_up: float = 10
) -> Answers:
    """Every session walks its own pages, in an order of its own, for so long."""
    answers, began = Answers(), time.monotonic() + warm_up
    walks = [
        threading.Thread(target=_walk, args=(n, session, own, began, began + seconds, answers))
        for n, (session, own) in enumerate(zip(sessions, pages, strict=True))
    ]
    for walk in walks:
        walk.start()
    for walk in walks:
        walk.join()
    return answers


def _walk(
    n: int, session: str, pages: list[tuple[str, str]], began: float, until: float, out: Answers
) -> None:
    draw = random.Random(n)
    with httpx.Client(
        base_url=ADDRESS, cookies={"sessionid": session}, timeout=60, follow_redirects=True
    ) as client:
        while time.monotonic() < until:
            for name, url in draw.sample(pages, len(pages)):
                time.sleep(THINK_S * draw.uniform(0.5, 1.5))
                if time.monotonic() >= until:
                    return
                started = time.perf_counter()
                answer = client.get(url)
                took = (time.perf_counter() - started) * 1000
                if answer.status_code != 200:
                    out.failed.append(f"{answer.status_code} {url}")
                elif time.monotonic() >= began:
                    out.spent[name].append(took)
