"""``ertedge-ctl watch``: the live state, on a terminal as a picture, elsewhere a line a state. Floor 4."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from rich.console import Console
from rich.live import Live

from ertedge.ctl.display import WatchView
from ertedge.ctl.objects import event_object, print_object, time_text
from ertedge.ctl.words import headline, synthetic_kind
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client, WatchEvent

STATUS_SECONDS = 1.0
REDRAW_SECONDS = 0.5
"""The picture is drawn at least this often: time passes in it while no state comes, and the window may change its size."""


async def watch(client: Client, console: Console, *, seconds: float | None, as_json: bool) -> None:
    """Show states until ``seconds`` are over (None: for ever). Survives a restart of the daemon.

    Raises ``ServerUnavailableError`` when no daemon answers at the start.
    """
    status = await client.device_status()
    view = WatchView(client.address, status.source, status.sensors)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if as_json:
                await _print_objects(client)
            elif console.is_terminal and not console.is_dumb_terminal:
                await _draw(client, console, view)
            else:
                await _print_lines(client, console, view)


async def _print_objects(client: Client) -> None:
    async for event in client.watch():
        print_object(event_object(event))


async def _print_lines(client: Client, console: Console, view: WatchView) -> None:
    async for event in events(client, view):
        if event.state is not None:
            mark = f"[{synthetic_kind(view.source)}] " if event.state.synthetic else ""
            line = f"{time_text(event.state.wall_time_ns)} {mark}{headline(event.state)}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)


async def _draw(client: Client, console: Console, view: WatchView) -> None:
    with Live(console=console, auto_refresh=False, screen=True) as live:

        def redraw() -> None:
            live.update(view.render(time.monotonic(), console.size.height), refresh=True)

        async def redraw_often() -> None:
            while True:
                redraw()
                await asyncio.sleep(REDRAW_SECONDS)

        # The stream ends only by an error, which ends the others too.
        tasks = [asyncio.create_task(redraw_often()), asyncio.create_task(follow_status(client, view))]
        try:
            async for _ in events(client, view):
                redraw()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def events(client: Client, view: WatchView) -> AsyncGenerator[WatchEvent, None]:
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
