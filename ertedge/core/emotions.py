"""The emotion states: the current one, the recent ones, and those who watch (``broadcast`` tells how). Floor 2."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from ertedge.affect.tracker import TrackedEmotion
from ertedge.config import ServerSettings
from ertedge.core.broadcast import Broadcast
from ertedge.core.clock import Clock, wall_at
from ertedge.core.records import WatchEvent
from ertedge.types import EmotionState

RING_STATES = 1024
"""Recent states from which a watcher can resume: more than eight minutes at two a second."""


class StateTaker(Protocol):
    """Who takes in every published state, as ``core.suggestions.suggestions.Suggestions`` does."""

    def consider(self, state: EmotionState) -> None:
        """Never waits, never raises."""


class Emotions:
    """Gives every state its number and its wall time, and hands it to whoever watches. Belongs to one event loop."""

    def __init__(
        self, clock: Clock, settings: ServerSettings, last_sequence: int = 0, ring_states: int = RING_STATES
    ) -> None:
        self._clock = clock
        self._broadcast: Broadcast[EmotionState] = Broadcast(
            clock, settings, last_sequence=last_sequence, ring_items=ring_states
        )

    @property
    def current(self) -> EmotionState | None:
        """The newest state, or None before the first."""
        return self._broadcast.current

    @property
    def last_sequence(self) -> int:
        """The newest state's number; before the first, that of the newest state ever stored."""
        return self._broadcast.last_sequence

    @property
    def watcher_count(self) -> int:
        """How many watch now."""
        return self._broadcast.watcher_count

    async def wait_for_first(self) -> EmotionState:
        """The current state, as soon as there is one."""
        return await self._broadcast.wait_for_first()

    def recent(self, sequence: int) -> EmotionState | None:
        """The state of that number if it is still in memory."""
        return self._broadcast.recent(sequence)

    def publish(self, tracked: TrackedEmotion, *, synthetic: bool = False, profile_id: int = 0) -> EmotionState:
        """Make ``tracked`` the next state, of the profile of that number, and wake the watchers. Never waits."""
        state = EmotionState(
            sequence=self.last_sequence + 1,
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
            profile_id=profile_id,
        )
        self._broadcast.publish(state)
        return state

    def clear(self) -> None:
        """Have no state in memory until the next: one of them is of somebody who was erased."""
        self._broadcast.clear()

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._broadcast.end_watches()

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[WatchEvent, None]:
        """The current state and every one after it, with a heartbeat when none comes for a while, or none is there yet.

        With ``since_sequence``, those after it that are still in memory come first; those that are not count as dropped. A
        number that was never given (from another store, say) counts as none. Raises LimitReachedError.
        """
        async with aclosing(self._broadcast.watch(since_sequence)) as events:
            async for event in events:
                yield WatchEvent(event.item, event.sequence, event.dropped_count, event.send_wall_time_ns)
