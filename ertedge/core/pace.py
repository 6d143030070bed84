"""When a state is worth publishing. Floor 2; the clock is the states' own."""

from __future__ import annotations

from ertedge.affect.tracker import TrackedEmotion
from ertedge.types import Emotion

NOTHING_NEW_SECONDS = 5.0
"""How often a state is repeated while nobody is there to be read: an empty room fills no disk."""


class Pace:
    """When a state is worth publishing: a change of emotion at once, the rest at most ``states_per_second``."""

    def __init__(self, states_per_second: float) -> None:
        self._span_ns = int(1e9 / states_per_second)
        self._nothing_new_ns = max(self._span_ns, int(NOTHING_NEW_SECONDS * 1e9))
        self._last: TrackedEmotion | None = None

    def is_due(self, tracked: TrackedEmotion) -> bool:
        """Whether to publish ``tracked``; True counts as published."""
        if not self._is_due(tracked):
            return False
        self._last = tracked
        return True

    def _is_due(self, tracked: TrackedEmotion) -> bool:
        last = self._last
        if last is None or tracked.emotion is not last.emotion:
            return True
        waited_ns = tracked.timestamp_ns - last.timestamp_ns
        if _nothing_to_say(last) and _nothing_to_say(tracked) and tracked.reasons == last.reasons:
            return waited_ns >= self._nothing_new_ns
        return waited_ns >= self._span_ns


def _nothing_to_say(tracked: TrackedEmotion) -> bool:
    silent = all(share.probabilities is None for share in tracked.shares)
    return tracked.emotion is Emotion.UNKNOWN and silent
