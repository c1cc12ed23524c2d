"""A disk that is really full under a running house: a small volume, filled to the brim."""

import hashlib
import io
import random
import subprocess
import threading
import uuid
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.house import House, wait_until

from .load import CSRF, START, Gateway, Phone, keys_of, start_all

pytestmark = pytest.mark.fault
SIZE = "64m"


@pytest.fixture
def volume(tmp_path):
    """A volume that only the house's data lies on."""
    folder = tmp_path / "volume"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no volume may be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Ballast:
    """What fills the rest of a volume."""

    def __init__(self, volume: Path) -> None:
        self._file = volume / "ballast"

    def fill(self) -> None:
        with self._file.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def drop(self) -> None:
        self._file.unlink()


def photo(side: int) -> bytes:
    """Noise, so that it stays large when it is encoded anew."""
    pixels = random.Random(side).randbytes(side * side * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), pixels).save(file, "JPEG")
    return file.getvalue()


class Officer:
    """With a phone: tasks handed in, each with a photo, before the photo itself is sent."""

    def __init__(self, house: House, city: dict) -> None:
        cookies = {"sessionid": city["session"], "csrftoken": CSRF}
        self.browser = httpx.Client(
            base_url=house.url, cookies=cookies, headers={"X-CSRFToken": CSRF}, timeout=20
        )
        # A small one fits into memory on its way, a large one does not.
        self.proofs = [
            (self._hand_in(item, photo(side)), photo(side))
            for item, side in zip(city["items"][-2:], (16, 800), strict=True)
        ]

    def _hand_in(self, item: int, data: bytes) -> str:
        made = str(uuid.uuid4())
        common = {"item_id": item, "made_at": START.isoformat(), "lon": 119.6, "lat": 29.1}
        digest = hashlib.sha256(data).hexdigest()
        for body in (
            {**common, "id": str(uuid.uuid4()), "move": "accept"},
            {**common, "id": made, "move": "submit", "attachments": [{"digest": digest}]},
        ):
            assert self.browser.post("/api/submissions", json=body).status_code == 200
        return made

    def send_photo(self, made: str, data: bytes) -> httpx.Response:
        digest = hashlib.sha256(data).hexdigest()
        return self.browser.put(f"/api/submissions/{made}/attachments/{digest}", content=data)

    def missing(self, made: str) -> list[str]:
        return self.browser.get(f"/api/submissions/{made}").json()["missing"]


def test_a_full_disk_is_told_and_nothing_is_acknowledged_that_is_not_stored(tmp_path, volume):
    house = House(
        volume, inside="tests.faults.inside", log=tmp_path / "house.log", TMPDIR=str(volume)
    )
    city = house.ask("prepare")
    house.start()
    ballast = Ballast(volume)
    officer = Officer(house, city)
    city["items"] = city["items"][:-2]
    stop = threading.Event()
    senders = start_all(house, city, stop)
    gateways = [sender for sender in senders if isinstance(sender, Gateway)]
    phone = next(sender for sender in senders if isinstance(sender, Phone))
    try:
        wait_until(lambda: all(sender.acknowledged for sender in senders), "all doors in use")
        # Again and again: what the house itself gives back is taken as well.
        wait_until(lambda: ballast.fill() or _all_refused(senders), "everybody was refused")
        _says_what_to_do(officer, ballast)
        # Who crashes now must come up without any room.
        running = set(house.children())
        for name in running:
            house.kill(name)
        wait_until(lambda: set(house.children()) == running, "started again")
        house.wait_until_up()
        _says_what_to_do(officer, ballast)
        before = house.children()
        ballast.drop()
        seen = [len(sender.acknowledged) for sender in senders]
        wait_until(
            lambda: all(len(s.acknowledged) > n for s, n in zip(senders, seen, strict=True)),
            "everything goes through again",
        )
        for made, data in officer.proofs:
            answer = officer.send_photo(made, data)
            assert (answer.status_code, answer.json()["state"]) == (200, "ACCEPTED")
        after = house.children()
    finally:
        officer.browser.close()
        stop.set()
        for sender in senders:
            sender.join(15)
        house.stop()

    found = house.ask("stored")
    readings = [tuple(row) for row in found["readings"]]
    assert keys_of(senders) - set(readings) == set()
    assert len(readings) == len(set(readings))
    assert {made for made, _item in phone.acknowledged} - set(found["submissions"]) == set()
    assert {made for made, _data in officer.proofs} - set(found["submissions"]) == set()
    assert found["findings"] == []
    assert after == before  # nobody ends over it once there is room
    assert (503, "observe.disk_full") in gateways[0].refused
    assert (503, "server.disk_full") in phone.refused


def _all_refused(senders) -> bool:
    return all(sender.failures for sender in senders)


def _says_what_to_do(officer: Officer, ballast: Ballast) -> None:
    ballast.fill()
    for made, data in officer.proofs:
        answer = officer.send_photo(made, data)
        assert answer.status_code == 507, answer.text
        assert officer.missing(made) == [hashlib.sha256(data).hexdigest()]
    assert officer.browser.get("/work/").status_code == 200
    form = {"username": "officer", "password": "wrong", "csrfmiddlewaretoken": CSRF}
    answer = officer.browser.post("/sign-in/", data=form)
    assert answer.status_code == 503
    assert "服务器磁盘已满，本次操作未生效。" in answer.text
    checks = officer.browser.get("/health/").json()["checks"]
    assert {check["name"]: check["state"] for check in checks}["disk"] == "failed"
