"""Posts and offices of regions that were renamed, recoded, moved or merged go along."""

from datetime import datetime

from django.db import transaction

from anlan.base.events import publish_many
from anlan.places.models import Region
from anlan.places.queries import became

from ..models import Account, Organisation, Post

_BATCH = 500


@transaction.atomic
def follow_regions(*, by: Account, at: datetime) -> int:
    """Hang them on what their regions are today; returns how many posts went along.

    A post that the other region has too stays where it is: who held it is history.
    """
    now = became()
    offices = list(Organisation.objects.filter(region__successor__isnull=False))
    for office in offices:
        office.region_id = now[office.region_id]
    Organisation.objects.bulk_update(offices, ["region"], batch_size=_BATCH)
    posts = Post.objects.filter(region__successor__isnull=False).select_related("region")
    taken = _taken()
    went, rows = [], []
    paths = dict(Region.objects.filter(predecessors__isnull=False).values_list("pk", "path"))
    for post in posts.order_by("pk"):
        there = (now[post.region_id], post.role_id)
        if there in taken:
            continue
        taken.add(there)
        rows.append((paths[there[0]], {"post_id": post.pk, "from_path": post.region.path}))
        post.region_id = there[0]
        went.append(post)
    Post.objects.bulk_update(went, ["region"], batch_size=_BATCH)
    publish_many("people.post.went_along", at=at, by=by, rows=rows)
    return len(went)


def _taken() -> set[tuple[int, int]]:
    """(region, role) of the posts of regions that something became."""
    posts = Post.objects.filter(region__predecessors__isnull=False)
    return set(posts.values_list("region_id", "role_id"))
