"""One group at a time on one data folder, and none while it is being restored."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.base.errors import Refusal


@contextmanager
def alone() -> Iterator[None]:
    """Hold the data folder's lock; the kernel frees it however the process ends."""
    with (settings.DATA_DIR / "running.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(
                "ops.running",
                _("Anlan is running on this data folder (%(folder)s).")
                % {"folder": settings.DATA_DIR},
                hint=_("Stop it first, or set another ANLAN_DATA."),
            ) from error
        yield
