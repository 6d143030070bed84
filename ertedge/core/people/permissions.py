"""Keeps the sensor process to what people agreed to: which devices it may open is said at every connection and change.

Floor 2. The sensor process writes down what it is told, so that it need not wait for this one at its next start. So that no
file lets it open what somebody has just taken back, one that may say too much is removed before the sensor process is told;
what is still permitted it writes down anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NoReturn, Protocol

from ertedge.core.watch_sensor import SensorPort
from ertedge.errors import SensorUnavailableError, StoreError
from ertedge.types import Purpose, SensorName

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 0.5
"""How soon a sensor process that does not answer, or cannot write, is told again."""


class Agreements(Protocol):
    """What this asks of ``core.people.people.People``."""

    @property
    def sensed(self) -> frozenset[SensorName]: ...
    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None: ...


class Permissions:
    """Tells ``port`` what ``people`` agreed to. ``revoke`` removes what the sensor process has written down, and says
    whether it could. ``say_again`` whenever a connection begins; ``run`` does the telling."""

    def __init__(self, port: SensorPort, people: Agreements, revoke: Callable[[], bool]) -> None:
        self._port = port
        self._people = people
        self._revoke = revoke
        self._due = asyncio.Event()
        self._written = frozenset(SensorName)
        """The most that may be written down at the sensor process; at first that is not known."""
        self._trouble = ""
        people.subscribe(lambda _profile, _purpose, _given: self._due.set())

    def say_again(self) -> None:
        """A sensor process answers that may be another than before."""
        self._due.set()

    async def run(self) -> NoReturn:
        """Tell what is due, for ever."""
        while True:
            self._due.clear()
            if await self._tell(self._people.sensed):
                await self._due.wait()
            else:
                await _set_within(self._due, AGAIN_SECONDS)

    async def _tell(self, permitted: frozenset[SensorName]) -> bool:
        """Whether the sensor process knows it now."""
        if self._written - permitted:
            removed = await asyncio.to_thread(self._revoke)
            self._written = frozenset() if removed else self._written
        self._written |= permitted
        try:
            await self._port.permit(permitted)
        except SensorUnavailableError as error:
            logger.debug("the sensor process is told again what is permitted: %s", error)
            return False
        except StoreError as error:
            self._note(str(error))
            return False
        self._note("")
        self._written = permitted
        return True

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            logger.error("the sensor process cannot write down what is permitted: %s", trouble)
        self._trouble = trouble


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
