"""POST /ingest/http: a native ASGI callable, so that a reading costs no page's machinery.

Token in `Authorization: Bearer …`. Answers {stored, duplicate, quarantined, refused: [{row, code,
message}]} after the commit; 2xx means that every row not listed as refused is safe with us.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
from django.db import connection
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal

from .. import registry
from ..intake import intake
from ..parcels import Parcel, Receipt
from ..registry import KnownSender
from . import payload

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 4 * 1024 * 1024
# Messages in work at once: beyond it devices are told to come again.
MAX_AT_ONCE = 500
_encode = msgspec.json.Encoder().encode
_at_once = 0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The door as an ASGI application; lifespan and other protocols are not its business."""
    global _at_once
    if scope["type"] != "http":
        return
    _at_once += 1
    try:
        status, answer = await _answer(scope, receive)
    except Refusal as refusal:
        status, answer = refusal.status, refusal.as_dict()
    except Exception:
        logger.exception("the HTTP door failed")
        status, answer = 500, {"code": "observe.failed", "message": "", "hint": ""}
    finally:
        _at_once -= 1
    await _reply(send, status, answer)


async def _answer(scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
    if scope["path"].rstrip("/") != "/ingest/http":
        raise NotFound("observe.no_door", _("There is no such door; readings go to /ingest/http."))
    if scope["method"] != "POST":
        raise _with_status(405, BadInput("observe.post_only", _("Readings are sent by POST.")))
    if _at_once > MAX_AT_ONCE:
        raise _with_status(
            429,
            Refusal(
                "observe.too_many",
                _("Too many messages at once."),
                hint=_("Send again in a second, several readings in one message."),
            ),
        )
    sender = await _sender(_header(scope, b"authorization"))
    body = await _body(scope, receive)
    client = scope.get("client") or ("",)
    parcel = Parcel("http", sender=sender, address=str(client[0]))
    faults, number_of = payload.read(body, parcel)
    parcel.find(registry.last_known())
    receipt = Receipt()
    if len(parcel):
        receipt = await asyncio.wrap_future(intake().submit(parcel))
    faults += [(number_of[row], code, text) for row, code, text in receipt.refused]
    return _status(receipt, faults), {
        "stored": receipt.stored,
        "duplicate": receipt.duplicate,
        "quarantined": receipt.quarantined,
        "refused": [
            {"row": row, "code": code, "message": text} for row, code, text in sorted(faults)
        ],
    }


def _status(receipt: Receipt, faults: payload.Faults) -> int:
    """200, 207 where some rows were refused, 422 where all were."""
    kept = receipt.stored + receipt.duplicate + receipt.quarantined
    return 200 if not faults else 207 if kept else 422


async def _sender(authorization: str) -> KnownSender:
    kind, _space, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise _unauthorised()
    digest = registry.token_hash(token.strip())
    known = registry.last_known()
    if known is None or digest not in known.senders or registry.is_old():
        known = await asyncio.to_thread(_look_again)
    sender = known.senders.get(digest)
    if sender is None:
        raise _unauthorised()
    return sender


def _look_again() -> registry.Registry:
    try:
        return registry.current()
    finally:
        connection.close()  # this thread belongs to nobody's request


def _unauthorised() -> Refusal:
    return _with_status(
        401,
        NotAllowed(
            "observe.no_token",
            _("The token is missing, unknown or revoked."),
            hint=_("Send “Authorization: Bearer <token>”; the administrator makes tokens."),
        ),
    )


async def _body(scope: Scope, receive: Receive) -> bytes:
    length = _header(scope, b"content-length")
    if length.isdigit() and int(length) > MAX_BODY:
        raise _too_large()
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadInput("observe.cut_off", _("The connection was cut off."))
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            raise _too_large()
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large() -> Refusal:
    text = _("One message may be %(size)d MB at most.") % {"size": MAX_BODY // 1024 // 1024}
    return _with_status(
        413, BadInput("observe.too_large", text, hint=_("Send it in several messages."))
    )


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return ""


def _with_status(status: int, refusal: Refusal) -> Refusal:
    refusal.status = status
    return refusal


async def _reply(send: Send, status: int, answer: dict[str, Any]) -> None:
    body = _encode(answer)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status in {429, 503}:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
