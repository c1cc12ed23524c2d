"""What is known already, and what each line of a list of enterprises would change of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from anlan.base.tables import Problem
from anlan.people.models import Account
from anlan.places import position
from anlan.places.models import Region, Site

from ..models import Contact, Enterprise
from .enterprises import OF_FILE, SITE_KIND
from .list_rows import Row

PERMISSION = "prevent.manage"
CONTACTS = (("head", Contact.Role.HEAD), ("officer", Contact.Role.SAFETY))


class Known:
    """What the lines are compared with, read once."""

    def __init__(self, rows: Sequence[Row], region: Region | None, by: Account) -> None:
        self.by, self.within = by, region.path if region else ""
        self.paths = ("",) if by.is_system else tuple(by.regions_for(PERMISSION))
        self.regions = {r.pk: r for r in Region.objects.filter(valid_to=None)}
        self.by_text = self._names()
        files = Enterprise.objects.select_related("site")
        self.files = {e.credit_code: e for e in files.iterator(2000)}
        bare = Site.objects.filter(kind=SITE_KIND, enterprise=None)
        self.sites = {site.code: site for site in bare.iterator(2000)}
        self.contacts: dict[int, dict[tuple[str, str], str]] = {}
        for pk, role, name, phone in Contact.objects.values_list(
            "enterprise_id", "role", "name", "phone"
        ):
            self.contacts.setdefault(pk, {})[role, name] = phone

    def _names(self) -> dict[str, Region | None]:
        """Regions by code, by place and by name; None: several are called so."""
        found: dict[str, Region | None] = {}
        for region in self.regions.values():
            if not self._mine(region):
                continue
            for text in {region.name, self._place(region)}:
                found[text] = None if text in found else region
        return found | {region.code: region for region in self.regions.values()}

    def _place(self, region: Region) -> str:
        names: list[str] = []
        here: Region | None = region
        while here is not None and (not names or here.level >= Region.Level.COUNTY):
            names.insert(0, here.name)
            here = self.regions.get(here.parent_id or 0)
        return "".join(names)

    def _mine(self, region: Region) -> bool:
        return region.path.startswith(self.paths) and region.path.startswith(self.within)

    def locate(self, rows: Sequence[Row]) -> None:
        """Each row's region: what its cell says; else, of new ones, where the position lies."""
        open_rows = []
        for row in rows:
            code = row.given["credit_code"]
            row.enterprise = self.files.get(code)
            if row.enterprise is None:
                row.site = self.sites.get(row.given.get("site", code))
            text = row.given.get("region", "")
            if text:
                row.region = self.by_text.get(text)
            elif row.enterprise or row.site:
                stands = row.enterprise.site if row.enterprise else row.site
                row.region = self.regions.get(stands.region_id) if stands else None
            elif "lon" in row.given:
                open_rows.append(row)
        if open_rows:
            pks, _guessed = position.locate(
                [r.given["lon"] for r in open_rows], [r.given["lat"] for r in open_rows]
            )
            for row, pk in zip(open_rows, pks.tolist(), strict=True):
                row.region = self.regions.get(pk)

    def compare(self, row: Row) -> Problem | None:
        """What the row changes; or why it cannot be taken."""
        given, enterprise = row.given, row.enterprise
        if "site" in given and not (enterprise or row.site):
            why = _("No enterprise without a file has this number on the map.")
            return Problem(row.line, "site", given["site"], why)
        wrong = self._wrong_region(row)
        if wrong is not None:
            return wrong
        assert row.region is not None
        stands = enterprise.site if enterprise else row.site
        if stands is not None and not self._keeps(stands):
            why = _("Another office keeps the file of this enterprise.")
            return Problem(row.line, "credit_code", given["credit_code"], why)
        if stands is None and "lon" not in given and row.region.lon is None:
            why = _("Give the position: nothing is known of the region's.")
            return Problem(row.line, "lon", "", why)
        if enterprise is not None:
            row.fields = self._fields(row, enterprise)
        row.contacts = self._new_contacts(row)
        return None

    def _keeps(self, site: Site) -> bool:
        region = self.regions.get(site.region_id)
        return region is not None and self._mine(region)

    def _wrong_region(self, row: Row) -> Problem | None:
        text = row.given.get("region", "")
        if row.region is None:
            column = "region" if text or "lon" not in row.given else "lon"
            if not text:
                why = _("Give the grid or village, or a position that lies in your regions.")
            elif text in self.by_text:
                why = _("Several are called so: give the code, or county, town and village.")
            else:
                why = _("No grid or village of yours is called so; give its code.")
            return Problem(row.line, column, text, why)
        if not self._mine(row.region):
            why = _("You may not keep files in %(region)s.") % {"region": row.region.name}
            return Problem(row.line, "region", text, why)
        return None

    def _fields(self, row: Row, enterprise: Enterprise) -> dict[str, list[Any]]:
        given, site = row.given, enterprise.site
        changed: dict[str, list[Any]] = {}
        assert row.region is not None
        if site.region_id != row.region.pk:
            before = self._place(self.regions[site.region_id])
            changed["region"] = [before, self._place(row.region)]
        for name in ("name", "lon", "lat"):
            if name in given and given[name] != getattr(site, name):
                changed[name] = [getattr(site, name), given[name]]
        for name in OF_FILE:
            if name == "standard":
                continue
            if name in given and given[name] != getattr(enterprise, name):
                changed[name] = [getattr(enterprise, name), given[name]]
        if "standard" in given and given["standard"].pk != enterprise.standard_id:
            changed["standard"] = [str(enterprise.standard or ""), str(given["standard"])]
        return changed

    def _new_contacts(self, row: Row) -> list[tuple[str, str, str]]:
        """Those that are not there, or with another number. Nobody is removed by absence."""
        there = self.contacts.get(row.enterprise.pk, {}) if row.enterprise else {}
        found = []
        for column, role in CONTACTS:
            name, phone = row.given.get(column), row.given.get(f"{column}_phone", "")
            if name and (there.get((role, name)) is None or (phone and there[role, name] != phone)):
                found.append((str(role), name, phone))
        return found

    def absent(self, listed: set[str], most: int = 50) -> tuple[int, list[str]]:
        """In business here and not in the list: shown, never closed."""
        rows = [
            e.site.name
            for e in self.files.values()
            if e.state == Enterprise.State.IN_BUSINESS
            and e.credit_code not in listed
            and self._keeps(e.site)
        ]
        return len(rows), rows[:most]
