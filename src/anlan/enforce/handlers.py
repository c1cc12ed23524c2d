"""What this room does when something happened to its work items, or to regions."""

import logging

from anlan.base.errors import Refusal
from anlan.base.events import subscribe
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.work.models import Step

from .models import Approval
from .services import succession
from .services.approvals import KINDS, settle
from .services.moves import log

logger = logging.getLogger(__name__)


@subscribe("work.item.verify", "work.item.return")
def approval_decided(event: Event) -> None:
    """Decided on the work item's own page: the same follows as from the case's."""
    if event.data["kind"] not in KINDS.values():
        return
    approval = Approval.objects.get(pk=event.data["item_id"])
    if approval.result:
        return
    by = event.by or Account.objects.system()
    note = Step.objects.get(pk=event.data["step_id"]).note
    try:
        settle(
            approval=approval,
            agree=event.name.endswith("verify"),
            opinion=note,
            by=by,
            at=event.at,
        )
    except Refusal as refusal:
        # Whoever pressed has gone: the case's history says why nothing followed.
        log(case=approval.case, move="note", by=by, at=event.at, note=refusal.message)


@subscribe("places.divisions.imported", "places.region.recoded")
def organs_go_along(event: Event) -> None:
    """Regions were renamed, recoded, moved or merged: who punishes there, and by which table."""
    succession.follow_regions(by=event.by, at=event.at)
