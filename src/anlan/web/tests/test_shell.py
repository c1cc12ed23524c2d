import json
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.db import DatabaseError, OperationalError, connection, transaction
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from anlan.base import storage
from anlan.base.errors import Refusal
from anlan.base.navigation import Entry
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.web import context, errors
from anlan.web.middleware import refusals
from anlan.web.templatetags import anlan as tags

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 7, 3, 0, 5, tzinfo=UTC)


def test_dates_are_written_as_officials_write_them(monkeypatch):
    assert tags.moment(MORNING) == "2026年7月3日 08:05"
    assert tags.short_moment(MORNING) == "7月3日 08:05"
    with monkeypatch.context() as later:  # a history runs on into the next year
        later.setattr("anlan.base.clock.now", lambda: datetime(2026, 12, 31, 15, tzinfo=UTC))
        assert tags.clear_moment(MORNING) == "7月3日 08:05"
        later.setattr("anlan.base.clock.now", lambda: datetime(2026, 12, 31, 16, tzinfo=UTC))
        assert tags.clear_moment(MORNING) == "2026年7月3日 08:05"
    assert tags.day(MORNING) == "2026年7月3日"
    assert tags.duration(timedelta(minutes=12)) == "12分钟"
    assert tags.moment(None) == ""
    # A limit that ends with a day ends on that day; one within a day, at its minute.
    midnight = datetime(2026, 7, 3, 16, tzinfo=UTC)
    assert tags.limit(midnight) == "2026年7月3日 24:00"
    assert tags.limit(MORNING) == "2026年7月3日 08:05"
    assert "2026年7月3日 24:00" in tags.when(midnight, "limit")
    with translation.override("en"):
        assert tags.moment(MORNING) == "3 Jul 2026 08:05"


def test_a_severity_says_its_level_in_words_and_never_by_colour_alone():
    assert "红色Ⅰ" in tags.severity(1)
    assert "蓝色Ⅳ" in tags.severity(4)
    assert tags.severity(0) == ""


def test_tags_need_no_load_in_a_template():
    text = Template("{% when at %}{% severity 2 %}{% icon 'bell' %}").render(
        Context({"at": MORNING})
    )
    assert "2026年7月3日 08:05" in text
    assert "#bell" in text


def test_the_longest_address_that_begins_the_path_is_the_current_entry():
    entries = [Entry("a", "web:search", "", 1), Entry("b", "set_language", "", 2)]
    assert [i.current for i in context.menu(entries, "/search/more/")] == [True, False]


def test_what_django_says_on_forms_is_said_in_our_words():
    class Typed(forms.Form):
        name = forms.CharField(max_length=3)
        kind = forms.ChoiceField(choices=[("a", "甲")])
        number = forms.IntegerField(min_value=2)

    said = Typed({"name": "一二三四", "kind": "乙", "number": "1"}).errors
    assert {name: list(text) for name, text in said.items()} == {
        "name": ["最多 3 个字，现为 4 个字，请精简。"],
        "kind": ["“乙”不在可选范围内，请重新选择。"],
        "number": ["不能小于 2。"],
    }
    assert Typed({}).errors["name"] == ["此项必填。"]


def test_an_address_for_forms_leads_whoever_opens_it_to_the_page_above(client):
    page = client.get("/prevent/hazards/12/order/")
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert 'href="/prevent/hazards/12/"' in page.content.decode()
    assert "不能直接打开" in page.content.decode()
    by_htmx = client.get("/prevent/hazards/12/order/", HTTP_HX_REQUEST="true")
    assert by_htmx.json()["code"] == "web.only_from_its_form"
    assert client.head("/people/sign-out/").status_code == 405
    assert client.delete("/cases/")["Allow"] == "GET, HEAD"


