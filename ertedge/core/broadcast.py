"""One thing told to many: a ring of recent items, and those who watch, each from a position of its own. Floor 2.

A watcher that falls behind by more than its buffer is moved forward to the newest items, and what it missed is counted: it
costs the same few bytes however slow it is, and nobody waits for it. Emotion states, suggestions and safety notices are
streamed so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ertedge.config import ServerSettings
from ertedge.core.clock import Clock
from ertedge.errors import LimitReachedError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Event(Generic[Item]):
    """An event of a stream: an item, or a heartbeat, in which ``item`` is None.

    ``sequence`` is what to resume with; ``dropped_count`` how many items the stream has lost so far.
    """

    item: Item | None
    sequence: int
    dropped_count: int
    send_wall_time_ns: int


class Broadcast(Generic[Item]):
    """Numbers items and hands them to whoever watches. Belongs to one event loop.

    The first item is numbered ``last_sequence`` + 1. ``opening`` gives what a watcher that resumes nothing begins with; by
    default the newest item. ``earlier_runs``: whether numbers up to ``last_sequence`` were given by earlier runs that
    counted in the same way; else a watcher that resumes from one of them begins anew. ``told`` hears of each item.
    """

    def __init__(
        self,
        clock: Clock,
        settings: ServerSettings,
        *,
        last_sequence: int = 0,
        ring_items: int,
        opening: Callable[[], Sequence[Item]] | None = None,
        earlier_runs: bool = True,
        told: Callable[[Item], None] | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._ring: deque[Item] = deque(maxlen=ring_items)
        self._opening = opening or self._newest
        self._told = told
        self._first_known = 1 if earlier_runs else max(1, last_sequence)
        self._last_sequence = last_sequence
        self._changed = asyncio.Event()
        self._watchers = 0
        self._endings = 0

    @property
    def current(self) -> Item | None:
        """The newest item, or None before the first."""
        return self._ring[-1] if self._ring else None

    @property
    def last_sequence(self) -> int:
        """The newest item's number."""
        return self._last_sequence

    @property
    def watcher_count(self) -> int:
        """How many watch now."""
        return self._watchers

    async def wait_for_first(self) -> Item:
        """The current item, as soon as there is one."""
        while not self._ring:
            await self._changed.wait()
        return self._ring[-1]

    def recent(self, sequence: int) -> Item | None:
        """The item of that number if it is still in memory."""
        index = sequence - self._oldest()
        return self._ring[index] if 0 <= index < len(self._ring) else None

    def publish(self, item: Item) -> int:
        """Make ``item`` the newest, wake the watchers, and return its number. Never waits."""
        self._last_sequence += 1
        self._ring.append(item)
        self._wake()
        if self._told is not None:
            self._told(item)
        return self._last_sequence

    def clear(self) -> None:
        """Hold no item any more from which a watcher could resume: one of them is about somebody who was erased."""
        self._ring.clear()

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._endings += 1
        self._wake()

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[Event[Item], None]:
        """What there is to begin with and every item after it, with a heartbeat when none comes for a while, or none is
        there yet.

        With ``since_sequence``, those after it that are still in memory come first; those that are not count as dropped. A
        number that was never given (from another store, say) counts as none. Raises LimitReachedError.
        """
        if self._watchers >= self._settings.watchers_most:
            raise LimitReachedError(
                f"{self._watchers} clients watch already, and server.watchers_most allows no more; end one of them"
            )
        self._watchers += 1
        endings = self._endings
        try:
            resumes = self._first_known <= since_sequence <= self._last_sequence
            position = _Position(since_sequence if resumes else self._last_sequence, resumed_until=self._last_sequence)
            opening = () if resumes else tuple(self._opening())
            for number, item in enumerate(opening, 1):
                # Whoever is cut off within the opening begins anew, so as not to miss the rest of it.
                yield self._event(item, position, 0 if number < len(opening) else position.sent)
            if not opening and position.sent == self._last_sequence:
                yield self._event(None, position)  # so that even then the stream begins with a sign of life
            while endings == self._endings:
                changed = self._changed
                position.catch_up(self._oldest(), self._last_sequence, self._settings.watcher_buffer)
                if position.sent < self._last_sequence:
                    position.sent += 1
                    yield self._event(self.recent(position.sent), position)
                elif not await _set_within(changed, self._settings.heartbeat_seconds):
                    yield self._event(None, position)
        finally:
            self._watchers -= 1

    def _newest(self) -> Sequence[Item]:
        return (self._ring[-1],) if self._ring else ()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()  # whoever waits holds the old one and wakes

    def _oldest(self) -> int:
        return self._last_sequence - len(self._ring) + 1

    def _event(self, item: Item | None, position: _Position, sequence: int | None = None) -> Event[Item]:
        sent = position.sent if sequence is None else sequence
        return Event(item, sent, position.dropped, self._clock.wall_ns())


class _Position:
    """Where a watcher is: ``sent`` is the newest sequence number that it has, ``dropped`` how many it has missed."""

    def __init__(self, sent: int, resumed_until: int) -> None:
        self.sent = sent
        self.dropped = 0
        self._resumed_until = resumed_until

    def catch_up(self, oldest: int, newest: int, buffer: int) -> None:
        """Skip what is gone from memory and, once resuming is over, what exceeds the buffer."""
        least = oldest - 1
        if self.sent >= self._resumed_until:
            least = max(least, newest - buffer)
        if least > self.sent:
            self.dropped += least - self.sent
            self.sent = least


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
