"""Blocks of sound as a device brings them, to chunks of 16 kHz mono of equal length.

Floor 1. Samples are counted on both sides, so that what is lost, by the device or on the way, shows as a gap in the count
and never as a shift of time.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import NamedTuple

import numpy as np

from ertedge.capture.resample import SAMPLE_RATE_HZ, MonoResampler
from ertedge.capture.sample_clock import SampleClock
from ertedge.types import AudioChunk, Float32Array

log = logging.getLogger(__name__)


class Block(NamedTuple):
    """What one callback brings: (n, channels) float32, its place in the device's count, when its first sample was
    captured and when it arrived (monotonic), and whether something was lost before it."""

    samples: Float32Array
    first_sample: int
    captured_ns: int
    arrived_ns: int
    overflowed: bool


class SoundChunker:
    """Blocks of the device to chunks of 16 kHz: counts samples on both sides, and keeps time."""

    def __init__(self, rate_hz: int, chunk_seconds: float) -> None:
        self._rate_hz = rate_hz
        self._length = round(chunk_seconds * SAMPLE_RATE_HZ)
        self._clock = SampleClock(rate_hz)
        self._resampler = MonoResampler(rate_hz)
        self._expected = 0
        """The next sample in the device's count, as delivered."""
        self._missed = 0
        """Samples that the device lost itself, so that they are not in its count."""
        self._run_start = 0
        """Where the present run without a gap begins, in true samples of the device."""
        self._run_done = 0
        """Samples at 16 kHz given out of this run."""
        self._held = np.empty(0, np.float32)
        self._ready: deque[AudioChunk] = deque()
        self._first_sample = 0
        self._lost = 0

    def feed(self, block: Block) -> None:
        """Take the next block."""
        dropped = block.first_sample - self._expected
        self._expected = block.first_sample + len(block.samples)
        true_first = block.first_sample + self._missed
        unseen = self._clock.missing_before(
            true_first, block.captured_ns, block.arrived_ns, overflowed=block.overflowed
        )
        self._missed += unseen
        if dropped or unseen:
            self._begin_run(true_first + unseen)
        bad_before = self._resampler.bad_samples
        self._held = np.concatenate([self._held, self._resampler.feed(block.samples)])
        if self._resampler.bad_samples and not bad_before:
            log.warning("the microphone gives samples that are no numbers; they are taken as silence")
        self._cut(self._length)

    def take(self) -> AudioChunk | None:
        """The next chunk, if one is complete."""
        return self._ready.popleft() if self._ready else None

    def _begin_run(self, true_first: int) -> None:
        """Give out what the filter still holds, then begin a new stream of sound behind the gap."""
        self._held = np.concatenate([self._held, self._resampler.feed(np.empty(0, np.float32), last=True)])
        self._cut(self._length)
        if self._held.size:
            self._cut(self._held.size)
        run_samples = round((true_first - self._run_start) * SAMPLE_RATE_HZ / self._rate_hz)
        self._lost += max(0, run_samples - self._run_done)
        self._first_sample += max(0, run_samples - self._run_done)
        self._run_start, self._run_done = true_first, 0
        self._resampler = MonoResampler(self._rate_hz)

    def _cut(self, length: int) -> None:
        while self._held.size >= length > 0:
            samples, self._held = self._held[:length].copy(), self._held[length:]
            device_sample = self._run_start + self._run_done * self._rate_hz / SAMPLE_RATE_HZ
            chunk = AudioChunk(self._clock.time_of(device_sample), samples, self._first_sample, self._lost)
            self._ready.append(chunk)
            self._run_done += length
            self._first_sample += length
            self._lost = 0
