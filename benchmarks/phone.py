"""Submissions with photos a minute, sustained: phone.submissions_per_min.

Many phones hand in visits with a photo each, as the phone's page does: POST, then PUT, over kept
connections, to a real web process on an empty database in a folder of its own. The photo is 1600
pixels long, as the page makes it; the server decodes and encodes it anew. Taken over `--seconds`
after a warm-up, so that what waits at the end is not counted.
"""

import argparse
import hashlib
import io
import itertools
import json
import os
import random
import resource
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
from PIL import Image

from _house import ADDRESS, anlan, folder, percentile, running, sessions

AIM = 500
CSRF = "f" * 32
PREPARE = """
from datetime import UTC, datetime
from anlan.people.models import Account, Grant
from anlan.places.models import Region, Site
from anlan.prevent.models import Enterprise
at = datetime.now(UTC)
town = Region.objects.create(code="990101", name="试验县", level=3, path="99/990101/")
worker = Account.objects.create_account("worker", None, name="网格员")
for code in ("prevent.view", "prevent.inspect"):
    Grant.objects.create(account=worker, permission=code, region=town)
for n in range(200):
    site = Site.objects.create(
        code=f"X{n}", kind="enterprise", name=f"工厂{n}", region=town, lon=119.6, lat=29.1)
    print("enterprise", Enterprise.objects.create(
        site=site, credit_code=f"X{n}", changed_at=at).pk)
"""


def photos(count: int) -> list[bytes]:
    """1600 x 1200 with detail, each like no other: the server keeps the same content once."""
    pick = random.Random(20260701)
    small = Image.frombytes("RGB", (400, 300), pick.randbytes(400 * 300 * 3))
    picture = small.resize((1600, 1200), Image.Resampling.BICUBIC)
    made = []
    for n in range(count):
        picture.paste((n % 256, n // 256, 128), (8 * (n % 150), 0, 8 * (n % 150) + 8, 64))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=60)
        made.append(out.getvalue())
    return made


class Phones:
    def __init__(self, session: str, enterprises: list[int], photos: list[bytes]) -> None:
        self.cookies = {"sessionid": session, "csrftoken": CSRF}
        self.enterprises, self.photos = enterprises, photos
        self.numbers = itertools.count()
        self.stop = threading.Event()
        self.done: list[tuple[float, float]] = []  # when, and how long both requests took
        self.failed: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=ADDRESS, cookies=self.cookies, timeout=60) as client:
            while not self.stop.is_set():
                started = time.perf_counter()
                state = self.hand_in(client, next(self.numbers))
                ended = time.perf_counter()
                if state == "ACCEPTED":
                    self.done.append((ended, ended - started))
                else:
                    self.failed.append(state)

    def hand_in(self, client: httpx.Client, number: int) -> str:
        picture = self.photos[number % len(self.photos)]
        digest, made = hashlib.sha256(picture).hexdigest(), datetime.now(UTC).isoformat()
        data = {
            "enterprise": self.enterprises[number % len(self.enterprises)],
            "started_at": made,
            "finished_at": made,
            "hazards": [{"what": "消防通道堵塞", "files": [digest]}],
        }
        body = {
            "id": str(uuid.uuid4()),
            "handed_in": "prevent.visit",
            "made_at": made,
            "data": data,
            "attachments": [{"digest": digest, "name": "现场.jpg"}],
        }
        headers = {"X-CSRFToken": CSRF, "Content-Type": "application/json"}
        client.post("/api/submissions", content=json.dumps(body), headers=headers)
        url = f"/api/submissions/{body['id']}/attachments/{digest}"
        binary = headers | {"Content-Type": "application/octet-stream"}
        answer = client.put(url, content=picture, headers=binary)
        return str(answer.json().get("state", answer.status_code))


def measure(phones: int = 8, seconds: float = 60, warm_up: float = 5) -> dict[str, float]:
    with folder() as env:
        anlan(env, "migrate", "-v0")
        made = anlan(env, "shell", "-v0", "-c", PREPARE).splitlines()
        enterprises = [int(line.split()[1]) for line in made if line.startswith("enterprise ")]
        (session,) = sessions(env, "worker")
        pictures = photos(int(3 * AIM * (seconds + warm_up) / 60))
        before = _server_cpu_s()
        with running(env):
            crowd = Phones(session, enterprises, pictures)
            threads = [threading.Thread(target=crowd.run) for _ in range(phones)]
            for thread in threads:
                thread.start()
            time.sleep(warm_up)
            began = time.perf_counter()
            time.sleep(seconds)
            ended = time.perf_counter()
            crowd.stop.set()
            for thread in threads:
                thread.join()
    # The servers' own, with their start: an upper bound that a busy machine hardly changes.
    cpu_ms = (_server_cpu_s() - before) / max(1, len(crowd.done)) * 1000
    within = [took for at, took in crowd.done if began <= at <= ended]
    return {
        "per_min": len(within) / (ended - began) * 60,
        "p95_ms": percentile(within, 0.95) * 1000 if within else 0.0,
        "failed": len(crowd.failed),
        "cpu_ms": cpu_ms,
        "photo_kb": sum(map(len, pictures)) / len(pictures) / 1000,
    }


def _server_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run() -> list[dict[str, Any]]:
    return figures(measure())


def figures(found: dict[str, float]) -> list[dict[str, Any]]:
    asked = f"aim {AIM} a minute; photo of {found['photo_kb']:.0f} kB each"
    told = (
        f"{found['cpu_ms']:.0f} ms of the servers' CPU each; "
        f"p95 of both requests {found['p95_ms']:.0f} ms, not taken {found['failed']:.0f}"
    )
    return [
        {
            "name": "phone.submissions_per_min",
            "value": found["per_min"],
            "unit": "/min",
            "ratio": found["per_min"] / AIM,
            "comparison": f"{asked}; {told}",
        }
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--phones", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    for figure in figures(measure(options.phones, options.seconds)):
        print(figure, f"load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
