"""The HTTP door in OpenAPI's words (docs/guide/ingest.md has them for people)."""

from typing import Any

from .payload import LATEST_MS, MAX_ROWS

_CODE = {"type": "string", "minLength": 1, "maxLength": 40}
_VALUE = {"type": ["number", "null"]}
_AT = {
    "description": "epoch milliseconds, or ISO 8601 with an offset",
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": LATEST_MS},
        {"type": "string", "format": "date-time"},
    ],
}
_COUNT = {"type": "integer", "minimum": 0}

SCHEMAS: dict[str, Any] = {
    "Reading": {
        "title": "Reading",
        "type": "object",
        "required": ["station", "at"],
        "properties": {
            "station": _CODE,
            "quantity": _CODE,
            "at": _AT,
            "value": _VALUE,
            "values": {"type": "object", "additionalProperties": _VALUE},
        },
    },
    "Readings": {
        "title": "Readings",
        "type": "object",
        "required": ["readings"],
        "properties": {
            "readings": {
                "type": "array",
                "maxItems": MAX_ROWS,
                "items": {"$ref": "#/components/schemas/Reading"},
            }
        },
    },
    "Receipt": {
        "title": "Receipt",
        "type": "object",
        "required": ["stored", "duplicate", "quarantined", "refused"],
        "properties": {
            "stored": _COUNT,
            "duplicate": _COUNT,
            "quarantined": _COUNT,
            "refused": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["row", "code", "message"],
                    "properties": {
                        "row": _COUNT,
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                    },
                },
            },
        },
    },
}


def _receipt(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Receipt"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


DOOR: dict[str, Any] = {
    "operationId": "ingest_http",
    "summary": "Readings",
    "description": "Readings of devices and gateways. Every row not refused is safe after a 2xx.",
    "tags": ["ingest"],
    "security": [{"Token": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Readings"},
                        {"$ref": "#/components/schemas/Reading"},
                    ]
                }
            }
        },
    },
    "responses": {
        "200": _receipt("stored"),
        "207": _receipt("stored but for the rows in `refused`"),
        "422": _receipt("every row was refused"),
    },
}
