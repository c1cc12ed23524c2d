"""For every test: catalogues as they stand in the checkout, and data in a folder of its own."""

import atexit
import gc
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
import hypothesis
import pytest
from tests.house import furnish

ROOT = Path(__file__).parent
CHROMIUM_OF_A_PHONE = [
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

# Some machines forbid it; then every process of every test compiles two thousand modules anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Modules and tests by the ten thousand are made here, and none of them is garbage.
gc.set_threshold(10_000)

# Before Django reads its settings: tests never touch a running Anlan's data. That is why Django is
# set up here: pytest-django would do it, by a setting in pyproject.toml, before it reads this file.
if "ANLAN_DATA" not in os.environ:
    os.environ["ANLAN_DATA"] = tempfile.mkdtemp(prefix="anlan-tests-")
    atexit.register(shutil.rmtree, os.environ["ANLAN_DATA"], ignore_errors=True)

# Before the first string is looked up: Django keeps the catalogues that it found then.
subprocess.run([sys.executable, str(ROOT / "tools/translations.py"), "compile"], check=True)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.web.settings")
django.setup()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest first, so that no process waits in the end; those that commit stay the last."""
    items.sort(key=lambda item: not takes_long(item))


def pytest_collection_finish():
    """What is there now stays to the end: the collector need not walk through it each time."""
    gc.freeze()


def takes_long(item):
    commits = {"transactional_db", "live_server"} & set(item.fixturenames)
    spans_rooms = ROOT / "tests" in item.path.parents
    return not commits and (spans_rooms or item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """The embedded database goes with its folder; `furnish` has put its tables there before."""
    from django.db import connection

    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request):
    """The embedded database is a file, as in a real house: threads wait for each other there.

    In memory they share one cache, where a reader is refused while another writes.
    """
    from django.db import connection

    embedded = connection.vendor == "sqlite"
    if embedded:
        of_tests = connection.settings_dict
        of_tests["TEST"]["NAME"] = str(Path(os.environ["ANLAN_DATA"]) / "tests.sqlite3")
        options = of_tests["OPTIONS"]
        # Its end is not awaited on the disk: nobody relies on it after a power cut.
        options["init_command"] = options["init_command"].replace("FULL", "OFF")
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
    if embedded:
        file = Path(of_tests["TEST"]["NAME"])  # each process has its own
        for end in ("", "-wal", "-shm"):  # of a run before, where ANLAN_DATA is given
            Path(f"{file}{end}").unlink(missing_ok=True)
        furnish(file.parent, file.name)


@pytest.fixture(autouse=True)
def writer_here(settings):
    """The writer of the readings is a thread: another process would not see the test's database."""
    settings.READINGS_WRITER_APART = False


# Property tests look for new cases on a developer's machine; what CI says of a commit is the same
# each time it is asked. No test asserts how long something takes.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="module")
def module_rows(django_db_setup, django_db_blocker):
    """What a module's own fixture writes after this stays for all its tests, and goes with it.

    Each test runs in a savepoint inside, and must not commit. Objects of Python are not rolled
    back: give each test a deep copy.
    """
    from django.db import transaction

    forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def chromium():
    """A browser; each phone is a context of its own, as another device is."""
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps a loop running in this thread; the queries here are ordinary ones.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_OF_A_PHONE
        )
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a process remembers of its database, and the language, are not the next test's."""
    forget()


def forget():
    from django.utils import translation

    from anlan.base import clock
    from anlan.observe import registry
    from anlan.places import outlines, position, tiles

    for memory in (clock, registry, outlines, position, tiles):
        memory.forget()
    translation.deactivate()
