"""A region's enterprises, hazards, checklists and inspectors, as a phone takes them along."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from anlan.base.errors import Refusal
from anlan.people.models import Account
from anlan.places.models import PLACE, Region, overlap

from ..models import Contact, Enterprise, Entry, Hazard, StandardVersion, VisitPlan
from .inspectors import INSPECT, where_they_inspect

MOST_ENTERPRISES = 5000


def enterprises_to_carry(*, actor: Account, region: Region) -> list[dict[str, Any]]:
    """Those of the region that are not closed down. Names of people go along, telephones do not."""
    found = Enterprise.objects.within(actor.regions_for("prevent.view"))
    found = found.filter(site__region__path__under=region.path)
    found = found.exclude(state=Enterprise.State.CLOSED)
    if found.count() > MOST_ENTERPRISES:
        raise Refusal(
            "prevent.too_much_to_carry",
            _("%(region)s has more than %(most)d enterprises.")
            % {"region": region.name, "most": MOST_ENTERPRISES},
            hint=_("Take a town or a village of it along."),
        )
    rows = found.select_related("standard", f"site__region__{PLACE}").order_by("site__code")
    people = _people(found.values("pk"))
    return [_enterprise(row, people.get(row.pk, [])) for row in rows]


def inspectors_to_carry(*, actor: Account, region: Region, at: datetime) -> list[dict[str, Any]]:
    """Who may go along on a visit there, the reader's own office first: for who inspects there.

    `paths` are where each of them may inspect; an enterprise lies in its own.
    """
    paths = overlap(actor.regions_for(INSPECT), region)
    found = where_they_inspect(paths, at) if paths else []
    found.sort(key=lambda row: row[0].organisation_id != actor.organisation_id)
    return [
        {"id": one.pk, "name": str(one), "office": str(one.organisation or ""), "paths": where}
        for one, where in found
    ]


def _people(enterprises: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for contact in Contact.objects.filter(enterprise__in=enterprises).order_by("pk"):
        line = f"{contact.get_role_display()} {contact.name}"
        found.setdefault(contact.enterprise_id, []).append(line)
    return found


def _enterprise(row: Enterprise, people: list[str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.site.name,
        "credit_code": row.credit_code,
        "place": row.site.region.place(),
        "path": row.site.region.path,
        "address": row.address,
        "industry": row.industry,
        "standard": row.standard_id,
        "standard_name": row.standard.name if row.standard else "",
        "colour": row.colour,
        "colour_label": row.get_colour_display(),
        "state_label": row.get_state_display(),
        "legal_person": row.legal_person,
        "employees": row.employees,
        "people": people,
        "lon": row.site.lon,
        "lat": row.site.lat,
        "changed_at": row.changed_at.isoformat(),
    }


def hazards_to_carry(*, actor: Account, region: Region) -> list[dict[str, Any]]:
    """Open hazards at the region's sites."""
    found = Hazard.objects.within(actor.regions_for("prevent.view")).unresolved()
    found = found.filter(site__region__path__under=region.path).select_related("item")
    return [
        {
            "id": hazard.pk,
            "site": hazard.site_id,
            "grade": hazard.grade,
            "grade_label": hazard.get_grade_display(),
            "what": hazard.what,
            "basis": hazard.basis,
            "state_label": hazard.item.get_state_display(),
            "due_at": hazard.item.due_at.isoformat() if hazard.item.due_at else None,
        }
        for hazard in found.order_by("item__due_at", "pk")
    ]


def checklists_to_carry() -> list[dict[str, Any]]:
    """Every checklist in force, with its lines."""
    versions = StandardVersion.objects.filter(state=StandardVersion.State.IN_FORCE)
    lines: dict[int, list[dict[str, Any]]] = {}
    names = ("id", "number", "section", "text", "basis", "how", "major")
    entries = Entry.objects.filter(version__in=versions).order_by("number")
    for row in entries.values("version", *names):
        lines.setdefault(row.pop("version"), []).append(row)
    return [
        {
            "id": version.pk,
            "standard": version.standard_id,
            "name": version.standard.name,
            "number": version.number,
            "entries": lines.get(version.pk, []),
        }
        for version in versions.select_related("standard").order_by("standard__code")
    ]


def plans_to_carry(*, items: list[int]) -> list[dict[str, Any]]:
    """Which enterprises the planned visits among one's tasks are of, and whom they name."""
    rows = VisitPlan.objects.filter(pk__in=items).prefetch_related("inspectors")
    return [
        {
            "item": plan.pk,
            "enterprise": plan.enterprise_id,
            "kind": plan.kind,
            "standard": plan.standard_id,
            "people": sorted(
                ({"id": one.pk, "name": str(one)} for one in plan.inspectors.all()),
                key=lambda one: one["id"],
            ),
        }
        for plan in rows.order_by("pk")
    ]
