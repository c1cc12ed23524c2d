"""From the door to the commit, flagged and judged by 200 rules, against a bare insert loop.

Every run has its own database, web process, listener and broker on loopback. The clients send
bytes that were made before, so that they take little of the machine that is measured.
"Raw" is the same table, key and idempotent statement, in transactions as large as the writer made
on average in that run, fed by a loop that does nothing else.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WEB_PORT = int(os.environ.get("ANLAN_BENCH_PORT", "8620"))
MQTT_PORT = WEB_PORT + 1
STATIONS, PER_STATION = 1000, ("rain_5min", "ponding_depth")
RULES = 200
STEP_MS = 60_000
TOKEN = "benchmark"
HTTP_BATCH, MQTT_BATCH = 500, 100
HTTP_ROWS, MQTT_ROWS, SINGLES = 400_000, 200_000, 60_000
CONNECTIONS = 8
WARM = 50  # messages
IN_FLIGHT = 2000


def run() -> list[dict[str, Any]]:
    figures = _child([], "sqlite")
    if shutil.which("pg_virtualenv"):
        figures += _child(["pg_virtualenv"], "postgres")
    else:
        figures += [
            _figure(f"ingest.{door}.postgres.ratio", None, "skipped: no pg_virtualenv", None)
            for door in ("http", "mqtt")
        ]
    return figures


def _child(before: list[str], kind: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        env = {
            **os.environ,
            "ANLAN_DATA": folder,
            "ANLAN_SL651_PORT": "0",
            "ANLAN_MQTT": f"mqtt://127.0.0.1:{MQTT_PORT}",
            "ANLAN_LOG_LEVEL": "INFO",
            "DATABASE_URL": "",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]),
        }
        command = [*before, sys.executable, __file__, kind]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    figures: list[dict[str, Any]] = json.loads(lines[-1])
    return figures


def _figure(name: str, value: float | None, comparison: str, ratio: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": None if value is None else round(value),
        "unit": "readings/s",
        "comparison": comparison,
        "ratio": None if ratio is None else round(ratio, 3),
    }


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
    series = _city()
    figures = [_http(kind, series)] if "http" in doors else []
    if not shutil.which("mosquitto"):
        names = [f"ingest.mqtt.{kind}.ratio"] + ["ingest.mqtt_single.ratio"] * (kind == "sqlite")
        return figures + [_figure(name, None, "skipped: no mosquitto", None) for name in names]
    if "mqtt" in doors:
        figures.append(_mqtt(kind, series))
    if "single" in doors and kind == "sqlite":
        figures.append(_mqtt_single(series))
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
        Series(station=s, quantity=q, unit="", interval_s=60, spike=30, rate=3600, flat_s=86400 * 3)
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
    """Minute after minute every series once; rain and ponding that now and then pass a rule."""

    def __init__(self, series: list[tuple[str, str, int]], hours_ago: float) -> None:
        self.series = series
        self.start_ms = round(time.time() * 1000) - round(hours_ago * 3_600_000)
        self.next = 0

    def take(self, count: int) -> list[tuple[str, str, int, float]]:
        rows = []
        for number in range(self.next, self.next + count):
            step, place = divmod(number, len(self.series))
            code, quantity, _pk = self.series[place]
            rows.append((code, quantity, self.start_ms + step * STEP_MS, value(step, place)))
        self.next += count
        return rows


def value(step: int, place: int) -> float:
    wave = (step * 7 + place * 13) % 100
    return round(wave / 10 if place % 2 == 0 else wave / 100, 2)


def body(rows: list[tuple[str, str, int, float]]) -> bytes:
    names = ("station", "quantity", "at", "value")
    return json.dumps({"readings": [dict(zip(names, row, strict=True)) for row in rows]}).encode()


def _http(kind: str, series: list[tuple[str, str, int]]) -> dict[str, Any]:
    readings = Readings(series, hours_ago=20)
    batches = [body(readings.take(HTTP_BATCH)) for _ in range(HTTP_ROWS // HTTP_BATCH)]
    requests = [
        b"POST /ingest/http HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer "
        + f"{TOKEN}\r\nContent-Length: {len(batch)}\r\n\r\n".encode()
        + batch
        for batch in batches
    ]
    app = ["anlan.web.asgi:application", "--port", str(WEB_PORT), "--log-level", "warning"]
    server = Process("-m", "uvicorn", *app)
    _wait_for_port(WEB_PORT)
    warm, requests = requests[:CONNECTIONS], requests[CONNECTIONS:]
    _send_all(warm)
    started = time.perf_counter()
    _send_all(requests)
    took = time.perf_counter() - started
    stats = server.stop()
    _check_count(HTTP_ROWS)
    rate = len(requests) * HTTP_BATCH / took
    raw = _raw(series, stats["mean_rows"])
    return _figure(
        f"ingest.http.{kind}.ratio",
        rate,
        f"raw {raw:,.0f} readings/s in transactions of {stats['mean_rows']:.0f}; batches of 500 on"
        f" {CONNECTIONS} connections",
        rate / raw,
    )


def _send_all(requests: list[bytes]) -> None:
    """Over a few kept connections, each sends when it has its answer."""
    lanes = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]
    threads = [threading.Thread(target=_lane, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


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


def _mqtt(kind: str, series: list[tuple[str, str, int]]) -> dict[str, Any]:
    readings = Readings(series, hours_ago=9)
    messages = [
        ("anlan/gateway/readings", body(readings.take(MQTT_BATCH)))
        for _ in range(MQTT_ROWS // MQTT_BATCH)
    ]
    rate, stats = _through_listener(messages, readings)
    rate *= MQTT_BATCH
    raw = _raw(series, stats["mean_rows"])
    return _figure(
        f"ingest.mqtt.{kind}.ratio",
        rate,
        f"raw {raw:,.0f} readings/s in transactions of {stats['mean_rows']:.0f}; messages of"
        f" {MQTT_BATCH}, QoS 1",
        rate / raw,
    )


def _mqtt_single(series: list[tuple[str, str, int]]) -> dict[str, Any]:
    readings = Readings(series, hours_ago=4)
    messages = [(f"anlan/{row[0]}/readings", body([row])) for row in readings.take(SINGLES)]
    rate, _stats = _through_listener(messages, readings)
    bare = _bare_subscriber(messages)
    return _figure(
        "ingest.mqtt_single.ratio",
        rate,
        f"a bare paho subscriber that only acknowledges: {bare:,.0f} messages/s",
        rate / bare,
    )


def _through_listener(
    messages: list[tuple[str, bytes]], readings: Readings
) -> tuple[float, dict[str, float]]:
    """Messages a second from the first publish until the last is committed."""
    before = _count()
    broker = _broker()
    try:
        listener = Process("-m", "anlan", "ingest", "--mqtt")
        _wait_for_subscriber()
        # As for HTTP: the first ones load the rules and the libraries, once a process.
        _publish(messages[:WARM])
        while _count() < before + WARM * (readings.next // len(messages)):
            time.sleep(0.05)
        started = time.perf_counter()
        _publish(messages[WARM:])
        while not _is_stored(readings):
            assert time.perf_counter() - started < 120, f"{_count() - before} arrived"
            time.sleep(0.05)
        took = time.perf_counter() - started
        stats = listener.stop()
    finally:
        broker.terminate()
        broker.wait()
    _check_count(before + readings.next)
    return (len(messages) - WARM) / took, stats


def _is_stored(readings: Readings) -> bool:
    """Whether the last of them is there: messages are stored in the order they came."""
    from anlan.observe.models import Reading

    step, place = divmod(readings.next - 1, len(readings.series))
    at_ms = readings.start_ms + step * STEP_MS
    return Reading.objects.filter(at_ms=at_ms, series_id=readings.series[place][2]).exists()


def _bare_subscriber(messages: list[tuple[str, bytes]]) -> float:
    code = f"""
