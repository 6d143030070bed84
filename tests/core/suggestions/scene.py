"""A house of suggestions on a store in memory, and somebody in it who is sad."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ertedge.config import StoreSettings
from ertedge.types import Emotion, Suggestion
from tests.core.fakes import FakeStore
from tests.core.suggestion_fakes import SuggestionHouse

MINUTE = 60.0
ONCE = StoreSettings(free_bytes_least=0)


@asynccontextmanager
async def house_of(**parts: object) -> AsyncIterator[tuple[SuggestionHouse, FakeStore]]:
    """A house on a store in memory."""
    store = FakeStore()
    house = SuggestionHouse(lambda: store, **parts)  # type: ignore[arg-type]
    await house.start()
    try:
        yield house, store
    finally:
        await house.recorder.stop()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scenario()

    asyncio.run(bounded())


def sad_until_offered(house: SuggestionHouse, minutes: float = 60.0) -> Suggestion:
    """Be sad until something is offered unasked: a draw decides, so it may take more than one stretch."""
    for _ in range(int(minutes)):
        house.feel(Emotion.SADNESS, 60)
        if (current := house.suggestions.current) is not None:
            return current
    raise AssertionError("nothing was offered")
