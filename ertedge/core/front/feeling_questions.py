"""Asks people how they feel, through a stream that apps and screens watch: seldom, and never at a bad time. Floor 2."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from ertedge.config import ServerSettings, SuggestionSettings
from ertedge.core.broadcast import Broadcast
from ertedge.core.clock import Clock
from ertedge.core.front.asking import FIRST_NS, GAP_NS, Asked, is_informative
from ertedge.core.front.calibrations import NOBODY, Calibrations
from ertedge.core.front.presence import PeoplePort
from ertedge.core.front.records import FeelingQuestion, FeelingQuestionEvent
from ertedge.core.front.words import FrontWords
from ertedge.core.local_time import LocalTime
from ertedge.recommend.schedule import Schedule
from ertedge.types import EmotionState, Purpose

logger = logging.getLogger(__name__)

RING_QUESTIONS = 16
ANSWERED_NS = 3600 * 1_000_000_000
"""A question that nobody took up for so long counts as unanswered, and is no longer shown to whoever begins to watch."""


class FeelingQuestions:
    """Belongs to one event loop. ``is_busy`` tells whether a person has something more important to attend to: a safety
    notice, say. ``words`` gives a profile's."""

    def __init__(
        self,
        calibrations: Calibrations,
        people: PeoplePort,
        clock: Clock,
        *,
        settings: SuggestionSettings,
        server: ServerSettings,
        words: Callable[[int], FrontWords],
        is_busy: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._calibrations = calibrations
        self._people = people
        self._clock = clock
        self._enabled = settings.enabled
        self._schedule = Schedule(settings)
        self._local = LocalTime(settings.timezone)
        self._words = words
        self._is_busy = is_busy
        # What was asked before a restart is not known: nobody is to be asked more for it.
        self._at_first = Asked(last_ns=clock.wall_ns() - GAP_NS + FIRST_NS)
        self._asked: dict[int, Asked] = {}
        self._open: FeelingQuestion | None = None
        self._broadcast: Broadcast[FeelingQuestion] = Broadcast(
            clock,
            server,
            last_sequence=clock.wall_ns() // 1_000_000,
            ring_items=RING_QUESTIONS,
            opening=self._opening,
            earlier_runs=False,
        )
        self._trouble = ""
        people.on_erased(self._forget)

    def consider(self, state: EmotionState) -> None:
        """Take in a state, and ask about it where that is worth it. Never waits, never raises."""
        try:
            self._consider(state)
        except Exception as error:
            if str(error) != self._trouble:
                logger.error("questions about feelings have a fault", exc_info=error)
            self._trouble = str(error)

    def reported(self, profile_id: int) -> None:
        """The person said how they feel: nothing more is asked for a while."""
        self._asked[profile_id] = self._asked.get(profile_id, self._at_first).after_report(self._clock.wall_ns())
        if self._open is not None and self._open.profile_id == profile_id:
            self._open = None

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[FeelingQuestionEvent, None]:
        """The open question if there is one, and every one after it, with heartbeats. Raises LimitReachedError."""
        async with aclosing(self._broadcast.watch(since_sequence)) as events:
            async for event in events:
                yield FeelingQuestionEvent(event.item, event.sequence, event.dropped_count, event.send_wall_time_ns)

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._broadcast.end_watches()

    def _consider(self, state: EmotionState) -> None:
        profile_id = state.profile_id
        if not self._enabled or profile_id == NOBODY or not self._people.may(profile_id, Purpose.KEEP_HISTORY):
            return
        if not self._broadcast.watcher_count or self._is_busy(profile_id):
            return  # nobody could ask, or it is no time for it
        now_ns = self._clock.wall_ns()
        moment = self._local.at(now_ns)
        asked = self._asked.get(profile_id, self._at_first)
        if self._schedule.is_quiet(moment.hour) or not asked.may_ask(now_ns, moment.day):
            return
        summary = self._calibrations.known(profile_id)
        if not is_informative(state, summary):
            return
        self._asked[profile_id] = asked.after_question(now_ns, moment.day)
        text = self._words(profile_id).calibration.question
        self._open = FeelingQuestion(profile_id, now_ns, text)
        self._broadcast.publish(self._open)

    def _opening(self) -> tuple[FeelingQuestion, ...]:
        question = self._open
        if question is None or self._clock.wall_ns() - question.wall_time_ns > ANSWERED_NS:
            return ()
        return (question,)

    def _forget(self, profile_id: int) -> None:
        self._asked.pop(profile_id, None)
        if self._open is not None and self._open.profile_id == profile_id:
            self._open = None
