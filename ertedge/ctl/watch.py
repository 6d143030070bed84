"""``ertedge-ctl watch``: the live state and suggestions, on a terminal as a picture, elsewhere a line each. Floor 4."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable

from rich.console import Console

from ertedge.ctl.display import WatchView
from ertedge.ctl.follow import follow_states
from ertedge.ctl.live import LivePicture
from ertedge.ctl.objects import event_object, print_object, time_text
from ertedge.ctl.people.first_exposure import show_as_lines
from ertedge.ctl.screen import is_screen, open_screen
from ertedge.ctl.suggestions.words import suggestion_line
from ertedge.ctl.words import headline, synthetic_kind
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client
from ertedge.types import SafetyNotice


async def watch(client: Client, console: Console, *, seconds: float | None, as_json: bool) -> None:
    """Show states until ``seconds`` are over (None: for ever), or until ``q``. Survives a restart of the daemon.

    Raises ``ServerUnavailableError`` when no daemon answers at the start.
    """
    status = await client.device_status()
    view = WatchView(client.address, status.source, status.sensors)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if as_json:
                await _print_objects(client)
            elif is_screen(console):
                with open_screen(console) as screen:
                    await LivePicture(client, screen, view).run()
            else:
                await _print_lines(client, console, view)


async def _print_objects(client: Client) -> None:
    async for event in client.watch():
        print_object(event_object(event))


async def _print_lines(client: Client, console: Console, view: WatchView) -> None:
    """A line a state, a suggestion and a notice. Only the end of the states ends it."""
    others = [
        asyncio.create_task(_gently(_print_suggestions(client, console, view))),
        asyncio.create_task(_gently(_print_notices(client, console, view))),
        asyncio.create_task(_gently(show_as_lines(client, console))),
    ]
    try:
        async for event in follow_states(client, view):
            if event.state is not None:
                _print(console, view, event.state.wall_time_ns, event.state.synthetic, headline(event.state))
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _print_suggestions(client: Client, console: Console, view: WatchView) -> None:
    async for event in client.suggestions.watch():
        if (suggestion := event.suggestion) is not None:
            when = suggestion.update_wall_time_ns or suggestion.wall_time_ns
            _print(console, view, when, suggestion.synthetic, suggestion_line(suggestion))


async def _print_notices(client: Client, console: Console, view: WatchView) -> None:
    async for event in client.safety.watch():
        if (notice := event.notice) is not None:
            _print(console, view, notice.wall_time_ns, notice.synthetic, notice_line(notice))


async def _gently(what: Awaitable[None]) -> None:
    """What cannot be watched is not told of; states are."""
    with contextlib.suppress(ErtedgeError):
        await what


def notice_line(notice: SafetyNotice) -> str:
    """``safety notice 1: ...``, or that it is closed."""
    return f"safety notice {notice.notice_id}: {notice.message if notice.open else 'closed'}"


def _print(console: Console, view: WatchView, wall_time_ns: int, synthetic: bool, line: str) -> None:
    mark = f"[{synthetic_kind(view.source)}] " if synthetic else ""
    text = " ".join(f"{time_text(wall_time_ns)} {mark}{line}".split())
    console.print(text, markup=False, highlight=False, soft_wrap=True)
