"""Checklists: one person writes, another puts in force, what was in force is never changed."""

from datetime import timedelta
from importlib import resources

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from anlan.base import tables
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Entry, Standard, StandardVersion
from anlan.prevent.queries import standards as queries
from anlan.prevent.services import standards as services
from anlan.prevent.services.standards import Text

from .factories import NOON, StandardFactory

pytestmark = pytest.mark.django_db
WRITES = ("prevent.view", "prevent.standard")
V = StandardVersion.State


@pytest.fixture
def city():
    return RegionFactory(level=2)


@pytest.fixture
def author(city):
    return account_in(city, *WRITES)


@pytest.fixture
def colleague(city):
    return account_in(city, *WRITES)


@pytest.fixture
def standard():
    return StandardFactory()


def draft_of(standard, author, *texts):
    draft = services.draft_version(standard=standard, by=author, at=NOON)
    for text in texts:
        add(draft, author, text)
    return draft


def add(draft, author, text, **more):
    given = Text(text, **more)
    return services.save_entry(version=draft, number=None, given=given, by=author, at=NOON)


def lines(version):
    return [(e.number, e.text) for e in queries.list_entries(version=version)]


def test_a_checklist_is_written_put_in_force_and_followed_by_the_next(standard, author, colleague):
    first = draft_of(standard, author, "甲", "乙")
    with pytest.raises(Refusal) as told:
        services.put_in_force(version=first, by=author, at=NOON)
    assert told.value.code == "prevent.own_draft"
    services.put_in_force(version=first, by=colleague, at=NOON)
    second = services.draft_version(standard=standard, by=colleague, at=NOON)
    assert lines(second) == [(1, "甲"), (2, "乙")]
    with pytest.raises(Refusal):  # one draft at a time
        services.draft_version(standard=standard, by=author, at=NOON)
    add(second, colleague, "丙")
    services.put_in_force(version=second, by=author, at=NOON + timedelta(days=1))
    first.refresh_from_db()
    assert (first.state, lines(first)) == (V.REPLACED, [(1, "甲"), (2, "乙")])
    for version in (first, second):
        with pytest.raises(Refusal):
            add(version, colleague, "丁")
        with pytest.raises(Refusal):
            services.give_up_draft(version=version, by=colleague, at=NOON)


def test_only_the_author_changes_a_draft(standard, author, colleague, city):
    draft = draft_of(standard, author, "甲")
    with pytest.raises(Refusal) as told:
        add(draft, colleague, "乙")
    assert told.value.code == "prevent.not_your_draft"
    county = RegionFactory(parent=city)
    for stranger in (account_in(county, *WRITES), account_in(RegionFactory(), *WRITES)):
        for what in (
            lambda by: add(draft, by, "乙"),
            lambda by: services.put_in_force(version=draft, by=by, at=NOON),
            lambda by: services.make_standard(code="x", name="x", by=by, at=NOON),
            lambda by: services.give_up_draft(version=draft, by=by, at=NOON),
        ):
            with pytest.raises(NotAllowed):
                what(stranger)
    services.give_up_draft(version=draft, by=colleague, at=NOON)
    assert not Entry.objects.exists()


def test_lines_are_moved_changed_and_taken_out(standard, author):
    draft = draft_of(standard, author, "甲", "乙", "丙")
    own = {"version": draft, "by": author, "at": NOON}
    services.move_entry(number=3, by_lines=-1, **own)
    assert lines(draft) == [(1, "甲"), (2, "丙"), (3, "乙")]
    services.move_entry(number=1, by_lines=-1, **own)
    services.remove_entry(number=1, **own)
    services.save_entry(number=2, given=Text("乙改", major=True), **own)
    assert lines(draft) == [(1, "丙"), (2, "乙改")]
    with pytest.raises(Refusal):
        services.remove_entry(number=9, **own)
    with pytest.raises(BadInput):
        services.save_entry(number=1, given=Text("  "), **own)


def test_differences_know_a_changed_line_from_a_new_one(standard, author, colleague):
    first = draft_of(standard, author, "疏散通道、安全出口畅通", "有预案并演练", "配备安全员")
    services.put_in_force(version=first, by=colleague, at=NOON)
    own = {"by": author, "at": NOON}
    second = services.draft_version(standard=standard, **own)
    given = Text("疏散通道、安全出口畅通，未上锁", major=True)
    services.save_entry(version=second, number=1, given=given, **own)
    services.remove_entry(version=second, number=2, **own)
    add(second, author, "粉尘清扫有记录")
    found = queries.compare(before=queries.version_before(version=second), after=second)
    assert [d.kind for d in found] == ["changed", "same", "added", "removed"]
    assert found[0].before.text == "疏散通道、安全出口畅通"
    assert found[3].before.text == "有预案并演练"


def test_a_workbook_goes_out_and_comes_in_all_or_nothing(client, standard, author):
    draft = draft_of(standard, author, "甲")
    client.force_login(author)
    where = f"/prevent/checklists/{draft.pk}/"
    rows = [{"section": "现场", "text": "乙", "major": "是"}, {"text": "丙", "major": "否"}]
    bad = tables.workbook(services.COLUMNS, [*rows, {"text": "", "basis": "x", "major": "或许"}])
    answer = client.post(f"{where}import/", {"file": SimpleUploadedFile("a.xlsx", bad)})
    assert answer.status_code == 422
    assert {p.column for p in answer.context["problems"]} == {"text", "major"}
    assert lines(draft) == [(1, "甲")]
    good = SimpleUploadedFile("a.xlsx", tables.workbook(services.COLUMNS, rows))
    assert client.post(f"{where}import/", {"file": good}).status_code == 302
    assert lines(draft) == [(1, "乙"), (2, "丙")]
    out = client.get(f"{where}export/").content
    texts, problems, _lines = services.plan_entries(out)
    assert not problems
    assert texts == [Text("乙", "现场", major=True), Text("丙")]


def test_the_example_is_loaded_as_a_draft_and_again_as_the_next(author, colleague, capsys):
    file = resources.files("anlan.prevent").joinpath("data/example.toml")
    with resources.as_file(file) as path:
        call_command("standards", "load", path)
    draft = StandardVersion.objects.get()
    assert draft.standard.name.startswith("（示例）")
    assert draft.entries.filter(major=True).count() == 3
    services.put_in_force(version=draft, by=colleague, at=NOON)
    with resources.as_file(file) as path:
        call_command("standards", "load", path)
    assert StandardVersion.objects.get(state=V.DRAFT).number == 2


def test_pages_write_compare_and_put_in_force(client, author, colleague):
    client.force_login(author)
    made = client.post("/prevent/standards/new/", {"code": "wj", "name": "五金制造"})
    standard = Standard.objects.get()
    assert made["Location"].endswith(f"/standards/{standard.pk}/")
    draft = client.post(f"{made['Location']}draft/")["Location"]
    client.post(f"{draft}entries/", {"text": "防护装置齐全", "major": "on", "number": ""})
    assert "防护装置齐全" in client.get(draft).content.decode()
    assert client.post(f"{draft}in-force/").status_code == 409
    client.force_login(colleague)
    assert client.post(f"{draft}in-force/").status_code == 302
    assert "五金制造" in client.get("/prevent/standards/").content.decode()
    assert client.get(f"{draft}differences/").status_code == 200
    client.force_login(account_in(RegionFactory()))
    assert client.get(draft).status_code == 403
