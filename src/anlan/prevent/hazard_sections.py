"""What hazards, visits and draws tell the rest of the house: tabs, and sections of a file."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.base.navigation import Entry
from anlan.base.navigation import register as add_to_menu
from anlan.people.models import Account

from . import sections
from .loops import has_enterprise
from .models import Enterprise, Visit
from .queries import hazards, reports, visits

SHOWN = 10
KINDS = (Visit.Kind.INSPECTION, Visit.Kind.RECHECK, Visit.Kind.SERVICE)


def register() -> None:
    """Called once the apps are ready."""
    for label, page, order in (
        (_("Visits"), "prevent:visits", 20),
        (_("Hazards"), "prevent:hazards", 25),
        (_("Public reports"), "prevent:reports", 27),
        (_("Campaigns"), "prevent:campaigns", 40),
        (_("Draws"), "prevent:draws", 45),
    ):
        add_to_menu(Entry(label, page, "prevent.view", order, group="prevent"))
    add_to_menu(
        Entry(_("My enterprise"), "prevent:own", "", 5, "building", shown_to=has_enterprise)
    )
    for title, template, order, load in (
        (_("Hazards"), "prevent/_enterprise_hazards.html", 20, hazards_of),
        (_("Visits"), "prevent/_enterprise_visits.html", 25, visits_of),
    ):
        sections.register(sections.Section(title, template, order, load))


def hazards_of(actor: Account, enterprise: Enterprise, at: datetime) -> dict[str, Any]:
    wanted = hazards.Wanted(enterprise_id=enterprise.pk)
    found = hazards.list_hazards(actor=actor, at=at, wanted=wanted)
    everything = hazards.visible(actor).filter(site=enterprise.pk)
    return {
        "hazards": found[:SHOWN],
        "open": everything.unresolved().count(),
        "all": everything.count(),
        "reports": reports.visible(actor).waiting().filter(enterprise=enterprise).count(),
        "may_report": actor.may("prevent.inspect", region=enterprise.site.region),
    }


def visits_of(actor: Account, enterprise: Enterprise, at: datetime) -> dict[str, Any]:
    wanted = visits.Wanted(enterprise_id=enterprise.pk)
    plans = visits.list_plans(actor=actor, wanted=visits.Wanted())
    return {
        "visits": visits.list_visits(actor=actor, wanted=wanted)[:SHOWN],
        "plans": plans.filter(enterprise=enterprise)[:SHOWN],
        "kinds": KINDS,
        "may_visit": actor.may("prevent.inspect", region=enterprise.site.region),
        "may_plan": enterprise.state != Enterprise.State.CLOSED
        and actor.may("prevent.inspect", region=enterprise.site.region),
    }
