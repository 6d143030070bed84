"""What was begun for a client is done to its end, whether the client waits for it or not."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.errors import StoreError
from ertedge.rpc.lasting import Lasting


def test_whoever_goes_away_stops_nothing() -> None:
    async def run() -> None:
        lasting, go, done = Lasting(), asyncio.Event(), asyncio.Event()

        async def work() -> int:
            await go.wait()
            done.set()
            return 7

        caller = asyncio.create_task(lasting.do(work()))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        go.set()
        async with asyncio.timeout(5):
            await done.wait()
        assert await lasting.do(work()) == 7

    asyncio.run(run())


def test_an_error_reaches_the_caller_and_is_lost_without_noise_where_there_is_none() -> None:
    async def run() -> None:
        lasting, go = Lasting(), asyncio.Event()

        async def work() -> None:
            await go.wait()
            raise StoreError("the disk is full")

        caller, gone = asyncio.create_task(lasting.do(work())), asyncio.create_task(lasting.do(work()))
        await asyncio.sleep(0)
        gone.cancel()
        go.set()
        with pytest.raises(StoreError, match="the disk is full"):
            await caller
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(run())
