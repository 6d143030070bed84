"""Time: of a sample under jitter, drift and gaps; of a recording at both paces; and which frames are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.capture.media_clock import MediaClock, Pace
from ertedge.capture.sample_clock import SampleClock
from ertedge.capture.thinning import FrameThinner


def test_jitter_is_smoothed_and_drift_followed() -> None:
    rng = np.random.default_rng(0)
    clock = SampleClock(48_000)
    true_rate = 48_000 * (1 + 100e-6)
    errors_ms = []
    for block in range(6000):
        sample = block * 4800
        true_ns = round(1e9 + sample / true_rate * 1e9)
        arrived_ns = true_ns + 100_000_000 + round(rng.exponential(2e7))
        assert clock.missing_before(sample, true_ns + round(abs(rng.normal(0, 3e6))), arrived_ns, overflowed=False) == 0
        errors_ms.append(abs(clock.time_of(sample) - true_ns) / 1e6)
    assert max(errors_ms[300:]) < 6.0
    assert np.mean(errors_ms[300:]) < 4.0


MS = 1_000_000


def begun() -> SampleClock:
    """A clock of 16 kHz that has seen one block of 100 ms, captured at 0 and arrived at 100 ms."""
    clock = SampleClock(16_000)
    assert clock.missing_before(0, 0, 100 * MS, overflowed=False) == 0
    return clock


def test_a_block_captured_and_arrived_late_is_a_gap_of_so_many_samples() -> None:
    clock = begun()
    assert clock.missing_before(1600, 100 * MS, 200 * MS, overflowed=False) == 0
    assert clock.missing_before(3200, 1200 * MS, 1300 * MS, overflowed=False) == 16_000


def test_a_block_that_only_arrives_late_is_no_gap() -> None:
    clock = begun()
    assert clock.missing_before(1600, 100 * MS, 1100 * MS, overflowed=True) == 0
    assert abs(clock.time_of(1600) - 100 * MS) < MS


def test_a_sound_server_that_corrects_its_delay_loses_nothing_and_is_followed() -> None:
    clock = begun()
    for block in range(1, 400):
        moved_ms = min(500, 20 * block)
        counted_ms = 100 * block
        lost = clock.missing_before(
            1600 * block, (counted_ms + moved_ms) * MS, (counted_ms + 100) * MS, overflowed=False
        )
        assert lost == 0
    assert abs(clock.time_of(0) - 500 * MS) < 5 * MS


def test_the_drivers_own_word_makes_a_small_gap_count() -> None:
    assert begun().missing_before(1600, 120 * MS, 220 * MS, overflowed=False) == 0
    assert begun().missing_before(1600, 120 * MS, 220 * MS, overflowed=True) == 320
    assert begun().missing_before(1600, 100 * MS, 200 * MS, overflowed=True) == 0


class SteppedTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_ns = 5_000_000_000

    def clock(self) -> int:
        return self.now_ns

    def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)


def test_in_real_time_a_moment_is_waited_for_in_slices() -> None:
    time = SteppedTime()
    clock = MediaClock(Pace.REAL_TIME, clock=time.clock, sleep=time.sleep)
    assert clock.timestamp_ns(0) == 5_000_000_000
    assert not clock.wait_until(1_000_000_000, 0.4)
    assert time.now_ns == 5_400_000_000
    assert clock.wait_until(1_000_000_000, 0.6)
    assert time.now_ns == 6_000_000_000
    assert clock.position_ns() == 1_000_000_000
    assert clock.wait_until(0, 0.1)
    assert time.now_ns == 6_000_000_000


def test_fast_never_waits_and_stamps_the_same() -> None:
    time = SteppedTime()
    clock = MediaClock(Pace.FAST, start_ns=7, clock=time.clock, sleep=time.sleep)
    assert clock.wait_until(10**12, 0.1)
    assert time.now_ns == 5_000_000_000
    assert clock.timestamp_ns(1000) == 1007


@pytest.mark.parametrize(
    ("given", "wanted", "expected"), [(30, 10, 10), (25, 10, 10), (15, 10, 10), (60, 7, 7), (8, 10, 8)]
)
def test_thinning_keeps_the_wanted_rate(given: float, wanted: float, expected: float) -> None:
    thinner = FrameThinner(wanted)
    kept = [n for n in range(int(given * 20)) if thinner.wants(round(n * 1e9 / given))]
    assert len(kept) / 20 == pytest.approx(expected, abs=0.15)


def test_thinning_starts_anew_after_a_pause() -> None:
    thinner = FrameThinner(10)
    assert thinner.wants(0)
    assert thinner.wants(10_000_000_000)
    assert not thinner.wants(10_033_000_000)
    assert thinner.wants(10_100_000_000)
