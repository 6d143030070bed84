"""A house with a study, and its protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from tests.core.study_fakes import StudyHouse

PROTOCOL = read_protocol(example_protocol())
OPEN_TEXT = example_protocol().replace('"at_end"', '"at_enrolment"')


def in_house(folder: Path, work: Callable[[StudyHouse], Awaitable[None]]) -> None:
    async def run() -> None:
        house = StudyHouse(folder)
        await house.start()
        try:
            await work(house)
        finally:
            await house.stop()

    asyncio.run(run())
