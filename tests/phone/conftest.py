"""A grid worker's phone in headless Chromium, at a running server."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent.models import Enterprise, Entry, Standard, StandardVersion
from anlan.work import kinds
from anlan.work.services import open_item

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "src/anlan/web/static/web/build/manifest.json"
SHOTS = ROOT / "build/screenshots"


class City:
    """A town with two villages: one whose worker carries the phone, one that is a stranger's."""

    def __init__(self) -> None:
        at = datetime.now(UTC)
        county = RegionFactory(level=3, name="婺城区")
        town = RegionFactory(parent=county, name="白龙桥镇", lon=119.5, lat=29.2)
        self.village = RegionFactory(parent=town, name="临江村", lon=119.5, lat=29.2)
        self.other = RegionFactory(parent=town, name="叶店村", lon=119.6, lat=29.3)
        rights = ("work.view", "work.do", "prevent.view", "prevent.inspect")
        self.post = post_in(self.village, "village.grid_worker", *rights)
        self.worker = holder_of(self.post)
        self.stranger = account_in(self.other, *rights)
        self.officer = account_in(town, "work.view", "work.check", "work.assign", "prevent.view")
        self.checklist = self._checklist(at)
        self.works = self._enterprise(self.village, "兰溪湖畔化工厂", "91330702MA2EXAMPL1", at)
        self._enterprise(self.other, "邻村机械厂", "91330702MA2EXAMPL2", at)

    def _checklist(self, at: datetime) -> StandardVersion:
        standard = Standard.objects.create(code="demo", name="小微企业安全检查标准（示例）")
        version = StandardVersion.objects.create(
            standard=standard,
            number=1,
            state="IN_FORCE",
            made_at=at,
            author=self.officer,
            in_force_from=at,
        )
        lines = ("疏散通道、安全出口保持畅通", "配电箱完好，无私拉乱接", "特种作业人员持证上岗")
        for number, text in enumerate(lines, 1):
            Entry.objects.create(version=version, number=number, text=text, major=number == 1)
        return version

    def _enterprise(self, region, name: str, code: str, at: datetime) -> Enterprise:
        site = SiteFactory(region=region, name=name, kind="enterprise")
        return Enterprise.objects.create(
            site=site,
            credit_code=code,
            standard=self.checklist.standard,
            address="工业路8号",
            changed_at=at,
        )

    def task(self, title: str = "巡查堤防和山塘", kind: str = "test.phone"):
        at = datetime.now(UTC)
        return open_item(
            kind=kind,
            title=title,
            region=self.village,
            post=self.post,
            due_at=at + timedelta(hours=2),
            by=self.officer,
            at=at,
        )


@pytest.fixture
def city(monkeypatch, settings, tmp_path) -> City:
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    proof = kinds.Proof(photos=1, position=True)
    kinds.register(
        kinds.Kind("test.phone", "巡查", "work:item", "work.do", "work.check", proof=proof)
    )
    return City()


@contextmanager
def phone_of(chromium, url: str, session: str) -> Iterator:
    """A phone of 360 px, signed in by this session."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740},
        locale="zh-CN",
        is_mobile=True,
        has_touch=True,
        geolocation={"longitude": 119.5003, "latitude": 29.2, "accuracy": 12},
        permissions=["geolocation", "microphone"],
    )
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    try:
        yield page
    except Exception:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / "phone-failed.png")
        raise
    finally:
        context.close()


def open_phone(page, url):
    """Open with a network until the service worker is there."""
    page.goto(f"{url}/phone/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator('.phone-status[data-contact="here"]').wait_for()


def take_along(page, name):
    page.get_by_role("link", name="本机").click()
    page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="下载到本机").click()
    page.get_by_text("已下载到本机。").wait_for()


def session_of(account) -> str:
    client = Client()
    client.force_login(account)
    return client.cookies["sessionid"].value


@pytest.fixture
def camera(tmp_path):
    """Makes a picture of its own each time."""

    def take(number: int = 1, size=(1200, 900)) -> str:
        path = tmp_path / f"photo-{number}.jpg"
        data = io.BytesIO()
        picture = Image.effect_noise(size, 40).convert("RGB")
        picture.putpixel((0, 0), (number % 256, number // 256 % 256, 7))
        picture.save(data, "JPEG")
        path.write_bytes(data.getvalue())
        return str(path)

    return take
