"""MQTT 5, QoS 1, acknowledged only after the commit.

Topic anlan/<sender or station>/readings, QoS 1, payload as for HTTP. The broker decides who may
publish where; a gateway's name in the topic gives its region's scope, any other name is a
station's own code. What nobody can read is kept (Unreadable) and acknowledged, or it would come
for ever.

One listener subscribes by itself, several share a subscription (ANLAN_MQTT_SHARE). Not always the
latter: Mosquitto forgets a shared subscription when it is restarted, and what is published until
somebody subscribes again is answered "no matching subscribers", which few devices look at. A
subscription of one's own is kept, and what comes meanwhile waits.
"""

import logging
import queue
import socket
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from django.db import connection
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from anlan.base import storage
from anlan.base.errors import Refusal
from anlan.base.storage import NotStored

from .. import registry
from ..incoming import not_yours
from ..intake import Intake
from ..models import Unreadable
from ..parcels import Parcel, Receipt
from ..registry import KnownSender
from . import payload
from .bulk import BulkClient, Published

logger = logging.getLogger(__name__)

ALONE, SHARED = "anlan/+/readings", "$share/anlan/anlan/+/readings"
SESSION_S = 24 * 3600  # how long the broker keeps what came while we were away
IN_FLIGHT = 2_000  # messages that the broker sends before we have acknowledged one
ROOM_S = 5.0  # what has come waits so long for room at the writer's
KEEP_BYTES = 64 * 1024
RETRY_S = 1.0


@dataclass(slots=True)
class Ticket:
    """A message that waits for its acknowledgement."""

    connection: int  # which one it came by: its acknowledgement belongs there
    message: Published
    faults: payload.Faults = field(default_factory=list)
    row_of: Sequence[int] = ()  # of each of its readings


@dataclass(slots=True)
class Bundle:
    """Messages whose readings go to the writer together."""

    parcel: Parcel
    tickets: list[Ticket] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)  # by ticket: its first reading in the parcel

    def add(self, ticket: Ticket, sender: KnownSender) -> None:
        """Read a message. Adds nothing where nobody can read it, and raises why."""
        start, own = len(self.parcel), sender.station_code
        try:
            ticket.faults, ticket.row_of = payload.read(ticket.message.payload, self.parcel, own)
        except BaseException:
            self.parcel.keep(start, [])
            raise
        if self.parcel.sender is None:
            self._refuse_others(ticket, start, own)
        self.starts.append(start)
        self.tickets.append(ticket)

    def tell(self, refused: payload.Faults) -> None:
        """Note refused readings with the messages that brought them."""
        for row, code, text in refused:
            which = bisect_right(self.starts, row) - 1
            ticket = self.tickets[which]
            ticket.faults.append((ticket.row_of[row - self.starts[which]], code, text))

    def _refuse_others(self, ticket: Ticket, start: int, own: str) -> None:
        """A device speaks for itself only; a bundle of many devices says so here."""
        stations = self.parcel.station[start:]
        if stations.count(own) == len(stations):
            return
        for row, station in zip(ticket.row_of, stations, strict=True):
            if station != own:
                ticket.faults.append(not_yours(row, station))
        mine = [number for number, station in enumerate(stations) if station == own]
        ticket.row_of = [ticket.row_of[number] for number in mine]
        self.parcel.keep(start, mine)


@dataclass(slots=True)
class Unread:
    """A message to be kept as nobody can read it."""

    ticket: Ticket
    reason: str


