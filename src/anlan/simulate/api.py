"""JSON of forecasts, for the board and for programs."""

from typing import Annotated, Any

from ninja import Query, Router

from anlan.base import clock
from anlan.base.pages import SignedIn

from .hits import outlook
from .results import legend, seen
from .runs import standing

router = Router(tags=["simulate"])
Longitude = Annotated[float, Query(ge=-180, le=180)]
Latitude = Annotated[float, Query(ge=-85, le=85)]


@router.get("/forecasts", response=dict[str, Any])
def forecasts(request: SignedIn) -> dict[str, Any]:
    """How the forecast of each of the caller's areas stands, with what draws it on a map."""
    return {
        "areas": standing.board(actor=request.auth, at=clock.now()),
        "legend": legend.DEPTH.rows(),
        "likely": legend.LIKELY.rows(),
    }


@router.get("/forecasts/{int:run_id}", response=dict[str, Any])
def forecast(request: SignedIn, run_id: int) -> dict[str, Any]:
    """One finished forecast or scenario, in the same shape."""
    areas = [standing.get_pictures(actor=request.auth, run_id=run_id)]
    return {"areas": areas, "legend": legend.DEPTH.rows(), "likely": legend.LIKELY.rows()}


@router.get("/forecasts/{int:run_id}/hits", response=dict[str, Any])
def hits(request: SignedIn, run_id: int) -> dict[str, Any]:
    """What will stand in water in the caller's regions, the soonest first, and counts by county."""
    return outlook.hits_and_counts(actor=request.auth, run_id=run_id)


@router.get("/forecasts/{int:run_id}/point", response=dict[str, Any])
def point(request: SignedIn, run_id: int, lon: Longitude, lat: Latitude) -> dict[str, Any]:
    """Depth over time at a position in the caller's regions."""
    return seen.point_series(actor=request.auth, run_id=run_id, lon=lon, lat=lat)
