"""A Mosquitto of its own, and a publisher that costs next to nothing."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

IN_FLIGHT = 2000  # published and not confirmed by the broker yet
AT_ONCE = 40  # messages in one write

Message = tuple[str, bytes]


@contextlib.contextmanager
def running(port: int) -> Iterator[None]:
    folder = Path(os.environ["ANLAN_DATA"]) / "mosquitto"
    folder.mkdir(exist_ok=True)
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nlog_type error\n"
    )
    broker = subprocess.Popen(["mosquitto", "-c", str(config)])
    try:
        wait_for_port(port)
        yield
    finally:
        broker.terminate()
        broker.wait()


def wait_for_port(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens on {port}")


def packets(messages: list[Message]) -> list[bytes]:
    """QoS 1, AT_ONCE of them in one piece."""
    ready = []
    for number, (topic, payload) in enumerate(messages):
        ident = (number % 65535 + 1).to_bytes(2, "big")
        ready.append(_packet(0x32, _text(topic) + ident + b"\x00" + payload))
    return [b"".join(ready[i : i + AT_ONCE]) for i in range(0, len(ready), AT_ONCE)]


def publish(port: int, messages: list[Message]) -> float:
    """Send them all with a window of unconfirmed ones; returns when the first one was sent."""
    pieces, left = packets(messages), len(messages)
    with _connect(port) as line:
        started, sent, confirmed, rest = time.perf_counter(), 0, 0, b""
        for piece in pieces:
            line.sendall(piece)
            sent += AT_ONCE
            while sent - confirmed >= IN_FLIGHT:
                rest, done = _confirmations(rest + line.recv(65536))
                confirmed += done
        while confirmed < left:
            rest, done = _confirmations(rest + line.recv(65536))
            confirmed += done
    return started


def wait_for_subscriber(port: int, root: str) -> None:
    """Publish to nobody until the broker says that somebody gets it (PUBACK without 0x10)."""
    with _connect(port) as line:
        for _ in range(300):
            topic = f"{root}/probe/readings"
            line.sendall(_packet(0x32, _text(topic) + b"\x00\x01\x00" + b'{"readings": []}'))
            answer = line.recv(1024)
            if not (len(answer) > 4 and answer[4] == 0x10):
                return
            time.sleep(0.1)
    raise RuntimeError("nobody subscribed")


def _packet(kind: int, content: bytes) -> bytes:
    length, left = b"", len(content)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (128 if left else 0)])
        if not left:
            return bytes([kind]) + length + content


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(_packet(0x10, _text("MQTT") + bytes([5, 2, 0, 0, 0]) + _text("publisher")))
    assert line.recv(1024)[0] == 0x20
    return line


def _confirmations(data: bytes) -> tuple[bytes, int]:
    """Count PUBACKs; they come alone or with a reason."""
    count, at = 0, 0
    while len(data) >= at + 2 and len(data) >= at + 2 + data[at + 1]:
        assert data[at] == 0x40
        at, count = at + 2 + data[at + 1], count + 1
    return data[at:], count
