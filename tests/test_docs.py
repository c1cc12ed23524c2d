"""What can be set, granted, run or heard is written down, or the suite fails."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from anlan.people import permissions

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for path in (ROOT / "src/anlan").rglob("*.py")
    if "tests" not in path.parts and "migrations" not in path.parts
]
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


def test_every_event_is_documented():
    guide = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    names = found(r"publish(?:_many)?\(\s*\"([a-z0-9_.]+)\"")
    assert undocumented(names, guide) == []


def test_every_command_is_documented():
    ours = sorted(name for name, app in get_commands().items() if app.startswith("anlan."))
    assert [name for name in ours if f"anlan {name}" not in DOCS] == []


@pytest.mark.parametrize("path", sorted((ROOT / "src/anlan/engines").glob("*/")), ids=str)
def test_every_engine_has_its_page(path):
    if path.name.startswith("_") or not (path / "__init__.py").exists():
        return
    assert (ROOT / f"docs/engines/{path.name}.md").exists()
