"""What this room does when something happened."""

from anlan.base.events import subscribe
from anlan.base.models import Event

from .services import succession


@subscribe("places.divisions.imported", "places.region.recoded")
def places_go_along(event: Event) -> None:
    """Regions were renamed, recoded, moved or merged: what stands in them goes along."""
    succession.follow_regions(by=event.by, at=event.at)
