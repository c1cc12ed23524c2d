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
BODY_WITHIN_S = 120.0  # 4 MB at a third of a megabit a second
# Messages in work at once: beyond it devices are told to come again.
MAX_AT_ONCE = 500
_encode = msgspec.json.Encoder().encode
_at_once = 0
_look: "asyncio.Future[registry.Registry] | None" = None


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The door as an ASGI application; lifespan and other protocols are not its business."""
    if scope["type"] != "http":
        return
    try:
        sender = await _admit(scope)
        body = await _body(scope, receive)
        client = scope.get("client") or ("",)
        parcel = Parcel("http", sender=sender, address=str(client[0]))
        status, answer = await _take(parcel, body)
    except Refusal as refusal:
        status, answer = refusal.status, refusal.as_dict()
    except Exception:
        # A fault of ours: the device is told so and sends again, and the log has its traceback.
        logger.exception("the HTTP door failed")
        status, answer = 500, {"code": "observe.failed", "message": "", "hint": ""}
    await _reply(send, status, answer)


async def _admit(scope: Scope) -> KnownSender:
    """Who sends; asked before the body is read."""
    if scope["path"].rstrip("/") != "/ingest/http":
        raise NotFound("observe.no_door", _("There is no such door; readings go to /ingest/http."))
    if scope["method"] != "POST":
        raise _with_status(405, BadInput("observe.post_only", _("Readings are sent by POST.")))
    return await _sender(_header(scope, b"authorization"))


async def _take(parcel: Parcel, body: bytes) -> tuple[int, dict[str, Any]]:
    """Read, hand over and wait for the commit; not for more messages at once than is sound."""
    global _at_once
    if _at_once >= MAX_AT_ONCE:
        raise _too_many()
    _at_once += 1
    try:
        faults, number_of = payload.read(body, parcel)
        parcel.find(registry.last_known())
        receipt = Receipt()
        if len(parcel):
            receipt = await asyncio.wrap_future(intake().submit(parcel))
    finally:
        _at_once -= 1
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
        known = await _looked_again()
    sender = known.senders.get(digest)
    if sender is None:
        raise _unauthorised()
    return sender


async def _looked_again() -> registry.Registry:
    """One look for all who ask at once."""
    global _look
    if _look is None or _look.done():
        _look = asyncio.ensure_future(asyncio.to_thread(_look_again))
    return await asyncio.shield(_look)


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
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await _whole_body(scope, receive)
    except TimeoutError as error:
        text = _("The message took too long to arrive; none of it was kept.")
        refusal = BadInput("observe.too_slow", text, hint=_("Send it in several messages."))
        raise _with_status(408, refusal) from error


async def _whole_body(scope: Scope, receive: Receive) -> bytes:
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


def _too_many() -> Refusal:
    return _with_status(
        429,
        Refusal(
            "observe.too_many",
            _("Too many messages at once."),
            hint=_("Send again in a second, several readings in one message."),
        ),
    )


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
    if status == 408:
        headers.append((b"connection", b"close"))  # the rest of the body is not waited for
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
