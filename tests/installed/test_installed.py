"""A stranger installs a release offline and follows the README to a city of their own, by HTTPS."""

import re
import socket
import ssl
import subprocess
import threading
import time

import httpx
import pytest

from .conftest import CLEAN, ROOT

pytestmark = pytest.mark.server
README = (ROOT / "README.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    return README.split(f"## {title}\n")[1].split("\n## ")[0]


def commands() -> list[str]:
    """The lines of the README's first block of commands, without the comments."""
    block = re.search(r"((?:^    .*\n)+)", chapter("用在自己的城市"), re.M)
    assert block is not None
    return [line.split("  #")[0].strip() for line in block[1].splitlines()]


def divisions() -> str:
    """The README's own example of a list of divisions."""
    block = re.search(r"    (代码,(?:.*\n)(?:    .*\n)+)", README)
    assert block is not None
    return re.sub(r"^    ", "", block[1], flags=re.M)


@pytest.fixture
def env(installed, tmp_path):
    """As the README exports it, with the release's commands and free ports."""
    web, sl651 = free_port(), free_port()
    path = f"{installed / 'venv/bin'}:{CLEAN['PATH']}"
    ports = {"ANLAN_WEB_PORT": str(web), "ANLAN_SL651_PORT": str(sl651)}
    return {**CLEAN, "PATH": path, "ANLAN_DATA": str(tmp_path / "data"), **ports}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def certificate(tmp_path):
    """A city's own certificate authority, and a server's certificate that it signed."""
    ca = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=city CA"]
    openssl("req", *ca, "-keyout", "ca.key", "-out", "ca.crt", cwd=tmp_path)
    new = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-out", "server.csr"]
    openssl("req", *new, "-keyout", "server.key", cwd=tmp_path)
    (tmp_path / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    signed = ["-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
    openssl("x509", "-req", *signed, "-days", "2", "-extfile", "names", "-out", "server.crt",
            cwd=tmp_path)  # fmt: skip
    return tmp_path


def openssl(*words, cwd):
    subprocess.run(["openssl", *words], cwd=cwd, check=True, capture_output=True)


def run(command: str, env: dict, cwd) -> str:
    done = subprocess.run(command, shell=True, env=env, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_stranger_follows_the_readme_to_a_city_of_their_own(env, certificate, tmp_path):
    (tmp_path / "区划.csv").write_text(divisions(), encoding="utf-8")
    (tmp_path / "src").symlink_to(ROOT / "src")  # the README names the example plan's path
    printed = {}
    for command in commands():
        if command.startswith("anlan ") and command != "anlan up":
            printed[command] = run(command, env, tmp_path)
    admin = next(text for command, text in printed.items() if "admins add" in command)
    password = re.search(r"guanli\s+(\S+)", admin)
    assert password is not None, admin

    up = ["anlan", "up", "--tls", "--cert", "server.crt", "--key", "server.key"]
    with (tmp_path / "up.log").open("wb") as log:
        house = subprocess.Popen(up, cwd=tmp_path, env=env, stdout=log, stderr=log)
    try:
        trusted = ssl.create_default_context(cafile=str(certificate / "ca.crt"))
        url = f"https://localhost:{env['ANLAN_WEB_PORT']}"
        with httpx.Client(base_url=url, verify=trusted, follow_redirects=True) as browser:
            page = first_answer(browser, house, tmp_path / "up.log")
            assert "登录" in page.text
            for address in re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page.text):
                assert browser.get(address).status_code == 200
            home = sign_in(browser, "guanli", password[1])
            assert "密码" in home.text  # a first password has to be changed
            assert "Secure" in str(home.history[0].headers.get("set-cookie"))
    finally:
        house.terminate()
        assert house.wait(30) == 0


def first_answer(browser: httpx.Client, house: subprocess.Popen, log) -> httpx.Response:
    pause, give_up = threading.Event(), time.monotonic() + 60
    while time.monotonic() < give_up and house.poll() is None:
        try:
            return browser.get("/sign-in/")
        except httpx.TransportError:
            pause.wait(0.2)
    raise AssertionError(log.read_text())


def sign_in(browser: httpx.Client, username: str, password: str) -> httpx.Response:
    form = {
        "username": username,
        "password": password,
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
    }
    return browser.post("/sign-in/", data=form, headers={"Referer": str(browser.base_url)})
