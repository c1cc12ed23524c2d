"""More time for a hazard: asked for with a reason, decided by another person, always shown."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.work import clocks
from anlan.work.models import WorkItem

from ..limits import check_ahead, end_of
from ..models import Extension, Hazard
from .hazards import is_of_enterprise

RUNNING = (WorkItem.State.OPEN, WorkItem.State.DOING, WorkItem.State.PAUSED)


def why_no_extension(hazard: Hazard, at: datetime) -> Refusal | None:
    """Nothing where more time may be asked for: time still runs and nobody has asked already."""
    item = hazard.item
    if item.state not in RUNNING:
        return Refusal("prevent.not_running", _("This hazard is no longer being put right."))
    if item.due_at is not None and item.due_at < at:
        return Refusal(
            "prevent.too_late",
            _("The time limit has already run out, so it can no longer be extended."),
            hint=_("Put it right as soon as possible; the delay stays in its record."),
        )
    if any(one.state == Extension.State.ASKED for one in hazard.extensions.all()):
        return _asked()
    return None


def _asked() -> Refusal:
    return Refusal(
        "prevent.asked", _("An extension has been asked for already and waits for a decision.")
    )


def ask_extension(
    *, hazard: Hazard, until: date, reason: str, by: Account, at: datetime
) -> Extension:
    """Ask for more time, before the time is over. Until it is decided the old limit holds."""
    item = hazard.item
    if not is_of_enterprise(by, hazard.site):
        by.require("prevent.rectify", region=item.region)
    if refusal := why_no_extension(hazard, at):
        raise refusal
    if not reason.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    check_ahead(until, at)
    due = end_of(until)
    if due <= (item.due_at or at):
        raise BadInput("prevent.not_later", _("The new last day must lie after the present one."))
    try:
        with transaction.atomic():
            return _ask(hazard, due, reason.strip(), by, at)
    except IntegrityError as error:  # by somebody else in the same instant
        raise _asked() from error


def _ask(hazard: Hazard, due: datetime, reason: str, by: Account, at: datetime) -> Extension:
    extension = Extension.objects.create(
        hazard=hazard, until=due, reason=reason[:500], asked_by=by, asked_at=at
    )
    publish(
        "prevent.extension.asked",
        at=at,
        by=by,
        region_path=hazard.item.region.path,
        hazard_id=hazard.pk,
        extension_id=extension.pk,
    )
    return extension


@transaction.atomic
def decide_extension(
    *, extension: Extension, granted: bool, note: str = "", by: Account, at: datetime
) -> Extension:
    """Grant or refuse. Not by who asked, nor by who is putting it right."""
    item = extension.hazard.item
    by.require("prevent.check", region=item.region)
    if by.pk in {extension.asked_by_id, item.doer_id}:
        raise NotAllowed(
            "prevent.own_request",
            _("You asked for it or are putting it right, so someone else must decide."),
        )
    if not granted and not note.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    state = Extension.State.GRANTED if granted else Extension.State.REFUSED
    waiting = Extension.objects.filter(pk=extension.pk, state=Extension.State.ASKED)
    if not waiting.update(
        state=state, decided_by=by, decided_at=at, decision=note.strip()[:500], before=item.due_at
    ):
        raise Refusal("prevent.decided", _("Someone else has decided on this already."))
    if granted:
        _lengthen(extension, item, at)
    publish(
        "prevent.extension.decided",
        at=at,
        by=by,
        region_path=item.region.path,
        hazard_id=extension.hazard_id,
        extension_id=extension.pk,
        granted=granted,
        due_at=extension.until if granted else None,
    )
    extension.refresh_from_db()
    return extension


def _lengthen(extension: Extension, item: WorkItem, at: datetime) -> None:
    if not WorkItem.objects.filter(pk=item.pk, state__in=RUNNING).exists():
        raise Refusal("prevent.not_running", _("This hazard is no longer being put right."))
    clocks.decide(item=item, due=extension.until, at=at)
