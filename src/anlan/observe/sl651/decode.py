"""From frames to a message."""

from collections.abc import Sequence

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
    body = b"".join(frame.body for frame in packets)
    parse = parse_text_body if packets[0].encoding is Encoding.ASCII else parse_body
    parse(body, found)
    return found.message()
