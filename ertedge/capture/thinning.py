"""Which frames of a faster stream to look at. Floor 1.

A camera or a recording may give 30 pictures a second where 10 are wanted: the others are skipped before they are decoded
into colours, and are not counted as lost.
"""

from __future__ import annotations

TOLERANCE = 0.25
"""Share of the period by which a frame may come early, since no camera is exact."""


class FrameThinner:
    """Lets about ``frames_per_second`` through, evenly, and all of a slower stream."""

    def __init__(self, frames_per_second: float) -> None:
        self._period_ns = 1e9 / frames_per_second
        self._due_ns: float | None = None

    def wants(self, timestamp_ns: int) -> bool:
        """Whether to take the frame of this moment. To be asked once for each frame, in order."""
        if self._due_ns is not None and timestamp_ns < self._due_ns - TOLERANCE * self._period_ns:
            return False
        due_ns = timestamp_ns if self._due_ns is None else self._due_ns
        behind = timestamp_ns - due_ns > self._period_ns
        self._due_ns = (timestamp_ns if behind else due_ns) + self._period_ns
        return True
