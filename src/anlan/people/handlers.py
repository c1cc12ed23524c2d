"""What this room does when something happened."""

from anlan.base.events import subscribe
from anlan.base.models import Event

from .models import Account
from .services import succession


@subscribe("places.divisions.imported", "places.region.recoded")
def posts_go_along(event: Event) -> None:
    """Regions were renamed, recoded, moved or merged: who answers for them goes along."""
    succession.follow_regions(by=event.by or Account.objects.system(), at=event.at)
