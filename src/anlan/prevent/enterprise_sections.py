"""What the file itself shows beside its particulars: the five haves, whom to reach."""

from datetime import datetime
from typing import Any

from anlan.people.models import Account

from .models import Contact, Enterprise
from .queries import enterprises as queries


def haves(actor: Account, enterprise: Enterprise, at: datetime) -> dict[str, Any]:
    return {
        "haves": queries.list_haves(enterprise=enterprise),
        "may_manage": actor.may("prevent.manage", region=enterprise.site.region),
    }


def contacts(actor: Account, enterprise: Enterprise, at: datetime) -> dict[str, Any] | None:
    found = queries.list_contacts(actor=actor, enterprise=enterprise)
    if found is None:
        return None
    region = enterprise.site.region
    return {
        "contacts": found,
        "roles": Contact.Role.choices,
        "may_call": actor.may(queries.PHONES, region=region),
        "may_manage": actor.may("prevent.manage", region=region),
    }
