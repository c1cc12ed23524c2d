"""Lists of the API, a page at a time."""

from ninja import Field, Schema
from ninja.pagination import LimitOffsetPagination

MOST = 1000


class Paging(LimitOffsetPagination):
    """Bounded: a number that no database holds is refused, not passed on."""

    class Input(Schema):
        limit: int = Field(100, ge=1, le=MOST)
        offset: int = Field(0, ge=0, le=1_000_000)
