"""The story of most tests: a village does, its town checks, a stranger looks."""

import hashlib
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image

from anlan.people.models import Account, Post
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.models import Region
from anlan.places.tests.factories import RegionFactory
from anlan.work import kinds, submissions
from anlan.work.models import WorkItem
from anlan.work.services import open_item

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


@dataclass
class Story:
    county: Region
    town: Region
    village: Region
    post: Post
    worker: Account  # holds the village's post
    officer: Account  # checks for the town
    stranger: Account  # the same rights, in another county

    def open(self, title="转移低洼处住户", due=timedelta(hours=2), **more) -> WorkItem:
        more = {"kind": "test.task", "region": self.village, "post": self.post} | more
        due_at = NOON + due if due else None
        return open_item(title=title, due_at=due_at, by=self.officer, at=NOON, **more)

    def send(self, item, move="submit", *, by=None, files=(), sid: UUID | None = None, **more):
        """As a phone does: body bytes made once, then sent."""
        sid = sid or uuid4()
        digests = [hashlib.sha256(data).hexdigest() for data in files]
        body = json.dumps({"id": str(sid), "move": move, "files": digests, **more}).encode()
        sent = submissions.Sent(
            id=sid, item=item, move=move, made_at=NOON, announced=tuple(digests), **more
        )
        return submissions.receive(sent=sent, body=body, by=by or self.worker, at=NOON)

    def attach(self, submission, data, *, by=None, digest=None):
        return submissions.attach(
            submission_id=submission.pk,
            digest=digest or hashlib.sha256(data).hexdigest(),
            data=data,
            name="现场.jpg",
            by=by or self.worker,
            at=NOON,
        )


def photo(colour="navy", size=(64, 48), form="JPEG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form, **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def test_kinds(monkeypatch, settings, tmp_path):
    """Two kinds of our own, and a folder for files."""
    settings.FILES_DIR = tmp_path / "files"
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.register(
        kinds.Kind("test.task", "任务", page="work:item", may_do="work.do", may_check="work.check")
    )
    kinds.register(
        kinds.Kind(
            "test.photo",
            "拍照任务",
            page="work:item",
            may_do="work.do",
            may_check="work.check",
            proof=kinds.Proof(photos=1, position=True),
        )
    )


@pytest.fixture
def story() -> Story:
    county = RegionFactory()
    town = RegionFactory(parent=county, lon=119.5, lat=29.2)
    village = RegionFactory(parent=town, lon=119.5, lat=29.2)
    rights = ("work.view", "work.do", "work.check", "work.assign")
    post = post_in(village, "village.flood_officer", "work.view", "work.do")
    return Story(
        county,
        town,
        village,
        post,
        holder_of(post),
        account_in(town, *rights),
        account_in(RegionFactory(), *rights),
    )
