"""Questions about checklists. They are the same for everybody who may see enterprises."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from anlan.base.errors import NotAllowed, NotFound
from anlan.people.models import Account

from ..models import Enterprise, Entry, Standard, StandardVersion

V = StandardVersion.State
ALIKE = 0.6  # of two lines: one was made of the other


@dataclass(frozen=True)
class Category:
    """A standard in the list: its checklist in force, its draft, how many enterprises it is for."""

    standard: Standard
    in_force: StandardVersion | None
    draft: StandardVersion | None
    entries: int
    enterprises: int


@dataclass(frozen=True)
class Difference:
    """A line before and after; `kind` is "same", "changed", "added" or "removed"."""

    kind: str
    before: Entry | None
    after: Entry | None


def list_categories(*, actor: Account) -> list[Category]:
    """All that are not retired, with the enterprises that the actor sees."""
    _require(actor)
    versions: dict[int, dict[str, StandardVersion]] = {}
    for version in StandardVersion.objects.exclude(state=V.REPLACED).annotate(n=Count("entries")):
        versions.setdefault(version.standard_id, {})[version.state] = version
    counts = _enterprises_by_standard(actor)
    found = []
    for standard in Standard.objects.filter(retired_on=None).order_by("code"):
        own = versions.get(standard.pk, {})
        in_force = own.get(V.IN_FORCE)
        found.append(
            Category(
                standard,
                in_force,
                own.get(V.DRAFT),
                getattr(in_force, "n", 0),
                counts.get(standard.pk, 0),
            )
        )
    return found


def get_standard(*, actor: Account, standard_id: int) -> Standard:
    _require(actor)
    standard = Standard.objects.filter(pk=standard_id).first()
    if standard is None:
        raise NotFound("prevent.no_standard", _("There is no such standard."))
    return standard


def list_versions(*, standard: Standard) -> list[StandardVersion]:
    """Newest first, with how many visits were made by each."""
    rows = standard.versions.select_related("author", "approved_by")
    return list(rows.annotate(visited=Count("visits")).order_by("-number"))


def get_version(*, actor: Account, checklist_id: int) -> StandardVersion:
    _require(actor)
    rows = StandardVersion.objects.select_related("standard", "author", "approved_by")
    version = rows.filter(pk=checklist_id).first()
    if version is None:
        raise NotFound("prevent.no_version", _("There is no such checklist."))
    return version


def list_entries(*, version: StandardVersion) -> list[Entry]:
    return list(version.entries.order_by("number"))


def version_before(*, version: StandardVersion) -> StandardVersion | None:
    """What it is compared with: the last one before it that was in force."""
    earlier = Q(number__lt=version.number) & ~Q(state=V.DRAFT)
    return version.standard.versions.filter(earlier).order_by("-number").first()


def compare(*, before: StandardVersion, after: StandardVersion) -> list[Difference]:
    """Line by line in the order of the newer; what was taken out stands at the end."""
    old, new = list_entries(version=before), list_entries(version=after)
    pairs = _pair(old, new)
    found = []
    for entry in new:
        partner = pairs.get(entry.pk)
        if partner is None:
            found.append(Difference("added", None, entry))
        else:
            kind = "same" if _content(partner) == _content(entry) else "changed"
            found.append(Difference(kind, partner, entry))
    kept = {partner.pk for partner in pairs.values()}
    return found + [Difference("removed", entry, None) for entry in old if entry.pk not in kept]


def _pair(old: list[Entry], new: list[Entry]) -> dict[int, Entry]:
    """New line → the old one that it was made of: the same text, else the most alike."""
    free = {entry.text: entry for entry in old}
    pairs = {entry.pk: free.pop(entry.text) for entry in new if entry.text in free}
    for entry in new:
        if entry.pk in pairs:
            continue
        near = difflib.get_close_matches(entry.text, list(free), n=1, cutoff=ALIKE)
        if near:
            pairs[entry.pk] = free.pop(near[0])
    return pairs


def _content(entry: Entry) -> tuple[str, str, str, str, bool]:
    return entry.section, entry.text, entry.basis, entry.how, entry.major


def _enterprises_by_standard(actor: Account) -> dict[int, int]:
    rows = Enterprise.objects.within(actor.regions_for("prevent.view")).in_business()
    counted = rows.exclude(standard=None).values_list("standard").annotate(n=Count("pk"))
    return dict(counted)


def _require(actor: Account) -> None:
    if not actor.may_anywhere("prevent.view"):
        raise NotAllowed(
            "prevent.not_granted",
            _("You may not see enterprises anywhere."),
            hint=_("Ask your office administrator."),
        )