def test_a_refusal_is_a_page_to_a_browser_and_json_to_htmx():
    asked, by_htmx = RequestFactory().get("/x/"), RequestFactory().get("/x/")
    by_htmx.META["HTTP_HX_REQUEST"] = "true"
    refusal = Refusal("x.no", "不可以", hint="先做别的")
    handle = refusals(lambda request: None).process_exception

    page, json = handle(asked, refusal), handle(by_htmx, refusal)

    assert page.status_code == json.status_code == 409
    assert "先做别的" in page.content.decode()
    assert json["Content-Type"] == "application/json"
    # The way back leads to a page of this house, never to whoever sent the reader here.
    for came_from, offered in (("http://testserver/y/", True), ("http://testserver.ee/y/", False)):
        asked.META["HTTP_REFERER"] = came_from
        del asked.headers
        assert (came_from in handle(asked, refusal).content.decode()) is offered


def test_a_fault_gets_a_number_that_the_log_and_the_page_have_in_common(caplog):
    request = RequestFactory().get("/x/")
    refusals(lambda request: None).process_exception(request, ValueError("boom"))

    page = errors.server_error(request)

    assert page.status_code == 500
    assert caplog.records[-1].reference in page.content.decode()


class Failing:
    """A view that meets what the database says."""

    def __init__(self, error):
        self.error = error

    def answer(self, path="/x/", **headers):
        request = RequestFactory().get(path, headers=headers)
        return refusals(lambda request: None).process_exception(request, self.error)


@pytest.mark.parametrize(
    ("text", "said"),
    [("database is locked", "服务器繁忙"), ("database or disk is full", "磁盘已满")],
)
def test_a_database_that_cannot_is_no_fault_but_a_page_that_says_what_to_do(text, said):
    failing = Failing(OperationalError(text))

    for answer in (
        failing.answer(),
        failing.answer("/api/x"),
        failing.answer(**{"HX-Request": "true"}),
    ):
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        is_json = answer["Content-Type"] == "application/json"
        assert said in (str(json.loads(answer.content)) if is_json else answer.content.decode())


def test_a_session_that_cannot_be_saved_is_told_the_same_way():
    try:
        raise OperationalError("database is locked")
    except OperationalError:
        # As Django calls it, inside its own handler of what was raised.
        answer = errors.server_error(RequestFactory().post("/sign-in/"))
    assert answer.status_code == 503


def test_a_wrong_statement_stays_a_fault(db):
    with pytest.raises(DatabaseError) as met, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM no_such_table")
    assert not storage.is_trouble(met.value)
    assert Failing(met.value).answer() is None


def test_the_frame_shows_the_menu_of_the_reader_and_nothing_to_a_stranger(client):
    client.force_login(account_in(RegionFactory(), "work.view"))
    page = client.get("/search/").content.decode()
    assert "搜索" in page
    assert 'id="toasts"' in page
    client.logout()
    assert client.get("/search/").status_code == 302


def test_a_missing_page_is_said_in_chinese(client):
    client.force_login(account_in(RegionFactory(), "work.view"))
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "安澜" in answer.content.decode()


def test_pages_are_chinese_until_english_is_chosen_whatever_the_browser_asks_for(client):
    client.force_login(account_in(RegionFactory(), "work.view"))
    english = {"headers": {"accept-language": "en-US,en"}}
    assert "搜索" in client.get("/search/", **english).content.decode()

    client.post("/language/setlang/", {"language": "en", "next": "/search/"})

    assert "Only what stands" in client.get("/search/?q=nothing-here").content.decode()


def test_what_is_found_can_be_opened_and_a_stranger_finds_nothing(client):
    region = RegionFactory(name="兰溪市")
    client.force_login(account_in(region, "places.view", "people.view"))
    page = client.get("/search/?q=兰溪").content.decode()
    assert f'href="/places/?region={region.code}"' in page
    assert client.get(f"/places/?region={region.code}").status_code == 200

    client.force_login(account_in(RegionFactory(), "places.view"))
    assert 'href="/places/?region' not in client.get("/search/?q=兰溪").content.decode()
