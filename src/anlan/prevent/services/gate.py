"""Take in what the public reports at a gate: a hazard for whoever answers for the grid."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.tables import clean
from anlan.people.charges import charge_of
from anlan.people.models import Account, Holding, Post
from anlan.places.models import Site
from anlan.places.queries import paths_upwards

from ..models import Enterprise, GateReport, Hazard
from .hazards import Finding, report_hazard

# Who looks into it: the nearest of these whose post is held, from the grid upwards.
ROLES = (
    "grid.grid_officer",
    "town.emergency_officer",
    "county.inspector",
    "county.safety_leader",
)
FROM_ONE_SENDER = 5  # in an hour; a workshop's phones may share one address
AT_ONE_GATE = 20  # in a day
SHORTEST, LONGEST = 4, 480


class TooMany(Refusal):
    """This door is knocked at too often."""

    status = 429


@transaction.atomic
def report_at_gate(
    *, enterprise: Enterprise, what: str, address: str, machine_at: datetime, at: datetime
) -> Hazard:
    """A hazard in the public's words. Limits run on the machine's time, its own on the house's."""
    what = clean(" ".join(what.split()))
    if not SHORTEST <= len(what) <= LONGEST:
        raise BadInput(
            "prevent.gate_text",
            _("Describe in %(least)d to %(most)d characters what is wrong, and where.")
            % {"least": SHORTEST, "most": LONGEST},
        )
    if enterprise.state == Enterprise.State.CLOSED:
        raise Refusal("prevent.gate_closed", _("This enterprise has closed down."))
    # Locked, so that many at once are counted one after the other.
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    sender = _digest(address)
    _refuse_too_many(enterprise, sender, machine_at)
    hazard = report_hazard(
        site=enterprise.site,
        finding=Finding(what),
        source=Hazard.Source.REPORT,
        post=post_for(enterprise.site, at),
        by=Account.objects.system(),
        at=at,
    )
    GateReport.objects.create(hazard=hazard, enterprise=enterprise, sender=sender, at=machine_at)
    return hazard


def post_for(site: Site, at: datetime) -> Post | None:
    """The post in charge of the site, else the nearest that is held, else nobody's (a gap)."""
    charge = charge_of(site)
    if charge is not None:
        return charge.post
    held = Holding.objects.on(localdate(at)).values("post")
    around = paths_upwards(site.region.path)
    posts = Post.objects.filter(region__path__in=around, role__code__in=ROLES, pk__in=held)
    found = {post.role.code: post for post in posts.select_related("role", "region")}
    return next((found[code] for code in ROLES if code in found), None)


def forget_senders(*, at: datetime) -> int:
    """After a day nothing is left that two reports of one sender have in common."""
    old = GateReport.objects.filter(at__lt=at - timedelta(days=1)).exclude(sender="")
    return old.update(sender="")


def _refuse_too_many(enterprise: Enterprise, sender: str, at: datetime) -> None:
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    own = GateReport.objects.filter(sender=sender, at__gt=hour).count()
    here = GateReport.objects.filter(enterprise=enterprise, at__gt=day).count()
    if own >= FROM_ONE_SENDER or here >= AT_ONE_GATE:
        raise TooMany(
            "prevent.gate_too_many",
            _("Too many reports have come in; yours was not taken."),
            hint=_("Try again later. In an emergency ring 119 or 12350."),
        )


def _digest(address: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"gate:{address}".encode(), hashlib.sha256).hexdigest()
