"""A source that does what a test tells it, and small records to give."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from ertedge.types import AudioChunk, VideoFrame

Record = TypeVar("Record")


def frame(number: int) -> VideoFrame:
    """A picture of one pixel whose time is its number."""
    return VideoFrame(timestamp_ns=number, image=np.full((1, 1, 3), number % 256, np.uint8))


def chunk(number: int, samples: int = 100, lost: int = 0) -> AudioChunk:
    """Sound that holds its number."""
    return AudioChunk(number, np.full(samples, number / 1000, np.float32), number * samples, lost)


class ScriptedSource(Generic[Record]):
    """Opens and reads as two functions say; counts what was asked of it. Implements ``Source``."""

    def __init__(
        self, on_open: Callable[[], None], on_read: Callable[[float], Record | None], *, live: bool = True
    ) -> None:
        self.device = "a test device"
        self.live = live
        self.opened = 0
        self.closed = 0
        self.is_open = threading.Event()
        self._on_open = on_open
        self._on_read = on_read

    def open(self) -> None:
        self.opened += 1
        self._on_open()
        self.is_open.set()

    def read(self, timeout_seconds: float) -> Record | None:
        return self._on_read(timeout_seconds)

    def close(self) -> None:
        self.closed += 1
        self.is_open.clear()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether the condition comes true within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()
