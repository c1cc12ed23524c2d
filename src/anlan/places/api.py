"""JSON for programs, and for choosing a region in a form."""

from typing import Annotated

from ninja import Field, Query, Router, Schema

from anlan.base.pages import SignedIn

from . import queries
from .models import Region

router = Router(tags=["places"])


class RegionOut(Schema):
    code: str
    name: str
    full_name: str = Field(alias="place")
    level: int


@router.get("/regions", response=list[RegionOut], url_name="regions")
def regions(
    request: SignedIn,
    q: Annotated[str, Query(max_length=60)] = "",
    permission: Annotated[str, Query(max_length=60)] = "places.view",
    deepest: Annotated[int, Query(ge=1, le=6)] = Region.Level.GRID,
) -> list[Region]:
    """Regions by a part of their name or the start of their code, where the caller holds the
    permission; without text, the caller's own and those directly below."""
    paths = request.auth.regions_for(permission)
    return queries.suggest_regions(text=q.strip(), paths=paths, deepest=deepest)
