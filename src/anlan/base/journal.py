"""The sealed journal: events in a hash chain, so that no row can be altered or removed unseen.

About once a minute the new events are sealed: a seal's hash covers the seal before it and each
event's own content. Every new head is also appended to a file and logged, outside the database:
someone who rewrites the whole chain cannot make it end in a head that was exported before.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Event, Seal

logger = logging.getLogger(__name__)

GENESIS = "0" * 64
# An event that stays unsealed longer than this is a finding of `verify`.
SEAL_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Finding:
    """What `verify` found wrong. `kind` is for programs."""

    kind: str  # altered, chain, missing, unsealed, head, content
    text: str


def heads_file() -> Path:
    return Path(settings.DATA_DIR) / "journal-heads.log"


def event_digest(event: Event) -> bytes:
    """SHA-256 over one event's content in a canonical form."""
    content = [
        event.pk,
        event.name,
        event.at.isoformat(),
        event.by_id,
        event.region_path,
        # Through the encoder and back, so that what is hashed is what the database gives back.
        json.loads(json.dumps(event.data, cls=DjangoJSONEncoder)),
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def text_digest(*parts: str) -> str:
    """SHA-256 of a row's content, for the `digest` of the event that tells of it."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


# Rooms whose rows are proven through a digest in their event register how to check them.
_content_checks: dict[str, Callable[[], Iterable["Finding"]]] = {}


def register_content_check(name: str, check: Callable[[], Iterable["Finding"]]) -> None:
    _content_checks[name] = check


def check_digests(name: str, key: str, rows: Iterable[tuple[int, str]]) -> Iterator["Finding"]:
    """Compare (pk, digest) of rows with the events `name*` that carry `key` and `digest`."""
    now = dict(rows)
    told = Event.objects.filter(name__startswith=name).values_list("data", "pk")
    for data, event in told.iterator():
        if "digest" not in data or key not in data:
            continue
        names = {"row": f"{key} {data[key]}", "event": event}
        if data[key] not in now:
            yield Finding("content", _("%(row)s of event %(event)s was removed") % names)
        elif now[data[key]] != data["digest"]:
            yield Finding("content", _("%(row)s differs from event %(event)s") % names)


def chain_hash(previous: str, events: Iterable[Event]) -> tuple[str, int]:
    digest, count = hashlib.sha256(previous.encode()), 0
    for event in events:
        digest.update(event_digest(event))
        count += 1
    return digest.hexdigest(), count


@transaction.atomic
def seal_new_events(limit: int = 20_000) -> Seal | None:
    """Seal what has not been sealed yet. Called by the ticker; safe to call at any time."""
    # Locks the last seal, so that two sealers cannot both follow it (SQLite writes one at a time).
    last = Seal.objects.select_for_update().order_by("-pk").first()
    events = list(Event.objects.filter(seal=None).order_by("pk")[:limit])
    if not events:
        return None
    previous = last.hash if last else GENESIS
    digest, count = chain_hash(previous, events)
    seal = Seal.objects.create(
        made_at=timezone.now(), count=count, previous_hash=previous, hash=digest
    )
    for start in range(0, count, 500):
        ids = [event.pk for event in events[start : start + 500]]
        Event.objects.filter(pk__in=ids).update(seal=seal)
    transaction.on_commit(lambda: export_head(seal))
    return seal


def export_head(seal: Seal) -> None:
    """Write the chain's new end where the database's owner cannot quietly change it."""
    line = f"{seal.made_at.isoformat()} {seal.pk} {seal.hash}\n"
    with heads_file().open("a", encoding="ascii") as file:
        file.write(line)
    logger.info("journal sealed", extra={"seal": seal.pk, "hash": seal.hash})


def verify() -> list[Finding]:
    """Walk the whole chain; an empty list means that nothing was altered or removed."""
    findings = list(_verify_chain())
    findings += _verify_heads()
    for check in _content_checks.values():
        findings += check()
    old = timezone.now() - SEAL_WITHIN
    last = Seal.objects.order_by("-pk").first()
    waiting = Event.objects.filter(seal=None).count()
    if waiting and (last is None or last.made_at < old):
        findings.append(_unsealed(waiting))
    return findings


def _unsealed(waiting: int) -> Finding:
    text = _("%(count)s events wait for a seal; is a worker running?") % {"count": waiting}
    return Finding("unsealed", text)


def _missing(seal: Seal, count: int) -> Finding:
    text = _("seal %(seal)s covered %(then)s events, %(now)s are left")
    return Finding("missing", text % {"seal": seal.pk, "then": seal.count, "now": count})


def _verify_chain() -> Iterator[Finding]:
    previous = GENESIS
    for seal in Seal.objects.order_by("pk").iterator():
        if seal.previous_hash != previous:
            yield Finding(
                "chain", _("seal %(seal)s does not follow the one before it") % {"seal": seal.pk}
            )
        digest, count = chain_hash(seal.previous_hash, seal.events.order_by("pk").iterator())
        if count != seal.count:
            yield _missing(seal, count)
        elif digest != seal.hash:
            yield Finding(
                "altered", _("an event under seal %(seal)s was altered") % {"seal": seal.pk}
            )
        previous = seal.hash


def _verify_heads() -> list[Finding]:
    """Every exported head must still be in the chain."""
    path = heads_file()
    if not path.exists():
        return []
    hashes = dict(Seal.objects.values_list("pk", "hash"))
    findings = []
    for line in path.read_text(encoding="ascii").splitlines():
        _at, pk, digest = line.split()
        if hashes.get(int(pk)) != digest:
            findings.append(
                Finding(
                    "head",
                    _("exported head %(head)s is not in the chain")
                    % {"head": f"{pk} {digest[:12]}"},
                )
            )
    return findings
