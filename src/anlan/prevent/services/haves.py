"""The five things that every enterprise must have (五有), each with what shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.tables import clean
from anlan.people.models import Account
from anlan.work import files

from ..models import Enterprise, Evidence, Have
from .enterprises import note_change

MOST_FILES = 12


def confirm_have(
    *,
    enterprise: Enterprise,
    what: str,
    note: str,
    uploads: Sequence[tuple[str, bytes]] = (),
    by: Account,
    at: datetime,
) -> Have:
    """It is there, and this shows it: a few words, photos or documents.

    Files are checked and on the disk before the transaction that names them begins.
    """
    by.require("prevent.manage", region=enterprise.site.region)
    if what not in Have.What.values:
        raise BadInput("prevent.bad_have", _("Choose one of the five."))
    note = clean(note)[:300]
    if not note and not uploads and not _has_evidence(enterprise, what):
        raise BadInput(
            "prevent.no_evidence",
            _("Say or show what proves it."),
            hint=_("A few words, a photo or a PDF."),
        )
    stored = [(files.tidy(name, kept.path), kept) for name, kept in _stored(uploads)]
    return _write(enterprise, what, note, stored, by=by, at=at)


@transaction.atomic
def withdraw_have(
    *, enterprise: Enterprise, what: str, why: str, by: Account, at: datetime
) -> None:
    """It is not there after all; what showed it goes with it, the history says so."""
    by.require("prevent.manage", region=enterprise.site.region)
    why = clean(why)[:200]
    if not why:
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    _lock(enterprise)
    have = Have.objects.filter(enterprise=enterprise, what=what).first()
    if have is None:
        return
    label = str(have.get_what_display())
    have.delete()
    count_gaps(enterprise)
    note_change(enterprise, {"haves": [label, ""]}, why=why, by=by, at=at)


def count_gaps(enterprise: Enterprise) -> None:
    enterprise.gaps = len(Have.What) - enterprise.haves.count()
    enterprise.save(update_fields=["gaps"])


@transaction.atomic
def _write(
    enterprise: Enterprise,
    what: str,
    note: str,
    stored: Sequence[tuple[str, files.Stored]],
    *,
    by: Account,
    at: datetime,
) -> Have:
    _lock(enterprise)
    have, _made = Have.objects.update_or_create(
        enterprise=enterprise, what=what, defaults={"note": note, "at": at, "by": by}
    )
    if have.evidence.count() + len(stored) > MOST_FILES:
        raise Refusal(
            "prevent.too_much_evidence",
            _("At most %(count)d files are kept for each.") % {"count": MOST_FILES},
        )
    Evidence.objects.bulk_create(
        Evidence(
            have=have, path=kept.path, thumb=kept.thumb, mime=kept.mime, size=kept.size,
            name=name[:120], at=at, by=by,
        )
        for name, kept in stored
    )  # fmt: skip
    count_gaps(enterprise)
    note_change(
        enterprise, {"haves": ["", str(have.get_what_display())]}, why=note[:200], by=by, at=at
    )
    return have


def _lock(enterprise: Enterprise) -> None:
    """Two who enter one each at the same time must not both count without the other's."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)


def _stored(uploads: Sequence[tuple[str, bytes]]) -> list[tuple[str, files.Stored]]:
    return [(name, files.take(data)) for name, data in uploads]


def _has_evidence(enterprise: Enterprise, what: str) -> bool:
    return Evidence.objects.filter(have__enterprise=enterprise, have__what=what).exists()
