"""Questions about enterprises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.masking import mask
from anlan.people.models import Account
from anlan.places.models import PLACE, Region, are_wide, overlap

from .. import lookups  # noqa: F401 — registers `holds`
from ..models import Change, Contact, Enterprise, Evidence, Have, Industry, Standard, Wording

VIEW = "prevent.view"
CONTACTS = "people.view"
PHONES = "people.unmask"
LONGEST_SEARCH = 40
Found = TypeVar("Found", bound=Model)


@dataclass(frozen=True)
class Asked:
    """What a list of enterprises is narrowed to."""

    region: Region | None = None
    text: str = ""
    standard: int | None = None  # 0: none
    colour: int | None = None
    size: str = ""
    state: str = Enterprise.State.IN_BUSINESS  # "": all
    industry: str = ""  # all that begin so
    gap: str = ""  # one of the five that is missing, or "any"


def list_enterprises(*, actor: Account, asked: Asked) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, the gravest risk first, with what a list shows."""
    return with_places(find_enterprises(actor=actor, asked=asked))


def find_enterprises(*, actor: Account, asked: Asked) -> QuerySet[Enterprise]:
    """The same without what is shown beside them: for `sheet_of`."""
    paths = overlap(actor.regions_for("prevent.view"), asked.region)
    rows = _narrow(Enterprise.objects.sheet_within(paths), asked)
    if asked.text.strip():
        rows = _search(rows, asked.text, actor, are_wide(paths))
    return rows.order_by("colour", "pk")


def with_places(rows: QuerySet[Enterprise]) -> QuerySet[Enterprise]:
    return rows.select_related("standard", f"site__region__{PLACE}")


def scoped(actor: Account, permission: str = "prevent.view") -> QuerySet[Enterprise]:
    """Enterprises in the actor's regions."""
    return Enterprise.objects.within(actor.regions_for(permission))


def get_enterprise(
    *, actor: Account, enterprise_id: int, permission: str = "prevent.view"
) -> Enterprise:
    """One file, or not there."""
    rows = Enterprise.objects.within(actor.regions_for(permission))
    rows = rows.select_related("standard", f"site__region__{PLACE}")
    return _found(rows.filter(pk=enterprise_id).first())


def enterprises_called(*, actor: Account, text: str) -> list[Enterprise]:
    """The enterprise with this credit code, or all with this name, among those the actor sees."""
    rows = scoped(actor).select_related("site__region")
    by_code = list(rows.filter(credit_code=text.upper()))
    return by_code or list(rows.filter(site__name=text)[:2])


def suggest_enterprises(*, actor: Account, text: str, most: int = 20) -> list[Enterprise]:
    """A few whose names or codes hold every word; without words, the first of them."""
    asked = Asked(text=text, state="")
    return list(list_enterprises(actor=actor, asked=asked).order_by("pk")[:most])


def is_own(actor: Account, enterprise: Enterprise) -> bool:
    """Whether the actor signs in for this enterprise and sees it for no other reason."""
    sees = actor.may("prevent.view", region=enterprise.site.region)
    return not sees and enterprise.contacts.filter(account=actor).exists()


def get_to_read(*, actor: Account, enterprise_id: int) -> Enterprise:
    """One file in the actor's regions, or that of the enterprise that they sign in for."""
    rows = to_read(actor).select_related("standard", f"site__region__{PLACE}")
    return _found(rows.filter(pk=enterprise_id).first())


def to_read(actor: Account) -> QuerySet[Enterprise]:
    own = Contact.objects.filter(account=actor).values("enterprise")
    seen = Q(pk__in=own)
    for path in actor.regions_for("prevent.view"):
        seen |= Q(site__region__path__under=path)
    return Enterprise.objects.filter(seen)


def list_changes(*, enterprise: Enterprise, most: int = 50) -> list[Change]:
    """The history of a file that `get_enterprise` has given, newest first."""
    return list(enterprise.changes.select_related("by").order_by("-at", "-pk")[:most])


def list_standards(*, retired: bool = False) -> list[Standard]:
    """The categories are the same for everybody."""
    rows = Standard.objects.order_by("code")
    return list(rows if retired else rows.filter(retired_on=None))


def list_industries(*, text: str = "", limit: int = 50) -> list[Industry]:
    """Lines of the classification to choose from."""
    rows = Industry.objects.order_by("code")
    if text:
        rows = rows.filter(Q(code__startswith=text.upper()) | Q(name__contains=text))
    return list(rows[:limit])


