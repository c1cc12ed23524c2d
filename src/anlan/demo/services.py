"""Move the demo's clock. Only a demo's: a real city's time is nobody's to change."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.events import publish
from anlan.base.models import ScenarioClock
from anlan.people import permissions
from anlan.people.models import Account

from . import times

RATES = (0, 1, 60, 600)
OPENING_RATE = 60


def scenario_clock() -> ScenarioClock:
    """The clock of this demo, locked until the transaction ends; refuses in any other database."""
    row = ScenarioClock.objects.select_for_update().first() if settings.DEMO else None
    if row is None:
        raise NotFound(
            "demo.not_a_demo",
            _("This is not a demo: its clock is the real time."),
            hint=_("The clock can be moved only in a city that “anlan demo” has made."),
        )
    return row


@transaction.atomic
def set_rate(*, rate: float, by: Account, at: datetime) -> ScenarioClock:
    """Pause the clock (0) or let it run so many times as fast as real time."""
    row = scenario_clock()
    _require(by)
    if rate not in RATES:
        raise bad_rate()
    return _set(row, at=at, rate=rate, by=by)


@transaction.atomic
def jump_to_storm(*, by: Account, at: datetime) -> ScenarioClock:
    """Go to an hour before the heaviest rain. Forwards only: what was recorded stays in order."""
    row = scenario_clock()
    _require(by)
    if at >= times.PEAK:
        raise Refusal(
            "demo.only_forwards",
            _("The storm's height is over; the clock does not run backwards."),
            hint=_("Start “anlan demo --reset” for a new beginning."),
        )
    return _set(row, at=times.PEAK, rate=row.rate, by=by)


def _set(row: ScenarioClock, *, at: datetime, rate: float, by: Account) -> ScenarioClock:
    row.scenario_at, row.real_at, row.rate = at, timezone.now(), rate
    row.save()
    publish("demo.clock.set", at=at, by=by, rate=rate)
    transaction.on_commit(clock.forget)
    return row


def bad_rate() -> BadInput:
    return BadInput("demo.rate", _("The clock runs at 0, 1, 60 or 600 times real time."))


def _require(by: Account) -> None:
    if not (by.is_system or by.may_anywhere("demo.control")):
        raise NotAllowed(
            "people.not_granted",
            _("You may not move the demo's clock."),
            hint=_("Ask your office administrator for “%(permission)s”.")
            % {"permission": permissions.label("demo.control")},
        )
