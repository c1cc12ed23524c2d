"""Keep a file from its preview to its confirmation.

`at` is machine time here: an upload is a session's thing, not the storm's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

from ..models import Upload

if TYPE_CHECKING:
    from datetime import datetime

    from anlan.people.models import Account

KEPT_FOR = timedelta(days=1)


def keep_upload(*, purpose: str, name: str, content: bytes, by: Account, at: datetime) -> Upload:
    if len(content) > settings.MAX_UPLOAD_BYTES:
        raise BadInput(
            "places.upload_too_big",
            _("The file is larger than %(most)d MB.")
            % {"most": settings.MAX_UPLOAD_BYTES // 1024 // 1024},
        )
    return Upload.objects.create(
        by_id=by.pk, purpose=purpose, name=name[:200], content=content, made_at=at
    )


def drop_upload(*, upload: Upload) -> None:
    """Its content has been taken."""
    upload.delete()


def discard_old_uploads(*, at: datetime) -> int:
    """What nobody confirmed within a day."""
    return Upload.objects.filter(made_at__lt=at - KEPT_FOR).delete()[0]
