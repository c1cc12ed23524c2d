"""A town with its worker for the tests of the queue, and what a house has stored in the end."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from anlan.base import journal
from anlan.people.models import Account, Grant
from anlan.places.models import Region, Site
from anlan.prevent.models import Enterprise, Visit
from anlan.work.models import Attachment, Conflict, Step, Submission
from tests.faults.inside import officer_of, region_in, tasks_for
from tests.inside import session_of


def prepare(tasks: int) -> dict[str, object]:
    """A town whose worker has so many tasks and may visit its enterprise."""
    at = datetime.now(UTC)
    county = Region.objects.create(code="990101", name="试验县", level=3, path="99/990101/")
    town = region_in("990101001", "试验镇", 4, county)
    villages = [region_in(f"990101001{n:03d}", f"试验村{n}", 5, town) for n in range(tasks)]
    officer_of(villages)
    worker = Account.objects.get(username="officer")
    for code in ("prevent.view", "prevent.inspect"):
        Grant.objects.create(account=worker, permission=code, region=county)
    items = tasks_for(county, at, minutes=600)
    site = Site.objects.create(
        code="X1", kind="enterprise", name="试验化工厂", region=town, lon=119.6, lat=29.1
    )
    enterprise = Enterprise.objects.create(site=site, credit_code="X1", changed_at=at)
    return {
        "account": str(worker.pk),
        "sessions": [session_of(worker), session_of(worker)],
        "items": sorted(items),
        "enterprise": enterprise.pk,
    }


def stored() -> dict[str, object]:
    """Every submission that was accepted, with what came of it, and what is wrong with that."""
    journal.seal_new_events()
    found = Submission.objects.prefetch_related("attachments")
    paths = Attachment.objects.values_list("path", flat=True)
    steps = Step.objects.filter(move__in=["accept", "submit"]).order_by("pk")
    return {
        "accepted": sorted(str(one.pk) for one in found if one.state == "ACCEPTED"),
        "others": [
            f"{one.pk} {one.state} {one.reason}" for one in found if one.state != "ACCEPTED"
        ],
        "incomplete": [str(one.pk) for one in found if one.missing],
        "no_file": [path for path in paths if not (Path(settings.FILES_DIR) / path).exists()],
        "visits": sorted(str(pk) for pk in Visit.objects.values_list("pk", flat=True)),
        "hazards": sum(visit.hazards.count() for visit in Visit.objects.all()),
        "steps": list(steps.values_list("item_id", "move")),
        "conflicts": Conflict.objects.count(),
        "findings": [finding.text for finding in journal.verify()],
    }
