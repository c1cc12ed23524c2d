"""At which enterprise's site an accident happened, named or put right while it is inquired into."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Site
from anlan.work.models import WorkItem

from ..models import Accident, SiteChange
from .accidents import check_site

S = WorkItem.State
# Until the report is approved; before somebody decides on it they see what was changed.
CHANGEABLE = {S.OPEN, S.DOING, S.SUBMITTED}


@transaction.atomic
def change_site(
    *, accident: Accident, site: Site | None, why: str, by: Account, at: datetime
) -> SiteChange:
    """Name the enterprise's site, another one, or none; who, when and why is kept.

    The investigation is held meanwhile, so that nothing changes beside an approval.
    """
    by.require("oversee.investigate", region=accident.item.region)
    if WorkItem.objects.select_for_update().get(pk=accident.pk).state not in CHANGEABLE:
        raise Refusal(
            "oversee.site_settled",
            _("The report has been approved; the accident's enterprise is no longer changed."),
            hint=_("Write down in the look-back what turns out to be wrong."),
        )
    if not why.strip():
        raise BadInput("oversee.no_reason", _("Say why, in a few words."))
    region = accident.item.region
    hint = _("Choose an enterprise that lies in %(region)s.") % {"region": region.name}
    check_site(region, site, hint=hint)
    accident.refresh_from_db(fields=["site"])
    if site == accident.site:
        raise Refusal(
            "oversee.same_site",
            _("That is what the file says already."),
            hint=_("Reload the page to see it."),
        )
    made = SiteChange.objects.create(
        accident=accident, before=accident.site, after=site, why=why.strip()[:200], by=by, at=at
    )
    accident.site = site
    accident.save(update_fields=["site"])
    publish(
        "oversee.accident.site_changed", at=at, by=by, region_path=accident.item.region.path,
        accident_id=accident.pk, from_site=made.before_id, to_site=made.after_id,
    )  # fmt: skip
    return made
