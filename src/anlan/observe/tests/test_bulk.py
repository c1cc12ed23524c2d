"""The client that takes messages by the hundred, on a line that is cut at any byte."""

import ssl
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import MQTTErrorCode

from anlan.observe.doors.bulk import Buffered, BulkClient, Published

PINGRESP = b"\xd0\x00"


class Line:
    """A socket that gives its pieces one by one; None: nothing there yet."""

    def __init__(self, pieces, end=b""):
        self.pieces, self.end, self.sent = [*pieces], end, b""

    def recv(self, _size):
        piece = self.pieces.pop(0) if self.pieces else self.end
        if piece is None:
            raise BlockingIOError
        if isinstance(piece, Exception):
            raise piece
        return piece

    def send(self, data):
        self.sent += bytes(data)
        return len(data)

    def close(self):
        self.pieces = []


def packet(message, properties=b"\x00"):
    """MQTT 5, 3.3.1: a PUBLISH packet, with a duplicate flag that means nothing here."""
    ident = message.mid.to_bytes(2, "big") if message.mid else b""
    content = len(message.topic).to_bytes(2, "big") + message.topic + ident
    content += properties + message.payload
    length, left = b"", len(content)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([0x3A if message.mid else 0x30]) + length + content


def client_on(line):
    got = []
    client = BulkClient("test", got.extend)
    client._sock = Buffered(line)
    return client, got


messages = st.builds(
    Published,
    topic=st.text(max_size=20).map(str.encode),
    payload=st.binary(max_size=300),
    mid=st.integers(0, 65535),
)
# No properties, a content type, and more than a hundred and twenty-seven bytes of a user's own.
properties = st.sampled_from(
    [b"\x00", b"\x07\x03\x00\x04json", b"\x88\x01\x26\x00\x01a\x00\x82" + b"b" * 130]
)


@given(data=st.data(), sent=st.lists(st.tuples(messages, properties), max_size=8))
def test_however_the_stream_is_cut_every_message_comes_once_and_in_order(data, sent):
    packets = [packet(*one) for one in sent]
    # Other packets in between are paho's business and do not stop it.
    if packets and data.draw(st.booleans()):
        packets.insert(data.draw(st.integers(0, len(packets))), PINGRESP)
    stream = b"".join(packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if b > a]
    client, got = client_on(Line(pieces, end=None))
    for _ in range(len(pieces) + 1):
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS

    assert got == [message for message, _properties in sent]


@pytest.mark.parametrize("end", [b"", ConnectionResetError()])
def test_what_came_before_the_line_broke_is_handed_over_and_paho_is_told(end):
    message = Published(b"anlan/a/readings", b"{}", 7)
    client, got = client_on(Line([packet(message)], end))

    assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert client.loop_read() == MQTTErrorCode.MQTT_ERR_CONN_LOST
    assert got == [message]


def test_a_packet_that_contradicts_itself_ends_the_connection():
    cut_off = b"\x32\x04\x00\x09ab"  # a topic of nine bytes, in four
    client, got = client_on(Line([cut_off], end=None))

    assert client.loop_read() == MQTTErrorCode.MQTT_ERR_CONN_LOST
    assert got == []


def test_a_line_by_tls_that_waits_for_the_other_side_is_not_broken():
    client, _got = client_on(Line([ssl.SSLWantReadError()], end=None))
    assert client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert Buffered(SimpleNamespace(pending=lambda: 5)).pending() == 5


def test_a_whole_transaction_is_acknowledged_in_one_piece():
    line = Line([])
    client, _got = client_on(line)
    client.acknowledge([1, 258])

    assert line.sent == b"\x40\x02\x00\x01\x40\x02\x01\x02"
