"""Being guided through an activity: on a screen with a pace that moves, as lines, or as objects. Floor 4.

The daemon says when each step is due. A pause ends its stream and remembers the position, and so does a daemon that goes
away; going on begins a new stream there. Whoever is guided through an activity that is suggested to them answers the
suggestion by that: it is started, then completed, and on a screen rated.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass

from rich.console import Console

from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.objects import print_object
from ertedge.ctl.screen import Screen, is_screen, open_screen
from ertedge.ctl.suggestions.guide_view import GuideView, minutes_and_seconds, rating_screen
from ertedge.ctl.suggestions.objects import guide_object, suggestion_object
from ertedge.ctl.suggestions.words import DONE
from ertedge.errors import NotFoundError, PreconditionError, ServerUnavailableError
from ertedge.rpc.client import Client
from ertedge.types import Activity, ResponseKind, Suggestion

FRAME_SECONDS = 0.1
AGAIN_SECONDS = 1.0
"""How long to wait before a daemon that went away is asked again."""


@dataclass(frozen=True, slots=True)
class Guided:
    """How far somebody was guided."""

    completed: bool
    position_seconds: float


async def guide(
    client: Client, console: Console, activity_id: str, *, position_seconds: float, language: str, as_json: bool
) -> None:
    """Guide through an activity from a position on, and answer its suggestion if it is open.

    Raises NotFoundError, InvalidRequestError for a position outside of it, ServerUnavailableError.
    """
    activity = await client.suggestions.activity(activity_id, language)
    suggestion = await open_suggestion_of(client, activity)
    if as_json or not is_screen(console):
        suggestion = await _answer(client, suggestion, ResponseKind.START)
        if as_json:
            async for event in client.suggestions.guide(activity.activity_id, position_seconds, language):
                print_object(guide_object(event))
        else:
            await _guide_in_lines(client, console, activity, position_seconds)
        answered = await _answer(client, suggestion, ResponseKind.COMPLETE)
        if not as_json:
            say_what_became(console, activity, Guided(True, activity.seconds), answered)
        elif answered is not None:
            print_object(suggestion_object(answered))
        return
    with open_screen(console) as screen:
        guided, answered = await guide_and_rate(client, screen, activity, suggestion, position_seconds)
    say_what_became(console, activity, guided, answered)


async def open_suggestion_of(client: Client, activity: Activity) -> Suggestion | None:
    """The open suggestion of that activity, if there is one."""
    try:
        current = await client.suggestions.suggestion()
    except NotFoundError:
        return None
    return current if current.is_open and current.activity_id == activity.activity_id else None


async def guide_and_rate(
    client: Client,
    screen: Screen,
    activity: Activity,
    suggestion: Suggestion | None,
    position_seconds: float = 0.0,
) -> tuple[Guided, Suggestion | None]:
    """Guide on ``screen``, ask how much it helped, and answer ``suggestion``; returns it as it is then."""
    suggestion = await _answer(client, suggestion, ResponseKind.START)
    guided = await _guide_on_screen(client, screen, activity, position_seconds)
    if suggestion is None or not guided.completed:
        return guided, suggestion
    # Done is done, whether or not the question is answered.
    done = await _answer(client, suggestion, ResponseKind.COMPLETE)
    rating = await _ask_rating(screen, activity)
    if done is None or not rating:
        return guided, done
    return guided, await _answer(client, done, ResponseKind.RATE, rating)


async def _guide_on_screen(client: Client, screen: Screen, activity: Activity, position_seconds: float) -> Guided:
    view = GuideView(activity)
    following: asyncio.Task[None] | None = asyncio.create_task(_follow(client, view, position_seconds))
    try:
        while True:
            now = time.monotonic()
            screen.draw(view.render(now, screen.height))
            if following is not None and following.done():
                if _ended_well(following):
                    return Guided(True, activity.seconds)
                view.trouble = "the daemon does not answer; going on from here as soon as it does"
                following = asyncio.create_task(_follow(client, view, view.pause(now), AGAIN_SECONDS))
            key = await screen.keys.next_within(FRAME_SECONDS)
            now = time.monotonic()
            if key in ("q", ESCAPE):
                return Guided(False, view.position(now))
            if key == " " and following is None:
                following = asyncio.create_task(_follow(client, view, view.position(now)))
            elif key == " " and following is not None:
                view.pause(now)
                await _end(following)
                following = None
            elif key == "n":
                if following is not None:
                    await _end(following)
                following = asyncio.create_task(_follow(client, view, view.next_position(now)))
    finally:
        if following is not None:
            await _end(following)


async def _follow(client: Client, view: GuideView, position_seconds: float, wait_seconds: float = 0.0) -> None:
    """Take in the steps from a position on, until the activity is over. Raises ServerUnavailableError where it is not."""
    await asyncio.sleep(wait_seconds)
    async for event in client.suggestions.guide(view.activity.activity_id, position_seconds, view.activity.language):
        view.take(event, time.monotonic())
        if event.step is None:
            return
    raise ServerUnavailableError("the daemon ended the guidance")


def _ended_well(following: asyncio.Task[None]) -> bool:
    try:
        following.result()
    except ServerUnavailableError:
        return False
    return True


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, ServerUnavailableError):
        await task


async def _ask_rating(screen: Screen, activity: Activity) -> int:
    """1 to 5, or 0 where the person does not say, or cannot."""
    if not screen.keys.live:
        return 0
    screen.keys.forget()
    while True:
        screen.draw(rating_screen(activity))
        key = await screen.keys.next_within(1.0)
        if key in ("1", "2", "3", "4", "5"):
            return int(key)
        if key in ("q", ESCAPE):
            return 0


async def _guide_in_lines(client: Client, console: Console, activity: Activity, position_seconds: float) -> None:
    async for event in client.suggestions.guide(activity.activity_id, position_seconds, activity.language):
        when = minutes_and_seconds(event.position_seconds)
        if event.step is None:
            _print(console, f"{when}  done")
        else:
            _print(console, f"{when}  {event.step.show} ({event.remaining_seconds:.0f} s)")


async def _answer(
    client: Client, suggestion: Suggestion | None, kind: ResponseKind, rating: int = 0
) -> Suggestion | None:
    """Answer ``suggestion``, if there is one; as it was, where it can no longer be answered so (it has expired, say)."""
    if suggestion is None:
        return None
    try:
        return await client.suggestions.respond(suggestion.suggestion_id, kind, rating=rating)
    except PreconditionError:
        return suggestion


def say_what_became(console: Console, activity: Activity, guided: Guided, suggestion: Suggestion | None) -> None:
    """After the screen has gone: how to go on, or to say how much it helped."""
    if not guided.completed:
        left = minutes_and_seconds(guided.position_seconds)
        _print(console, f"Left at {left}. To go on: ertedge-ctl guide {activity.activity_id} --from {left}")
    elif suggestion is not None and suggestion.helpfulness:
        _print(console, DONE[ResponseKind.RATE])
    elif suggestion is not None:
        how = f"ertedge-ctl suggestions respond {suggestion.suggestion_id} rate --helpfulness 1..5"
        _print(console, f"To say how much it helped: {how}")


def _print(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
