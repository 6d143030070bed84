"""A simulated person hears what to show: the newest, once, and again where the sensor process was away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ertedge.core.front.prompts import Prompts
from ertedge.errors import SensorUnavailableError
from ertedge.types import Emotion


@dataclass
class FakePort:
    told: list[Emotion | None] = field(default_factory=list)
    away: bool = False

    async def prompt(self, emotion: Emotion | None) -> None:
        if self.away:
            raise SensorUnavailableError("the sensor process does not answer")
        self.told.append(emotion)


def test_the_newest_is_passed_on_once() -> None:
    async def scene() -> None:
        port = FakePort()
        prompts = Prompts(port)
        running = asyncio.create_task(prompts.run())

        async def ask(*emotions: Emotion | None) -> None:
            for emotion in emotions:
                prompts.ask(emotion)
            for _ in range(5):
                await asyncio.sleep(0)

        await ask(Emotion.FEAR)
        await ask(Emotion.FEAR)
        await ask(None, Emotion.ANGER)
        port.away = True
        await ask(None)
        port.away = False
        await ask(None)
        running.cancel()
        assert port.told == [Emotion.FEAR, Emotion.ANGER, None]

    asyncio.run(scene())
