"""What this room does when something happened."""

from anlan.base.events import subscribe
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.places.services.revisions import touch
from anlan.work.models import Step, WorkItem

from .services.closures import KIND, confirm_closure, end_called_off


@subscribe("work.item.verify")
def closure_verified(event: Event) -> None:
    """Somebody checked the proof: the place is closed, and the map says so."""
    if event.data["kind"] == KIND:
        item = WorkItem.objects.get(pk=event.data["item_id"])
        confirm_closure(item=item, by=_who(event), at=event.at)


@subscribe("work.item.cancel")
def closure_called_off(event: Event) -> None:
    if event.data["kind"] == KIND:
        item = WorkItem.objects.get(pk=event.data["item_id"])
        note = Step.objects.get(pk=event.data["step_id"]).note
        end_called_off(item=item, by=_who(event), at=event.at, note=note)


@subscribe("work.item.submit", "work.item.return")
def closure_reported(event: Event) -> None:
    """On the map it is now reported, or only ordered again."""
    if event.data["kind"] == KIND:
        touch("closures")


def _who(event: Event) -> Account:
    return event.by or Account.objects.system()
