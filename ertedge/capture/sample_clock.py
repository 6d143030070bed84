"""When a sample was captured, and whether samples are missing, from the times at which a device hands over its blocks.

Floor 1. A device counts samples steadily, but its clock drifts against ours, the moment that its driver reports for a block
jitters, and a sound server takes seconds to learn its own delay. So time is counted in samples, and the count is pulled
gently to the reported moments (a first-order phase-locked loop). Samples are missing only where both the reported moment
and the arrival of a block are late against the count: a busy machine makes blocks arrive late, a sound server that corrects
its delay moves the reported moment, and neither loses anything.
"""

from __future__ import annotations

PULL = 0.02
"""Share of the difference by which a block corrects the count: at 20 blocks a second a time constant of 2.5 s."""
GAP_SECONDS = 0.25
"""So late must a block be to show a loss of which the driver said nothing."""


class SampleClock:
    """Counts the samples of one device from its opening on. All times are monotonic nanoseconds."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._captured_anchor_ns: float | None = None
        self._arrival_anchor_ns = 0.0

    def time_of(self, sample: float) -> int:
        """When the (fractional) sample was captured; 0 before the first block."""
        return round((self._captured_anchor_ns or 0.0) + sample * 1e9 / self._rate_hz)

    def missing_before(self, sample: int, captured_ns: int, arrived_ns: int, *, overflowed: bool) -> int:
        """Take note of the block that begins with ``sample``; how many samples are missing before it (0 almost always).

        ``captured_ns`` is the driver's word for when the block began, ``arrived_ns`` when it was handed over. With
        ``overflowed`` the driver itself says that something was lost. The caller moves its count on by what is missing.
        """
        counted_ns = sample * 1e9 / self._rate_hz
        if self._captured_anchor_ns is None:
            self._captured_anchor_ns = captured_ns - counted_ns
            self._arrival_anchor_ns = arrived_ns - counted_ns
            return 0
        captured_late_ns = captured_ns - counted_ns - self._captured_anchor_ns
        arrived_late_ns = arrived_ns - counted_ns - self._arrival_anchor_ns
        late_seconds = min(captured_late_ns, arrived_late_ns) / 1e9
        if late_seconds > (0.0 if overflowed else GAP_SECONDS):
            return round(late_seconds * self._rate_hz)
        self._captured_anchor_ns += PULL * captured_late_ns
        # The earliest arrivals tell the shortest way through; a later one is mostly waiting.
        self._arrival_anchor_ns += arrived_late_ns if arrived_late_ns < 0 else PULL * arrived_late_ns
        return 0
