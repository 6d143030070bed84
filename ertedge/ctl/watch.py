"""``ertedge-ctl watch``: the live state, on a terminal as a picture, elsewhere a line a state. Floor 4."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from rich.console import Console
from rich.live import Live

from ertedge.ctl.display import WatchView
from ertedge.ctl.objects import event_object, print_object, time_text
from ertedge.ctl.words import headline
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client, WatchEvent

STATUS_SECONDS = 2.0


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
            elif console.is_terminal:
                await _draw(client, console, view)
            else:
                await _print_lines(client, console, view)


async def _print_objects(client: Client) -> None:
    async for event in client.watch():
        print_object(event_object(event))


async def _print_lines(client: Client, console: Console, view: WatchView) -> None:
    async for event in _events(client, view):
        if event.state is not None:
            mark = f"[{view.source.split(':')[0]}] " if event.state.synthetic else ""
            console.print(
                f"{time_text(event.state.wall_time_ns)} {mark}{headline(event.state)}", markup=False, highlight=False
            )


async def _draw(client: Client, console: Console, view: WatchView) -> None:
    with Live(view.render(), console=console, auto_refresh=False, screen=True) as live:
        refresh = asyncio.create_task(_follow_status(client, view))
        try:
            async for _ in _events(client, view):
                live.update(view.render(), refresh=True)
        finally:
            refresh.cancel()


async def _events(client: Client, view: WatchView) -> AsyncIterator[WatchEvent]:
    def lost(error: ErtedgeError) -> None:
        view.trouble = f"the daemon is away ({error}); trying again"

    async for event in client.watch(on_lost=lost):
        view.take(event)
        yield event


async def _follow_status(client: Client, view: WatchView) -> None:
    """What the stream does not tell: the source, and how the devices are."""
    while True:
        await asyncio.sleep(STATUS_SECONDS)
        with contextlib.suppress(ErtedgeError):
            status = await client.device_status()
            view.source, view.sensors = status.source, status.sensors
