"""What the database knows of how much it holds: it plans every question by that.

PostgreSQL counts in the background, but only after what one load brought has slowed down whoever
came first. SQLite never counts by itself.
"""

from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

# Entries of an index that SQLite looks at: all of a year's lists, and a part of the readings.
LOOKED_AT = 200_000


def recount(*models: type[Model]) -> None:
    """Count anew the tables of these models, or all, after many rows were written at once."""
    names = [model._meta.db_table for model in models] or connection.introspection.table_names()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={LOOKED_AT}")
        # Table by table: SQLite lets nobody else write while it counts one.
        for name in names:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(name)}")
        if connection.vendor == "sqlite":
            _forget_empty(cursor)


def _forget_empty(cursor: CursorWrapper) -> None:
    """An index of a column that is NULL nearly everywhere: to seek one value looks like reading
    them all, and SQLite reads the whole table instead. Of what it does not know it thinks better.
    """
    cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")
    for table, index, stat in cursor.fetchall():
        rows, each = map(int, stat.split()[:2])
        if rows > 1 and each * 2 > rows and _may_be_null(cursor, table, index):
            cursor.execute("DELETE FROM sqlite_stat1 WHERE idx = %s", [index])
    cursor.execute("ANALYZE sqlite_schema")  # takes effect


def _may_be_null(cursor: CursorWrapper, table: str, index: str) -> bool:
    cursor.execute(
        'SELECT "notnull" = 0 FROM pragma_index_info(%s) AS i'
        " JOIN pragma_table_info(%s) AS t ON t.name = i.name WHERE i.seqno = 0",
        [index, table],
    )
    found = cursor.fetchone()
    return bool(found and found[0])


def recount_by_itself(_at: datetime) -> None:
    """A periodic duty, where the database has none of its own."""
    if connection.vendor == "sqlite":
        recount()
