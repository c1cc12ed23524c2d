"""A form and its values, as a list of blocks that both the PDF and the .docx are set from."""

import re
from collections.abc import Mapping
from typing import Any

from .catalogue import Form

_KEY = re.compile(r"\{(\w+)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # no document can hold them
BLANK = "　　　　"
# Of these the record may rightly say nothing: no blank is left for the pen.
SILENT = {
    "discretion", "statements", "keep_note", "text", "visit_found", "party_industry", "gains",
    "revoked_next", "revoked_back", "joint_parties", "joint_note",
}  # fmt: skip


def blocks(form: Form, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Blocks with their texts filled in; what the record does not know stays blank.

    `to` whom it goes · `text` paragraphs · `table` of label and value · `box` a labelled box ·
    `list` a ruled list with a row for each of `rows` · `sign` lines to sign on · `tick` choices.
    """
    return [_block(block, values) for block in form.body]


def _block(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    kind = block["kind"]
    if kind == "table":
        rows = [[_fill(cell, values) for cell in row] for row in block["rows"]]
        # So is a row.
        rows = [row for row in rows if any(row[1::2])]
        return {"kind": kind, "rows": rows}
    if kind == "list":
        return {
            "kind": kind,
            "heads": block["heads"],
            "rows": [[_printable(cell) for cell in row] for row in values.get("rows") or []],
        }
    if kind == "sign":
        return {"kind": kind, "lines": [_fill(line, values) for line in block["lines"]]}
    if kind == "box":
        filled = _fill(block["text"], values, blank="")
        return {
            "kind": kind,
            "label": block["label"],
            "text": filled,
            "sign": [_fill(line, values) for line in block.get("sign", [])],
        }
    if kind == "tick":
        return {"kind": kind, "lines": [_tick(line, values) for line in block["lines"]]}
    text = _fill(block["text"], values)
    # A paragraph of which the record says nothing is left out.
    lines = [line for line in text.split("\n") if line.strip() or "\n" not in text]
    return {"kind": kind, "text": "\n".join(lines)}


def _fill(text: str, values: Mapping[str, Any], blank: str = BLANK) -> str:
    def value(found: re.Match[str]) -> str:
        said = _printable(values.get(found[1]) or "")
        return said or ("" if found[1] in SILENT else blank)

    return _KEY.sub(value, text)


def _printable(said: Any) -> str:
    return _CONTROL.sub("", str(said))


def _tick(line: str, values: Mapping[str, Any]) -> str:
    """`key|text`: ticked where the record says so."""
    key, _bar, text = line.partition("|")
    return ("☑ " if values.get(key.strip()) else "☐ ") + _fill(text, values)
