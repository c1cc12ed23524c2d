"""The scenario's clock for programs: devices read it, people who may move it do."""

from datetime import datetime
from typing import cast

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import services

router = Router(tags=["demo"])


class ClockOut(Schema):
    now: datetime
    rate: float
    scenario: bool


class RateIn(Schema):
    rate: float


def _reading() -> ClockOut:
    return ClockOut(now=clock.now(), rate=clock.rate(), scenario=clock.is_scenario())


@router.get("/clock", response=ClockOut, auth=None)
def get_clock(request: HttpRequest) -> ClockOut:
    """What time it is here. Open to all: a device must know before it can send."""
    return _reading()


@router.post("/clock", response=ClockOut)
def set_clock(request: HttpRequest, body: RateIn) -> ClockOut:
    """Pause (0) or run at 1, 60 or 600 times real time. Only in a demo."""
    by = cast(SignedIn, request).auth
    services.set_rate(rate=body.rate, by=by, at=clock.now())
    return _reading()


@router.post("/clock/storm", response=ClockOut)
def jump_to_storm(request: HttpRequest) -> ClockOut:
    """Go to an hour before the heaviest rain. Only in a demo."""
    services.jump_to_storm(by=cast(SignedIn, request).auth, at=clock.now())
    return _reading()
