"""Enterprises' files: made, changed, closed. Each change is a row that says what was before."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stdnum.cn.uscc
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.tables import clean
from anlan.people.models import Account
from anlan.places.models import Region, Site
from anlan.places.services.revisions import touch

from ..models import Change, Enterprise, Standard
from .wordings import keep_wording

SITE_KIND = "enterprise"


@dataclass(frozen=True)
class Particulars:
    """What a file says of an enterprise, and where it stands."""

    name: str
    credit_code: str
    region: Region
    lon: float
    lat: float
    industry: str = ""
    standard: Standard | None = None
    size: str = ""
    employees: int | None = None
    address: str = ""
    legal_person: str = ""


OF_SITE = ("name", "region", "lon", "lat")
OF_FILE = (
    "credit_code", "industry", "standard", "size", "employees", "address", "legal_person",
)  # fmt: skip


def check_credit_code(text: str) -> str:
    """The code as it is kept, or a refusal that says what is wrong with it (GB 32100)."""
    code = "".join(text.split()).upper()
    try:
        return str(stdnum.cn.uscc.validate(code))
    except ValidationError as error:
        raise BadInput(
            "prevent.bad_credit_code",
            _("“%(code)s” is not a unified social credit code.") % {"code": text[:40]},
            hint=_("It has 18 characters without I, O, S, V, Z; the last one checks the others."),
        ) from error


@transaction.atomic
def make_enterprise(
    *, given: Particulars, by: Account, at: datetime, made_up: bool = False
) -> Enterprise:
    """Open a file for an enterprise that has none yet."""
    by.require("prevent.manage", region=given.region)
    code = check_credit_code(given.credit_code)
    _refuse_double(code)
    site = _new_site(given, code, made_up)
    return _open_file(site, given, code, by=by, at=at)


@transaction.atomic
def adopt_site(*, site: Site, given: Particulars, by: Account, at: datetime) -> Enterprise:
    """Open a file for an enterprise that stands on the map already."""
    by.require("prevent.manage", region=site.region)
    by.require("prevent.manage", region=given.region)
    code = check_credit_code(given.credit_code)
    _refuse_double(code)
    if site.kind != SITE_KIND or hasattr(site, "enterprise"):
        raise Refusal("prevent.site_taken", _("This site is not an enterprise without a file."))
    _fill_site(site, given)
    return _open_file(site, given, code, by=by, at=at)


@transaction.atomic
def change_enterprise(
    *,
    enterprise: Enterprise,
    given: Particulars,
    by: Account,
    at: datetime,
    seen_at: datetime | None = None,
    why: str = "",
) -> Enterprise:
    """Change the file; another grid moves the site. `seen_at`: the version that was on screen."""
    by.require("prevent.manage", region=enterprise.site.region)
    by.require("prevent.manage", region=given.region)
    code = check_credit_code(given.credit_code)
    fields = differences(enterprise, given, code)
    if not fields:
        return enterprise
    if "credit_code" in fields:
        _refuse_double(code)
    _claim(enterprise, seen_at, at)
    from_path = enterprise.site.region.path
    if fields.keys() & set(OF_SITE):
        _fill_site(enterprise.site, given)
    fill_file(enterprise, given, code)
    # Only these: the code at the gate, the colour and the five haves have doors of their own.
    enterprise.save(update_fields=[*OF_FILE, "changed_at"])
    keep_wording(enterprise)
    note_change(enterprise, fields, why=why, by=by, at=at)
    if "region" in fields:
        _tell_moved(enterprise, from_path, by, at)
    return enterprise


@transaction.atomic
def note_move(
    *, enterprise: Enterprise, from_path: str, why: str, by: Account, at: datetime
) -> None:
    """Its site stands in another region, by a list of sites or since regions changed."""
    left = Region.objects.filter(path=from_path).order_by("-pk").first()
    before = left.place() if left else from_path
    fields = {"region": [before, enterprise.site.region.place()]}
    enterprise.changed_at = at
    enterprise.save(update_fields=["changed_at"])
    note_change(enterprise, fields, why=why, by=by, at=at)
    _tell_moved(enterprise, from_path, by, at)


def _tell_moved(enterprise: Enterprise, from_path: str, by: Account, at: datetime) -> None:
    publish(
        "prevent.enterprise.moved",
        at=at,
        by=by,
        region_path=from_path,
        enterprise_id=enterprise.pk,
        to_path=enterprise.site.region.path,
    )


@transaction.atomic
def set_state(
    *, enterprise: Enterprise, state: str, why: str, by: Account, at: datetime
) -> Enterprise:
    """Production suspended, closed down, or in business again; always with the reason."""
    by.require("prevent.manage", region=enterprise.site.region)
    if state not in Enterprise.State.values:
        raise BadInput("prevent.bad_state", _("Choose a state."))
    why = _reason(why)
    if state == enterprise.state:
        return enterprise
    fields = {"state": [enterprise.get_state_display(), str(Enterprise.State(state).label)]}
    before = enterprise.state
    if not Enterprise.objects.filter(pk=enterprise.pk, state=before).update(
        state=state, changed_at=at
    ):
        raise _changed_meanwhile()
    enterprise.state, enterprise.changed_at = state, at
    _close_site(enterprise.site, closed=state == Enterprise.State.CLOSED, at=at)
    note_change(enterprise, fields, why=why, by=by, at=at)
    return enterprise


@transaction.atomic
def set_colour(
    *, enterprise: Enterprise, colour: int | None, why: str, by: Account, at: datetime
) -> Enterprise:
    """Set the risk colour by hand; None hands it back to the rule, which keeps it as it is."""
    by.require("prevent.manage", region=enterprise.site.region)
    why = _reason(why)
    if colour is None:
        return _set_colour(enterprise, enterprise.colour, by_hand=False, why=why, by=by, at=at)
    if colour not in Enterprise.Colour.values:
        raise BadInput("prevent.bad_colour", _("Choose a colour."))
    return _set_colour(enterprise, colour, by_hand=True, why=why, by=by, at=at)


@transaction.atomic
def follow_risk(
    *, enterprise: Enterprise, colour: int, why: str, by: Account, at: datetime
) -> Enterprise:
    """The colour that a rule finds, unless somebody has set it by hand."""
    enterprise = (
        Enterprise.objects.select_for_update().select_related("site__region").get(pk=enterprise.pk)
    )
    if enterprise.colour_by_hand or enterprise.colour == colour:
        return enterprise
    return _set_colour(enterprise, colour, by_hand=False, why=why, by=by, at=at)


@transaction.atomic
def renew_token(*, enterprise: Enterprise, by: Account, at: datetime) -> Enterprise:
    """A new QR code; what hangs at the gate leads nowhere from now on."""
    by.require("prevent.manage", region=enterprise.site.region)
    enterprise.token = uuid.uuid4()
    enterprise.save(update_fields=["token"])
    publish(
        "prevent.enterprise.token_renewed",
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
    )
    return enterprise


def differences(enterprise: Enterprise, given: Particulars, code: str) -> dict[str, list[Any]]:
    """Field → before and after, of what would change."""
    site = enterprise.site
    before: dict[str, Any] = {name: getattr(site, name) for name in OF_SITE}
    before |= {name: getattr(enterprise, name) for name in OF_FILE}
    after = {name: getattr(given, name) for name in (*OF_SITE, *OF_FILE)} | {"credit_code": code}
    return {
        name: [_shown(before[name]), _shown(after[name])]
        for name in before
        if not _same(before[name], after[name])
    }


def fill_file(enterprise: Enterprise, given: Particulars, code: str) -> None:
    for name in OF_FILE:
        setattr(enterprise, name, getattr(given, name))
    enterprise.credit_code = code


def note_change(
    enterprise: Enterprise, fields: dict[str, list[Any]], *, why: str, by: Account, at: datetime
) -> Change:
    """Into the file's own history, and an event that names the fields without their content."""
    made = Change.objects.create(enterprise=enterprise, at=at, by=by, fields=fields, why=why)
    publish(
        "prevent.enterprise.changed",
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        change_id=made.pk,
        fields=sorted(fields),
    )
    return made


