"""A real web process with a database of its own, for what a test client cannot see."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from subprocess import Popen
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.house import furnish

SETUP = """
from django.test import Client
from anlan.observe.models import Latest, Series, Station
from anlan.people.models import Account, Grant
from anlan.places.models import Region
county = Region.objects.create(
    code="330702", name="婺城区", level=3, path="33/330702/", lon=119.57, lat=29.09)
elsewhere = Region.objects.create(
    code="330782", name="义乌市", level=3, path="33/330782/", lon=120.07, lat=29.3)
station = Station.objects.create(
    code="P1", name="解放路下穿", kind="ponding", region=county, lon=119.6, lat=29.1, made_up=True)
series = Series.objects.create(station=station, quantity="ponding_depth", unit="m")
Latest.objects.create(series=series, at_ms=1, value=0.12, flag=1, received_ms=1)
codes = ["warn.view", "warn.acknowledge", "observe.view", "command.view", "places.view",
    "simulate.view"]
for name, region in (("officer", county), ("stranger", elsewhere)):
    account = Account.objects.create_account(name, None, name=name)
    for code in codes:
        Grant.objects.create(account=account, permission=code, region=region)
    client = Client()
    client.force_login(account)
    print("session", client.session.session_key)
"""


@dataclass
class House:
    env: dict[str, str]
    url: str
    process: Popen[bytes]
    officer: str  # session keys
    stranger: str

    def shell(self, code: str) -> str:
        return shell(self.env, code)


def anlan(env, *words):
    command = [sys.executable, "-m", "anlan", *words]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return done.stdout


def shell(env, code):
    return anlan(env, "shell", "-v0", "-c", code)


@pytest.fixture
def house(tmp_path):
    """Two officers of two counties, one station, a running web process."""
    env = {**os.environ, "ANLAN_DATA": str(tmp_path), "DATABASE_URL": "", "ANLAN_DEMO": ""}
    furnish(tmp_path)
    lines = shell(env, SETUP).splitlines()
    officer, stranger = [line.split()[1] for line in lines if line.startswith("session ")]
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    process = Popen([sys.executable, "-m", "anlan", "web", "--port", str(port)], env=env)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url)
        yield House(env, url, process, officer, stranger)
    finally:
        process.kill()
        process.wait()


def wait_for(url):
    for _attempt in range(900):
        try:
            urlopen(f"{url}/sign-in/", timeout=10).close()
        except (URLError, ConnectionError):
            threading.Event().wait(0.1)
        else:
            return
    raise AssertionError("the web process did not start")
