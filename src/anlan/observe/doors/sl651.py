"""SL 651-2014 over TCP: the hydrological stations' own protocol, confirmed after the commit.

The protocol package knows frames and elements; here its messages become parcels. A test report
(30H) only says that the station lives. Elements that nobody knows are kept raw in quarantine.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from anlan.base import clock
from anlan.base.storage import NotStored

from .. import registry, reports
from ..intake import Intake
from ..parcels import Parcel
from ..sl651 import Message, Sl651Server, UnknownElement, serve, station_code

logger = logging.getLogger(__name__)

START_S = 10


class Sl651Door:
    """The listener in a thread with an event loop of its own."""

    def __init__(self, host: str, port: int, intake: Intake) -> None:
        self.intake = intake
        self.server: Sl651Server | None = None
        self._host, self._port = host, port
        self._ready = threading.Event()
        self._error: Exception | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sl651", daemon=True)

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.port

    def start(self) -> None:
        """Listen; raises what kept the port from being opened."""
        self._thread.start()
        self._ready.wait(START_S)
        if self._error:
            raise self._error

    def stop(self) -> None:
        """Let what is being stored be confirmed, then hang up."""
        if self.server is not None:
            asyncio.run_coroutine_threadsafe(self.server.close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self.server = self._loop.run_until_complete(
                # From everywhere: stations call in over the telemetry network.
                serve(self._host, self._port, self.take, now=_in_a_thread(clock.now))
            )
        except OSError as error:
            self._error = error
            return
        finally:
            self._ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def take(self, message: Message) -> bool:
        """Whether the message is stored and may be confirmed. May be called twice for one."""
        parcel = await asyncio.to_thread(reports.outside_request, lambda: to_parcel(message))
        try:
            await asyncio.wrap_future(self.intake.submit(parcel))
        except NotStored as refusal:
            logger.warning("an SL 651 message waits: %s", refusal.code)
            return False
        if message.picture or message.manual_text:
            await asyncio.to_thread(reports.outside_request, lambda: _keep(parcel.speaker, message))
        return True


def _in_a_thread(ask: Callable[[], datetime]) -> Callable[[], datetime]:
    """The clock may look into the database, which an event loop's own thread must not."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="sl651-clock")
    return lambda: pool.submit(reports.outside_request, ask).result()


def to_parcel(message: Message) -> Parcel:
    """The readings of a message in our columns, with the raw bytes of what has no meaning."""
    known = registry.current()
    now = clock.now()
    speaker = known_code(message.station, known)
    off = (message.sent_at - now).total_seconds() if message.sent_at else None
    parcel = Parcel("sl651", raw=[], clock_off_s=off, speaker=speaker)
    if message.is_test:
        return parcel
    for reading in message.readings:
        code = known_code(reading.station, known)
        if _is_idle_status(reading.quantity, reading.value, code, known):
            continue
        value = None if reading.value is None else float(reading.value)
        at = reading.at or message.sent_at or now
        _add(parcel, code, reading.quantity, at, value, reading.raw)
    for element in message.unknown:
        _add_unknown(parcel, element, known_code(element.station, known), message.sent_at or now)
    return parcel


def known_code(address: str, known: registry.Registry) -> str:
    """The station's registered code: as it travels (ten digits), or as people write it."""
    return address if address in known.stations else station_code(address)


def _is_idle_status(quantity: str, value: object, code: str, known: registry.Registry) -> bool:
    """Twelve status bits come with every report: of those not asked for, only alarms are kept."""
    return quantity.startswith("status_") and not value and (code, quantity) not in known.slot_of


def _add(
    parcel: Parcel, code: str, quantity: str, at: datetime, value: float | None, raw: bytes
) -> None:
    assert parcel.raw is not None
    parcel.add(code[:40], quantity[:40], max(0, clock.to_epoch_ms(at)), value)
    parcel.raw.append(raw.hex().upper())


def _add_unknown(parcel: Parcel, element: UnknownElement, code: str, at: datetime) -> None:
    value = None if element.value is None else float(element.value)
    _add(parcel, code, f"sl651:{element.code}", element.at or at, value, element.raw)


def _keep(station: str, message: Message) -> None:
    reports.keep(
        station_code=station,
        at=message.sent_at or clock.now(),
        text=message.manual_text,
        picture=message.picture,
    )
