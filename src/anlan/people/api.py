"""Posts for programs: which there are, and who holds them. No telephone numbers."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from anlan.base import clock
from anlan.base.pages import SignedIn
from anlan.places.queries import region_or_home

from . import queries
from .models import Post

router = Router(tags=["people"])


class PostOut(Schema):
    id: int = Field(alias="pk")
    region_code: str = Field(alias="region.code")
    role: str = Field(alias="role.code")
    name: str
    holders: list[str]

    @staticmethod
    def resolve_name(found: Any) -> str:
        return str(found)

    @staticmethod
    def resolve_holders(found: Any) -> list[str]:
        return [holding.account.name for holding in found.held_today]


@router.get("/posts", response=list[PostOut])
@paginate
def list_posts(
    request: SignedIn,
    region: Annotated[str, Query(max_length=20)] = "",
    vacant: bool = False,
) -> QuerySet[Post]:
    """Posts at and below a region with who holds them today; with `vacant` those nobody holds."""
    where = region_or_home(code=region, paths=request.auth.regions_for("people.view"))
    return queries.list_posts(
        actor=request.auth, region=where, on=localdate(clock.now()), vacant=vacant
    )
