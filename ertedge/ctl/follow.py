"""What every watcher follows into its view: the stream of states, and the device's status. Floor 4."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from ertedge.ctl.display import WatchView
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client, WatchEvent

STATUS_SECONDS = 1.0


async def follow_states(client: Client, view: WatchView) -> AsyncGenerator[WatchEvent, None]:
    """The stream, each event already in ``view``; so is the daemon's absence, as long as it lasts."""

    def lost(_error: ErtedgeError) -> None:
        view.trouble = f"the daemon at {client.address} does not answer; trying again until it does"

    async for event in client.watch(on_lost=lost):
        view.take(event, time.monotonic())
        yield event


async def follow_status(client: Client, view: WatchView) -> None:
    """Keep in ``view`` what the stream does not tell: the source, and how the devices are."""
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        with contextlib.suppress(ErtedgeError):
            status = await client.device_status()
            view.source, view.sensors = status.source, status.sensors
