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
from concurrent.futures import Future
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from django.db import connection
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from anlan.base import storage
from anlan.base.errors import Refusal
from anlan.base.storage import NotStored

from .. import registry
from ..intake import Intake
from ..models import Unreadable
from ..registry import KnownSender
from ..store import Parcel, Receipt
from . import payload

logger = logging.getLogger(__name__)

ALONE, SHARED = "anlan/+/readings", "$share/anlan/anlan/+/readings"
SESSION_S = 24 * 3600  # how long the broker keeps what came while we were away
IN_FLIGHT = 10_000
KEEP_BYTES = 64 * 1024
RETRY_S = 1.0


class MqttDoor:
    """One connection to the broker; shared, the broker deals the messages out among several."""

    def __init__(
        self, url: str, intake: Intake, *, client_id: str = "", shared: bool = False
    ) -> None:
        self.intake, self.shared = intake, shared
        self.connected = threading.Event()
        self._connection = 0  # which connection a message came by: its ack belongs there
        self._aside: queue.Queue[_Aside | None] = queue.Queue()
        self._helper = threading.Thread(target=self._work_aside, name="mqtt-aside", daemon=True)
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 1883
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"anlan-{socket.gethostname()}",
            protocol=paho.MQTTv5,
            manual_ack=True,
        )
        if parts.username:
            self.client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            self.client.tls_set()
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = self._on_disconnect
        self.client.on_message = self._on_message
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
        self._connection += 1
        topic, other = (SHARED, ALONE) if self.shared else (ALONE, SHARED)
        client.subscribe(topic, options=SubscribeOptions(qos=1))
        # Left in the session by an earlier setting, it would bring everything twice.
        client.unsubscribe(other)
        self.connected.set()
        logger.info("MQTT connected to %s:%s", self._host, self._port)

    def _on_disconnect(self, *_args: Any) -> None:
        self.connected.clear()
        logger.warning("MQTT connection lost; trying again")

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        """Runs in paho's thread: read, hand over, and on to the next."""
        self._take(_Ticket(self._connection, message))

    def _take(self, ticket: "_Ticket") -> None:
        message = ticket.message
        try:
            sender = _sender(message.topic)
            parcel, faults, _rows = payload.read(
                bytes(message.payload),
                door="mqtt",
                sender=sender,
                default_station=sender.station_code,
            )
        except Refusal as refusal:
            self._aside.put(_Aside(ticket, reason=refusal.message))
            return
        except Exception as error:  # never end paho's thread over one message
            if storage.is_trouble(error):
                # Who speaks could not be looked up: the message is as good as any.
                self._aside.put(_Aside(ticket, again=True))
                return
            logger.exception("the MQTT door failed")
            self._aside.put(_Aside(ticket, reason=str(error)))
            return
        ticket.faults = faults
        self._submit(ticket, parcel)

    def _submit(self, ticket: "_Ticket", parcel: Parcel) -> None:
        if not parcel.at_ms:
            self._done(ticket, parcel, Receipt())
            return
        future = self.intake.submit(parcel)
        future.add_done_callback(lambda done: self._answered(ticket, parcel, done))

    def _answered(self, ticket: "_Ticket", parcel: Parcel, done: "Future[Receipt]") -> None:
        error = done.exception()
        if error is None:
            self._done(ticket, parcel, done.result())
        elif isinstance(error, NotStored):
            # Not acknowledged: the broker holds back more than IN_FLIGHT while we try again.
            self._aside.put(_Aside(ticket, parcel=parcel))
        else:
            self._aside.put(_Aside(ticket, reason=str(error)))

    def _done(self, ticket: "_Ticket", parcel: Parcel, receipt: Receipt) -> None:
        faults = ticket.faults + receipt.refused
        if faults:
            reason = "; ".join(f"{row}: {text}" for row, _code, text in faults[:5])
            self._aside.put(_Aside(ticket, reason=reason))
            return
        self._acknowledge(ticket)

    def _acknowledge(self, ticket: "_Ticket") -> None:
        # After a reconnect the broker sends again what was open; that one is acknowledged then.
        if ticket.connection == self._connection and ticket.message.qos:
            self.client.ack(ticket.message.mid, ticket.message.qos)

    def _work_aside(self) -> None:
        """What must not hold up paho or the writer: trying again, keeping the unreadable."""
        while (item := self._aside.get()) is not None:
            try:
                self._put_aside(item)
            except Exception:
                logger.exception("an MQTT message could not be put aside; trying again")
                connection.close()
                time.sleep(RETRY_S)
                self._aside.put(item)
        connection.close()

    def _put_aside(self, item: "_Aside") -> None:
        if item.again:
            time.sleep(RETRY_S)
            self._take(item.ticket)
        elif item.parcel is not None:
            time.sleep(RETRY_S / 10)
            self._submit(item.ticket, item.parcel)
        else:
            _keep_unreadable(item)
            self._acknowledge(item.ticket)


class _Ticket:
    """A message that waits for its acknowledgement."""

    __slots__ = ("connection", "faults", "message")

    def __init__(self, connection: int, message: paho.MQTTMessage) -> None:
        self.connection, self.message = connection, message
        self.faults: payload.Faults = []


class _Aside:
    """A message to be read or stored (parcel) again, or to be kept as unreadable (reason)."""

    def __init__(
        self,
        ticket: _Ticket,
        *,
        again: bool = False,
        parcel: Parcel | None = None,
        reason: str = "",
    ) -> None:
        self.ticket, self.again, self.parcel, self.reason = ticket, again, parcel, reason


def _sender(topic: str) -> KnownSender:
    name = topic.split("/", 2)[1]
    known = registry.last_known()
    if known is None or (name not in known.senders_by_name and name not in known.stations):
        # A query in paho's thread, but only for names that we have not met.
        known = registry.current(now=True)
    return known.senders_by_name.get(name) or KnownSender(None, name, "", name)


def _keep_unreadable(item: _Aside) -> None:
    message = item.ticket.message
    Unreadable.objects.create(
        door="mqtt",
        origin=message.topic[:120],
        received_ms=round(time.time() * 1000),
        reason=item.reason[:300],
        body=bytes(message.payload[:KEEP_BYTES]),
    )
