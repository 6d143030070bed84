"""Guides through an activity: each of its steps at the moment it is due, from any position on. Floor 2.

Every moment is counted from the beginning, so that ten minutes of breathing do not drift, however late a step was sent.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator

from ertedge.core.clock import Clock
from ertedge.core.suggestions.records import GuideEvent
from ertedge.errors import InvalidRequestError, LimitReachedError
from ertedge.types import Activity

GUIDES_MOST = 64
"""People that are guided at a time."""


class Guide:
    """Counts who is guided, and can end it for all. Belongs to one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guided = 0
        self._ending = asyncio.Event()

    @property
    def guided_count(self) -> int:
        """How many are guided now."""
        return self._guided

    def end_all(self) -> None:
        """End the stream of everybody who is guided now, because the server stops."""
        self._ending.set()
        self._ending = asyncio.Event()

    async def through(self, activity: Activity, position_seconds: float = 0.0) -> AsyncGenerator[GuideEvent, None]:
        """The step at the position with what is left of it, then each step when it is due, then an event without a step.

        Raises InvalidRequestError for a position outside of the activity, LimitReachedError when too many are guided.
        """
        moments = tuple(events(activity, position_seconds))
        if self._guided >= GUIDES_MOST:
            raise LimitReachedError(f"{self._guided} people are guided already, and no more can be; end one of them")
        self._guided += 1
        ending = self._ending
        try:
            begin_ns = self._clock.monotonic_ns()
            for event in moments:
                due_ns = begin_ns + round((event.position_seconds - position_seconds) * 1e9)
                if await _is_set_within(ending, (due_ns - self._clock.monotonic_ns()) / 1e9):
                    return
                yield event
        finally:
            self._guided -= 1


def events(activity: Activity, position_seconds: float) -> Iterator[GuideEvent]:
    """What is still to come from the position on, in order; each event is due at its own position.

    Raises InvalidRequestError for a position outside of the activity.
    """
    total = activity.seconds
    if not (math.isfinite(position_seconds) and 0.0 <= position_seconds <= total):
        raise InvalidRequestError([("position", f"is {position_seconds:g} s; the activity lasts {total:g} s")])
    begin = 0.0
    for index, step in enumerate(activity.steps):
        end = begin + step.seconds
        if position_seconds < end:
            at = max(begin, position_seconds)
            yield GuideEvent(step, index, len(activity.steps), at, end - at, total)
        begin = end
    yield GuideEvent(None, len(activity.steps), len(activity.steps), total, 0.0, total)


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether ``event`` is set, waiting for it for at most ``seconds``."""
    if seconds <= 0.0:
        return event.is_set()
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
