from datetime import UTC, datetime

import pytest
from django.db import connection

from anlan.base import ticker
from anlan.base.models import Event
from anlan.base.statistics import recount

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


def known_rows():
    """How many events the database believes that there are; none: it has not counted."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [Event._meta.db_table])
            found = cursor.fetchone()
            return int(found[0].split()[0]) if found else 0
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [Event._meta.db_table])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_after_a_load_the_database_knows_how_much_it_holds():
    Event.objects.bulk_create(Event(name="test", at=NOON, data={}) for _n in range(700))
    recount(Event)
    assert known_rows() == 700
    Event.objects.bulk_create(Event(name="test", at=NOON, data={}) for _n in range(300))
    recount()
    assert known_rows() == 1000


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts by itself")
def test_the_ticker_has_sqlite_count_and_forget_what_is_nearly_all_null():
    Event.objects.bulk_create(Event(name="test", at=NOON, data={}) for _n in range(50))
    (duty,) = [duty for duty in ticker.registered() if duty.name == "base.recount"]
    duty.run(NOON)
    assert known_rows() == 50
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = %s", [Event._meta.db_table])
        counted = {index for (index,) in cursor.fetchall()}
    assert "base_event_name_at" in counted
    assert not [index for index in counted if index.startswith("base_event_by_id")]
