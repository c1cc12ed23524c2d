"""Blocks to PDF by typst, with the typography of Chinese official documents (GB/T 9704)."""

import json
import tempfile
import threading
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from .blocks import blocks
from .catalogue import Form

_lock = threading.Lock()


def pdf(form: Form, values: Mapping[str, Any]) -> bytes:
    """One document."""
    return render(
        "paper.typ",
        {
            "title": form.title,
            "number": values.get("number", ""),
            "organ": values.get("organ", ""),
            "day": values.get("issued_on", ""),
            "copies": form.copies,
            "seal": form.seal,
            "blocks": blocks(form, values),
        },
    )


def render(
    template: str, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """A template of ours with its data, as PDF. Text is data: nothing in it is typst code."""
    # One compiler, kept warm: fonts are read once, a document then takes some hundredths of a
    # second. It is not safe to share between threads.
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _lock:
        compiler, folder = _compiler(template)
        for name, picture in (pictures or {}).items():
            (folder / name).write_bytes(picture)
            inputs[name] = name
        made = compiler.compile(format="pdf", sys_inputs=inputs)
        for name in pictures or {}:
            (folder / name).unlink()
    assert isinstance(made, bytes)  # one PDF, not a page each
    return made


@lru_cache(maxsize=8)
def _compiler(template: str) -> tuple[typst.Compiler, Path]:
    folder = Path(tempfile.mkdtemp(prefix="anlan-typst-"))
    source = resources.files("anlan.enforce").joinpath(f"data/{template}").read_text("utf-8")
    path = folder / template
    path.write_text(source, encoding="utf-8")
    fonts = [str(Path(part)) for part in settings.FONTS_DIR.split(":") if part]
    return typst.Compiler(str(path), root=str(folder), font_paths=fonts), folder
