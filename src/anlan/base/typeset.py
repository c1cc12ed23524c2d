"""Documents as PDF by typst: a template of a room with its data. Text is data, never typst code."""

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

_lock = threading.Lock()


def render(
    room: str,
    template: str,
    data: Mapping[str, Any],
    pictures: Mapping[str, bytes] | None = None,
) -> bytes:
    """`render("anlan.oversee", "letter.typ", {...})`: the template lies in the room's `data`.

    A picture is a file beside the template while it is set; the input of its name says so.
    """
    # One compiler a template, kept warm: fonts are read once. It is not safe between threads.
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with _lock:
        compiler, folder = _compiler(room, template)
        for name, picture in (pictures or {}).items():
            Path(folder.name, name).write_bytes(picture)
            inputs[name] = name
        try:
            made = compiler.compile(format="pdf", sys_inputs=inputs)
        finally:
            for name in pictures or {}:
                Path(folder.name, name).unlink()
    assert isinstance(made, bytes)  # one file; pages apart only come as pictures
    return made


@lru_cache(maxsize=16)
def _compiler(room: str, template: str) -> tuple[typst.Compiler, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="anlan-typst-")  # gone when forgotten, or at exit
    source = resources.files(room).joinpath(f"data/{template}").read_text(encoding="utf-8")
    path = Path(folder.name) / template
    path.write_text(source, encoding="utf-8")
    fonts = [part for part in settings.FONTS_DIR.split(":") if part]
    return typst.Compiler(str(path), root=folder.name, font_paths=fonts), folder