class MqttDoor:
    """One connection to the broker; shared, the broker deals the messages out among several."""

    def __init__(
        self, url: str, intake: Intake, *, client_id: str = "", shared: bool = False
    ) -> None:
        self.intake, self.shared = intake, shared
        self.connected = threading.Event()
        self._connection = 0
        self._aside: queue.Queue[Bundle | Ticket | Unread | None] = queue.Queue()
        self._helper = threading.Thread(target=self._work_aside, name="mqtt-aside", daemon=True)
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 1883
        self.client = BulkClient(client_id or f"anlan-{socket.gethostname()}", self._on_messages)
        if parts.username:
            self.client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            self.client.tls_set()
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.reconnect_delay_set(1, 15)

    def start(self) -> None:
        """Connect in the background, now or when the broker is there."""
        properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = IN_FLIGHT
        self._helper.start()
        self.client.connect_async(
            self._host, self._port, keepalive=30, clean_start=False, properties=properties
        )
        self.client.loop_start()

    def stop(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()
        self._aside.put(None)
        self._helper.join(10)

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            logger.error("the MQTT broker refused us: %s", reason)
            return
        topic, other = (SHARED, ALONE) if self.shared else (ALONE, SHARED)
        client.subscribe(topic, options=SubscribeOptions(qos=1))
        # Left in the session by an earlier setting, it would bring everything twice.
        client.unsubscribe(other)
        self.connected.set()
        logger.info("MQTT connected to %s:%s", self._host, self._port)

    def _on_disconnect(self, *_args: Any) -> None:
        # What is open now the broker sends again; it is acknowledged then.
        self._connection += 1
        self.connected.clear()
        logger.warning("MQTT connection lost; trying again")

    def _on_messages(self, messages: list[Published]) -> None:
        """Runs in paho's thread: read, hand over, and on to the next."""
        shared: dict[KnownSender | None, Bundle] = {}
        for message in messages:
            ticket = Ticket(self._connection, message)
            try:
                self._read(ticket, shared)
            except Refusal as refusal:
                self._put_aside(ticket, refusal.message)
            except Exception as error:  # never end paho's thread over one message
                if storage.is_trouble(error):
                    # Who speaks could not be looked up: the message is as good as any.
                    self._aside.put(ticket)
                    continue
                logger.exception("the MQTT door failed")
                self._put_aside(ticket, str(error))
        for bundle in shared.values():
            self._submit(bundle)

    def _read(self, ticket: Ticket, shared: dict[KnownSender | None, Bundle]) -> None:
        """Into the bundle of its sender, or that of all devices that are known by their topic."""
        sender = _sender(ticket.message.topic.decode())
        key = sender if sender.pk is not None else None
        bundle = shared.get(key)
        if bundle is None:
            bundle = shared[key] = Bundle(Parcel("mqtt", sender=key))
        bundle.add(ticket, sender)

    def _submit(self, bundle: Bundle) -> None:
        bundle.parcel.find(registry.last_known())
        if not len(bundle.parcel):
            self._done(bundle, Receipt())
            return
        future = self.intake.submit(bundle.parcel, wait_s=ROOM_S)
        future.add_done_callback(lambda done: self._answered(bundle, done))

    def _answered(self, bundle: Bundle, done: "Future[Receipt]") -> None:
        error = done.exception()
        if error is None:
            self._done(bundle, done.result())
        elif isinstance(error, NotStored):
            # Not acknowledged: the broker holds back more than IN_FLIGHT while we try again.
            self._aside.put(bundle)
        elif len(bundle.tickets) > 1:
            # Something in one message broke it: each on its own, so that only that one fails.
            for ticket in bundle.tickets:
                self._aside.put(ticket)
        else:
            self._put_aside(bundle.tickets[0], str(error))

    def _done(self, bundle: Bundle, receipt: Receipt) -> None:
        bundle.tell(receipt.refused)
        for ticket in bundle.tickets:
            if ticket.faults:
                told = sorted(ticket.faults)[:5]
                self._put_aside(ticket, "; ".join(f"{row}: {text}" for row, _code, text in told))
        self._acknowledge(ticket for ticket in bundle.tickets if not ticket.faults)

    def _acknowledge(self, tickets: Iterable[Ticket]) -> None:
        mids = [
            ticket.message.mid
            for ticket in tickets
            if ticket.connection == self._connection and ticket.message.mid
        ]
        if mids:
            self.client.acknowledge(mids)

    def _put_aside(self, ticket: Ticket, reason: str) -> None:
        self._aside.put(Unread(ticket, reason))

    def _work_aside(self) -> None:
        """What must not hold up paho or the writer: trying again, keeping the unreadable."""
        while (item := self._aside.get()) is not None:
            try:
                self._work_on(item)
            except Exception:
                # Whatever it is, the message is neither lost nor acknowledged: again, later.
                logger.exception("an MQTT message could not be put aside; trying again")
                connection.close()
                time.sleep(RETRY_S)
                self._aside.put(item)
        connection.close()

    def _work_on(self, item: Bundle | Ticket | Unread) -> None:
        if isinstance(item, Unread):
            _keep_unreadable(item)
            self._acknowledge([item.ticket])
        elif isinstance(item, Ticket):
            time.sleep(RETRY_S / 10)
            alone: dict[KnownSender | None, Bundle] = {}
            self._read(item, alone)
            for bundle in alone.values():
                self._submit(bundle)
        else:
            time.sleep(RETRY_S / 10)
            self._submit(item)


def _sender(topic: str) -> KnownSender:
    name = topic.split("/", 2)[1]
    known = registry.last_known()
    if known is None or (name not in known.senders_by_name and name not in known.stations):
        # A query in paho's thread, but only for names that we have not met.
        known = registry.current(now=True)
    return known.senders_by_name.get(name) or KnownSender(None, name, "", name)


def _keep_unreadable(item: Unread) -> None:
    message = item.ticket.message
    Unreadable.objects.create(
        door="mqtt",
        origin=message.topic.decode(errors="replace")[:120],
        received_ms=round(time.time() * 1000),
        reason=item.reason[:300],
        body=message.payload[:KEEP_BYTES],
    )
