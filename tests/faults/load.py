"""Devices and phones that send, remember what was acknowledged, and send again what was not."""

import random
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx

from anlan.observe.sl651 import encode
from tests.house import House

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)


CSRF = "f" * 32


def send_frame(house: House, frame: bytes, patience_s: float = 10) -> bytes:
    """Send an SL 651 frame as a station does; the confirmation, or nothing."""
    with socket.create_connection(("127.0.0.1", house.sl651), timeout=patience_s) as line:
        line.sendall(frame)
        return line.recv(256)


def timed_report(station: str, at: datetime, number: int = 1) -> bytes:
    """A station's battery voltage at a whole minute."""
    group = encode.Group(at, [encode.Value("38", Decimal("12.10"))])
    return encode.report(
        encode.Device(station), 0x32, serial=number % 65535 + 1, sent_at=at, groups=[group]
    )


def report(
    house: House, values: dict[str, float], token: str, at_ms: Iterable[int] = ()
) -> list[int]:
    """Ponding of these stations over HTTP, now by the house's clock if not told else; the times."""
    now = datetime.fromisoformat(httpx.get(f"{house.url}/api/clock").json()["now"])
    times = list(at_ms) or [_ms(now)]
    rows = [
        {"station": code, "quantity": "ponding_depth", "at": at, "value": value}
        for code, value in values.items()
        for at in times
    ]
    answer = httpx.post(
        f"{house.url}/ingest/http",
        json={"readings": rows},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    assert answer.json() == {"stored": len(rows), "duplicate": 0, "quarantined": 0, "refused": []}
    return times


class Sender(threading.Thread):
    """One device or phone: sends the next thing until it is acknowledged."""

    def __init__(self, house: House, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.house, self.stop = house, stop
        self.acknowledged: list = []
        self.failures = 0
        self.refused: Counter[tuple[int, str]] = Counter()  # status and code of what was said

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            # Sent again until it is acknowledged, as a device does.
            while not self.stop.is_set() and not self._try(number):
                self.failures += 1
                self.stop.wait(0.05)
            number += 1

    def _try(self, number: int) -> bool:
        try:
            return self.send(number)
        except (httpx.HTTPError, OSError):
            return False

    def send(self, number: int) -> bool:
        """One try; True once it was acknowledged."""
        raise NotImplementedError

    def _is_taken(self, answer: httpx.Response) -> bool:
        if answer.status_code in {200, 201}:
            return True
        self.refused[(answer.status_code, answer.json().get("code", ""))] += 1
        return False


class Gateway(Sender):
    """Batches over HTTP."""

    def __init__(self, house: House, stop: threading.Event, city: dict, lane: int) -> None:
        super().__init__(house, stop)
        self.headers = {"Authorization": f"Bearer {city['token']}"}
        self.stations, self.lane = city["stations"], lane

    def send(self, number: int) -> bool:
        at = START + timedelta(milliseconds=1000 * number + self.lane)
        keys = [(code, "rain_5min", _ms(at)) for code in self.stations]
        rows = [{"station": k[0], "quantity": k[1], "at": k[2], "value": 1.0} for k in keys]
        answer = httpx.post(
            f"{self.house.url}/ingest/http",
            json={"readings": rows},
            headers=self.headers,
            timeout=10,
        )
        if self._is_taken(answer):
            self.acknowledged += keys
        return answer.is_success


class River(Sender):
    """Timed reports by SL 651 over TCP, a connection each, as many stations do."""

    def __init__(self, house: House, stop: threading.Event, station: str) -> None:
        super().__init__(house, stop)
        self.station = station

    def send(self, number: int) -> bool:
        at = (START + timedelta(minutes=number)).replace(second=0)
        if not send_frame(self.house, timed_report(self.station, at, number)):
            return False
        self.acknowledged.append((self.station, "battery_voltage", _ms(at)))
        return True


class Phone(Sender):
    """Submissions with ids of its own; each is sent again until there is an answer."""

    def __init__(self, house: House, stop: threading.Event, city: dict) -> None:
        super().__init__(house, stop)
        self.cookies = {"sessionid": city["session"], "csrftoken": CSRF}
        self.waiting = [(str(uuid.uuid4()), item) for item in city["items"]]

    def send(self, number: int) -> bool:
        if number >= len(self.waiting):
            self.stop.wait()
            return True
        made, item = self.waiting[number]
        body = {"id": made, "item_id": item, "move": "accept", "made_at": START.isoformat()}
        answer = httpx.post(
            f"{self.house.url}/api/submissions",
            json=body,
            cookies=self.cookies,
            headers={"X-CSRFToken": CSRF},
            timeout=10,
        )
        if self._is_taken(answer):
            self.acknowledged.append((made, item))
        return answer.is_success


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def start_all(house: House, city: dict, stop: threading.Event) -> list[Sender]:
    senders: list[Sender] = [Gateway(house, stop, city, lane) for lane in range(2)]
    senders += [River(house, stop, code) for code in city["stations"][:3]]
    senders.append(Phone(house, stop, city))
    for sender in senders:
        sender.start()
    return senders


def keys_of(senders: list[Sender]) -> set[tuple]:
    """The readings that the house has acknowledged."""
    devices = [sender for sender in senders if isinstance(sender, Gateway | River)]
    return {key for device in devices for key in device.acknowledged}


def random_moment(pick: random.Random) -> float:
    return pick.uniform(0.2, 2.0)
