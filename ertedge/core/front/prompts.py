"""Tells a simulated person what a guided session asks them to show, off the loop of the session. Floor 2."""

from __future__ import annotations

import asyncio
import logging
from typing import NoReturn, Protocol

from ertedge.errors import SensorUnavailableError
from ertedge.types import Emotion

logger = logging.getLogger(__name__)


class PromptPort(Protocol):
    """``sensor.client.SensorClient``."""

    async def prompt(self, emotion: Emotion | None) -> None:
        """Raises SensorUnavailableError when the sensor process does not answer."""


class Prompts:
    """``ask`` never waits; ``run`` passes on what was asked last. With a real person nothing is passed on."""

    def __init__(self, port: PromptPort) -> None:
        self._port = port
        self._wanted: Emotion | None = None
        self._told: Emotion | None = None
        self._changed = asyncio.Event()

    def ask(self, emotion: Emotion | None) -> None:
        """Have the simulated person show ``emotion``; None: what the scenario says."""
        self._wanted = emotion
        self._changed.set()

    async def run(self) -> NoReturn:
        """Pass it on, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if (wanted := self._wanted) is self._told:
                continue
            try:
                await self._port.prompt(wanted)
                self._told = wanted
            except SensorUnavailableError as error:
                logger.warning("the simulated person could not be asked for %s: %s", wanted or "nothing", error)
