"""What this room does when something happened."""

from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.events import subscribe
from anlan.base.models import Event
from anlan.people.models import Account
from anlan.work.models import Step

from .models import Enterprise
from .models.hazards import KIND as HAZARD
from .services import enterprises, planning, rechecks, reports, succession
from .services.hazards import follow_site
from .services.wordings import keep_wording


@subscribe("prevent.enterprise.moved")
def duties_go_along(event: Event) -> None:
    """An enterprise belongs to another region now, and with it what is wrong and to do there."""
    found = Enterprise.objects.select_related("site__region").get(pk=event.data["enterprise_id"])
    by, at = Account.objects.system(), clock.now()
    follow_site(site=found.site, by=by, at=at)
    planning.follow_enterprise(enterprise=found, by=by, at=at)
    reports.follow_enterprise(enterprise=found, by=by, at=at)


@subscribe("places.site.moved")
def file_goes_along(event: Event) -> None:
    """An enterprise's site lies in another region: its file says so, as after a move by hand."""
    found = _file_of(event)
    if found is not None:
        by = event.by or Account.objects.system()
        renumbered = event.data.get("because") == "regions"
        why = _("regions were renumbered or merged") if renumbered else _("list of sites imported")
        enterprises.note_move(
            enterprise=found, from_path=event.region_path, why=why, by=by, at=event.at
        )


@subscribe("places.divisions.imported", "places.region.recoded")
def what_runs_goes_along(event: Event) -> None:
    """Regions were renamed, recoded, moved or merged: what runs in them goes along."""
    succession.follow_regions(by=event.by, at=event.at)


@subscribe("work.item.verify", "work.item.return")
def recheck_is_numbered(event: Event) -> None:
    """A hazard was looked at again on its task: the opinion on it has a number of the office."""
    if event.data["kind"] == HAZARD:
        step = Step.objects.select_related("by__organisation").get(pk=event.data["step_id"])
        rechecks.number_step(step=step)


@subscribe("places.site.renamed")
def new_name_is_found(event: Event) -> None:
    """A list of sites has renamed an enterprise: it is found by its new name."""
    found = _file_of(event)
    if found is not None:
        keep_wording(found)


def _file_of(event: Event) -> Enterprise | None:
    rows = Enterprise.objects.select_related("site__region")
    return rows.filter(pk=event.data["site_id"]).first()
