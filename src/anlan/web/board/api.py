"""JSON of the board."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from anlan.base import clock
from anlan.people.models import Account

from . import queries

router = Router(tags=["board"])


class SignedIn(HttpRequest):
    auth: Account


@router.get("/board", response=dict[str, Any])
def snapshot(request: SignedIn) -> dict[str, Any]:
    """Stations with their latest values, open alarms, running incidents, the last happenings."""
    return queries.snapshot(actor=request.auth)


@router.get("/board/rain", response=dict[str, Any])
def rain(request: SignedIn, hours: Annotated[int, Query(ge=1, le=72)] = 24) -> dict[str, Any]:
    """Rain of each past hour over the caller's stations: mean and most."""
    return queries.rain(actor=request.auth, at=clock.now(), hours=hours)


@router.get("/board/here", response=dict[str, Any])
def here(request: SignedIn) -> dict[str, Any]:
    """Whether the session still holds, and what time it is."""
    return {"now": clock.to_epoch_ms(clock.now()), "rate": clock.rate()}
