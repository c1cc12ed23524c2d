"""What the API says of itself: every operation with what a refusal looks like, and the door.

The door for readings is no operation of Django's (it stands before it), but who writes a program
or a gateway looks for it in the same place.
"""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from anlan.observe.doors.described import DOOR, SCHEMAS

REFUSED: dict[str, Any] = {
    "title": "Refused",
    "description": "What was refused, why, and what to do next. `code` never changes.",
    "type": "object",
    "required": ["code", "message", "hint"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
        "detail": {"type": "array", "items": {"type": "object"}},
    },
}
ANY_OTHER = {
    "description": (
        "Refused. 400, 422: what was sent cannot be read; 401: not signed in; 403, 404: not in"
        " your regions; 409: not as things stand; 413: too large; 429, 503, 507: busy or full,"
        " nothing of it was kept, send it again."
    ),
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}},
}


class DescribedAPI(NinjaAPI):
    """Ninja documents only what goes well."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**where)
        described["paths"]["/ingest/http"] = {"post": DOOR}
        described["components"]["schemas"] |= {"Refused": REFUSED, **SCHEMAS}
        described["components"]["securitySchemes"]["Token"] = {"type": "http", "scheme": "bearer"}
        for path in described["paths"].values():
            for operation in path.values():
                operation["responses"]["default"] = ANY_OTHER
        return described
