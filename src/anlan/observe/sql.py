"""The hot statements, in each database's own words. Everything else goes through the ORM."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from .models import Flag

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

AT_ONCE = 1024  # rows of one INSERT, a power of two; 4 columns must stay under 32,766 parameters
CHUNK = 400  # keys in one statement; SQLite takes 32,766 parameters
BELIEVED = (int(Flag.GOOD), int(Flag.NOT_EVALUATED))

ONCE = " ON CONFLICT DO NOTHING"
INTO_READING = "INSERT INTO observe_reading (at_ms, series_id, value, flag)"
POSTGRES_READINGS = (
    "INSERT INTO observe_reading (at_ms, series_id, value, flag) SELECT a, s, nullif(v, 'NaN'), f"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::smallint[]) AS new (a, s, v, f)"
    " ON CONFLICT DO NOTHING"
)
_LATEST = (
    " ON CONFLICT (series_id) DO UPDATE SET at_ms = excluded.at_ms, value = excluded.value,"
    " flag = excluded.flag, received_ms = excluded.received_ms"
    " WHERE excluded.at_ms > observe_latest.at_ms"
)
_INTO_LATEST = "INSERT INTO observe_latest (series_id, at_ms, value, flag, received_ms)"
_POSTGRES_LATEST = (
    _INTO_LATEST + " SELECT s, a, v, f, %s::bigint FROM"
    " unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::smallint[]) AS new (s, a, v, f)"
    + _LATEST
)


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def _insert_columns(into: str, columns: list[list[Any]], conflict: str) -> int:
    width = len(columns)
    values: list[Any] = [None] * (len(columns[0]) * width)
    for number, column in enumerate(columns):
        values[number::width] = column
    return insert_many(into, values, width, conflict)


def insert_many(into: str, values: list[Any], width: int, conflict: str) -> int:
    """SQLite: rows of `width` values, one after the other; returns how many were written.

    In statements of many rows: a third of the time of `executemany`; and that lets go of Python's
    lock at every row, so that in a busy process each row waits for the other threads.
    """
    count, start, step = 0, 0, AT_ONCE * width
    connection.ensure_connection()
    # Past Django's cursor, which would rewrite the long statement's placeholders every time.
    with connection.wrap_database_errors:
        cursor = connection.connection.cursor()
        while start < len(values):
            # What is left by halves, so that few different statements are ever prepared.
            while step > len(values) - start:
                step //= 2
            part = values[start : start + step]
            cursor.execute(_statement(into, width, step // width, conflict), part)
            count += cursor.rowcount
            start += step
    return count


@cache
def _statement(into: str, width: int, rows: int, conflict: str) -> str:
    row = f"({','.join('?' * width)})"
    return f"{into} VALUES {','.join([row] * rows)}{conflict}"


def insert_readings(at: Ints, series: Ints, value: Floats, flag: NDArray[np.int8]) -> int:
    """Store what is not there yet; returns how many rows were new. NaN becomes NULL."""
    columns = [at.tolist(), series.tolist(), value.tolist(), flag.tolist()]
    if not _postgres():
        return _insert_columns(INTO_READING, columns, ONCE)
    with connection.cursor() as cursor:
        cursor.execute(POSTGRES_READINGS, columns)
        return int(cursor.rowcount)


def stored_already(at: Ints, series: Ints) -> NDArray[np.bool_]:
    """Which of these keys are in the table."""
    found: set[tuple[int, int]] = set()
    keys = list(zip(at.tolist(), series.tolist(), strict=True))
    with connection.cursor() as cursor:
        if _postgres():
            cursor.execute(
                "SELECT at_ms, series_id FROM observe_reading"
                " JOIN unnest(%s::bigint[], %s::bigint[]) AS k (a, s)"
                " ON at_ms = a AND series_id = s",
                [at.tolist(), series.tolist()],
            )
            found.update(cursor.fetchall())
        else:
            for start in range(0, len(keys), CHUNK):
                found.update(_stored_sqlite(cursor, keys[start : start + CHUNK]))
    return np.fromiter((key in found for key in keys), bool, len(keys))


def _stored_sqlite(cursor: Any, keys: list[tuple[int, int]]) -> list[tuple[int, int]]:
    values = ",".join(["(%s,%s)"] * len(keys))
    cursor.execute(
        f"WITH k (a, s) AS (VALUES {values})"  # noqa: S608 — only placeholders
        " SELECT a, s FROM k JOIN observe_reading ON at_ms = a AND series_id = s",
        [number for key in keys for number in key],
    )
    rows: list[tuple[int, int]] = cursor.fetchall()
    return rows


def raise_latest(
    series: Ints, at: Ints, value: Floats, flag: NDArray[np.int8], received_ms: int
) -> None:
    """Where these are newer than what is kept as the latest. One row a series, sorted."""
    columns = [series.tolist(), at.tolist(), value.tolist(), flag.tolist()]
    if not _postgres():
        _insert_columns(_INTO_LATEST, [*columns, [received_ms] * len(series)], _LATEST)
        return
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES_LATEST, [received_ms, *columns])


def flag_again(series: Ints, at: Ints, flag: int) -> None:
    """A stored reading that turned out to be a spike once the next one came."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE observe_reading SET flag = %s WHERE at_ms = %s AND series_id = %s"
            " AND flag IN (1, 2)",
            [(flag, a, s) for a, s in zip(at.tolist(), series.tolist(), strict=True)],
        )


def readings_between(
    from_ms: int, to_ms: int, series: int | None = None
) -> tuple[Ints, Ints, Floats, NDArray[np.int8]]:
    """Rows of a stretch of time, sorted by time: series, at, value, flag."""
    condition = "at_ms >= %s AND at_ms < %s"
    params: list[int] = [from_ms, to_ms]
    if series is not None:
        condition += " AND series_id = %s"
        params.append(series)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT series_id, at_ms, value, flag FROM observe_reading"  # noqa: S608
            f" WHERE {condition} ORDER BY at_ms, series_id",
            params,
        )
        rows = cursor.fetchall()
    return _columns(rows)


def _columns(
    rows: list[tuple[int, int, float | None, int]],
) -> tuple[Ints, Ints, Floats, NDArray[np.int8]]:
    columns: Iterator[Any] = zip(*rows, strict=True) if rows else iter(((), (), (), ()))
    series, at, value, flag = columns
    return (
        np.array(series, np.int64),
        np.array(at, np.int64),
        np.array(value, np.float64),
        np.array(flag, np.int8),
    )


def mark_stale(days: list[int]) -> None:
    """Readings came for days that are long over: what was packed of them no longer holds."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO observe_packedday (day, packed, stale) VALUES (%s, %s, %s)"
            " ON CONFLICT (day) DO UPDATE SET stale = excluded.stale",
            [(day, False, True) for day in days],
        )
