"""Hazards with their photos, found at no visit: at a desk, by a camera, reported by the public."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.people.models import Account
from anlan.places.models import Site
from anlan.work.models import Submission
from anlan.work.submissions import keep_file

from ..models import Hazard, VisitFile
from .hazards import Finding, report_once

MOST = 9
Photo = tuple[str, bytes]  # what its sender calls it, and what was sent


@transaction.atomic
def report_with_photos(
    *, site: Site, finding: Finding, source: str, photos: Sequence[Photo], by: Account, at: datetime
) -> Hazard:
    """Both or neither: a photo that cannot be taken is told before anything is written down."""
    hazard = report_once(site=site, finding=finding, source=source, by=by, at=at)
    add_photos(hazard=hazard, photos=photos, by=by, at=at)
    return hazard


@transaction.atomic
def add_photos(*, hazard: Hazard, photos: Sequence[Photo], by: Account, at: datetime) -> None:
    """Photos of a hazard, each kept once, checked and stripped as a phone's are."""
    by.require("prevent.inspect", region=hazard.item.region)
    if len(photos) > MOST:
        raise BadInput("prevent.many_photos", _("At most %(n)d photos at once.") % {"n": MOST})
    if not photos:
        return
    submission = Submission.objects.create(
        digest="", by=by, made_at=at, received_at=at, state=Submission.State.ACCEPTED
    )
    for name, data in photos:
        kept = keep_file(submission=submission, data=data, name=name)
        if not kept.mime.startswith("image/"):
            raise BadInput(
                "prevent.no_photo",
                _("“%(name)s” is not a photo.") % {"name": name[:80]},
                hint=_("Choose pictures as JPEG, PNG or WebP."),
            )
        VisitFile.objects.get_or_create(
            visit=None, hazard=hazard, digest=kept.sent_digest, defaults={"attachment": kept}
        )
