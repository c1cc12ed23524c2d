"""SL 651-2014, the Chinese protocol of hydrological telemetry (水文监测数据通信规约).

Pure Python, no Django and no other room. Rules, tables and tolerated deviations:
docs/rules/sl651.md.

Receiving::

    async def store(message: Message) -> bool:
        ...                       # True only when it is committed; may be called twice for one
    server = await serve("0.0.0.0", 8651, store, now=clock.now)
    server.total, server.by_address   # counters, for metrics
    await server.close()

Without the network: `Splitter().feed(data)` gives `Frame` and `BadFrame`; a frame with `total`
set is a packet and goes through `Assembler`; `decode(frames)` gives the `Message`;
`confirm(message, at=…)` gives what to send back.

`Message` is stable: station (ten hexadecimal digits), function, sent_at, serial, station_class,
readings, unknown, manual_text, picture, frames, answer, deviations.

- Times are aware UTC instants of what the station's clock said; whether to believe it is the
  caller's decision. `at` is None only when the station gave neither observation nor sending time.
- `ElementReading.value` is None when the station says it has no value.
- A body may speak for several stations: each reading has its own `station`.
- `message.is_test`: a test report (30H) is not to be mixed with real data.
- The word of alarms (45H) becomes twelve readings `status_…` of 0 or 1.
- `water_level_relative_n` (F5 to FC) counts from a datum that only the station knows.

Sending, as a station (simulators and tests): `encode`.
By hand: ``python -m anlan.observe.sl651 <hex or file>``.
"""

from anlan.observe.sl651.decode import decode
from anlan.observe.sl651.elements import ELEMENTS, PONDING, Element, Extensions
from anlan.observe.sl651.messages import (
    Answer,
    BadFrame,
    ElementReading,
    Frame,
    Message,
    Setting,
    UnknownElement,
    station_code,
)
from anlan.observe.sl651.packets import Abandoned, Assembler, Complete, Missing, Repeated
from anlan.observe.sl651.replies import ask_again, confirm
from anlan.observe.sl651.server import Counters, Limits, Sl651Server, serve
from anlan.observe.sl651.splitter import Splitter

__all__ = [
    "ELEMENTS",
    "PONDING",
    "Abandoned",
    "Answer",
    "Assembler",
    "BadFrame",
    "Complete",
    "Counters",
    "Element",
    "ElementReading",
    "Extensions",
    "Frame",
    "Limits",
    "Message",
    "Missing",
    "Repeated",
    "Setting",
    "Sl651Server",
    "Splitter",
    "UnknownElement",
    "ask_again",
    "confirm",
    "decode",
    "serve",
    "station_code",
]
