"""A duty of the ticker: lines of issued lists become work on their day, each once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from anlan.base.days import end_of
from anlan.people.models import Account
from anlan.work.models import WorkItem
from anlan.work.services import open_item

from ..models import Entry

TASK, MEETING, INSPECTION = "govern.task", "govern.meeting", "govern.inspection"
KINDS = {Entry.Kind.TASK: TASK, Entry.Kind.MEETING: MEETING, Entry.Kind.INSPECTION: INSPECTION}
AT_ONCE = 200


def open_due(at: datetime) -> int:
    """Open what has come due to begin; returns how many. The rest waits for the next round."""
    waiting = Entry.objects.to_open(timezone.localdate(at)).select_related(
        "list__committee__region", "post__region"
    )
    system = Account.objects.system()
    return sum(
        open_entry(entry=entry, by=system, at=at) is not None
        for entry in waiting.order_by("opens_on", "pk")[:AT_ONCE]
    )


@transaction.atomic
def open_entry(*, entry: Entry, by: Account, at: datetime) -> WorkItem | None:
    """The line's work item; none where another worker has just made it."""
    locked = Entry.objects.select_for_update().filter(pk=entry.pk, item=None).first()
    if locked is None:
        return None
    item = open_item(
        kind=KINDS[Entry.Kind(entry.kind)],
        title=entry.title,
        region=entry.post.region if entry.post else entry.list.committee.region,
        post=entry.post,
        due_at=end_of(entry.due_on),
        by=by,
        at=at,
    )
    Entry.objects.filter(pk=entry.pk).update(item=item)
    entry.item = item
    return item
