"""Committees by the API: the caller's regions only, no minutes."""

from datetime import date

import pytest

from anlan.govern.services import committees, meetings
from anlan.people.tests.factories import holder_of, post_in
from anlan.places.tests.factories import RegionFactory

from .factories import NOON, City

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    return City()


def test_committees_duties_posts_and_meetings_of_the_caller_s_regions(city, client):
    committee = city.committee()
    city.committee(region=city.county, name="县安委会")
    committees.seat_chair(committee=committee, number=1, post=city.post, by=city.keeper, at=NOON)
    member = committees.add_member(
        committee=committee, organisation=city.bureau, since=date(2026, 1, 1), by=city.keeper,
        at=NOON,
    )  # fmt: skip
    for text, post in (("承担安委办工作", city.post), ("负责防汛", None)):
        duty = committees.DutyText(text=text, since=date(2026, 1, 1), post=post)
        committees.write_duty(member=member, duty=duty, by=city.keeper, at=NOON)
    meetings.record_meeting(
        committee=committee, present=[member], by=city.keeper, at=NOON,
        held=meetings.Held(date(2026, 5, 5), "王市长", "内部纪要"),
    )  # fmt: skip
    name = holder_of(city.post).name
    post_in(city.county, "county.vacant")
    client.force_login(city.keeper)

    def asked(path, **query):
        response = client.get(f"/api/{path}", query)
        assert response.status_code == 200, response.content
        return response.json()

    assert [row["name"] for row in asked("committees")["items"]] == ["安全生产委员会", "县安委会"]
    assert asked("committees", region=city.county.code)["count"] == 1
    assert asked("committees", limit=1)["items"][0]["units"] == 1
    detail = asked(f"committees/{committee.pk}")
    assert [seat["holders"] for seat in detail["seats"]] == [[name], []]
    assert detail["members"][0]["duties"] == [1, 2]
    unheld = asked("committees/duties", unheld=True)["items"]
    assert [row["text"] for row in unheld] == ["负责防汛"]
    [met] = asked("committees/meetings", year=2026)["items"]
    assert (met["units_present"], met["units_asked"]) == (1, 1)
    assert "内部纪要" not in str(met)
    assert asked("committees/lists")["count"] == 0
    posts = {row["name"]: row["holders"] for row in asked("posts")["items"]}
    assert posts[str(city.post)] == [name]
    assert asked("posts", vacant=True)["count"] == 1

    client.force_login(city.stranger)
    for path in ("committees", "committees/duties", "committees/meetings", "committees/lists"):
        assert asked(path)["items"] == []
        assert client.get(f"/api/{path}", {"region": city.city.code}).status_code == 404
    assert client.get(f"/api/committees/{committee.pk}").status_code == 404


def test_the_lists_of_the_api_ask_as_often_for_many_as_for_few(
    city, client, django_assert_max_num_queries
):
    for number in range(12):
        town = RegionFactory(parent=city.county)
        city.committee(region=town, name=f"第{number}镇安委会")
        holder_of(post_in(town, f"town.post{number}"))
    client.force_login(city.keeper)
    for path in ("committees", "posts"):
        with django_assert_max_num_queries(12):
            assert client.get(f"/api/{path}").json()["count"] >= 12
