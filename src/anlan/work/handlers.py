"""What this room does when something happened."""

from anlan.base import clock
from anlan.base.events import subscribe
from anlan.base.models import Event

from .models import WorkItem
from .submissions import settle


@subscribe("work.item.accept", "work.item.resume")
def apply_what_waited(event: Event) -> None:
    """A submission that came before this step can now go on."""
    settle(item=WorkItem.objects.get(pk=event.data["item_id"]), at=clock.now())
