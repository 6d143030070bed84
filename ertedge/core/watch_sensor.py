"""The core's ear on the sensor process: its predictions and reports as one stream that never ends. Floor 2.

Connects, reads, and connects again when the sensor process goes away or sends no report for ``watchdog_seconds``. What comes
waits in a buffer that never grows; where nothing comes for a second, a ``SensorSilence`` says so, so that whoever reads the
stream can let time pass.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol

from ertedge.core.clock import Clock
from ertedge.errors import ErtedgeError
from ertedge.types import Prediction, SensorName, SensorReport, SensorStatus

logger = logging.getLogger(__name__)

BUFFER_EVENTS = 64
SILENCE_SECONDS = 1.0
RETRY_SECONDS = 0.2
PATIENT_TRIES = 50
"""Tries at the short pause; a sensor process that starts with the core answers among them."""
PATIENT_RETRY_SECONDS = 1.0


class SensorPort(Protocol):
    """The sensor process as the core reaches it. Every call raises SensorUnavailableError when it does not answer."""

    def watch(self) -> AsyncIterator[Prediction | SensorReport]:
        """Predictions and reports, beginning with a report, then one about every second."""

    async def mute(self, sensor: SensorName) -> SensorStatus:
        """Close the sensor and keep it closed; returns once it is closed."""

    async def unmute(self, sensor: SensorName) -> SensorStatus:
        """Let the sensor be opened again."""

    async def permit(self, permitted: frozenset[SensorName]) -> tuple[SensorStatus, ...]:
        """Let the devices of ``permitted`` be opened and no others; returns once the others are closed. Raises StoreError
        where that cannot be written down: then nothing more is permitted than before."""


@dataclass(frozen=True, slots=True)
class SensorSilence:
    """Nothing came, or the sensor process was lost (``connected`` is False and ``detail`` says how)."""

    timestamp_ns: int
    connected: bool
    detail: str = ""


SensorEvent = Prediction | SensorReport | SensorSilence


class SensorWatcher:
    """Reads ``port`` for ever. ``run`` fills the buffer, ``events`` empties it; both in one event loop."""

    def __init__(self, port: SensorPort, clock: Clock, watchdog_seconds: float) -> None:
        self._finders: list[Callable[[], None]] = []
        self._port = port
        self._clock = clock
        self._watchdog_seconds = watchdog_seconds
        self._events: deque[Prediction | SensorReport] = deque(maxlen=BUFFER_EVENTS)
        self._arrived = asyncio.Event()
        self._detail = "the sensor process is starting"
        self.connected = False
        self.last_report_ns = 0

    def on_found(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called whenever a sensor process answers that did not before: it may be another one."""
        self._finders.append(listener)

    async def events(self) -> AsyncIterator[SensorEvent]:
        """What the sensor process sends, and a silence when it sends nothing for a second or is lost."""
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self._arrived.wait()
            except TimeoutError:
                yield self._silence()
                continue
            self._arrived.clear()
            while self._events:
                yield self._events.popleft()
            if not self.connected:
                yield self._silence()

    async def run(self) -> NoReturn:
        """Keep the connection. Logs each loss once, and each return."""
        tries = 0
        while True:
            tries += 1
            known_ns = self.last_report_ns
            try:
                await self._read()
            except TimeoutError:
                self._lose(f"the sensor process sent no report for {self._watchdog_seconds:g} s")
            except ErtedgeError as error:
                self._lose(str(error))
            if self.last_report_ns != known_ns:
                tries = 0
            await asyncio.sleep(RETRY_SECONDS if tries < PATIENT_TRIES else PATIENT_RETRY_SECONDS)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._watchdog_seconds) as watchdog:
            async for event in self._port.watch():
                if isinstance(event, SensorReport):
                    watchdog.reschedule(loop.time() + self._watchdog_seconds)
                    self.last_report_ns = self._clock.monotonic_ns()
                    self._find(event)
                self._events.append(event)
                self._arrived.set()

    def _find(self, report: SensorReport) -> None:
        if not self.connected:
            self.connected = True
            logger.info("the sensor process answers; it reads from %s", report.source or "nothing yet")
            for listener in self._finders:
                listener()

    def _lose(self, detail: str) -> None:
        if self.connected:
            self.connected = False
            self._arrived.set()
            logger.warning("%s; trying again until it answers", detail)
        self._detail = detail

    def _silence(self) -> SensorSilence:
        return SensorSilence(self._clock.monotonic_ns(), self.connected, "" if self.connected else self._detail)
