"""Where records wait between the thread that captures and the loop that perceives; neither buffer ever grows.

Floor 1. ``LatestFrame`` holds one picture: a newer one replaces it, and the replaced are counted. ``SoundRing`` holds a few
seconds: when full, the oldest sound goes, and the next chunk tells how many samples are missing before it. Both can instead
be ``lossless``: then ``put`` waits for the reader, so that a recording read as fast as possible gives the same every time.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import Protocol, TypeVar

from ertedge.types import AudioChunk, VideoFrame

Record = TypeVar("Record")


class Buffer(Protocol[Record]):
    """One writer, one reader."""

    @property
    def lost(self) -> int:
        """Frames replaced before anyone read them, or samples lost, since the beginning."""

    def put(self, record: Record, timeout_seconds: float = 0.0) -> bool:
        """Hand a record over. False only when lossless and the reader made no room within the timeout."""

    def get(self, timeout_seconds: float = 0.0) -> Record | None:
        """The next record, or None when there was none within the timeout."""

    def clear(self) -> None:
        """Forget what waits, uncounted: after a mute nothing of before is read."""


class LatestFrame:
    """A buffer of one picture."""

    def __init__(self, *, lossless: bool = False) -> None:
        self._lossless = lossless
        self._frame: VideoFrame | None = None
        self._lost = 0
        self._changed = threading.Condition()

    @property
    def lost(self) -> int:
        """Frames replaced before anyone read them."""
        return self._lost

    def put(self, record: VideoFrame, timeout_seconds: float = 0.0) -> bool:
        """As ``Buffer.put``."""
        with self._changed:
            if self._lossless and not self._changed.wait_for(lambda: self._frame is None, timeout_seconds):
                return False
            self._lost += self._frame is not None
            self._frame = record
            self._changed.notify_all()
            return True

    def get(self, timeout_seconds: float = 0.0) -> VideoFrame | None:
        """As ``Buffer.get``; the newest frame."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_seconds)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            return frame

    def clear(self) -> None:
        """As ``Buffer.clear``."""
        with self._changed:
            self._frame = None
            self._changed.notify_all()


class SoundRing:
    """A buffer of at most ``capacity_samples`` of sound, and always of at least one chunk."""

    def __init__(self, capacity_samples: int, *, lossless: bool = False) -> None:
        self._capacity = capacity_samples
        self._lossless = lossless
        self._chunks: deque[AudioChunk] = deque()
        self._waiting_samples = 0
        self._missing_samples = 0
        self._lost = 0
        self._changed = threading.Condition()

    @property
    def lost(self) -> int:
        """Samples lost, by the device or here."""
        return self._lost

    @property
    def waiting_samples(self) -> int:
        """Samples that wait to be read."""
        return self._waiting_samples

    def put(self, record: AudioChunk, timeout_seconds: float = 0.0) -> bool:
        """As ``Buffer.put``."""
        with self._changed:
            if self._lossless and not self._changed.wait_for(lambda: self._fits(record), timeout_seconds):
                return False
            while not self._fits(record):
                oldest = self._take()
                self._missing_samples += oldest.samples.size + oldest.lost_samples
                self._lost += oldest.samples.size
            self._chunks.append(record)
            self._waiting_samples += record.samples.size
            self._lost += record.lost_samples
            self._changed.notify_all()
            return True

    def get(self, timeout_seconds: float = 0.0) -> AudioChunk | None:
        """As ``Buffer.get``; the oldest chunk that is still here, with ``lost_samples`` counting what went before it."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._chunks), timeout_seconds):
                return None
            chunk = self._take()
            missing, self._missing_samples = self._missing_samples, 0
            self._changed.notify_all()
        return replace(chunk, lost_samples=chunk.lost_samples + missing) if missing else chunk

    def clear(self) -> None:
        """As ``Buffer.clear``."""
        with self._changed:
            self._chunks.clear()
            self._waiting_samples = 0
            self._missing_samples = 0
            self._changed.notify_all()

    def _fits(self, chunk: AudioChunk) -> bool:
        return not self._chunks or self._waiting_samples + chunk.samples.size <= self._capacity

    def _take(self) -> AudioChunk:
        chunk = self._chunks.popleft()
        self._waiting_samples -= chunk.samples.size
        return chunk
