"""A device whose clock is years off, at two doors of a running house: flagged, never believed."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.house import House, wait_until

from .load import report, send_frame, timed_report

pytestmark = pytest.mark.fault
YEAR = timedelta(days=365)
DEEP = 0.9  # far above what the rule allows


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, inside="tests.faults.watched")
    house.city = house.ask("prepare")
    house.start()
    yield house
    house.stop()


def test_what_a_clock_years_off_reports_is_kept_as_bad_and_raises_nothing(house):
    code, token = house.city["astray"], house.city["token_astray"]
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for off in (-20 * YEAR, -2 * YEAR, 5 * YEAR, 50 * YEAR):
        report(house, {code: DEEP}, token, [round((now + off).timestamp() * 1000)])
    # Its battery by SL 651, where the frame carries the device's own clock: confirmed all the same.
    assert send_frame(house, timed_report(code, now + 5 * YEAR))
    # The rules have looked, on arrival and on the clock.
    last_at = house.look("SELECT last_at FROM base_ticked WHERE name = 'warn.sweep'")
    wait_until(
        lambda: house.look("SELECT last_at FROM base_ticked WHERE name = 'warn.sweep'") > last_at,
        "another round of the rules",
    )

    found = house.ask("astray")
    bad = found["bad"]
    assert found["values"] == [
        ["battery_voltage", 12.1, bad],
        *[["ponding_depth", DEEP, bad]] * 4,
    ]
    assert found["latest"] is None
    assert found["alarms"] == 0
    assert abs(timedelta(seconds=found["clock_off_s"]) - 5 * YEAR) < timedelta(days=1)
    page = httpx.get(house.url + found["page"], cookies={"sessionid": house.city["reader"]})
    assert re.search(r"时钟偏差.*偏快 182[45]天", page.text, re.DOTALL)

    # Set right, it is believed again at once.
    report(house, {code: DEEP}, token)
    wait_until(
        lambda: house.count("warn_alarm") == 1, "the first believed reading raised the alarm"
    )
    assert house.ask("astray")["latest"] == DEEP
