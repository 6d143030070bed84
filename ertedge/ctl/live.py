"""The live picture as it runs: what it follows, and what its keys do. Floor 4.

Where nobody has agreed to be sensed yet, it shows the notice and asks before anything else (``first_exposure``). Several
things go on: states, the device's status, suggestions, safety notices, reminders and questions, whether somebody is to be
asked, and a redraw twice a second; the keys come in between. Only the states must be there; where one of the others cannot
be followed, the picture says so and goes on. A safety notice that opens ends a guidance and a question, for help comes
first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine

from ertedge.ctl.assess.words import reminder_text
from ertedge.ctl.display import WatchView
from ertedge.ctl.follow import follow_states, follow_status
from ertedge.ctl.front.feel import thanks
from ertedge.ctl.front.feeling_screen import ask_feeling
from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.people.first_exposure import FirstExposure, is_due, show_without_keys
from ertedge.ctl.safety.help_view import help_screen
from ertedge.ctl.screen import Screen
from ertedge.ctl.suggestions.guide import guide_and_rate, open_suggestion_of
from ertedge.ctl.suggestions.guide_view import minutes_and_seconds
from ertedge.ctl.suggestions.offer_view import Offer
from ertedge.ctl.suggestions.words import response_text
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client
from ertedge.types import (
    Activity,
    Helpline,
    NoticeResponse,
    ResponseKind,
    SafetyPlan,
    SensorCondition,
    Suggestion,
    SuggestionStatus,
)

AGAIN_SECONDS = 5.0
LOOK_SECONDS = 0.5
ASK = "c"
FEEL = "f"
REMINDER_SECONDS = 60.0
REDRAW_SECONDS = 0.5
"""The picture is drawn at least this often: time passes in it while no state comes, and the window may change its size."""

_OFFER_ANSWERS = {"a": ResponseKind.ACCEPT, "s": ResponseKind.SNOOZE, "d": ResponseKind.DISMISS}
_NOTICE_ANSWERS = {"n": NoticeResponse.NEED_HELP, "s": NoticeResponse.SAFE, "l": NoticeResponse.NOT_NOW}


class LivePicture:
    """One watcher's screen. ``run`` lasts until ``q``; an error of the stream of states ends it."""

    def __init__(self, client: Client, screen: Screen, view: WatchView) -> None:
        self._client = client
        self._screen = screen
        self._view = view
        self._activities: dict[str, Activity] = {}
        self._left: dict[str, float] = {}
        """Where guidances that were left can go on, in seconds, by the activity."""
        self._shown = True
        self._guiding: asyncio.Task[None] | None = None
        self._ask = asyncio.Event()
        """Set when somebody is to be asked whether they agree to be sensed."""
        view.keys = screen.keys.live

    async def run(self) -> None:
        """Show it until the person has seen enough."""
        going_on = (
            self._states(),
            follow_status(self._client, self._view),
            self._gently(self._suggestions, "suggestions"),
            self._gently(self._notices, "safety notices"),
            self._gently(self._permission, "consents"),
            self._gently(self._reminders, "reminders"),
            self._gently(self._questions, "questions"),
            self._redraw_often(),
            self._keys(),
        )
        tasks = [asyncio.create_task(one) for one in going_on]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # What is followed.

    async def _gently(self, follow: Callable[[], Awaitable[None]], name: str) -> None:
        """Follow for ever; where that fails, the picture says so and it is tried again."""
        while True:
            try:
                await follow()
            except ErtedgeError as error:
                self._say(f"{name} cannot be watched: {' '.join(str(error).split())}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _reminders(self) -> None:
        """A line while a reminder stands, which asks for nothing."""
        while True:
            standing = await self._client.assessments.reminders()
            self._view.reminder = reminder_text(standing[0]) if standing else ""
            await asyncio.sleep(REMINDER_SECONDS)

    async def _questions(self) -> None:
        """Have a question asked, seldom, that nobody has to answer."""
        async for event in self._client.calibration.watch_questions():
            if event.question is not None and self._view.keys:
                self._say(f"{event.question.text} To answer: {FEEL}")

    async def _states(self) -> None:
        async for _ in follow_states(self._client, self._view):
            self._draw()

    async def _redraw_often(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(REDRAW_SECONDS)

    async def _suggestions(self) -> None:
        whose: int | None = None
        async for event in self._client.suggestions.watch():
            if event.profile_id != whose:
                whose, self._view.offer = event.profile_id, None  # what somebody else was offered is not for these eyes
                self._draw()
            if event.suggestion is not None:
                await self._take(event.suggestion)

    async def _notices(self) -> None:
        self._view.helplines = await self._helplines()  # so that they are at hand with the first notice
        whose: int | None = None
        async for event in self._client.safety.watch():
            if event.profile_id != whose:
                whose, self._view.notice = event.profile_id, None
                self._draw()
            if event.notice is None:
                continue
            opens = event.notice.open and not self._notice_open
            self._view.notice = event.notice
            if opens and self._guiding is not None:
                self._guiding.cancel()
            self._draw()
            if opens and not self._view.helplines:
                self._view.helplines = await self._helplines()
                self._draw()

    async def _permission(self) -> None:
        """Have somebody asked, once, where nobody has agreed; and let the picture know whether anybody still could be."""
        asked = False
        while True:
            waits = any(sensor.condition is SensorCondition.NOT_PERMITTED for sensor in self._view.sensors)
            self._view.asks = waits and is_due(self._view.sensors, await self._client.profiles.profiles())
            if self._view.asks and not asked:
                asked = True
                self._ask.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def _take(self, suggestion: Suggestion) -> None:
        """Show the newest suggestion that there is something to do about. One that has ended clears only its own place."""
        shown = self._view.offer
        offer = Offer(suggestion, await self._activity(suggestion.activity_id))
        if offer.is_shown or (shown is not None and shown.suggestion.suggestion_id == suggestion.suggestion_id):
            self._view.offer = offer if offer.is_shown else None
        self._draw()

    async def _activity(self, activity_id: str) -> Activity | None:
        if activity_id not in self._activities:
            with contextlib.suppress(ErtedgeError):
                self._activities[activity_id] = await self._client.suggestions.activity(activity_id)
        return self._activities.get(activity_id)

    async def _helplines(self) -> tuple[Helpline, ...]:
        with contextlib.suppress(ErtedgeError):
            return await self._client.safety.helplines()
        return self._view.helplines

    # What the keys do.

    async def _keys(self) -> None:
        while (key := await self._next_key()) != "q":
            await self._try(self._press, key)

    async def _next_key(self) -> str:
        """The next key; ``c``, as if it had been pressed, when somebody is to be asked."""
        pressed = asyncio.create_task(self._screen.keys.next())
        due = asyncio.create_task(self._ask.wait())
        try:
            await asyncio.wait([pressed, due], return_when=asyncio.FIRST_COMPLETED)
            if pressed.done():
                return pressed.result()
            self._ask.clear()
            return ASK
        finally:
            pressed.cancel()
            due.cancel()

    async def _try(self, what: Callable[[str], Awaitable[None]], key: str) -> None:
        try:
            await what(key)
        except ErtedgeError as error:
            self._say(" ".join(str(error).split()))

    async def _press(self, key: str) -> None:
        if key == "h":
            await self._help()
        elif self._notice_open:
            await self._answer_notice(key)
        elif key == ASK:
            if self._view.asks:
                await self._on_whole_screen(self._expose())
        elif key == "r":
            await self._take(await self._client.suggestions.request())
        elif key == FEEL:
            await self._on_whole_screen(self._feel())
        elif (offer := self._view.offer) is not None:
            await self._answer_offer(key, offer)

    async def _answer_notice(self, key: str) -> None:
        if self._view.notice is None or key not in _NOTICE_ANSWERS:
            return
        answered = await self._client.safety.respond(self._view.notice.notice_id, _NOTICE_ANSWERS[key])
        self._view.notice = answered.notice
        if answered.helplines:
            self._view.helplines = answered.helplines
        if _NOTICE_ANSWERS[key] is NoticeResponse.NEED_HELP:
            await self._help()
        elif answered.notice.open:
            self._say("Thank you for answering. I will ask again later, to be sure; help stays here.")
        else:
            self._say("Thank you for answering.")

    async def _answer_offer(self, key: str, offer: Offer) -> None:
        suggestion = offer.suggestion
        if suggestion.status is SuggestionStatus.COMPLETED:
            if key in ("1", "2", "3", "4", "5"):
                await self._respond(suggestion, ResponseKind.RATE, int(key))
            elif key == "d":
                self._view.offer = None
        elif key == "g":
            await self._guide(suggestion)
        elif key in _OFFER_ANSWERS:
            await self._respond(suggestion, _OFFER_ANSWERS[key])

    async def _respond(self, suggestion: Suggestion, kind: ResponseKind, rating: int = 0) -> None:
        changed = await self._client.suggestions.respond(suggestion.suggestion_id, kind, rating=rating)
        await self._take(changed)
        self._say(response_text(changed, kind))

    async def _guide(self, suggestion: Suggestion) -> None:
        """Guide on the whole screen, and come back with what became of the suggestion."""
        await self._on_whole_screen(self._guided(await self._client.suggestions.activity(suggestion.activity_id)))

    async def _on_whole_screen(self, what: Coroutine[None, None, None]) -> None:
        """Do ``what`` in place of the picture, until it is over or a safety notice opens."""
        self._guiding = asyncio.create_task(what)
        self._shown = False
        try:
            await self._guiding
        except asyncio.CancelledError:
            ourselves = asyncio.current_task()
            if ourselves is not None and ourselves.cancelling():
                raise  # It was not a notice that ended it: the picture is being closed.
        finally:
            self._guiding, self._shown = None, True
        self._draw()

    async def _guided(self, activity: Activity) -> None:
        suggestion = await open_suggestion_of(self._client, activity)
        begin = self._left.pop(activity.activity_id, 0.0)
        guided, became = await guide_and_rate(self._client, self._screen, activity, suggestion, begin)
        if became is not None:
            await self._take(became)
        if not guided.completed:
            self._left[activity.activity_id] = guided.position_seconds
            self._say(f"Left at {minutes_and_seconds(guided.position_seconds)}; g goes on from there.")
        elif became is not None and became.helpfulness:
            self._say(response_text(became, ResponseKind.RATE))

    async def _feel(self) -> None:
        """Take in how the person feels, if they say so."""
        if (emotion := await ask_feeling(self._screen)) is not None:
            self._say(thanks(await self._client.calibration.report(emotion)))

    async def _expose(self) -> None:
        """Show the notice and ask."""
        if self._screen.keys.live:
            agreed = await FirstExposure(self._client, self._screen, self._help_and_back).run()
            self._say(agreed.sentence)
        else:
            await show_without_keys(self._client, self._screen)

    async def _help_and_back(self) -> None:
        await self._help()
        self._shown = False  # what was there before is drawn again, and not the picture

    async def _help(self) -> None:
        """Show the plan and the helplines until the person goes back; to need help now is said here too."""
        plan, helplines, asked = await self._plan(), await self._helplines(), ""
        self._shown = False
        try:
            while True:
                height = self._screen.height
                self._screen.draw(help_screen(plan, helplines, asked=asked, height=height))
                key = await self._screen.keys.next()
                if key in ("q", ESCAPE, "h"):
                    return
                if key == "n":
                    try:
                        answered = await self._client.safety.ask_for_help()
                    except ErtedgeError:
                        plan = None  # What can be said without the daemon is said at once.
                    else:
                        self._view.notice, asked = answered.notice, answered.notice.message
                        plan, helplines = answered.plan or plan, answered.helplines or helplines
        finally:
            self._shown = True
            self._draw()

    async def _plan(self) -> SafetyPlan | None:
        try:
            return await self._client.safety.plan()
        except ErtedgeError:
            return None

    @property
    def _notice_open(self) -> bool:
        return self._view.notice is not None and self._view.notice.open

    def _say(self, sentence: str) -> None:
        self._view.say(sentence, time.monotonic())
        self._draw()

    def _draw(self) -> None:
        if self._shown:
            self._screen.draw(self._view.render(time.monotonic(), self._screen.height))
