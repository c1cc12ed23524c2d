"""Read what phones have handed in and a person must look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import NotFound
from anlan.people.models import Account
from anlan.places.models import PLACE

from ..models import Edit
from ..models.edits import current

LABELS = {
    "name": gettext_lazy("name of the enterprise"),
    "address": gettext_lazy("Address"),
    "legal_person": gettext_lazy("Legal person"),
    "employees": gettext_lazy("Employees"),
    "lon": gettext_lazy("Longitude"),
    "lat": gettext_lazy("Latitude"),
}


def list_edits(*, actor: Account, state: str = "") -> QuerySet[Edit]:
    """Changes from phones: those that wait for a choice in order, others newest first."""
    rows = Edit.objects.within(actor.regions_for("prevent.view"))
    rows = rows.select_related(f"enterprise__site__region__{PLACE}", "by", "settled_by")
    if state == Edit.State.OPEN:
        return rows.filter(state=state).order_by("at", "pk")
    return (rows.filter(state=state) if state else rows).order_by("-at", "-pk")


def get_edit(*, actor: Account, edit_id: UUID) -> Edit:
    found = list_edits(actor=actor).filter(pk=edit_id).first()
    if found is None:
        raise NotFound("prevent.no_edit", _("There is no such change in your regions."))
    return found


@dataclass(frozen=True)
class Line:
    """One field, side by side."""

    name: str
    label: str
    seen: Any  # by the phone, before it changed it
    phone: Any
    office: Any  # in the file now, or when it was settled
    is_open: bool
    choice: str


def lines_of(edit: Edit) -> list[Line]:
    now, lines = current(edit.enterprise), []
    for name, (seen, wanted) in edit.fields.items():
        before, _wanted, choice = edit.choices.get(name, [now[name], wanted, ""])
        waits = edit.state == Edit.State.OPEN and name in edit.open
        label = str(LABELS.get(name, name))
        lines.append(Line(name, label, seen, wanted, before, waits, choice))
    return lines
