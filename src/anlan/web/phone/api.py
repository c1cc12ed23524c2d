"""What the phone's page asks for: who is signed in, regions to take along, and what is in them."""

from typing import Annotated, Any

from django.http import HttpResponse
from django.middleware.csrf import get_token
from ninja import Query, Router

from anlan.base import clock
from anlan.base.pages import SignedIn

from . import queries

router = Router(tags=["phone"])
Code = Annotated[str, Query(max_length=20)]


@router.get("/phone/me", response=dict[str, Any])
def me(request: SignedIn, response: HttpResponse) -> dict[str, Any]:
    """Whose session it is, and the token to send with what is handed in."""
    response["Cache-Control"] = "no-store"
    return queries.me(actor=request.auth) | {"csrf": get_token(request)}


@router.get("/phone/regions", response=list[dict[str, str]])
def regions(
    request: SignedIn, q: Annotated[str, Query(max_length=60)] = ""
) -> list[dict[str, str]]:
    """Regions of one's own that can be taken along."""
    return queries.regions(actor=request.auth, text=q.replace("\x00", ""))


@router.get("/phone/size", response=dict[str, Any])
def size(request: SignedIn, region: Code) -> dict[str, Any]:
    """How much a region would bring along."""
    return queries.size(actor=request.auth, at=clock.now(), code=region)


@router.get("/phone/carry", response=dict[str, Any])
def carry(
    request: SignedIn,
    response: HttpResponse,
    region: Code = "",
    have: Annotated[str, Query(max_length=400)] = "",
) -> dict[str, Any]:
    """One's tasks and a region; `have` names the parts that are there: `tasks:0f…,hazards:9c…`."""
    response["Cache-Control"] = "no-store"
    known = dict(one.split(":", 1) for one in have.split(",") if ":" in one)
    return queries.package(actor=request.auth, at=clock.now(), code=region, have=known)
