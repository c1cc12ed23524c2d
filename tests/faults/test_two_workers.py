"""A house with two workers: what both could do is done once, also while nothing arrives at all."""

from datetime import datetime
from itertools import pairwise

import httpx
import pytest

from tests.house import House, wait_until

from .load import CSRF, report
from .watched import STATIONS, VILLAGES

pytestmark = pytest.mark.fault
SWEEPS = 10  # rounds of the rules on the clock, after everything has been said


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, inside="tests.faults.watched")
    house.city = house.ask("prepare")
    house.start("--workers", "2")
    yield house
    house.stop()


class Rounds:
    """When a duty of the tickers ran, seen from outside while one waits."""

    def __init__(self, house: House, duty: str) -> None:
        self._house, self._duty = house, duty
        self.seen: list[str] = []

    def look(self) -> int:
        query = f"SELECT last_at FROM base_ticked WHERE name = '{self._duty}'"
        for (at,) in self._house.look(query):
            if at not in self.seen:
                self.seen.append(at)
        return len(self.seen)


def accept_all(house: House) -> None:
    """The officer accepts every task at once: as many events for the workers' handlers."""
    cookies = {"sessionid": house.city["officer"], "csrftoken": CSRF}
    with httpx.Client(base_url=house.url, cookies=cookies, timeout=20) as phone:
        for item in house.city["items"]:
            url = f"/api/work/{item}/moves/accept"
            answer = phone.post(url, json={}, headers={"X-CSRFToken": CSRF})
            assert answer.status_code == 200, answer.text


def test_silence_reminders_and_alarms_come_once_though_two_workers_look(house):
    stations, token, deep = house.city["stations"], house.city["token"], "severity = 2"
    assert {"worker", "worker-2"} < set(house.children())

    # One reading each, one of them high; then nothing arrives any more.
    report(house, {code: 0.5 if code == stations[0] else 0.1 for code in stations}, token)
    wait_until(lambda: house.count("warn_alarm", deep) == 1, "the high one raised its alarm")
    house.ask("set_rate", "60")
    silent = "severity = 3 AND cleared_at IS NULL"
    wait_until(lambda: house.count("warn_alarm", silent) == STATIONS, "every silence noticed")
    silent_since = "silent_since IS NOT NULL"
    wait_until(
        lambda: house.count("observe_stationhealth", silent_since) >= STATIONS, "told silent"
    )
    wait_until(lambda: house.count("work_reminder") >= 2 * VILLAGES, "reminders before and at due")
    accept_all(house)
    rounds = Rounds(house, "warn.sweep")
    wait_until(lambda: rounds.look() >= SWEEPS, "some more rounds")

    quiet = house.ask("found")
    both = sorted([["deep", stations[0]], *(["silent", code] for code in stations)])
    assert quiet["opened"] == quiet["still_open"] == both
    assert quiet["events"]["warn.alarm.raised"] == STATIONS + 1

    # They are heard again: cleared once, back once.
    house.ask("set_rate", "0")
    report(house, dict.fromkeys(stations, 0.1), token)
    wait_until(lambda: house.count("warn_alarm", silent) == 0, "no longer silent")
    wait_until(lambda: house.count("observe_stationhealth", silent_since) == 1, "told back")
    waiting = "state = 'WAITING'"
    wait_until(lambda: house.count("base_delivery", waiting) == 0, "everything delivered")

    found = house.ask("found")
    # Silent, back, silent … and never the same twice in a row.
    heard = [tuple(row) for row in found["heard"]]
    assert [one for one, following in pairwise(heard) if one == following] == []
    assert found["events"]["warn.alarm.cleared"] == found["events"]["warn.alarm.raised"]
    reminded = [tuple(row) for row in found["reminders"]]
    assert len(reminded) == len(set(reminded))
    steps = {(item, escalation) for item, escalation, _to in reminded}
    assert found["events"]["work.item.remind"] == len(steps)
    # Each event was delivered to its handler by one worker, at the first try.
    delivered = [tuple(row) for row in found["deliveries"]]
    assert delivered.count(("work.item.accept", "DONE", 1)) == VILLAGES
    assert {(state, attempts) for _name, state, attempts in delivered} == {("DONE", 1)}
    assert found["findings"] == []
    _keeps_its_distance(rounds)


def _keeps_its_distance(rounds: Rounds) -> None:
    """Every two seconds by whichever worker, never by both."""
    times = [datetime.fromisoformat(at) for at in rounds.seen]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert min(gaps) >= 2
