"""Hazards with their photos, found at no visit: at a desk, by a camera, reported by the public."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.people.models import Account
from anlan.places.models import Site
from anlan.work.files import is_picture
from anlan.work.models import Submission
from anlan.work.submissions import TakenFile, keep_taken, take_file

from ..models import Hazard, VisitFile
from .hazards import Finding, report_once

MOST = 9


def take_photos(sent: Sequence[tuple[str, bytes]]) -> list[TakenFile]:
    """Names and contents, checked and stripped as a phone's are; all can be taken, or none is.

    Before any transaction: nobody could write meanwhile.
    """
    if len(sent) > MOST:
        raise BadInput("prevent.many_photos", _("At most %(n)d photos at once.") % {"n": MOST})
    return [_take_photo(name, data) for name, data in sent]


def _take_photo(name: str, data: bytes) -> TakenFile:
    if not is_picture(data):
        raise BadInput(
            "prevent.no_photo",
            _("“%(name)s” is not a photo.") % {"name": name[:80]},
            hint=_("Choose pictures as JPEG, PNG or WebP."),
        )
    return take_file(data, name)


@transaction.atomic
def report_with_photos(
    *,
    site: Site,
    finding: Finding,
    source: str,
    photos: Sequence[TakenFile],
    by: Account,
    at: datetime,
) -> Hazard:
    """Both or neither."""
    hazard = report_once(site=site, finding=finding, source=source, by=by, at=at)
    add_photos(hazard=hazard, photos=photos, by=by, at=at)
    return hazard


@transaction.atomic
def add_photos(*, hazard: Hazard, photos: Sequence[TakenFile], by: Account, at: datetime) -> None:
    """Photos of a hazard, each kept once, also where the form was sent twice."""
    by.require("prevent.inspect", region=hazard.item.region)
    known = set(VisitFile.objects.filter(hazard=hazard).values_list("digest", flat=True))
    new = [photo for photo in photos if photo.digest not in known]
    if not new:
        return
    submission = Submission.objects.create(
        digest="", by=by, made_at=at, received_at=at, state=Submission.State.ACCEPTED
    )
    for photo in new:
        kept = keep_taken(submission=submission, file=photo)
        VisitFile.objects.get_or_create(
            visit=None, hazard=hazard, digest=photo.digest, defaults={"attachment": kept}
        )
