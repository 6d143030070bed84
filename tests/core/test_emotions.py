"""States get their numbers; watchers get the current one, all after it, heartbeats, and a count of what they missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ertedge.config import ServerSettings
from ertedge.core.emotions import Emotions
from ertedge.core.records import WatchEvent
from ertedge.errors import LimitReachedError
from tests.core.fakes import SECOND_NS, FakeClock, tracked

SETTINGS = ServerSettings(heartbeat_seconds=0.05, watcher_buffer=4, watchers_most=2)


def publish(emotions: Emotions, count: int) -> None:
    for _ in range(count):
        emotions.publish(tracked(100 * SECOND_NS))


async def take(events: AsyncIterator[WatchEvent], count: int) -> list[WatchEvent]:
    return [await asyncio.wait_for(anext(events), 2) for _ in range(count)]


def sequences(events: list[WatchEvent]) -> list[int | None]:
    return [event.state.sequence if event.state else None for event in events]


def test_numbers_go_on_where_the_store_ended_and_times_are_of_the_wall() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        emotions = Emotions(clock, SETTINGS, last_sequence=41)
        first = emotions.publish(tracked(99 * SECOND_NS), synthetic=True)
        assert (first.sequence, first.synthetic, emotions.last_sequence) == (42, True, 42)
        assert first.wall_time_ns == clock.wall_ns() - SECOND_NS
        assert emotions.current is first
        assert emotions.recent(42) is first
        assert emotions.recent(41) is None
        assert emotions.recent(43) is None

    asyncio.run(scenario())


def test_a_clock_that_steps_back_keeps_the_order_of_states() -> None:
    async def scenario() -> None:
        clock = FakeClock()
        emotions = Emotions(clock, SETTINGS)
        before = emotions.publish(tracked(clock.now_ns))
        clock.wall_offset_ns -= 3600 * SECOND_NS
        after = emotions.publish(tracked(clock.now_ns))
        assert after.wall_time_ns < before.wall_time_ns
        assert sequences(await take(emotions.watch(since_sequence=1), 1)) == [after.sequence]

    asyncio.run(scenario())


def test_a_watcher_begins_with_the_current_state_then_follows_and_hears_a_heartbeat() -> None:
    async def scenario() -> None:
        emotions = Emotions(FakeClock(), SETTINGS)
        publish(emotions, 3)
        events = emotions.watch()
        assert sequences(await take(events, 1)) == [3]
        publish(emotions, 1)
        heard = await take(events, 2)
        assert sequences(heard) == [4, None]
        assert (heard[1].sequence, heard[1].dropped_count) == (4, 0)

    asyncio.run(scenario())


def test_before_the_first_state_a_watcher_hears_a_sign_of_life_at_once() -> None:
    async def scenario() -> None:
        emotions = Emotions(FakeClock(), ServerSettings(heartbeat_seconds=60.0), last_sequence=7)
        events = emotions.watch()
        assert sequences(await take(events, 1)) == [None]
        publish(emotions, 1)
        assert sequences(await take(events, 1)) == [8]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("since", "expected", "dropped"),
    [
        pytest.param(17, [18, 19, 20], 0, id="what came since, though the buffer holds one"),
        pytest.param(3, [11, 12, 13], 7, id="what is still in memory; the rest counts as dropped"),
        pytest.param(20, [None], 0, id="nothing came since"),
        pytest.param(999, [20], 0, id="a number never given counts as none"),
    ],
)
def test_resuming(since: int, expected: list[int | None], dropped: int) -> None:
    async def scenario() -> None:
        settings = ServerSettings(watcher_buffer=1)
        emotions = Emotions(FakeClock(), settings, ring_states=10)
        publish(emotions, 20)
        heard = await take(emotions.watch(since_sequence=since), len(expected))
        assert sequences(heard) == expected
        assert heard[-1].dropped_count == dropped

    asyncio.run(scenario())


def test_a_slow_watcher_gets_the_newest_and_is_told_what_it_missed() -> None:
    async def scenario() -> None:
        emotions = Emotions(FakeClock(), SETTINGS)
        publish(emotions, 1)
        events = emotions.watch()
        await take(events, 1)
        publish(emotions, 100)
        heard = await take(events, 4)
        assert sequences(heard) == [98, 99, 100, 101]
        assert [event.dropped_count for event in heard] == [96] * 4

    asyncio.run(scenario())


def test_one_watcher_too_many_is_refused_and_one_that_leaves_makes_room() -> None:
    async def scenario() -> None:
        emotions = Emotions(FakeClock(), SETTINGS)
        publish(emotions, 1)
        first, second = emotions.watch(), emotions.watch()
        await take(first, 1)
        await take(second, 1)
        with pytest.raises(LimitReachedError, match="watchers_most"):
            await take(emotions.watch(), 1)
        await first.aclose()
        assert emotions.watcher_count == 1
        third = emotions.watch()
        assert sequences(await take(third, 1)) == [1]

    asyncio.run(scenario())
