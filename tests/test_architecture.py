"""What an import linter cannot see: the shape of the house."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey

from anlan.work.models import WorkItem

SRC = Path(__file__).parent.parent / "src" / "anlan"
FLOORS = {room: floor for floor, room in enumerate([*settings.ROOMS[:-1], "web", "demo"])}
CLOCKS = {("timezone", "now"), ("clock", "now"), ("time", "time"), ("datetime", "now")}
SURFACES = sorted(
    path
    for pattern in ("**/pages.py", "**/*_pages.py", "*/pages/*.py", "**/api.py", "*/api/*.py")
    for path in SRC.glob(pattern)
    if "tests" not in path.relative_to(SRC).parts
)
ENGINES = sorted(
    "anlan." + ".".join(path.relative_to(SRC).with_suffix("").parts)
    for path in SRC.glob("engines/**/*.py")
    if "tests" not in path.relative_to(SRC).parts and path.name != "__main__.py"
)


@pytest.mark.parametrize("path", SURFACES, ids=lambda path: str(path.relative_to(SRC)))
def test_pages_and_api_neither_query_nor_save(path):
    """They parse, make one call into the room, and render."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    touched = [
        f"line {node.lineno}: .{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "save", "bulk_create"}
    ]
    assert touched == []


# The demo's service moves the clock itself: it must know the machine's.
SERVICES = sorted(
    path
    for pattern in ("*/services.py", "*/services/*.py", "*/*/services.py")
    for path in SRC.glob(pattern)
    if "tests" not in path.relative_to(SRC).parts and path.parent.name != "demo"
)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: str(path.relative_to(SRC)))
def test_services_are_told_what_time_it_is(path):
    """So that tests need no frozen clock and imports can be dated back."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = [
        f"line {node.lineno}: {node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in CLOCKS
    ]
    assert read == []


def test_foreign_keys_point_down_or_sideways():
    rooms = {f"anlan.{room}": floor for room, floor in FLOORS.items()}
    wrong = []
    for model in apps.get_models():
        here = rooms.get(model._meta.app_config.name)
        for field in model._meta.get_fields():
            if here is None or not isinstance(field, ForeignKey):
                continue
            there = rooms.get(field.related_model._meta.app_config.name)
            # Rows below `people` name who did it: the one arrow that must point up.
            to_account = field.related_model._meta.label == "people.Account"
            if there is not None and there > here and not (to_account and here < FLOORS["people"]):
                wrong.append(str(field))
    assert wrong == []


def test_a_work_item_stays_small():
    """A column enters only if three rooms use it."""
    assert len(WorkItem._meta.concrete_fields) <= 12


def test_engines_import_without_django():
    if not ENGINES:
        pytest.fail("no engine found")
    code = "import importlib, sys\n" + "\n".join(
        f"importlib.import_module({name!r})" for name in ENGINES
    )
    code += "\nassert not [m for m in sys.modules if m.split('.')[0] in ('django', 'ninja')]"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_migration_has_a_name():
    unnamed = [str(path) for path in SRC.glob("*/migrations/*_auto_*.py")]
    assert unnamed == []


def test_every_string_has_its_chinese_text():
    done = subprocess.run(
        [sys.executable, "tools/translations.py", "check"],
        cwd=SRC.parent.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
