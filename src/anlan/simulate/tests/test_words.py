"""Every refusal of the engines that a person can cause is said in Chinese."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from anlan import engines
from anlan.engines.errors import BadCase
from anlan.simulate.words import WORDS, translated

# Only a program can cause these: a person reaches them through nothing of ours.
OF_PROGRAMS = {
    "flood.kind", "flood.state", "flood.threads", "flood.time", "flood.series",
    "rain.numbers", "rain.place", "rain.shape", "rain.times",
}  # fmt: skip


def codes():
    root = Path(engines.__file__).parent
    files = [path for path in root.rglob("*.py") if "tests" not in path.parts]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r'BadCase\(\s*"([a-z]+\.[a-z_]+)"', text))


def test_every_code_has_words():
    found = codes()
    assert len(found) > 30
    assert sorted(found - set(WORDS) - OF_PROGRAMS) == []


@pytest.mark.parametrize("code", sorted(WORDS))
def test_the_words_are_chinese_and_keep_the_detail(code):
    with translation.override("zh-hans"):
        refusal = translated(BadCase(code, "at row 3", hint="x"))
    assert refusal.code == code
    assert "at row 3" in refusal.message
    assert re.search("[\u4e00-\u9fff]", refusal.message)
    assert re.search("[\u4e00-\u9fff]", refusal.hint)