def industry_name(code: str) -> str:
    """The name of the line, or of the narrowest one around it that is known."""
    codes = [code[:n] for n in range(len(code), 0, -1)]
    names = dict(Industry.objects.filter(code__in=codes).values_list("code", "name"))
    return next((names[one] for one in codes if one in names), "")


@dataclass(frozen=True)
class Reached:
    """A contact as it is shown: the number masked."""

    contact: Contact
    phone: str


def list_contacts(*, actor: Account, enterprise: Enterprise) -> list[Reached] | None:
    """Whom to reach there; None for who may not see people there."""
    if not actor.may(CONTACTS, region=enterprise.site.region):
        return None
    return [
        Reached(contact, mask(contact.phone))
        for contact in enterprise.contacts.select_related("account").order_by("role", "name")
    ]


def get_contact(*, actor: Account, contact_id: int, permission: str = CONTACTS) -> Contact:
    """A contact of an enterprise that the actor may see, with the right that is needed."""
    there = scoped(actor).filter(pk__in=scoped(actor, permission=permission))
    rows = Contact.objects.filter(pk=contact_id, enterprise__in=there)
    return _found(rows.select_related("enterprise__site__region").first())


@dataclass(frozen=True)
class Possession:
    """One of the five haves: there with what shows it, or missing."""

    what: str
    label: str
    have: Have | None
    evidence: list[Evidence]


def list_haves(*, enterprise: Enterprise) -> list[Possession]:
    """All five of a file that `get_enterprise` has given."""
    there = {have.what: have for have in enterprise.haves.select_related("by")}
    files: dict[int, list[Evidence]] = {}
    for file in Evidence.objects.filter(have__in=there.values()).order_by("pk"):
        files.setdefault(file.have_id, []).append(file)
    return [
        Possession(what, str(label), have, files.get(have.pk, []) if have else [])
        for what, label in Have.What.choices
        for have in [there.get(what)]
    ]


def get_evidence(*, actor: Account, evidence_id: int) -> Evidence:
    rows = Evidence.objects.filter(pk=evidence_id, have__enterprise__in=to_read(actor))
    return _found(rows.first())


def _narrow(rows: QuerySet[Enterprise], asked: Asked) -> QuerySet[Enterprise]:
    exact = {"state": asked.state, "size": asked.size, "colour": asked.colour}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if asked.standard is not None:
        rows = rows.filter(standard=asked.standard or None)
    if asked.industry:
        rows = rows.filter(industry__startswith=asked.industry.upper())
    if asked.gap == "any":
        rows = rows.exclude(gaps=0)  # nearly all of them: found along the order
    elif asked.gap:
        having = Have.objects.filter(what=asked.gap).values("enterprise")
        rows = rows.exclude(pk__in=having)
    return rows


def _search(
    rows: QuerySet[Enterprise], text: str, actor: Account, wide: bool
) -> QuerySet[Enterprise]:
    """Every word must be found; names of people and numbers only where one may see them."""
    for word in text.upper()[:LONGEST_SEARCH].split():
        found = _worded(wide, text__holds=word)
        found |= _among_people(word, actor.regions_for(CONTACTS), wide)
        if word.isascii() and word.isdecimal() and len(word) >= 7:
            found |= _by_number(word, actor.regions_for(PHONES))
        rows = rows.filter(found)
    return rows


def _worded(wide: bool, **has: str) -> Q:
    """All texts are read once for a county; for a town, those of its own few enterprises."""
    found = Wording.objects.filter(**has)
    return Q(pk__in=found.values("pk")) if wide else Q(Exists(found.filter(pk=OuterRef("pk"))))


def _among_people(word: str, paths: Iterable[str], wide: bool) -> Q:
    where = Q(pk__in=[])
    for path in paths:
        where |= Q(site__region__path__under=path)
    return _worded(wide, people__holds=word) & where


def _by_number(word: str, paths: Iterable[str]) -> Q:
    where = Q(pk__in=[])
    for path in paths:
        where |= Q(enterprise__site__region__path__under=path)
    return Q(pk__in=Contact.objects.filter(where, phone=word).values("enterprise"))


def _found(row: Found | None) -> Found:
    if row is None:
        raise NotFound("prevent.no_enterprise", _("There is no such enterprise in your regions."))
    return row
