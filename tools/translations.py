"""Translations: find every string, update the catalogues, compile them, and report what is missing.

    python tools/translations.py check | update [ROOM …] | compile

Every room keeps its own catalogue (locale/zh_Hans). No gettext binaries are needed: Babel reads
Python, Django's `templatize` turns a template into what Babel reads.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = sorted(path.parent for path in (ROOT / "src/anlan").glob("*/apps.py"))
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),  # type: ignore[dict-item]
    "pgettext_lazy": ((1, "c"), 2),  # type: ignore[dict-item]
    "npgettext": ((1, "c"), 2, 3),  # type: ignore[dict-item]
}


def catalogue_path(room: Path) -> Path:
    return room / "locale/zh_Hans/LC_MESSAGES/django.po"


def sources(room: Path) -> Iterator[tuple[Path, str]]:
    from django.utils.translation.template import templatize

    for path in sorted(room.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(room).parts):
            yield path, path.read_text(encoding="utf-8")
    for path in sorted(room.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            # Only the calls matter; the rest is filler that is not always valid Python.
            calls = re.findall(
                r"""(?:n?p?gettext|_)\((?:[^()'"]|u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")*\)""",
                text,
            )
            yield path, "\n".join(call.replace(" u'", " '").replace("(u'", "('") for call in calls)


def wanted(room: Path) -> Catalog:
    catalogue = Catalog(locale="zh_Hans", domain="django", fuzzy=False)
    for path, text in sources(room):
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)
        for _line, message, comments, context in found:
            catalogue.add(
                message,
                locations=[(str(path.relative_to(ROOT)), 0)],
                auto_comments=comments,
                context=context,
            )
    return catalogue


def existing(room: Path) -> Catalog:
    path = catalogue_path(room)
    if not path.exists():
        return Catalog(locale="zh_Hans", domain="django")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def missing() -> list[str]:
    """Strings without a Chinese text, and texts whose placeholders differ."""
    lines = []
    for room in ROOMS:
        have = existing(room)
        for message in wanted(room):
            if not message.id:
                continue
            found = have.get(message.id, message.context)
            texts = [] if found is None else [found.string]
            if isinstance(message.id, tuple):
                texts = [] if found is None else [t for t in found.string if t]
            if not texts or not all(texts) or (found is not None and found.fuzzy):
                lines.append(f"{room.name}: no Chinese for {message.id!r} ({message.locations})")
            elif _placeholders(message.id) != _placeholders(texts[0]):
                lines.append(f"{room.name}: placeholders differ in {message.id!r}")
    return lines


def differing() -> list[str]:
    """Strings with two Chinese texts: all rooms share one catalogue at run time, one would win."""
    texts: dict[tuple[str, str | None], dict[str, str]] = {}
    for room in ROOMS:
        for message in existing(room):
            if message.id:
                key = (str(message.id), message.context)
                texts.setdefault(key, {})[room.name] = str(message.string)
    return [
        f"give it a context, or one text: {key[0]} {found}"
        for key, found in sorted(texts.items(), key=str)
        if len(set(found.values())) > 1
    ]


# One word for one thing (docs/glossary.md): what is not written, what is written instead, and where
# the characters mean something else.
BANNED = {
    "事项": ("任务", ("交接事项",)),
    "区域": ("区划；对其负责的人称辖区", ("风险区域", "场所、区域")),  # of an enterprise
    "地区": ("区划", ()),
    "静默": ("数据中断", ()),
    "站点": ("测站", ()),
    "报警": ("告警", ()),
    "帐号": ("账号", ()),
    "账户": ("账号", ()),
    "登陆": ("登录", ()),
}


def vocabulary() -> list[str]:
    """Chinese texts, also those of the scripts, that use another word than the glossary's."""
    scripts = (ROOT / "frontend/src/i18n.ts").read_text(encoding="utf-8")
    texts = [("frontend/src/i18n.ts", text) for text in re.findall(r": \"(.*)\",", scripts)]
    for room in ROOMS:
        for message in existing(room):
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            texts += [(room.name, str(text)) for text in strings if message.id]
    return [line for where, text in texts for line in _other_words(where, text)]


def _other_words(where: str, text: str) -> Iterator[str]:
    for word, (instead, meant) in BANNED.items():
        rest = text
        for phrase in meant:
            rest = rest.replace(phrase, "")
        if word in rest:
            yield f"{where}: “{word}” in “{text}”: write {instead}"


def _placeholders(text: str | tuple[str, ...]) -> set[str]:
    if isinstance(text, tuple):
        text = text[-1]
    return set(re.findall(r"%\(\w+\)[sd]", text))


def write(path: Path, catalogue: Catalog) -> None:
    """Write it the same way each time: a header without dates makes no needless changes."""
    text = io.BytesIO()
    write_po(text, catalogue, width=100, sort_output=True, omit_header=True, no_location=True)
    header = (
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'
    )
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + text.getvalue().decode(), encoding="utf-8")


def update(names: list[str]) -> None:
    """Add new strings, drop those no longer used, keep every text. All rooms, or those named."""
    for room in [room for room in ROOMS if not names or room.name in names]:
        have, want = existing(room), wanted(room)
        if not len(want) and not len(have):
            continue
        for message in want:
            if message.id:
                found = have.get(message.id, message.context)
                message.string = found.string if found else message.string
        write(catalogue_path(room), want)


def compile_all() -> None:
    for room in ROOMS:
        path = catalogue_path(room)
        if path.exists():
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, existing(room))


def main() -> None:
    action = sys.argv[1] if len(sys.argv) > 1 else "check"
    if action == "compile":
        compile_all()
    elif action == "update":
        update(sys.argv[2:])
    else:
        lines = missing() + differing() + vocabulary()
        print("\n".join(lines) or "every string has its Chinese text")
        sys.exit(bool(lines))


if __name__ == "__main__":
    main()
