"""Figures: counted from the rows, right to the second decimal, each standing apart."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Hazard
from anlan.prevent.queries import hazards as lists
from anlan.prevent.queries.rates import percent, rates_by_region, total
from anlan.prevent.services.extensions import ask_extension, decide_extension
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .conftest import NOON, days, firm_in


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_percentage_is_within_half_a_hundredth_of_the_truth(part, whole):
    figure = percent(part, whole)
    assert abs(figure * whole - 100 * part) * 200 <= whole
    assert figure.as_tuple().exponent == -2


def test_halves_go_up_and_nothing_of_nothing_is_no_figure():
    assert percent(1207, 1249) == Decimal("96.64")
    assert percent(1, 800) == Decimal("0.13")  # 0.125
    assert percent(0, 0) is None


def many(story, states, site, grade="MAJOR"):
    """Rows as they lie after a year; the loop itself is tested elsewhere."""
    items = WorkItem.objects.bulk_create(
        WorkItem(kind="prevent.rectify", title="隐患", region=site.region, state=state,
                 opened_at=NOON, due_at=days(15))
        for state in states
    )  # fmt: skip
    Hazard.objects.bulk_create(
        Hazard(item=item, site=site, grade=grade, what="隐患", found_at=NOON,
               found_by=story.inspector)
        for item in items
    )  # fmt: skip


@pytest.mark.django_db
def test_1207_of_1249_major_hazards_are_96_64_percent(story, django_assert_max_num_queries):
    town = RegionFactory(parent=story.county)
    other = firm_in(RegionFactory(parent=town), "2").site
    many(story, ["CLOSED"] * 1000 + ["DOING"] * 30 + ["CANCELLED"] * 5, story.firm.site)
    many(story, ["CLOSED"] * 207 + ["SUBMITTED"] * 7 + ["OPEN"] * 5, other)
    many(story, ["CLOSED"] * 3, other, grade="GENERAL")
    story.inspector.regions_for("prevent.view")  # read once a request, by the clock of the moment
    with django_assert_max_num_queries(5):
        rates = rates_by_region(actor=story.inspector, at=NOON, parent=story.county)
    whole, general, major = total(rates).parts
    assert (major.closed, major.found, f"{major.percent} %") == (1207, 1249, "96.64 %")
    assert (general.closed, general.found, general.percent) == (3, 3, Decimal("100.00"))
    assert whole.found == 1252
    assert [(rate.region, rate.number(grade="MAJOR")) for rate in rates] == [
        (story.town, 1030), (town, 219),
    ]  # fmt: skip
    assert rates_by_region(actor=story.stranger, at=NOON, parent=story.county)[0].number() == 0


@pytest.mark.django_db
def test_each_standing_is_counted_apart_and_opens_to_its_rows(story):
    late = days(20)
    _overdue = story.report("过期")
    extended, recheck, paused = (story.report(what=w) for w in ("延期", "待复查", "暂停"))
    fresh = story.report("新", at=days(19))
    asked = ask_extension(
        hazard=extended, until=date(2026, 8, 30), reason="等配件", by=story.boss, at=NOON
    )
    decide_extension(extension=asked, granted=True, by=story.colleague, at=NOON)
    story.put_right(recheck)
    advance(item=paused.item, move="pause", by=story.colleague, at=NOON, note="停产")
    story.close(story.report("已改"))
    called_off = story.report("误报")
    advance(item=called_off.item, move="cancel", by=story.colleague, at=NOON, note="误报")
    exercise = story.report("演练", exercise=True)

    (rate,) = rates_by_region(actor=story.inspector, at=late)
    assert dict(rate.parts[0].standings) == {
        "going": 2, "extended": 1, "overdue": 1, "recheck": 1, "closed": 1,
    }  # fmt: skip
    assert rate.number() == 6
    for name, number in rate.parts[0].standings:
        wanted = lists.Wanted(standing=name, counted=True)
        rows = lists.list_hazards(actor=story.inspector, at=late, wanted=wanted)
        assert rows.count() == number
    going = lists.list_hazards(
        actor=story.inspector, at=late, wanted=lists.Wanted(standing="going", counted=True)
    )
    assert set(going) == {fresh, paused}
    assert exercise not in going
    none = rates_by_region(actor=story.stranger, at=late)
    assert [r.number() for r in none] == [0]
