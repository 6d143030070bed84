"""``ertedge-ctl enrol``: have one's face enrolled, on a screen, as lines, or as objects. Floor 4."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from ertedge.ctl.caller import Caller
from ertedge.ctl.front.calibration_objects import progress_object
from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.whose import Whose, client_of
from ertedge.ctl.plot import Lines, Meter
from ertedge.ctl.screen import Screen, is_screen, open_screen
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client
from ertedge.rpc.enrolment_client import EnrolmentProgress

FRAME_SECONDS = 0.1


def enrol(
    context: typer.Context,
    profile: Whose = "",
    language: Annotated[str, typer.Option(help="Two letters such as de; by default yours.")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Have your face forgotten.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only say whether your face is enrolled.")] = False,
) -> None:
    """Have your face enrolled, so that others are not taken for you; half a minute. Only numbers are kept, no picture."""
    caller: Caller = context.obj

    async def run(client: Client, console: Console) -> None:
        async with client_of(client, profile) as theirs:
            if forget:
                await theirs.enrolment.forget()
            if forget or status:
                await _say_status(theirs, console, as_json=caller.as_json)
                return
            if caller.as_json or not is_screen(console):
                await _enrol_in_lines(theirs, console, language, as_json=caller.as_json)
                return
            with open_screen(console) as screen:
                done = await enrol_on_screen(theirs, screen, language)
            said = done.says if done is not None else "Not enrolled: it was ended before every picture was there."
            console.print(said, markup=False, highlight=False, soft_wrap=True)

    caller.run(run)


async def enrol_on_screen(client: Client, screen: Screen, language: str = "") -> EnrolmentProgress | None:
    """Enrol on ``screen``. Returns the last progress, None where the person ended it before."""
    newest: list[EnrolmentProgress] = []

    async def follow() -> None:
        async with aclosing(client.enrolment.enrol(language)) as progresses:
            async for progress in progresses:
                newest[:] = [progress]

    following = asyncio.create_task(follow())
    try:
        while not following.done():
            screen.draw(picture(newest[0] if newest else None))
            if await screen.keys.next_within(FRAME_SECONDS) in ("q", ESCAPE):
                return None
        following.result()
        screen.draw(picture(newest[0]))
        return newest[0]
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError, ErtedgeError):
            await following


def picture(progress: EnrolmentProgress | None) -> RenderableType:
    """The whole screen."""
    if progress is None:
        parts: list[RenderableType] = [Lines(Text("One moment."), 8)]
    else:
        parts = [
            Lines(Text(f"\n{progress.asks}", style="bold", justify="center"), 3),
            Meter(progress.taken / progress.wanted, "cyan"),
            Lines(Text(progress.says, justify="center"), 2),
            Text(),
            Lines(Text(f"{progress.taken} of {progress.wanted} pictures", style="dim", justify="center"), 1),
        ]
    return Panel(
        Group(*parts),
        title=Text("Your face, so that I know it is you"),
        title_align="left",
        subtitle=Text("q ends"),
        subtitle_align="left",
        width=80,
    )


async def _enrol_in_lines(client: Client, console: Console, language: str, *, as_json: bool) -> None:
    said = ""
    async for progress in client.enrolment.enrol(language):
        if as_json:
            print_object(progress_object(progress))
            continue
        asks = "" if progress.is_done else f"{progress.asks} "
        line = f"{progress.taken}/{progress.wanted}  {asks}{progress.says}"
        if line != said:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
            said = line


async def _say_status(client: Client, console: Console, *, as_json: bool) -> None:
    count = await client.enrolment.frame_count()
    if as_json:
        print_object({"enrolled": count > 0, "frame_count": count})
    elif count:
        console.print(f"Your face is enrolled, from {count} pictures of which only numbers are kept.", highlight=False)
    else:
        console.print("Your face is not enrolled.", highlight=False)
