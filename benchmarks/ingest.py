"""From the door to the commit, flagged and judged by 200 rules, against a bare insert loop.

Every database has its own web process, listener and broker on loopback, started as in operation
(`anlan web`, `anlan ingest`). The clients send bytes that were made before, so that they take
little of the machine that is measured.

"Raw" is the same table, key, settings and idempotent many-row statement, in transactions as large
as the door's writer made on average in the slice before, fed by a loop that does nothing else. It
is given what a loop over arriving data has at best: Python tuples of the four columns, already
looked up and flagged, in the order of the key. Door and raw take turns in slices over the same
minutes' readings, each going on where the other stopped, so that the table, its log and whatever
else the machine is doing are the same for both; the ratio is the median of the pairs. A bare
subscriber (paho, acknowledges and does nothing else) takes turns with the door in the same way.
A ratio of wall times on a shared machine still moves; the CPU time beside it moves less.
"""

import gc
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parent))
import _broker

HERE = Path(__file__).resolve().parent
WEB_PORT = int(os.environ.get("ANLAN_BENCH_PORT", "8620"))
MQTT_PORT = WEB_PORT + 1
STATIONS, PER_STATION = 1000, ("rain_5min", "ponding_depth")
RULES = 200
STEP_MS = 5_000
HOURS_AGO = 5  # what is older has come late, and is more work
TOKEN = "benchmark"
HTTP_BATCH, MQTT_BATCH = 500, 100
PAIRS = 7
ROWS = {"sqlite": 160_000, "postgres": 60_000}  # of a slice
SINGLES = 8_000
CONNECTIONS = 32  # gateways that report at the same minute

Row = tuple[str, str, int, float, int]  # station, quantity, at, value, series


def run() -> list[dict[str, Any]]:
    figures = _child([], "sqlite")
    if shutil.which("pg_virtualenv"):
        figures += _child(["pg_virtualenv", "-t"], "postgres")
    else:
        figures += [
            _skipped(f"ingest.{door}.postgres.ratio", "no pg_virtualenv")
            for door in ("http", "mqtt")
        ]
    return figures


