"""The year of the benchmarks: what is written in bulk is what the services leave behind."""

from collections import Counter

import pytest
from benchmarks.year import bulk, plan, services, world
from django.apps import apps
from django.db import models, transaction

from anlan.base.events import deliver_waiting
from anlan.base.models import Event, Serial
from anlan.enforce.papers import word
from anlan.enforce.services import papers
from anlan.places.tests.factories import RegionFactory

ROOMS = ("places", "people", *bulk.ROOMS)
HIDDEN = {name for name in bulk.LEFT_OUT if name.count(".") == 2}

HISTORIES = {"Step": "item_id", "CaseStep": "case_id"}


def a_few_stories() -> plan.Plan:
    """Of each shape three, in both counties: two to learn from, the third is only written."""
    Find, DAY = plan.Find, plan.DAY
    stories: list[plan.Story] = []
    for n in range(3):
        at = plan.START + (33 * n + 1) * DAY + n * plan.HOUR / 7
        stories.append(plan.RiskStory(n, n, at, (3, 2)))
    for n in range(3):
        at = plan.START + (31 * n + 12) * DAY + n * plan.HOUR / 7
        first, line = 4 * n, n
        for k, (planned, finds) in enumerate(
            (
                (True, (Find(line, "RETURNED"), Find(line + 1, "RETURNED"))),
                (False, (Find(line + 2, "EXTENDED"),)),
                (True, (Find(plan.LINES - 1, "LISTED"), Find(line, "SUBMITTED"))),
                (False, (Find(line, "CLOSED", again=(first, 0)),)),
            )
        ):
            when = at + 15 * k * DAY + k * plan.HOUR / 9
            firm = 7 * n if k in {0, 3} else 7 * n + k
            stories.append(plan.VisitStory(first + k, firm, when, planned, finds))
    for n in range(3):
        at = plan.START + (41 * n + 60) * DAY + n * plan.HOUR / 5
        stories.append(plan.CaseStory(2 * n, 7 * n, at, "CLOSED", 700 * (n + 5), visit=4 * n))
        stories.append(plan.CaseStory(2 * n + 1, n, at + DAY / 9, "SPOT_PAID", 100 * (n + 5), None))
    return plan.Plan(24, stories)


@pytest.fixture
def small(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path
    # What a document looks like is left out of the comparison, and takes most of the time.
    monkeypatch.setattr(papers.typeset, "pdf", lambda form, fields: repr(fields).encode())
    monkeypatch.setattr(word, "docx", lambda form, fields: repr(fields).encode()[::-1])
    city = RegionFactory(level=2)
    for _n in range(2):
        county = RegionFactory(level=3, parent=city)
        town = RegionFactory(parent=county)
        RegionFactory(parent=RegionFactory(parent=town), lon=119.6, lat=29.1)
    made = a_few_stories()
    there = world.make(made.enterprises)
    made.number(there.county_of)
    return made, there


class Tables:
    """All rows of the rooms as they can be compared: keys replaced by what they point at."""

    def __init__(self) -> None:
        self.rows = {
            model: list(model._default_manager.order_by("pk"))
            for room in ROOMS
            for model in apps.get_app_config(room).get_models(include_auto_created=True)
        }
        self.rows[Serial] = list(Serial.objects.all())
        self.by_key = {
            (model._meta.label, row.pk): row for model, rows in self.rows.items() for row in rows
        }
        self.told: dict = {}

    def tell(self, row) -> tuple:
        """Column and value of a row, foreign keys followed; its own number left out."""
        key = (row._meta.label, row.pk)
        if key not in self.told:
            self.told[key] = tuple(
                (column.name, self.value(row, column))
                for column in row._meta.concrete_fields
                if not isinstance(column, models.AutoField)
                and f"{row._meta.label}.{column.name}" not in HIDDEN
            )
        return self.told[key]

    def value(self, row, column):
        value = getattr(row, column.attname)
        if column.remote_field is not None and value is not None:
            to = column.remote_field.model._meta.label
            return hash(self.tell(self.by_key[to, value])) if (to, value) in self.by_key else value
        if bulk.target(row, column) in bulk.ABOUT.values() and value is not None:
            return hash(self.tell(self.by_key[bulk.target(row, column), value]))
        return str(value) if isinstance(value, dict | list) else value

    def compared(self) -> dict[str, Counter]:
        """Rows by table; a step also by its place in the history of its item or case."""
        found = {}
        for model, rows in self.rows.items():
            nth: Counter = Counter()
            told = found.setdefault(model._meta.label, Counter())
            for row in rows:
                owner = getattr(row, HISTORIES.get(model.__name__, ""), None)
                nth[owner] += 1
                told[(*self.tell(row), ("nth", nth[owner] if owner else 0))] += 1
        return found


def written(write, *args) -> tuple[dict[str, Counter], int, list]:
    with transaction.atomic():
        write(*args)
        found = Tables().compared()
        while deliver_waiting():
            pass
        assert Tables().compared() == found, "a handler of events left something behind"
        events = Event.objects.count()
        papers = list(apps.get_model("enforce.Paper").objects.order_by("number", "title", "pk"))
        transaction.set_rollback(True)
    return found, events, papers


def test_the_year_has_the_numbers_of_the_report():
    made = plan.make(0.1)
    visits = [story for story in made.stories if isinstance(story, plan.VisitStory)]
    finds = [find for visit in visits for find in visit.finds]
    grave = [find for find in finds if find.line == plan.LINES - 1]
    closed = [
        find for find in grave if ("verify" in dict(map(reversed, plan.COURSES[find.course])))
    ]
    assert (len(visits), len(finds)) == (9_911, 14_000)
    assert (len(grave), len(closed)) == (125, 121)
    decided = [s for s in made.stories if getattr(s, "course", "") in plan.DECIDED]
    assert len(decided) == 3_598
    starts = [visit.at for visit in visits]
    assert starts == sorted(set(starts))


@pytest.mark.django_db
def test_a_year_in_bulk_is_row_by_row_what_the_services_leave(small):
    made, there = small
    before = Event.objects.count()
    served, events, papers = written(services.write, made, there)
    bulked, no_events, bulk_papers = written(bulk.write, made, there)
    for name, rows in served.items():
        more, less = bulked[name] - rows, rows - bulked[name]
        assert bulked[name] == rows, (name, *difference(more, less))
    assert no_events == before < events  # base.Event is left out, and so what delivers it
    for column in sorted(name.rsplit(".", 1)[1] for name in HIDDEN):
        pairs = zip(papers, bulk_papers, strict=True)
        assert any(getattr(a, column) != getattr(b, column) for a, b in pairs), column


def difference(more: Counter, less: Counter) -> tuple:
    """The columns in which the nearest two rows differ."""
    if not more or not less:
        return ("only in one", next(iter(more or less)))
    one = next(iter(more))
    other = min(less, key=lambda row: sum(a != b for a, b in zip(one, row, strict=False)))
    return [(a, b) for a, b in zip(one, other, strict=False) if a != b], one
