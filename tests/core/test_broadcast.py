"""What broadcasting can beyond emotion states: an opening of several items, numbers of earlier runs, the end for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ertedge.config import ServerSettings
from ertedge.core.broadcast import Broadcast, Event
from tests.core.fakes import FakeClock

SETTINGS = ServerSettings(heartbeat_seconds=0.05, watcher_buffer=4, watchers_most=2)


async def take(events: AsyncIterator[Event[str]], count: int) -> list[tuple[str | None, int]]:
    heard = [await asyncio.wait_for(anext(events), 2) for _ in range(count)]
    return [(event.item, event.sequence) for event in heard]


def test_an_opening_has_all_that_is_open_and_only_its_last_item_can_be_resumed_from() -> None:
    async def scenario() -> None:
        open_now = ["a", "b"]
        broadcast = Broadcast[str](FakeClock(), SETTINGS, last_sequence=7, ring_items=8, opening=lambda: open_now)
        events = broadcast.watch()
        assert await take(events, 1) == [("a", 0)]
        broadcast.publish("c")
        assert await take(events, 3) == [("b", 7), ("c", 8), (None, 8)]

    asyncio.run(scenario())


def test_with_nothing_open_the_stream_begins_with_a_sign_of_life_though_items_were_published() -> None:
    async def scenario() -> None:
        broadcast = Broadcast[str](FakeClock(), SETTINGS, ring_items=8, opening=tuple)
        broadcast.publish("closed again")
        events = broadcast.watch()
        assert await take(events, 1) == [(None, 1)]
        broadcast.publish("new")
        assert await take(events, 1) == [("new", 2)]

    asyncio.run(scenario())


@pytest.mark.parametrize(("since", "expected"), [(99, ["b"]), (100, ["a", "b"]), (101, ["b"]), (103, ["b"])])
def test_numbers_of_an_earlier_run_that_counted_otherwise_begin_anew(since: int, expected: list[str]) -> None:
    async def scenario() -> None:
        broadcast = Broadcast[str](FakeClock(), SETTINGS, last_sequence=100, ring_items=8, earlier_runs=False)
        broadcast.publish("a")
        broadcast.publish("b")
        heard = await take(broadcast.watch(since), len(expected))
        assert [item for item, _ in heard] == expected

    asyncio.run(scenario())


def test_everybody_hears_the_end() -> None:
    async def scenario() -> None:
        broadcast = Broadcast[str](FakeClock(), ServerSettings(heartbeat_seconds=60.0), ring_items=8)
        broadcast.publish("a")
        first, second = broadcast.watch(), broadcast.watch()
        await take(first, 1)
        await take(second, 1)
        broadcast.end_watches()
        for events in (first, second):
            with pytest.raises(StopAsyncIteration):
                await asyncio.wait_for(anext(events), 2)
        assert broadcast.watcher_count == 0

    asyncio.run(scenario())
