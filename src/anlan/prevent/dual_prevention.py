"""What dual prevention tells the rest of the house: its tab, its section, its duties."""

from django.utils.translation import gettext_lazy as _

from anlan.base import journal, navigation, ticker
from anlan.base.events import subscribe
from anlan.base.models import Event
from anlan.work.models import WorkItem

from . import sections
from .models.hazards import KIND as HAZARD
from .queries.risks import file_section
from .services import controls, risks


def register() -> None:
    """Called once the apps are ready."""
    for label, page, order in (
        (_("Dual prevention"), "prevent:risks", 30),
        (_("Fishbones"), "prevent:fishbones", 40),
        (_("Third-party service"), "prevent:coverage", 60),
        (_("Model towns"), "prevent:town_standards", 70),
        (_("Application index"), "prevent:usage", 80),
    ):
        navigation.register(navigation.Entry(label, page, "prevent.view", order, group="prevent"))
    sections.register(
        sections.Section(_("Risk points"), "prevent/_enterprise_risks.html", 30, file_section)
    )
    ticker.register("prevent.checks", every_s=60, run=controls.report_missed)
    journal.register_content_check("prevent.gradings", risks.check_gradings)


@subscribe("work.item.verify", "work.item.cancel")
def settle_missed_check(event: Event) -> None:
    """The hazard of a missed check is over: from now on its control is due again."""
    if event.data.get("kind") == HAZARD:
        item = WorkItem.objects.get(pk=event.data["item_id"])
        controls.settle(item=item, at=event.at)
