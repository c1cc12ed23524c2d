"""When the database or the disk cannot: locked, gone, read-only, full. Not a fault, and not final.

Whoever answers a device or a person says so with `refusal`: nothing of it was kept, send it again.
"""

import errno
import sqlite3

from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from .errors import Refusal

__all__ = ["DatabaseFault", "NotStored", "is_full", "is_trouble", "refusal"]


class NotStored(Refusal):
    """It could not be stored now. Nothing of it was kept: send it again."""

    status = 503


def is_trouble(error: BaseException | None) -> bool:
    """The database could not, whatever was asked of it."""
    # SQLite also calls it operational when a statement of ours is wrong: that is a fault.
    code = getattr(getattr(error, "__cause__", None), "sqlite_errorcode", None)
    return isinstance(error, OperationalError | InterfaceError) and code != sqlite3.SQLITE_ERROR


def is_full(error: BaseException) -> bool:
    """No room left on the disk of the database or of the files."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return "full" in str(error) or getattr(error.__cause__, "sqlstate", "") in {"53100", "53200"}


def refusal(error: BaseException) -> NotStored:
    """What to tell a person whose request met such trouble."""
    if is_full(error):
        return NotStored(
            "server.disk_full",
            _("The server's disk is full; nothing was changed."),
            hint=_("Keep what you entered and tell the administrator to make room."),
        )
    return NotStored(
        "server.busy",
        _("The server is busy; nothing was changed."),
        hint=_("Try again in a few seconds."),
    )