def _child(before: list[str], kind: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        source = str(HERE.parent / "src")
        env = {
            **os.environ,
            "ANLAN_DATA": folder,
            "ANLAN_SL651_PORT": "0",
            "ANLAN_MQTT": f"mqtt://127.0.0.1:{MQTT_PORT}",
            "ANLAN_LOG_LEVEL": "WARNING",
            "DATABASE_URL": "",
            "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]),
        }
        command = [*before, sys.executable, __file__, kind]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    figures: list[dict[str, Any]] = json.loads(lines[-1])
    return figures


def _skipped(name: str, why: str) -> dict[str, Any]:
    about = {"unit": "readings/s", "comparison": f"skipped: {why}"}
    return {"name": name, "value": None, "ratio": None, **about}


# ---- in the child: one database -----------------------------------------------------------------


def measure(kind: str, doors: list[str]) -> list[dict[str, Any]]:
    if kind == "postgres":
        user, password, port = (os.environ[k] for k in ("PGUSER", "PGPASSWORD", "PGPORT"))
        os.environ["DATABASE_URL"] = f"postgres://{user}:{password}@localhost:{port}/postgres"
    os.environ["DJANGO_SETTINGS_MODULE"] = "anlan.web.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    readings = Readings(_city())
    figures = [_http(kind, readings)] if "http" in doors else []
    if not shutil.which("mosquitto"):
        names = [f"ingest.mqtt.{kind}.ratio"] + ["ingest.mqtt_single.ratio"] * (kind == "sqlite")
        return figures + [_skipped(name, "no mosquitto") for name in names]
    with _broker.running(MQTT_PORT), Process("_counted.py", "ingest", "--mqtt") as listener:
        _broker.wait_for_subscriber(MQTT_PORT, "anlan")
        if "mqtt" in doors:
            figures.append(_mqtt(kind, readings, listener))
        if "single" in doors and kind == "sqlite":
            figures.append(_mqtt_single(readings, listener))
    return figures


def _city() -> list[tuple[str, str, int]]:
    """A thousand stations, one gateway, two hundred rules: (code, quantity, series id)."""
    from django.utils import timezone

    from anlan.observe.models import Sender, Series, Station
    from anlan.observe.registry import token_hash
    from anlan.people.models import Account
    from anlan.places.models import Region
    from anlan.warn.models import Rule, RuleVersion

    city = Region.objects.create(code="9901", name="基准市", level=2, path="99/9901/")
    counties = [
        Region.objects.create(
            code=f"9901{n:02d}", name=f"第{n}县", level=3, parent=city, path=f"99/9901/9901{n:02d}/"
        )
        for n in range(10)
    ]
    Sender.objects.create(name="gateway", token_hash=token_hash(TOKEN), region=city)
    stations = Station.objects.bulk_create(
        Station(
            code=f"B{n:05d}", name=f"测站{n}", kind="rain", region=counties[n % 10], lon=119, lat=29
        )
        for n in range(STATIONS)
    )
    series = Series.objects.bulk_create(
        Series(
            station=s, quantity=q, unit="", interval_s=60, spike=30, rate=20_000, flat_s=86400 * 3
        )
        for s in stations
        for q in PER_STATION
    )
    author = Account.objects.system()
    for n in range(RULES):
        rule = Rule.objects.create(
            code=f"bench-{n}", name=f"规则{n}", region=counties[n % 10], number=1
        )
        rain = n % 2 == 0
        RuleVersion.objects.create(
            rule=rule,
            number=1,
            made_at=timezone.now(),
            author=author,
            severity=1 + n % 4,
            quantity=PER_STATION[0 if rain else 1],
            measure="SUM" if n % 10 == 0 else "VALUE",
            window_s=3600 if n % 10 == 0 else 0,
            threshold=(300.0 if n % 10 == 0 else 12.0) + n / 10 if rain else 1.5 + n / 100,
            hold_s=300 * (n % 3),
        )
    return [(row.station.code, row.quantity, row.pk) for row in series]


class Readings:
    """Every series in turn, then the next instant; rain and ponding that rarely pass a rule."""

    def __init__(self, series: list[tuple[str, str, int]]) -> None:
        self.series = series
        self.start_ms = round(time.time() * 1000) - HOURS_AGO * 3_600_000
        self.next = 0

    def take(self, count: int) -> list[Row]:
        rows = []
        for number in range(self.next, self.next + count):
            step, place = divmod(number, len(self.series))
            code, quantity, pk = self.series[place]
            at_ms = self.start_ms + step * STEP_MS
            rows.append((code, quantity, at_ms, value(number, step, place), pk))
        self.next += count
        return rows


def value(number: int, step: int, place: int) -> float:
    unit = 1 if place % 2 == 0 else 10  # rain [mm], ponding [m]
    if number % 20_011 == 0:
        return 16 / unit if unit == 1 else 1.8
    return round((step * 7 + place * 13) % 100 / 10 / unit, 2)


def body(rows: list[Row]) -> bytes:
    names = ("station", "quantity", "at", "value")
    return json.dumps({"readings": [dict(zip(names, row, strict=False)) for row in rows]}).encode()


# ---- taking turns -------------------------------------------------------------------------------


@dataclass
class Turn:
    """One slice: how many, in what time, at what CPU time of the process that did it."""

    count: int
    took_s: float
    cpu_s: float
    group: float = 0  # readings in a transaction

    @property
    def rate(self) -> float:
        return self.count / self.took_s


def _take_turns(door: Callable[[], Turn], other: Callable[[Turn], Turn]) -> list[list[Turn]]:
    """Pairs; the first is not counted: it loads rules and libraries, once a process."""
    pairs = []
    for _ in range(PAIRS + 1):
        mine = door()
        pairs.append([mine, other(mine)])
    return pairs[1:]


def _figure(name: str, pairs: list[list[Turn]], unit: str, against: str) -> dict[str, Any]:
    ratios = sorted(mine.rate / other.rate for mine, other in pairs)
    mine, other = (
        statistics.median(turn.rate for turn in side) for side in zip(*pairs, strict=True)
    )
    cpu = [
        statistics.median(turn.cpu_s / turn.count * 1e6 for turn in side)
        for side in zip(*pairs, strict=True)
    ]
    return {
        "name": name,
        "value": round(mine),
        "unit": f"{unit}s/s",
        "comparison": f"{against} {other:,.0f} {unit}s/s; {len(pairs)} pairs,"
        f" {ratios[0]:.2f} to {ratios[-1]:.2f}; CPU a {unit} {cpu[0]:.2f} µs against {cpu[1]:.2f}",
        "ratio": round(statistics.median(ratios), 3),
    }


def _against_raw(
    name: str, about: str, readings: Readings, door: Callable[[], Turn], rows: int
) -> dict[str, Any]:
    pairs = _take_turns(door, lambda mine: _raw(readings, rows, mine.group))
    group = statistics.median(mine.group for mine, _other in pairs)
    return _figure(name, pairs, "reading", f"{about}; raw in transactions of {group:.0f}:")


def _http(kind: str, readings: Readings) -> dict[str, Any]:
    rows = ROWS[kind]

    def turn(server: Process) -> Turn:
        requests = [_request(readings.take(HTTP_BATCH)) for _ in range(rows // HTTP_BATCH)]
        return server.watched(rows, lambda: _send_all(requests))

    about = f"batches of {HTTP_BATCH} on {CONNECTIONS} connections"
    with Process("_counted.py", "web", "--port", str(WEB_PORT)) as server:
        _broker.wait_for_port(WEB_PORT)
        name = f"ingest.http.{kind}.ratio"
        figure = _against_raw(name, about, readings, lambda: turn(server), rows)
    _check_count(readings.next)
    return figure


def _request(rows: list[Row]) -> bytes:
    content = body(rows)
    head = (
        f"POST /ingest/http HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _send_all(requests: list[bytes]) -> float:
    """Over a few kept connections, each sends when it has its answer."""
    lanes = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(_lane, lanes))  # raises what a lane met
    return started


def _lane(requests: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", WEB_PORT)) as line:
        for request in requests:
            line.sendall(request)
            answer = b""
            while b'"refused":[]}' not in answer:
                part = line.recv(65536)
                assert part, answer
                answer += part
                assert answer.startswith(b"HTTP/1.1 200"), answer[:500]


def _mqtt(kind: str, readings: Readings, listener: "Process") -> dict[str, Any]:
    rows = ROWS[kind]

    def turn() -> Turn:
        batches = [readings.take(MQTT_BATCH) for _ in range(rows // MQTT_BATCH)]
        messages = [("anlan/gateway/readings", body(batch)) for batch in batches]
        return listener.watched(rows, lambda: _publish(messages, batches[-1][-1]))

    about = f"messages of {MQTT_BATCH}, QoS 1"
    figure = _against_raw(f"ingest.mqtt.{kind}.ratio", about, readings, turn, rows)
    _check_count(readings.next)
    return figure


def _mqtt_single(readings: Readings, listener: "Process") -> dict[str, Any]:
    def turn() -> Turn:
        rows = readings.take(SINGLES)
        messages = [(f"anlan/{row[0]}/readings", body([row])) for row in rows]
        return listener.watched(SINGLES, lambda: _publish(messages, rows[-1]))

    def bare_turn(bare: Process) -> Turn:
        rows = readings.take(SINGLES)
        readings.next -= SINGLES  # nobody stores them
        messages = [(f"bare/{row[0]}/readings", body([row])) for row in rows]
        started = _broker.publish(MQTT_PORT, messages)
        told = bare.says()
        return Turn(SINGLES, time.perf_counter() - started, told["cpu_s"])

    with Process("_bare.py", str(MQTT_PORT), str(SINGLES)) as bare:
        _broker.wait_for_subscriber(MQTT_PORT, "bare")
        bare.says()  # that it had the first, by which we know that it listens
        pairs = _take_turns(turn, lambda _mine: bare_turn(bare))
    _check_count(readings.next)
    about = "a bare paho subscriber that only acknowledges:"
    return _figure("ingest.mqtt_single.ratio", pairs, "message", about)


def _publish(messages: list[_broker.Message], last: Row) -> float:
    """Publish, and return (when it began) as soon as the last of them is committed."""
    started = _broker.publish(MQTT_PORT, messages)
    while not _is_stored(last):
        assert time.perf_counter() - started < 120, "not everything arrived"
        time.sleep(0.002)
    return started


def _is_stored(row: Row) -> bool:
    """Messages are stored in the order they came, so the last one stands for all."""
    from anlan.observe.models import Reading

    return Reading.objects.filter(at_ms=row[2], series_id=row[4]).exists()


class Process:
    """A process of this benchmark that tells about itself in lines of JSON."""

    def __init__(self, script: str, *arguments: str) -> None:
        command = [sys.executable, str(HERE / script), *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def says(self) -> dict[str, float]:
        assert self._process.stdout is not None
        told: dict[str, float] = json.loads(self._process.stdout.readline())
        return told

    def watched(self, count: int, work: Callable[[], float]) -> Turn:
        """Do work that this process has to answer; `work` returns when it began."""
        before = self._ask()
        took_s = -work() + time.perf_counter()
        after = self._ask()
        groups, rows = after["groups"] - before["groups"], after["rows"] - before["rows"]
        cpu_s = sum(after[name] - before[name] for name in ("door_s", "writer_s"))
        return Turn(count, took_s, cpu_s, rows / max(1, groups))

    def _ask(self) -> dict[str, float]:
        self._process.send_signal(signal.SIGUSR1)
        return self.says()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def _raw(readings: Readings, count: int, group: float) -> Turn:
    """The bare loop: our statement on our table, nothing else."""
    from django.db import transaction

    rows = [(at_ms, pk, value, 1) for _code, _name, at_ms, value, pk in readings.take(count)]
    size, insert = max(1, round(group)), _bare_insert()
    gc.collect()
    gc.disable()
    started, cpu = time.perf_counter(), time.process_time()
    for first in range(0, count, size):
        with transaction.atomic():
            insert(rows[first : first + size])
    turn = Turn(count, time.perf_counter() - started, time.process_time() - cpu)
    gc.enable()
    return turn


def _bare_insert() -> Callable[[list[tuple[Any, ...]]], None]:
    from django.db import connection

    from anlan.observe import sql

    def sqlite(rows: list[tuple[Any, ...]]) -> None:
        sql.insert_many(sql.INTO_READING, list(chain.from_iterable(rows)), 4, sql.ONCE)

    def postgres(rows: list[tuple[Any, ...]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.POSTGRES_READINGS, [list(column) for column in zip(*rows, strict=True)]
            )

    return postgres if connection.vendor == "postgresql" else sqlite


def _check_count(wanted: int) -> None:
    from anlan.observe.models import Reading

    found = int(Reading.objects.count())
    assert found == wanted, f"{found} readings in the table, {wanted} were acknowledged"


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2:] or ["http", "mqtt", "single"])))
