import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[4] / "frontend/src"
CALL = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*")""")
ENTRY = re.compile(r"""^  ("(?:[^"\\]|\\.)*"): "((?:[^"\\]|\\.)+)",""", re.M)


def test_every_text_that_scripts_show_has_its_chinese_and_none_is_left_over():
    used = {text for path in SOURCES.rglob("*.ts") for text in CALL.findall(path.read_text())}
    known = dict(ENTRY.findall((SOURCES / "i18n.ts").read_text()))

    assert used <= set(known), f"missing in i18n.ts: {used - set(known)}"
    assert all(re.search(r"[一-鿿]", text) for text in known.values())


def test_placeholders_are_the_same_in_both_languages():
    for text, chinese in ENTRY.findall((SOURCES / "i18n.ts").read_text()):
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese)), text