def _open_file(
    site: Site, given: Particulars, code: str, *, by: Account, at: datetime
) -> Enterprise:
    enterprise = Enterprise(site=site, changed_at=at)
    fill_file(enterprise, given, code)
    try:
        with transaction.atomic():
            enterprise.save(force_insert=True)
    except IntegrityError:
        raise _double(code) from None  # somebody else was quicker
    keep_wording(enterprise)
    publish(
        "prevent.enterprise.made",
        at=at,
        by=by,
        region_path=site.region.path,
        enterprise_id=enterprise.pk,
    )
    return enterprise


def _new_site(given: Particulars, code: str, made_up: bool) -> Site:
    site = Site.objects.filter(kind=SITE_KIND, code=code).first()
    site = site or Site(kind=SITE_KIND, code=code, made_up=made_up)
    _fill_site(site, given)
    return site


def _fill_site(site: Site, given: Particulars) -> None:
    if not 0 < len(given.name.strip()) <= 120:
        raise BadInput("prevent.no_name", _("A name has 1 to 120 characters."))
    if not (-180 <= given.lon <= 180 and -90 <= given.lat <= 90):
        raise BadInput("prevent.bad_position", _("Not a position in degrees."))
    for name in OF_SITE:
        setattr(site, name, getattr(given, name))
    site.name = given.name.strip()
    site.save()
    touch("sites")


