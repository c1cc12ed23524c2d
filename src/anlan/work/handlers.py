"""What this room does when something happened."""

from anlan.base import clock
from anlan.base.events import subscribe
from anlan.base.models import Event

from .models import WorkItem
from .reminders import catch_up, tell_above
from .submissions import settle


@subscribe("work.item.accept", "work.item.resume")
def apply_what_waited(event: Event) -> None:
    """A submission that came before this step can now go on."""
    settle(item=WorkItem.objects.get(pk=event.data["item_id"]), at=clock.now())


@subscribe("work.item.assign")
def tell_who_takes_over(event: Event) -> None:
    """The new post's holders get the reminders that had gone out before."""
    catch_up(item=WorkItem.objects.get(pk=event.data["item_id"]), at=event.at)


@subscribe("work.item.escalate")
def tell_those_above(event: Event) -> None:
    """The ticker's own escalations have told theirs already."""
    if event.by is not None and not event.by.is_system:
        tell_above(item=WorkItem.objects.get(pk=event.data["item_id"]), at=event.at)
