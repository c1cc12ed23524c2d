"""Take in what the public reports at a gate: to be verified by whoever answers for the grid."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.base.tables import clean
from anlan.people.charges import charge_of
from anlan.people.models import Account, Holding, Post
from anlan.places.models import Site
from anlan.places.queries import paths_upwards
from anlan.work import clocks
from anlan.work.services import open_item

from ..limits import VERIFY
from ..models import Enterprise, PublicReport

KIND = "prevent.report"

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
) -> PublicReport:
    """The public's words, to be verified. Limits run on the machine's time, its own on the
    house's."""
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
    hour = machine_at - timedelta(hours=1)
    same = PublicReport.objects.filter(enterprise=enterprise, sender=sender, what=what, at__gt=hour)
    if known := same.first():  # the button was pressed twice
        return known
    _refuse_too_many(enterprise, sender, machine_at)
    system = Account.objects.system()
    item = open_item(
        kind=KIND,
        title=f"{enterprise.site.name}：{what}",
        region=enterprise.site.region,
        post=post_for(enterprise.site, at),
        by=system,
        at=at,
    )
    clocks.start(item=item, rule=VERIFY, at=at)
    report = PublicReport.objects.create(
        item=item, enterprise=enterprise, what=what, sender=sender, at=machine_at
    )
    publish(
        "prevent.report.received",
        at=at,
        by=system,
        region_path=item.region.path,
        report_id=report.pk,
        enterprise_id=enterprise.pk,
    )
    return report


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
    old = PublicReport.objects.filter(at__lt=at - timedelta(days=1)).exclude(sender="")
    return old.update(sender="")


def _refuse_too_many(enterprise: Enterprise, sender: str, at: datetime) -> None:
    hour, day = at - timedelta(hours=1), at - timedelta(days=1)
    own = PublicReport.objects.filter(sender=sender, at__gt=hour).count()
    here = PublicReport.objects.filter(enterprise=enterprise, at__gt=day).count()
    if own >= FROM_ONE_SENDER or here >= AT_ONE_GATE:
        raise TooMany(
            "prevent.gate_too_many",
            _("Too many reports have come in; yours was not taken."),
            hint=_("Try again later. In an emergency ring 119 or 12350."),
        )


def _digest(address: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"gate:{address}".encode(), hashlib.sha256).hexdigest()
