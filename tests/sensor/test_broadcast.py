"""Nobody waits for anybody, unless asked to."""

from __future__ import annotations

import asyncio

from ertedge.sensor.broadcast import Broadcast


async def read(broadcast: Broadcast[int], count: int) -> list[int]:
    got = []
    async for event in broadcast.watch():
        got.append(event)
        if len(got) == count:
            break
    return got


def test_every_watcher_starts_with_the_greeting_and_sees_all() -> None:
    async def scene() -> None:
        broadcast = Broadcast(lambda: -1)
        watchers = [asyncio.create_task(read(broadcast, 4)) for _ in range(3)]
        await asyncio.sleep(0)
        for event in range(3):
            broadcast.publish(event)
        assert await asyncio.gather(*watchers) == [[-1, 0, 1, 2]] * 3

    asyncio.run(scene())


def test_who_never_reads_loses_the_oldest_and_costs_nobody() -> None:
    async def scene() -> None:
        broadcast = Broadcast(lambda: -1, buffer=4)
        sleeper = broadcast.watch()
        assert await anext(sleeper) == -1
        reader = asyncio.create_task(read(broadcast, 101))
        await asyncio.sleep(0)
        for event in range(100):
            broadcast.publish(event)
            await asyncio.sleep(0.001)
        assert await reader == [-1, *range(100)]
        assert [await anext(sleeper) for _ in range(4)] == [96, 97, 98, 99]

    asyncio.run(scene())


def test_an_offer_waits_for_a_watcher_and_for_room_and_loses_nothing() -> None:
    async def scene() -> None:
        broadcast = Broadcast(lambda: -1, buffer=8)
        assert not await asyncio.to_thread(broadcast.offer, 0, 0.05)

        def offer_all() -> list[bool]:
            return [broadcast.offer(event, 2.0) for event in range(200)]

        offering = asyncio.create_task(asyncio.to_thread(offer_all))
        got = []
        async for event in broadcast.watch():
            got.append(event)
            if len(got) % 20 == 0:
                await asyncio.sleep(0.01)
            if event == 199:
                break
        assert got == [-1, *range(200)]
        assert all(await offering)

    asyncio.run(scene())


def test_an_offer_gives_up_on_a_watcher_who_never_reads() -> None:
    async def scene() -> None:
        broadcast = Broadcast(lambda: -1, buffer=4)
        sleeper = broadcast.watch()
        await anext(sleeper)
        results = [await asyncio.to_thread(broadcast.offer, event, 0.05) for event in range(6)]
        assert results[:3] == [True] * 3
        assert results[-1] is False

    asyncio.run(scene())


def test_closing_ends_the_streams_after_what_waits() -> None:
    async def scene() -> None:
        broadcast = Broadcast(lambda: -1)
        watcher = asyncio.create_task(read(broadcast, 99))
        await asyncio.sleep(0)
        broadcast.publish(7)
        await asyncio.sleep(0)
        broadcast.close()
        broadcast.publish(8)
        assert await watcher == [-1, 7]
        assert broadcast.watchers == 0

    asyncio.run(scene())
