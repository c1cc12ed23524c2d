"""The page that people read says what the code does."""

import re
from pathlib import Path

import pytest

from anlan.observe.sl651 import __main__ as table
from anlan.observe.sl651.elements import ELEMENTS, STATUS_BITS
from anlan.observe.sl651.tests.hand import HEAD, frame_of

PACKAGE = Path(__file__).parents[1]
PAGE = Path(__file__).parents[5] / "docs/rules/sl651.md"


@pytest.fixture
def page() -> str:
    return PAGE.read_text("utf-8")


def test_every_element_is_on_the_page(page: str) -> None:
    for code, e in ELEMENTS.items():
        assert f"| {code} | {e.text_code} | `{e.quantity}` | {e.unit} | {e.name} |" in page
    for bit, (quantity, name) in enumerate(STATUS_BITS):
        assert f"| {bit} | `{quantity}` | {name} |" in page


def test_every_deviation_is_on_the_page(page: str) -> None:
    source = "".join(path.read_text("utf-8") for path in PACKAGE.glob("*.py"))
    named = set(re.findall(r'deviate\("(\w+)"', source))
    named |= set(re.findall(r'\*deviations, "(\w+)"', source))
    named |= {"crc_order", "crc_binary", "length", "short_body"}
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


def test_the_field_tool_shows_a_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good = frame_of(HEAD + "392300010490" + "FF33110205")
    broken = good[:-1] + bytes([good[-1] ^ 1])
    file = tmp_path / "frames.txt"
    file.write_text(f"# two frames\n{good.hex()}\n{broken.hex()}\n")
    assert table.main([str(file)]) == 1
    out = capsys.readouterr().out
    assert "12345678 河道" in out
    assert re.search(r"39 +2026-07-03 12:00 +10.490 m +water_level", out)
    assert "unknown_code: 0205 = 20.5?" in out
    assert "! wrong crc" in out
    assert table.main([good.hex()]) == 0
    assert table.main(["/no/such/file"]) == 2
