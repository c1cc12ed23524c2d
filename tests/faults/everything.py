"""A city with one of everything, for whoever tries all doors of a running house."""

from django.core.management import call_command

from anlan.observe.tests.factories import sender_for
from tests.inside import session_of
from tests.world import World


def prepare() -> dict[str, object]:
    """Who calls, with session and token of their own, and what the city's records are called."""
    call_command("migrate", verbosity=0)
    world = World()
    sender_for(world.village, token="of-the-village")
    return {
        "callers": {
            "commander": (session_of(world.insider), "token-1"),
            "officer": (session_of(world.officer), "of-the-village"),
        },
        "ids": world.ids,
        "regions": [region.code for region in (world.county, world.town, world.village)],
    }