def _close_site(site: Site, *, closed: bool, at: datetime) -> None:
    """An enterprise that is no more leaves the map; its records stay."""
    from_day = at.date() if closed else None
    if (site.closed_on is None) == closed:
        site.closed_on = from_day
        site.save(update_fields=["closed_on"])
        touch("sites")


def _set_colour(
    enterprise: Enterprise, colour: int, *, by_hand: bool, why: str, by: Account, at: datetime
) -> Enterprise:
    before = enterprise.get_colour_display()
    if (enterprise.colour, enterprise.colour_by_hand) == (colour, by_hand):
        return enterprise
    enterprise.colour, enterprise.colour_by_hand, enterprise.changed_at = colour, by_hand, at
    enterprise.save(update_fields=["colour", "colour_by_hand", "changed_at"])
    fields = {"colour": [str(before), str(Enterprise.Colour(colour).label)]}
    note_change(enterprise, fields, why=why, by=by, at=at)
    return enterprise


def _claim(enterprise: Enterprise, seen_at: datetime | None, at: datetime) -> None:
    """Of two who change one file at once, the second is told, and loses nothing unseen."""
    same = Enterprise.objects.filter(pk=enterprise.pk, changed_at=seen_at or enterprise.changed_at)
    if not same.update(changed_at=at):
        raise _changed_meanwhile()
    enterprise.changed_at = at


def _changed_meanwhile() -> Refusal:
    return Refusal(
        "prevent.changed_meanwhile",
        _("Somebody else has just changed this file."),
        hint=_("Open it again, look at what has changed, and enter yours anew."),
    )


def _reason(text: str) -> str:
    text = clean(text)
    if not text:
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    return text[:200]


def _refuse_double(code: str) -> None:
    if Enterprise.objects.filter(credit_code=code).exists():
        raise _double(code)


def _double(code: str) -> Refusal:
    # It says nothing of where: the other file may be another county's.
    return Refusal(
        "prevent.double_credit_code",
        _("There is a file with the credit code %(code)s already.") % {"code": code},
        hint=_("Search for the code; if it is not in your regions, ask the office above."),
    )


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, float) and isinstance(after, float | int):
        return abs(before - after) < 1e-7
    return bool(before == after)


def _shown(value: Any) -> Any:
    """As the history keeps it: readable without the row it stood for."""
    if isinstance(value, Region):
        return value.place()
    return str(value) if isinstance(value, Standard) else value
