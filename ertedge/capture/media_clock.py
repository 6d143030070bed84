"""Maps the time inside a recording to the monotonic clock, once for picture and sound together.

Floor 1. Both tracks of a recording hold the same ``MediaClock``, so what was recorded at one moment carries one timestamp.
In real time the records come when they are due; as fast as possible they come at once, with the same timestamps relative
to the beginning.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import StrEnum


class Pace(StrEnum):
    """How fast a recording is read."""

    REAL_TIME = "real_time"
    FAST = "fast"


class MediaClock:
    """``media_ns`` counts from the beginning of the recording; ``timestamp_ns`` is monotonic."""

    def __init__(
        self,
        pace: Pace = Pace.REAL_TIME,
        *,
        start_ns: int | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """The recording begins at ``start_ns`` (monotonic), or when the first of its tracks is started."""
        self.pace = pace
        self._start_ns = start_ns
        self._clock = clock
        self._sleep = sleep
        self._starting = threading.Lock()

    def start(self) -> int:
        """Start, if nobody did yet; the monotonic time of the beginning."""
        with self._starting:
            if self._start_ns is None:
                self._start_ns = self._clock()
            return self._start_ns

    def timestamp_ns(self, media_ns: int) -> int:
        """The monotonic time of a moment of the recording."""
        return self.start() + media_ns

    def position_ns(self) -> int:
        """The moment of the recording that is due now; zero when it is read as fast as possible."""
        return 0 if self.pace is Pace.FAST else max(0, self._clock() - self.start())

    def wait_until(self, media_ns: int, timeout_seconds: float) -> bool:
        """Wait until a moment is due. False when it is not within the timeout (which is then over)."""
        if self.pace is Pace.FAST:
            return True
        ahead_seconds = (self.timestamp_ns(media_ns) - self._clock()) / 1e9
        if ahead_seconds > 0:
            self._sleep(min(ahead_seconds, timeout_seconds))
        return ahead_seconds <= timeout_seconds