import sys, threading, time
import paho.mqtt.client as paho
client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, manual_ack=True)
times = []
done = threading.Event()
def on_message(client, data, message):
    client.ack(message.mid, message.qos)
    times.append(time.perf_counter())
    if len(times) > {len(messages)}:
        done.set()
client.on_message = on_message
client.on_connect = lambda client, *_: client.subscribe("$share/bare/bare/+/readings", 1)
client.connect("127.0.0.1", {MQTT_PORT})
client.loop_start()
done.wait(100)
print((len(times) - 2) / (times[-1] - times[1]))
"""
    broker = _broker()
    bare = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    _wait_for_subscriber("bare")
    _publish([(topic.replace("anlan/", "bare/", 1), payload) for topic, payload in messages])
    out, _err = bare.communicate(timeout=120)
    broker.terminate()
    broker.wait()
    return float(out)


class Process:
    """One of ours, with its log; says at its end what the writer did."""

    def __init__(self, *arguments: str) -> None:
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 — closed with the process
        self._process = subprocess.Popen([sys.executable, *arguments], stderr=self._log)

    def stop(self) -> dict[str, float]:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._log.seek(0)
        lines = self._log.read().splitlines()
        for line in lines:
            if '"intake stopped"' in line:
                found = json.loads(line)
                groups, rows = int(found["groups"]), int(found["rows"])
                return {"mean_rows": rows / max(1, groups)}
        raise RuntimeError("\n".join(lines[-30:]))


def _raw(series: list[tuple[str, str, int]], size: float) -> float:
    """The bare loop: our statement on our table, nothing else. Years before all other rows."""
    import numpy as np
    from django.db import connection, transaction

    from anlan.observe import sql

    at_once = max(1, round(size))
    total = max(HTTP_ROWS // 2, at_once * 5)
    ids = np.array([pk for _code, _quantity, pk in series], np.int64)
    number = np.arange(total)
    start = round(time.time() * 1000) - 300 * 86_400_000
    at = start + number // len(ids) * STEP_MS
    place = number % len(ids)
    values = np.round((number * 7 % 100) / 10, 1)
    flags = np.ones(total, np.int8)
    _empty_of(start)
    started = time.perf_counter()
    for first in range(0, total, at_once):
        part = slice(first, first + at_once)
        with transaction.atomic():
            sql.insert_readings(at[part], ids[place[part]], values[part], flags[part])
    took = time.perf_counter() - started
    _empty_of(start)
    connection.close()
    return total / took


def _empty_of(start: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM observe_reading WHERE at_ms BETWEEN %s AND %s",
            [start - 86_400_000, start + 10 * 86_400_000],
        )


def _count() -> int:
    from anlan.observe.models import Reading

    return int(Reading.objects.count())


def _check_count(wanted: int) -> None:
    found = _count()
    assert found == wanted, f"{found} readings in the table, {wanted} were acknowledged"


def _wait_for_port(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens on {port}")


# ---- a broker, and a publisher that costs next to nothing ---------------------------------------


def _broker() -> subprocess.Popen[bytes]:
    folder = Path(os.environ["ANLAN_DATA"]) / "mosquitto"
    folder.mkdir(exist_ok=True)
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {MQTT_PORT} 127.0.0.1\nallow_anonymous true\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nlog_type error\n"
    )
    broker = subprocess.Popen(["mosquitto", "-c", str(config)])
    _wait_for_port(MQTT_PORT)
    return broker


def _packet(kind: int, content: bytes) -> bytes:
    length, left = b"", len(content)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([kind]) + length + content


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _connect() -> socket.socket:
    line = socket.create_connection(("127.0.0.1", MQTT_PORT))
    line.sendall(_packet(0x10, _text("MQTT") + bytes([5, 2, 0, 0, 0]) + _text("publisher")))
    assert line.recv(1024)[0] == 0x20
    return line


def _publish(messages: list[tuple[str, bytes]]) -> None:
    """QoS 1, with a window of messages that the broker has not confirmed yet."""
    with _connect() as line:
        open_, confirmed = 0, b""
        for number, (topic, payload) in enumerate(messages):
            ident = (number % 65535 + 1).to_bytes(2, "big")
            line.sendall(_packet(0x32, _text(topic) + ident + b"\x00" + payload))
            open_ += 1
            while open_ >= IN_FLIGHT:
                confirmed, done = _confirmations(confirmed + line.recv(65536))
                open_ -= done
        while open_:
            confirmed, done = _confirmations(confirmed + line.recv(65536))
            open_ -= done


def _confirmations(data: bytes) -> tuple[bytes, int]:
    count = 0
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        assert data[0] == 0x40
        data, count = data[2 + data[1] :], count + 1
    return data, count


def _wait_for_subscriber(root: str = "anlan") -> None:
    """Publish to nobody until the broker says that somebody gets it (PUBACK without 0x10)."""
    with _connect() as line:
        for _ in range(300):
            topic = f"{root}/probe/readings"
            line.sendall(_packet(0x32, _text(topic) + b"\x00\x01\x00" + b'{"readings": []}'))
            answer = line.recv(1024)
            if not (len(answer) > 4 and answer[4] == 0x10):
                return
            time.sleep(0.1)
    raise RuntimeError("nobody subscribed")


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2:] or ["http", "mqtt", "single"])))
