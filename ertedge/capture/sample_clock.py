"""When a sample was captured, from the times at which a device hands over its blocks.

Floor 1. The device counts samples steadily but its clock drifts against ours, and the moment it reports for a block jitters
by milliseconds. So time is counted in samples, and the count is pulled gently to the reported moments (a first-order
phase-locked loop). A block that is late by more than jitter can explain means that samples are missing before it.
"""

from __future__ import annotations

PULL = 0.02
"""Share of the difference by which a block corrects the count: at 10 blocks a second a time constant of 5 s."""
GAP_SECONDS = 0.25
"""A difference above this is a gap and not jitter."""


class SampleClock:
    """Counts the samples of one device from its opening on."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._anchor_ns: float | None = None

    def time_of(self, sample: float) -> int:
        """Monotonic nanoseconds at which the (fractional) sample was captured; 0 before the first block."""
        return round((self._anchor_ns or 0.0) + sample * 1e9 / self._rate_hz)

    def missing_before(self, sample: int, reported_ns: int, *, overflowed: bool) -> int:
        """Take note that the block beginning with ``sample`` was captured at ``reported_ns``; how many samples are missing
        before it (0 almost always). The caller moves its count on by them.

        ``overflowed`` is the device's own word that it lost something; without it only a difference above ``GAP_SECONDS``
        is taken for a gap.
        """
        if self._anchor_ns is None:
            self._anchor_ns = reported_ns - sample * 1e9 / self._rate_hz
            return 0
        late_seconds = (reported_ns - self.time_of(sample)) / 1e9
        if late_seconds > GAP_SECONDS or (overflowed and late_seconds > 0):
            return round(late_seconds * self._rate_hz)
        if late_seconds < -GAP_SECONDS:
            # The first block was reported late (a busy start): the earlier moment is the true one.
            self._anchor_ns += late_seconds * 1e9
        else:
            self._anchor_ns += PULL * late_seconds * 1e9
        return 0
