"""``ertedge-ctl calibrate``: a guided session on a screen, as lines, or as objects. Floor 4.

The daemon keeps the time. A pause ends its stream, and going on begins a new one with the same take; so does leaving a
feeling out, which also tells the daemon not to ask for it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.front.calibration_objects import prompt_object, status_object, summary_object
from ertedge.ctl.front.calibration_view import CalibrationScreen, print_summary
from ertedge.ctl.front.calibration_words import FEELING, WORDS
from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.whose import Whose, client_of
from ertedge.ctl.screen import Screen, is_screen, open_screen
from ertedge.errors import ErtedgeError, InvalidRequestError
from ertedge.rpc.calibration_client import CalibrationPhase, CalibrationPrompt
from ertedge.rpc.client import Client
from ertedge.types import Emotion

FRAME_SECONDS = 0.1
LONG_KEYS = ("q", ESCAPE)


def calibrate(
    context: typer.Context,
    *,
    profile: Whose = "",
    skip: Annotated[
        list[str] | None, typer.Option(help="A feeling to leave out, such as fear; may be repeated.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin anew instead of going on where you left.")] = False,
    language: Annotated[str, typer.Option(help="Two letters such as de; by default yours.")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Forget everything that you said you felt.")] = False,
) -> None:
    """Show and say what you felt in a few memories, so that the device learns how you do; three to five minutes."""
    caller: Caller = context.obj
    left_out = tuple(emotion_of(word) for word in skip or ())

    async def run(client: Client, console: Console) -> None:
        async with client_of(client, profile) as theirs:
            if forget:
                await theirs.calibration.forget()
                if caller.as_json:
                    print_object(status_object(await theirs.calibration.status()))
                else:
                    _say(console, "Forgotten. You are read as everybody is.")
                return
            lines = _Lines(console, caller.as_json)
            guidance = Guidance(theirs, left_out, language, lines.show)
            await guidance.find(new=new)
            await _guide(guidance, console, as_json=caller.as_json)

    caller.run(run)


def trust(context: typer.Context, profile: Whose = "") -> None:
    """How well your face and your voice show what you feel, which is trusted more, and what both together gain."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        async with client_of(client, profile) as theirs:
            status = await theirs.calibration.status()
        if caller.as_json:
            print_object(status_object(status))
            return
        print_summary(console, status.summary)
        if status.open_session_id:
            _say(console, f"A session is open, with {status.takes_left} takes left: ertedge-ctl calibrate")

    caller.run(show)


def emotion_of(word: str) -> Emotion:
    """The feeling that somebody calls so. Raises InvalidRequestError."""
    if (emotion := WORDS.get(word.strip().lower())) is None:
        raise InvalidRequestError([("feeling", f"{word!r} is none that I know; say {', '.join(FEELING.values())}")])
    return emotion


class Guidance:
    """One person's way through a session, over as many streams as that takes."""

    def __init__(
        self,
        client: Client,
        skip: tuple[Emotion, ...] = (),
        language: str = "",
        told: Callable[[CalibrationPrompt], None] = lambda _: None,
    ) -> None:
        """``told`` hears every prompt; ``prompt`` is the newest."""
        self._client = client
        self._told = told
        self._skip = list(skip)
        self._language = language
        self._profile_id = 0
        self.session_id = 0
        self.prompt: CalibrationPrompt | None = None

    @property
    def is_over(self) -> bool:
        """Whether the session has come to its end."""
        return self.prompt is not None and self.prompt.phase is CalibrationPhase.DONE

    async def find(self, *, new: bool) -> None:
        """Go on with the session that is open, if there is one and no new one is wanted."""
        status = await self._client.calibration.status()
        self._profile_id = status.summary.profile_id
        self.session_id = 0 if new else status.open_session_id

    async def follow(self) -> None:
        """Take in prompts to the end of the session, or until this is cancelled, which is a break."""
        prompts = self._client.calibration.run(
            session_id=self.session_id, profile_id=self._profile_id, skip=tuple(self._skip), language=self._language
        )
        async with aclosing(prompts) as each_prompt:
            async for prompt in each_prompt:
                self.prompt, self.session_id = prompt, prompt.session_id
                self._told(prompt)

    def leave_out(self) -> Emotion | None:
        """Have the feeling of the newest prompt not asked for any more."""
        emotion = self.prompt.emotion if self.prompt is not None else None
        if emotion is not None and emotion not in self._skip:
            self._skip.append(emotion)
        self.prompt = None
        return emotion

    async def summary_printed(self, console: Console, *, as_json: bool) -> None:
        """What is known now."""
        summary = (await self._client.calibration.status()).summary
        if as_json:
            print_object(summary_object(summary))
        else:
            print_summary(console, summary)


async def _guide(guidance: Guidance, console: Console, *, as_json: bool) -> None:
    if as_json or not is_screen(console):
        await guidance.follow()
    else:
        with open_screen(console) as screen:
            await guide_on_screen(guidance, screen)
    if not guidance.is_over and not as_json:
        _say(console, "You can go on with it within a week: ertedge-ctl calibrate")
    await guidance.summary_printed(console, as_json=as_json)


async def guide_on_screen(guidance: Guidance, screen: Screen) -> None:
    """Guide on ``screen`` until the session is over or the person ends it."""
    view = CalibrationScreen()
    following: asyncio.Task[None] | None = asyncio.create_task(guidance.follow())
    try:
        while True:
            view.prompt, view.paused = guidance.prompt, following is None
            if view.prompt is not None and view.prompt.phase is not CalibrationPhase.PREPARE:
                view.trouble = ""
            screen.draw(view.render())
            if following is not None and following.done():
                following.result()
                return
            key = await screen.keys.next_within(FRAME_SECONDS)
            if key in LONG_KEYS:
                return
            if key == " " and following is None:
                view.trouble, following = "", asyncio.create_task(guidance.follow())
            elif key == " ":
                await _end(following)
                following = None
            elif key == "s" and (left := guidance.leave_out()) is not None:
                await _end(following)
                view.trouble = f"Left out: {FEELING.get(left, left)}."
                following = asyncio.create_task(guidance.follow())
    finally:
        await _end(following)


class _Lines:
    """An object for each prompt, or a line for each that says something new; nothing where there is a screen."""

    def __init__(self, console: Console, as_json: bool) -> None:
        self._console = console
        self._as_json = as_json
        self._said = ""

    def show(self, prompt: CalibrationPrompt) -> None:
        """Print a prompt, or as much of it as is new."""
        if self._as_json:
            print_object(prompt_object(prompt))
        if self._as_json or is_screen(self._console):
            return
        sentence = prompt.asks if prompt.phase is CalibrationPhase.PREPARE else prompt.says
        line = f"{prompt.take}/{prompt.takes}  {sentence}"
        if line != self._said:
            self._said = line
            _say(self._console, line)


async def _end(following: asyncio.Task[None] | None) -> None:
    """End a stream, if one runs; its session stays open."""
    if following is None:
        return
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError, ErtedgeError):
        await following


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
