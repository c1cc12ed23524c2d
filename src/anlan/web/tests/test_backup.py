"""A backup is whole although people write meanwhile; a restore touches nothing it should not."""

import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.house import furnish

from anlan.base.errors import Refusal
from anlan.web import backup, running

MAKE = """
import django; django.setup()
from django.core.management import call_command
from django.utils import timezone
from django.db import transaction
from django.conf import settings
from anlan.base.events import publish
for n in range(5):
    with transaction.atomic():
        publish("test.made", at=timezone.now(), by=None, n=n)
    call_command("journal", "seal")
with transaction.atomic():  # a minute before the backup: no worker has sealed it
    publish("test.made", at=timezone.now(), by=None, n=5)
(settings.FILES_DIR / "ab").mkdir(parents=True)
(settings.FILES_DIR / "ab" / "proof.jpg").write_bytes(b"a picture")
"""


def anlan(data: Path, *words: str, code: str = ""):
    env = os.environ | {
        "ANLAN_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "anlan.web.settings",
        "DATABASE_URL": "",
        "ANLAN_LOG_LEVEL": "ERROR",
    }
    command = ["-c", code] if code else ["-m", "anlan", *words]
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A data folder with sealed events and a file, and its backup."""
    data = tmp_path_factory.mktemp("kept")
    furnish(data)
    made = anlan(data, code=MAKE)
    assert made.returncode == 0, made.stderr
    file = data.parent / "anlan.backup"
    done = anlan(data, "backup", str(file))
    assert done.returncode == 0, done.stderr
    return file


def test_a_restored_city_has_its_files_and_an_intact_journal(kept, tmp_path):
    done = anlan(tmp_path, "restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert "存证完整：6 条事件，6 次封存" in done.stdout
    assert (tmp_path / "files/ab/proof.jpg").read_bytes() == b"a picture"
    assert len((tmp_path / "journal-heads.log").read_text().splitlines()) == 6

    again = anlan(tmp_path, "restore", str(kept))
    assert again.returncode != 0
    forced = anlan(tmp_path, "restore", str(kept), "--force")
    assert forced.returncode == 0, forced.stderr
    assert list(tmp_path.glob("anlan.sqlite3.before-*"))


def test_the_key_that_signs_sessions_stays_at_home_unless_asked_for(kept):
    with tarfile.open(kept) as tar:
        assert backup.SECRET not in tar.getnames()


def changed(kept: Path, target: Path, name: str, content: bytes) -> Path:
    """The same backup with one member's bytes replaced."""
    with tarfile.open(kept) as old, tarfile.open(target, "w") as new:
        for member in old:
            data = old.extractfile(member).read() if member.name != name else content
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


@pytest.fixture
def empty_target(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    settings.FILES_DIR = settings.DATA_DIR / "files"
    monkeypatch.setattr(backup, "target_is_empty", lambda: True)
    return settings.DATA_DIR


def test_a_damaged_backup_changes_nothing(kept, empty_target, tmp_path):
    bad = changed(kept, tmp_path / "bad", "files/ab/proof.jpg", b"another picture")
    with pytest.raises(Refusal) as refused:
        backup.restore(bad)
    assert refused.value.code == "ops.damaged"
    assert list(empty_target.iterdir()) == []


def test_a_cut_off_file_is_no_backup(kept, empty_target, tmp_path):
    short = tmp_path / "short"
    short.write_bytes(kept.read_bytes()[:-20_000])
    with pytest.raises(Refusal) as refused:
        backup.restore(short)
    assert refused.value.code == "ops.damaged"
    (tmp_path / "none").write_bytes(b"")
    with pytest.raises(Refusal):
        backup.restore(tmp_path / "none")


def test_a_backup_that_points_outside_is_refused(empty_target, tmp_path):
    evil = tmp_path / "evil"
    with tarfile.open(evil, "w") as tar:
        member = tarfile.TarInfo("../outside")
        tar.addfile(member, io.BytesIO())
    with pytest.raises(Refusal):
        backup.restore(evil)
    assert not (tmp_path / "outside").exists()


def test_a_copy_made_while_somebody_writes_is_of_one_moment(tmp_path):
    source, target = tmp_path / "a.sqlite3", tmp_path / "b.sqlite3"
    with closing(sqlite3.connect(source)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE pair (n INTEGER, filler TEXT)")
        db.executemany("INSERT INTO pair VALUES (-1, ?)", [("x" * 500,)] * 20_000)
        db.commit()
    stop, written = threading.Event(), []

    def write():
        with closing(sqlite3.connect(source, timeout=30)) as db:
            while not stop.is_set():
                n = len(written)
                with db:
                    db.execute("INSERT INTO pair VALUES (?, '')", (n,))
                    db.execute("INSERT INTO pair VALUES (?, '')", (n,))
                written.append(n)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            pass
        before = len(written)
        backup.copy_sqlite(source, target)
        after = len(written)
    finally:
        stop.set()
        writer.join()
    with closing(sqlite3.connect(target)) as db:
        counts = db.execute("SELECT n, count(*) FROM pair WHERE n >= 0 GROUP BY n").fetchall()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {count for _n, count in counts} == {2}
    assert before <= len(counts) <= after + 1


def test_nobody_restores_under_a_running_anlan(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with running.alone():
        with pytest.raises(Refusal) as refused, running.alone():
            pass
        assert refused.value.code == "ops.running"
    with running.alone():
        pass
