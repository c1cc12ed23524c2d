"""What a phone takes along, in parts that are fetched again only when they have changed."""

import hashlib
import json
from datetime import datetime
from typing import Any

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import get_scoped_region, suggest_regions
from anlan.prevent.queries import carry
from anlan.work import carry as work

KEEP_DAYS = 7  # after so long without a network it goes from the phone
CARRIES, INSPECTS, CHECKS = "prevent.view", "prevent.inspect", "prevent.check"
Parts = dict[str, list[dict[str, Any]]]


def me(*, actor: Account) -> dict[str, Any]:
    asked = {"carry": CARRIES, "inspect": INSPECTS, "check": CHECKS}
    may = {name: actor.may_anywhere(code) for name, code in asked.items()}
    return {"account": str(actor.pk), "name": str(actor), "may": may}


def regions(*, actor: Account, text: str) -> list[dict[str, str]]:
    """One's own to choose from."""
    found = suggest_regions(text=text, paths=actor.regions_for(CARRIES))
    return [_region(region) for region in found]


def size(*, actor: Account, at: datetime, code: str) -> dict[str, Any]:
    """What a region would bring along, before anything is fetched."""
    region = get_scoped_region(code=code, paths=actor.regions_for(CARRIES))
    parts = _of_region(actor, region, at)
    counts = {name: len(parts[name]) for name in ("enterprises", "hazards", "checklists")}
    total = sum(len(_text(rows)) for rows in parts.values())
    return {"region": _region(region), **counts, "bytes": total}


def package(*, actor: Account, at: datetime, code: str, have: dict[str, str]) -> dict[str, Any]:
    """All parts, but those that the phone has already with the same revision."""
    tasks = work.tasks_to_carry(actor=actor, at=at)
    plans = carry.plans_to_carry(items=[task["id"] for task in tasks])
    parts: Parts = {"tasks": tasks, "plans": plans}
    if code:
        region = get_scoped_region(code=code, paths=actor.regions_for(CARRIES))
        parts |= _of_region(actor, region, at)
    fresh, same = {}, []
    for name, rows in parts.items():
        text = _text(rows)
        revision = hashlib.sha256(text).hexdigest()[:16]
        if have.get(name) == revision:
            same.append(name)
        else:
            fresh[name] = {"revision": revision, "bytes": len(text), "rows": rows}
    return {"keep_days": KEEP_DAYS, "parts": fresh, "same": same}


def _of_region(actor: Account, region: Region, at: datetime) -> Parts:
    enterprises = carry.enterprises_to_carry(actor=actor, region=region)
    return {
        "region": [_region(region)],
        "enterprises": enterprises,
        "hazards": carry.hazards_to_carry(actor=actor, region=region),
        "checklists": carry.checklists_to_carry(),
        "inspectors": carry.inspectors_to_carry(actor=actor, region=region, at=at),
    }


def _region(region: Region) -> dict[str, str]:
    return {"code": region.code, "name": region.name, "full_name": region.place()}


def _text(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, default=str).encode()
