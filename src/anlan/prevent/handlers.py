"""What this room does when something happened."""

from anlan.base import clock
from anlan.base.events import subscribe
from anlan.base.models import Event
from anlan.people.models import Account

from .models import Enterprise
from .services.hazards import follow_site


@subscribe("prevent.enterprise.moved")
def hazards_go_along(event: Event) -> None:
    """An enterprise belongs to another region now, and with it what is wrong there."""
    enterprise = Enterprise.objects.select_related("site__region").get(
        pk=event.data["enterprise_id"]
    )
    follow_site(site=enterprise.site, by=Account.objects.system(), at=clock.now())
