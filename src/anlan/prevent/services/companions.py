"""Who makes a visit beside the one who writes it down (同行检查人)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.people.models import Account

from ..models import Visit
from .visits import require_unfinished


@transaction.atomic
def name_inspectors(*, visit: Visit, others: Sequence[Account], by: Account, at: datetime) -> None:
    """Who makes the visit beside the one who writes it down, while it goes on."""
    by.require("prevent.inspect", region=visit.region)
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    require_unfinished(visit, by)
    there = set(visit.inspectors.all())
    new = [one for one in others if one not in there]
    unable = [str(one) for one in new if not one.may("prevent.inspect", region=visit.region)]
    if unable:
        raise BadInput(
            "prevent.not_inspectors",
            _("They may not inspect there: %(names)s.") % {"names": "、".join(unable)},
            hint=_("Choose at least one inspector from the list."),
        )
    doer = visit.item.doer if visit.item else None
    if doer is not None and doer not in [by, *others]:
        raise Refusal(
            "prevent.plan_taken",
            _("%(name)s has accepted this planned visit.") % {"name": doer},
            hint=_("Have it assigned again, or make it a visit of its own."),
        )
    visit.inspectors.set([by, *others])
