"""Photos, signatures and voice notes of a visit, and which of them have arrived."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.people.models import Account
from anlan.work.models import Submission
from anlan.work.submissions import TakenFile, keep_taken, take_file

from ..models import Hazard, Visit, VisitFile
from .visits import require_unfinished


def add_file(
    *,
    visit: Visit,
    data: bytes,
    name: str,
    role: str = VisitFile.Role.PHOTO,
    hazard: Hazard | None = None,
    by: Account,
    at: datetime,
) -> VisitFile:
    """A photo, signature or voice note of a visit that goes on, or of a hazard found there.

    It is looked at and stored before the transaction: a picture takes a second.
    """
    require_unfinished(visit, by)
    if role not in VisitFile.Role.values:
        raise BadInput("prevent.bad_role", _("There is no such kind of file."))
    if hazard is not None and hazard.visit_id != visit.pk:
        raise BadInput("prevent.other_visit", _("That hazard was not found at this visit."))
    return _write_down(visit, take_file(data, name), role, hazard, by, at)


@transaction.atomic
def _write_down(
    visit: Visit, file: TakenFile, role: str, hazard: Hazard | None, by: Account, at: datetime
) -> VisitFile:
    attachment = keep_taken(submission=_submission_of(visit, by, at), file=file)
    kept, _made = VisitFile.objects.get_or_create(
        visit=visit,
        digest=attachment.sent_digest,
        hazard=hazard,
        defaults={"role": role, "attachment": attachment},
    )
    return kept


def _submission_of(visit: Visit, by: Account, at: datetime) -> Submission:
    """What the files of a visit at a desk hang on, as those of a phone do."""
    if visit.submission is None:
        visit.submission = Submission.objects.create(
            digest="", by=by, made_at=at, received_at=at, state=Submission.State.ACCEPTED
        )
        visit.save(update_fields=["submission"])
    return visit.submission


def attach_files(*, visit: Visit, digests: Sequence[str] = ()) -> int:
    """Bind what has arrived with the visit's submission to the visit; how many still lack."""
    visit.refresh_from_db(fields=["submission"])
    if visit.submission is not None:
        for attachment in visit.submission.attachments.all():
            waiting = visit.files.filter(digest=attachment.sent_digest, attachment=None)
            waiting.update(attachment=attachment)
    return visit.files.filter(attachment=None).count()
