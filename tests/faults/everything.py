"""A city with one of everything, for whoever tries all doors of a running house."""

from django.core.management import call_command

from anlan.observe.tests.factories import sender_for
from tests.access import World
from tests.inside import session_of


def prepare() -> dict[str, object]:
    """Who calls, with session and token of their own, and what the city's records are called."""
    call_command("migrate", verbosity=0)
    world = World()
    village = world.officer.holdings.get().post.region
    sender_for(village, token="of-the-village")
    return {
        "callers": {
            "commander": (session_of(world.insider), "token"),
            "officer": (session_of(world.officer), "of-the-village"),
        },
        "ids": world.ids,
        "regions": [region.code for region in (world.ours, village.parent, village)],
    }
