"""Files that are named to a command: what it cannot read of them is said in words."""

import tomllib
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .errors import BadInput


def read(file: Path) -> bytes:
    """All of it; a BadInput where the operating system does not give it."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput("file.unreadable", _unreadable(file, _why(error))) from error


def read_toml(file: Path) -> dict[str, Any]:
    """What a TOML file says; editors that begin their files with a byte-order mark are humoured."""
    try:
        return tomllib.loads(read(file).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        hint = _("Save it as UTF-8.")
        raise BadInput("file.text", _unreadable(file, _("it is not UTF-8.")), hint=hint) from error
    except tomllib.TOMLDecodeError as error:
        why = _("it breaks the rules of TOML: %(detail)s.") % {"detail": error}
        raise BadInput("file.toml", _unreadable(file, why)) from error


def _unreadable(file: Path, why: str) -> str:
    return _("Cannot read %(file)s: %(why)s") % {"file": file, "why": why}


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("there is no such file.")
    if isinstance(error, IsADirectoryError):
        return _("it is a folder.")
    if isinstance(error, PermissionError):
        return _("this account may not read it.")
    return f"{error.strerror}."
