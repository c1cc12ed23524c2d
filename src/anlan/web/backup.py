"""Everything that a running Anlan must not lose in one file, and back again.

Online: people and devices go on writing. The exported journal heads are read before the database
and the handed-in files after it, so that every head is in the copied chain and every file that
the copied rows name is there.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.db import connection, connections
from django.utils.translation import gettext as _

from anlan import __version__
from anlan.base import journal
from anlan.base.errors import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE, POSTGRES = "database.sqlite3", "database.pgdump"
HEADS, SECRET = "journal-heads.log", "secret-key"
_CHUNK = 1024 * 1024


def back_up(target: Path, *, with_secret: bool = False) -> dict[str, Any]:
    """Write the backup; it appears under its name only when it is whole. Returns the manifest."""
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".backup-") as folder:
        work = Path(folder)
        _copy_if_there(journal.heads_file(), work / HEADS)
        database = _copy_database(work)
        if with_secret:
            _copy_if_there(settings.DATA_DIR / SECRET, work / SECRET)
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": __version__,
            "made_at": datetime.now(UTC).isoformat(),
            "database": database,
            "files": {},
        }
        part = work / "backup.tar"
        with tarfile.open(part, "w") as tar:
            for path, name in _parts(work, part):
                manifest["files"][name] = _add(tar, path, name)
            (work / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            tar.add(work / MANIFEST, MANIFEST)
        _sync(part)
        part.replace(target)
    return manifest


def _parts(work: Path, part: Path) -> Iterator[tuple[Path, str]]:
    """What goes in: the copies made here, and the files that people handed in."""
    for path in sorted(work.iterdir()):
        if path != part and path.name != MANIFEST:
            yield path, path.name
    files = settings.FILES_DIR
    for path in sorted(files.rglob("*")) if files.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            yield path, f"files/{path.relative_to(files).as_posix()}"


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    tar.add(path, name, recursive=False)
    return {"sha256": digest(path), "size": path.stat().st_size}


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _copy_if_there(path: Path, target: Path) -> None:
    if path.exists():
        shutil.copyfile(path, target)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _copy_database(work: Path) -> str:
    if connection.vendor == "sqlite":
        copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), work / SQLITE)
        return "sqlite"
    _run_postgres("pg_dump", "--format=custom", "--no-owner", f"--file={work / POSTGRES}")
    return "postgresql"


def copy_sqlite(source: Path, target: Path) -> None:
    """One consistent state, in one step: writers go on in the WAL meanwhile."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)
        # A file by itself, without -wal and -shm beside it.
        there.execute("PRAGMA journal_mode=DELETE")


def _run_postgres(tool: str, *words: str) -> None:
    """A PostgreSQL tool on our database; the password goes by the environment, not the list."""
    if shutil.which(tool) is None:
        raise Refusal(
            "ops.no_tool",
            _("%(tool)s is not installed.") % {"tool": tool},
            hint=_("Install the PostgreSQL client programs of the server's version."),
        )
    here = settings.DATABASES["default"]
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    env = os.environ | {name: str(here[key]) for name, key in given.items() if here.get(key)}
    done = subprocess.run(  # noqa: S603 — fixed words and our own paths
        [tool, *words, f"--dbname={here['NAME']}"], env=env, capture_output=True, text=True
    )
    if done.returncode:
        raise Refusal("ops.tool_failed", f"{tool}: {done.stderr.strip()[-2000:]}")


def restore(source: Path, *, force: bool = False) -> dict[str, Any]:
    """Put a backup in place of an empty target. Nothing is touched before every hash is right."""
    if not force and not target_is_empty():
        raise Refusal(
            "ops.not_empty",
            _("There is data here already; it is not overwritten."),
            hint=_("Restore into an empty ANLAN_DATA or database, or say --force."),
        )
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as folder:
        work = Path(folder)
        manifest = _unpack(source, work)
        _check(manifest, work)
        connections.close_all()
        _place_database(manifest, work)
        _place_files(work)
    return manifest


def target_is_empty() -> bool:
    files = settings.FILES_DIR
    if files.is_dir() and any(files.iterdir()):
        return False
    if connection.vendor == "sqlite":
        path = Path(settings.DATABASES["default"]["NAME"])
        return not path.exists() or not _tables()
    return not _tables()


def _tables() -> list[str]:
    found = connection.introspection.table_names()
    connection.close()
    return found


def _unpack(source: Path, work: Path) -> dict[str, Any]:
    """Plain files with plain names only; a backup that names anything else is not ours."""
    try:
        with tarfile.open(source, "r:") as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if not member.isreg() or name.is_absolute() or ".." in name.parts:
                    raise _damaged(member.name)
                target = work / name
                target.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(member)
                assert content is not None
                _write(content, target)
        return dict(json.loads((work / MANIFEST).read_text(encoding="utf-8")))
    except (tarfile.TarError, FileNotFoundError, ValueError) as error:
        raise _damaged(source.name) from error


def _write(content: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _check(manifest: dict[str, Any], work: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise Refusal("ops.format", _("This backup is of a format that we do not know."))
    for name, said in manifest["files"].items():
        path = work / name
        if not path.is_file() or digest(path) != said["sha256"]:
            raise _damaged(name)
    if manifest["database"] != connection.vendor:
        raise Refusal(
            "ops.other_database",
            _("The backup is of %(theirs)s, this Anlan runs on %(ours)s.")
            % {"theirs": manifest["database"], "ours": connection.vendor},
            hint=_("Set DATABASE_URL to a database of the same kind."),
        )


def _damaged(name: str) -> Refusal:
    return Refusal(
        "ops.damaged",
        _("The backup is damaged at “%(name)s”; nothing was changed.") % {"name": name},
        hint=_("Take another backup file."),
    )


def _place_database(manifest: dict[str, Any], work: Path) -> None:
    if manifest["database"] == "postgresql":
        words = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run_postgres("pg_restore", *words, str(work / POSTGRES))
        return
    path = Path(settings.DATABASES["default"]["NAME"])
    if path.exists():
        _put_aside(path)
    (work / SQLITE).replace(path)


def _put_aside(path: Path) -> None:
    """Keep what was there: whoever said --force may have been wrong."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for ending in ("", "-wal", "-shm"):
        old = path.with_name(path.name + ending)
        if old.exists():
            old.rename(path.with_name(f"{path.name}.before-{stamp}{ending}"))


def _place_files(work: Path) -> None:
    if (work / "files").is_dir():
        shutil.copytree(work / "files", settings.FILES_DIR, dirs_exist_ok=True)
    for name in (HEADS, SECRET):
        if (work / name).exists():
            (work / name).replace(settings.DATA_DIR / name)
    secret = settings.DATA_DIR / SECRET
    if secret.exists():
        secret.chmod(0o600)
