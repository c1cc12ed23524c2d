"""PostgreSQL keeps the readings in a partition a month; the next ones are made ahead."""

from datetime import UTC, datetime

from django.db import connection, transaction

from anlan.base import clock

AHEAD = 2  # months


def make_ahead(at: datetime) -> list[str]:
    """This month's partition and the next ones, where they are missing (ticker)."""
    if connection.vendor != "postgresql":
        return []
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    made = []
    for _ in range(AHEAD + 1):
        end = _next_month(start)
        name = f"observe_reading_{start:%Y_%m}"
        if _make(name, clock.to_epoch_ms(start), clock.to_epoch_ms(end)):
            made.append(name)
        start = end
    return made


def _next_month(start: datetime) -> datetime:
    month = start.month % 12 + 1
    return start.replace(year=start.year + (month == 1), month=month)


@transaction.atomic
def _make(name: str, from_ms: int, to_ms: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return False
        # Rows of that month may lie in the default partition already, and would be in the way.
        cursor.execute("LOCK TABLE observe_reading IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE observe_reading INCLUDING ALL)")
        cursor.execute(
            "WITH moved AS (DELETE FROM observe_reading_default WHERE at_ms >= %s AND at_ms < %s"  # noqa: S608
            f" RETURNING *) INSERT INTO {name} SELECT * FROM moved",
            [from_ms, to_ms],
        )
        cursor.execute(
            f"ALTER TABLE observe_reading ATTACH PARTITION {name}"
            f" FOR VALUES FROM ({from_ms:d}) TO ({to_ms:d})"
        )
    return True
