"""The sound of a recording, read through PyAV and made 16 kHz mono. Floor 1."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ertedge.capture.container import FrameReader, frame_time, open_container, to_ns
from ertedge.capture.media_clock import MediaClock
from ertedge.capture.resample import SAMPLE_RATE_HZ, MonoResampler
from ertedge.capture.source import ContextSource, SourceEnded
from ertedge.config import MicrophoneSettings
from ertedge.errors import RecordingError
from ertedge.types import AudioChunk, Float32Array

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

GAP_SECONDS = 0.03
"""Timestamps of packets are rounded (to 1 ms in mkv); a difference above this is a hole in the recording."""
MOST_CHANNELS = 64
MOST_RATE_HZ = 768_000

log = logging.getLogger(__name__)


class SoundTrack(ContextSource):
    """The first audio stream of a file. Opened again after a close, it goes on where it is due."""

    live = False

    def __init__(self, path: Path, clock: MediaClock, zero: Fraction, settings: MicrophoneSettings) -> None:
        """``zero`` is when the recording begins, in seconds of its container's time."""
        self.device = path.name
        self._path = path
        self._clock = clock
        self._zero = zero
        self._chunk_samples = round(settings.chunk_seconds * SAMPLE_RATE_HZ)
        self._container: InputContainer | None = None
        self._reader: FrameReader | None = None
        self._chunks: Iterator[tuple[int, AudioChunk]] = iter(())
        self._next: tuple[int, AudioChunk] | None = None
        self._resume_ns = 0
        self._opened = False

    def open(self) -> None:
        """As ``Source.open``; raises RecordingError when not one sample can be read."""
        self._container = open_container(self._path)
        if not self._container.streams.audio:
            raise RecordingError(f"{self._path}: holds no sound")
        stream = self._container.streams.audio[0]
        context = stream.codec_context
        if not (0 < context.channels <= MOST_CHANNELS and 0 < context.sample_rate <= MOST_RATE_HZ):
            raise RecordingError(
                f"{self._path}: {context.channels} channels at {context.sample_rate} Hz cannot be read"
            )
        self._reader = FrameReader(self._container, stream)
        begin_ns = max(self._resume_ns, self._clock.position_ns() if self._opened else 0)
        self._chunks = self._cut(begin_ns)
        self._next = next(self._chunks, None)
        if self._next is None and not self._opened:
            raise RecordingError(f"{self._path}: no sound in it can be read; it is empty, cut or damaged")
        self._opened = True
        self._clock.start()

    def read(self, timeout_seconds: float) -> AudioChunk | None:
        """As ``Source.read``. In real time a chunk comes when its last sample is over, as from a microphone."""
        if self._next is None:
            raise SourceEnded(f"the sound of {self.device} is over after {self._resume_ns / 1e9:.1f} s{self._faults()}")
        end_ns, chunk = self._next
        if not self._clock.wait_until(end_ns, timeout_seconds):
            return None
        self._next = next(self._chunks, None)
        self._resume_ns = end_ns
        return chunk

    def close(self) -> None:
        """As ``Source.close``."""
        self._chunks, self._next, self._reader = iter(()), None, None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _cut(self, begin_ns: int) -> Iterator[tuple[int, AudioChunk]]:
        """Chunks of equal length, each with the moment of the recording at which it ends."""
        first_sample = 0
        previous_end_ns: int | None = None
        for start_ns, pieces in self._runs(begin_ns):
            lost = 0
            if previous_end_ns is not None:
                lost = max(0, round((start_ns - previous_end_ns) * SAMPLE_RATE_HZ / 1e9))
                first_sample += lost
            done = 0
            for samples in regrouped(pieces, self._chunk_samples):
                media_ns = start_ns + done * 1_000_000_000 // SAMPLE_RATE_HZ
                done += samples.size
                previous_end_ns = start_ns + done * 1_000_000_000 // SAMPLE_RATE_HZ
                yield previous_end_ns, AudioChunk(self._clock.timestamp_ns(media_ns), samples, first_sample, lost)
                first_sample += samples.size
                lost = 0

    def _runs(self, begin_ns: int) -> Iterator[tuple[int, Iterator[Float32Array]]]:
        """Stretches without a hole: the moment of the recording at which each begins, and its pieces at 16 kHz.

        The pieces of one have to be taken before the next is asked for.
        """
        if self._reader is None:
            return
        frames = self._reader.frames(self._zero + Fraction(begin_ns, 1_000_000_000))
        waiting = next(frames, None)
        while waiting is not None:
            run = _Run(waiting, frames, self._zero, begin_ns)  # type: ignore[arg-type]  # the stream is one of audio
            yield run.start_ns, run.pieces()
            if run.bad_samples:
                log.warning("%s: %d samples are no numbers and are taken as silence", self._path, run.bad_samples)
            waiting = run.following

    def _faults(self) -> str:
        damaged = self._reader.damaged if self._reader is not None else 0
        return f"; {damaged} parts are damaged" if damaged else ""


class _Run:
    """Decoded frames that follow each other without a hole, resampled as one stream."""

    def __init__(self, first: AudioFrame, frames: Iterator[AudioFrame], zero: Fraction, begin_ns: int) -> None:
        self._first = first
        self._frames = frames
        self._zero = zero
        self._rate_hz = first.sample_rate
        frame_ns = to_ns((frame_time(first) or zero) - zero)
        self._skip = max(0, -(-(begin_ns - frame_ns) * self._rate_hz // 1_000_000_000))
        self.start_ns = frame_ns + self._skip * 1_000_000_000 // self._rate_hz
        self.following: AudioFrame | None = None
        """The frame after the hole that ended this run, or None at the end of the recording."""
        self.bad_samples = 0

    def pieces(self) -> Iterator[Float32Array]:
        """(n,) at 16 kHz, as they come out of the resampler."""
        resampler = MonoResampler(self._rate_hz)
        frame: AudioFrame | None = self._first
        expected = frame_time(self._first)
        while frame is not None:
            time = frame_time(frame)
            hole = time is not None and expected is not None and abs(time - expected) > GAP_SECONDS
            if hole or frame.sample_rate != self._rate_hz:
                self.following = frame
                break
            yield resampler.feed(self._without_skipped(to_float(frame)))
            expected = None if expected is None else expected + Fraction(frame.samples, self._rate_hz)
            frame = next(self._frames, None)
        yield resampler.feed(np.empty(0, np.float32), last=True)
        self.bad_samples = resampler.bad_samples

    def _without_skipped(self, block: Float32Array) -> Float32Array:
        """After a seek: without the samples before the moment at which to begin."""
        kept = block[self._skip :]
        self._skip -= len(block) - len(kept)
        return kept


def to_float(frame: AudioFrame) -> Float32Array:
    """Any sample format of FFmpeg to (n, channels) float32 in [-1, 1]."""
    array: NDArray[np.generic] = frame.to_ndarray()
    block = array.T if frame.format.is_planar else array.reshape(-1, frame.layout.nb_channels)
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - np.float32(128.0)) / np.float32(128.0)
    samples = block.astype(np.float32)
    if np.issubdtype(block.dtype, np.integer):
        samples *= np.float32(2.0 ** (1 - 8 * block.dtype.itemsize))
    return samples


def regrouped(pieces: Iterator[Float32Array], length: int) -> Iterator[Float32Array]:
    """The same sound in pieces of ``length`` samples; the last one may be shorter, and is never empty."""
    held: list[Float32Array] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.size
        while count >= length:
            joined = np.concatenate(held)
            yield joined[:length].copy()
            held, count = [joined[length:]], count - length
    if count:
        yield np.concatenate(held)
