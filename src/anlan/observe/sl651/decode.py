"""From frames to a message."""

from collections.abc import Sequence

from anlan.observe.sl651.bcd import decode_time
from anlan.observe.sl651.body import parse_body
from anlan.observe.sl651.codes import Encoding
from anlan.observe.sl651.collect import Collector
from anlan.observe.sl651.elements import Extensions
from anlan.observe.sl651.messages import Frame, Message
from anlan.observe.sl651.text import parse_text_body


def decode(frames: Frame | Sequence[Frame], *, extensions: Extensions | None = None) -> Message:
    """The message of one frame, or of all packets of one transfer in their order.

    Never raises for what a station sends: what cannot be read stands in `unknown` and
    `deviations`, and what came before it is kept.
    """
    packets = [frames] if isinstance(frames, Frame) else list(frames)
    found = Collector(packets, extensions)
    bodies = [frame.body for frame in packets]
    if packets[0].encoding is Encoding.ASCII:
        parse_text_body(b"".join(bodies), found)
    else:
        parse_body(b"".join(_without_heads(bodies, found)), found)
    return found.message()


def _without_heads(bodies: list[bytes], found: Collector) -> list[bytes]:
    """Only the first packet has serial and time (6.6.2.4); some stations repeat them in all,
    or even all that stands before the picture."""
    first, rest = bodies[0], bodies[1:]
    serial = first[:2]
    if not rest or not all(b[:2] == serial and decode_time(b[2:8]) for b in rest):
        return bodies
    found.deviate("packet_heads")
    head = first[8 : first.find(b"\xf3\xf3", 8, 40) + 2]
    full = len(head) > 2 and all(b[8:].startswith(head) for b in rest)
    return [first, *(b[8 + (len(head) if full else 0) :] for b in rest)]
