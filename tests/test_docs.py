"""What can be set, granted, run or heard is written down, or the suite fails."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from anlan.people import permissions
from anlan.work.moves import LABELS as MOVES

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for path in (ROOT / "src/anlan").rglob("*.py")
    if "tests" not in path.parts and "migrations" not in path.parts
]
EVENT = re.compile(rf"(?:{'|'.join(settings.ROOMS)})\.[a-z_]+\.[a-z_]+")
DOCS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))


def found(pattern: str) -> list[str]:
    names = {
        name for path in SOURCES for name in re.findall(pattern, path.read_text(encoding="utf-8"))
    }
    return sorted(names)


def undocumented(names, where):
    return [name for name in names if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", where)]


def test_every_setting_is_documented():
    settings = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    names = found(r"\b((?:ANLAN|DATABASE)_[A-Z0-9_]+)\b")
    assert undocumented([n for n in names if not n.endswith("_")], settings) == []


def test_every_permission_is_documented():
    guide = (ROOT / "docs/permissions.md").read_text(encoding="utf-8")
    assert undocumented(sorted(permissions.registered()), guide) == []


def published():
    """Names given to publish(), and three-part names kept elsewhere in a module that publishes."""
    names = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        publishing = [
            call
            for call in calls
            if isinstance(call.func, ast.Name) and call.func.id in {"publish", "publish_many"}
        ]
        refused = {
            call.args[0].value
            for call in calls
            if call not in publishing and call.args and isinstance(call.args[0], ast.Constant)
        }
        for call in publishing:
            names |= {n.value for n in ast.walk(call.args[0]) if isinstance(n, ast.Constant)}
        if publishing:
            texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)} - refused
            names |= {t for t in texts if isinstance(t, str) and EVENT.fullmatch(t)}
    return sorted(name for name in names if "." in name.rstrip("."))


def test_every_event_is_documented():
    rows = (ROOT / "docs/events.md").read_text(encoding="utf-8").splitlines()
    told = set()
    for row in rows:
        whole = ""
        for name in re.findall(r"`([a-z0-9_.]+)`", row.split("|")[1] if "|" in row else ""):
            # `.return` after `work.item.accept` is short for `work.item.return`.
            whole = whole.rpartition(".")[0] + name if name.startswith(".") else name
            told.add(whole)
    moves = {f"work.item.{move}" for move in MOVES}
    prefixed = [name for name in published() if not name.endswith(".")]
    assert [name for name in sorted({*prefixed, *moves}) if name not in told] == []


def test_every_command_is_documented():
    ours = sorted(name for name, app in get_commands().items() if app.startswith("anlan."))
    assert [name for name in ours if f"anlan {name}" not in DOCS] == []


@pytest.mark.parametrize("path", sorted((ROOT / "src/anlan/engines").glob("*/")), ids=str)
def test_every_engine_has_its_page(path):
    if path.name.startswith("_") or path.name == "tests" or not (path / "__init__.py").exists():
        return
    assert (ROOT / f"docs/engines/{path.name}.md").exists()
