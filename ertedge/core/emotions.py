"""The emotion states: the current one, the recent ones, and those who watch. Floor 2.

All watchers read from one ring of recent states, each from a position of its own. A watcher that falls behind by more than
its buffer is moved forward to the newest states, and what it missed is counted: it costs the same few bytes however slow it
is, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from ertedge.affect.tracker import TrackedEmotion
from ertedge.config import ServerSettings
from ertedge.core.clock import Clock, wall_at
from ertedge.core.records import WatchEvent
from ertedge.errors import LimitReachedError
from ertedge.types import EmotionState

RING_STATES = 1024
"""Recent states from which a watcher can resume: more than eight minutes at two a second."""


class Emotions:
    """Gives every state its number and its wall time, and hands it to whoever watches. Belongs to one event loop."""

    def __init__(
        self, clock: Clock, settings: ServerSettings, last_sequence: int = 0, ring_states: int = RING_STATES
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._ring: deque[EmotionState] = deque(maxlen=ring_states)
        self._last_sequence = last_sequence
        self._changed = asyncio.Event()
        self._watchers = 0
        self._endings = 0

    @property
    def current(self) -> EmotionState | None:
        """The newest state, or None before the first."""
        return self._ring[-1] if self._ring else None

    @property
    def last_sequence(self) -> int:
        """The newest state's number; before the first, that of the newest state ever stored."""
        return self._last_sequence

    @property
    def watcher_count(self) -> int:
        """How many watch now."""
        return self._watchers

    async def wait_for_first(self) -> EmotionState:
        """The current state, as soon as there is one."""
        while self.current is None:
            await self._changed.wait()
        return self.current

    def recent(self, sequence: int) -> EmotionState | None:
        """The state of that number if it is still in memory."""
        index = sequence - self._oldest()
        return self._ring[index] if 0 <= index < len(self._ring) else None

    def publish(self, tracked: TrackedEmotion, *, synthetic: bool = False) -> EmotionState:
        """Make ``tracked`` the next state and wake the watchers. Never waits."""
        self._last_sequence += 1
        state = EmotionState(
            sequence=self._last_sequence,
            timestamp_ns=tracked.timestamp_ns,
            wall_time_ns=wall_at(self._clock, tracked.timestamp_ns),
            emotion=tracked.emotion,
            probabilities=tracked.probabilities,
            valence=tracked.valence,
            arousal=tracked.arousal,
            confidence=tracked.confidence,
            since_ns=tracked.since_ns,
            shares=tracked.shares,
            reasons=tracked.reasons,
            synthetic=synthetic,
        )
        self._ring.append(state)
        self._wake()
        return state

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._endings += 1
        self._wake()

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[WatchEvent, None]:
        """The current state and every one after it, with a heartbeat when none comes for a while, or none is there yet.

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
            position = _Position(self._start(since_sequence), resumed_until=self._last_sequence)
            if position.sent == self._last_sequence:
                yield self._event(None, position)  # so that even then the stream begins with a sign of life
            while endings == self._endings:
                changed = self._changed
                position.catch_up(self._oldest(), self._last_sequence, self._settings.watcher_buffer)
                if state := self.recent(position.sent + 1):
                    position.sent += 1
                    yield self._event(state, position)
                elif not await _set_within(changed, self._settings.heartbeat_seconds):
                    yield self._event(None, position)
        finally:
            self._watchers -= 1

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()  # whoever waits holds the old one and wakes

    def _start(self, since_sequence: int) -> int:
        if 0 < since_sequence <= self._last_sequence:
            return since_sequence
        return self._last_sequence - 1 if self._ring else self._last_sequence

    def _oldest(self) -> int:
        return self._last_sequence - len(self._ring) + 1

    def _event(self, state: EmotionState | None, position: _Position) -> WatchEvent:
        return WatchEvent(state, position.sent, position.dropped, self._clock.wall_ns())


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
