"""One's own lists on their way."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account

from ..models import ListImport


def list_imports(*, actor: Account, of: str, most: int = 10) -> list[ListImport]:
    rows = ListImport.objects.filter(by=actor, of=of).defer("content", "errors", "shown")
    return list(rows.order_by("-made_at")[:most])


def get_import(*, actor: Account, import_id: str) -> ListImport:
    """Seen only by who handed it in."""
    row = ListImport.objects.filter(pk=import_id, by=actor).defer("content").first()
    if row is None:
        raise NotFound(
            "prevent.no_import",
            _("This list is no longer here."),
            hint=_("Hand it in again."),
        )
    return row
