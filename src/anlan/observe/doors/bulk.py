"""paho's client, taking and acknowledging messages by the hundred.

paho reads a message in four system calls, wakes its loop for each acknowledgement and builds
objects that nobody here looks at: 50 µs a message, where a reading costs 1 µs to store. This client
leaves the connection, its life and every other packet to paho, and takes PUBLISH packets of QoS 0
and 1 from the socket itself, all that have come at once.
"""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

AT_ONCE = 256 * 1024
PUBLISH, PUBACK = 0x30, 0x40


@dataclass(slots=True)
class Published:
    """A message as it came."""

    topic: bytes
    payload: bytes
    mid: int  # 0: it wants no acknowledgement


class BulkClient(paho.Client):
    """Hands whole batches to `on_messages`, in its own thread. Acknowledge by `acknowledge`."""

    def __init__(self, client_id: str, on_messages: Callable[[list[Published]], None]) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=paho.MQTTv5,
            manual_ack=True,
        )
        self.on_messages = on_messages

    def acknowledge(self, mids: list[int]) -> None:
        """From any thread: one packet after the other in one piece, and one wake-up."""
        packets = b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)
        self._packet_queue(PUBACK, packets, 0, 1)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """All that has come. paho's loop calls it when there is something to read."""
        line: Any = self._sock
        if line is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        line.fill()
        while True:
            if messages := list(line.messages()):
                self.on_messages(messages)
            elif line.holds_packet() or line.broken:
                result = super().loop_read()
                if result or self._sock is not line:
                    return result
            else:
                return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _create_socket(self) -> Any:
        return Buffered(super()._create_socket())


class Buffered:
    """A socket that is read in large pieces, as paho uses its sockets."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._data, self._at = b"", 0
        self._error: OSError | None = None
        self._ended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    @property
    def broken(self) -> bool:
        """Whether the connection has ended, and paho has to be told."""
        return self._ended or self._error is not None

    def fill(self) -> None:
        """Read once, without waiting."""
        try:
            piece = self._sock.recv(AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self._error = error
            return
        self._ended = not piece
        self._data, self._at = self._data[self._at :] + piece, 0

    def recv(self, size: int) -> bytes:
        """For paho: from what was read, and in the end what ended it."""
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        if piece or self._ended:
            return piece
        raise self._error or BlockingIOError

    def pending(self) -> int:
        """For paho's loop: what a select would not show."""
        return self._sock.pending() if hasattr(self._sock, "pending") else 0

    def holds_packet(self) -> bool:
        return self._next() is not None

    def messages(self) -> Iterator[Published]:
        """Whole messages up to the first other packet, or to the end of what was read."""
        while (found := self._next()) is not None:
            start, end = found
            first = self._data[self._at]
            if first & 0xF0 != PUBLISH or first & 0x04:
                return
            try:
                message = _published(self._data[start:end], wants_answer=bool(first & 0x02))
            except IndexError:
                self._error, self._at = OSError("a PUBLISH packet is cut off"), len(self._data)
                return
            self._at = end
            yield message

    def _next(self) -> tuple[int, int] | None:
        """Where the next packet's content starts and ends; none where it is not all there."""
        data, place, length, shift = self._data, self._at + 1, 0, 0
        while place < len(data):
            digit = data[place]
            place += 1
            length |= (digit & 127) << shift
            if digit < 128:
                return (place, place + length) if place + length <= len(data) else None
            shift += 7
            if shift > 21:
                return place, place  # no packet at all: paho finds the fault
        return None


def _published(data: bytes, *, wants_answer: bool) -> Published:
    """MQTT 5, 3.3: topic, packet identifier, properties, payload."""
    place = 2 + (data[0] << 8 | data[1])
    topic = data[2:place]
    mid = 0
    if wants_answer:
        mid = data[place] << 8 | data[place + 1]
        place += 2
    # The properties' length; what they say (a content type, an expiry) changes nothing for us.
    length, shift = 0, 0
    while data[place] > 127:
        length |= (data[place] & 127) << shift
        shift += 7
        place += 1
    place += 1 + (length | data[place] << shift)
    return Published(topic, data[place:], mid)
