"""Stand-ins that implement the real protocols: a flow without devices, and sources whose devices do as they are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np

from ertedge.errors import DeviceLostError
from ertedge.sensor.flow import Outlet
from ertedge.types import (
    AudioChunk,
    Float32Array,
    Modality,
    ModelInfo,
    Prediction,
    SensorCondition,
    SensorName,
    SensorReport,
    SensorStatus,
    VideoFrame,
)

Record = TypeVar("Record", VideoFrame, AudioChunk)

MODEL = ModelInfo("facenet", "1.2", "facenet.tflite", "ab" * 32, "litert", 900_000, "research", ("calm", "glad"), 850)


def probabilities(leader: int = 1) -> Float32Array:
    values = np.full(7, 0.05, np.float32)
    values[leader] = 0.7
    return values


def prediction(timestamp_ns: int = 1, modality: Modality = Modality.FACE) -> Prediction:
    return Prediction(modality, timestamp_ns, probabilities(), quality=0.5, faces=1)


class FakeFlow:
    """A ``Flow`` in which nothing happens but what a test does."""

    source = "fake"
    synthetic = True

    def __init__(self) -> None:
        self.outlet: Outlet | None = None
        self.muted: set[SensorName] = set()
        self.permitted: frozenset[SensorName] = frozenset(SensorName)
        self.stalled = ""
        self.lets_go = True
        self.offset_ns = 0

    def start(self, outlet: Outlet, muted: frozenset[SensorName], permitted: frozenset[SensorName]) -> None:
        self.outlet = outlet
        self.muted = set(muted)
        self.permitted = permitted

    def stop(self) -> bool:
        return True

    def mute(self, sensor: SensorName) -> bool:
        if self.lets_go:
            self.muted.add(sensor)
        return self.lets_go

    def unmute(self, sensor: SensorName) -> None:
        self.muted.discard(sensor)

    def permit(self, permitted: frozenset[SensorName]) -> bool:
        if self.lets_go or not self.permitted - permitted:
            self.permitted = permitted
        return self.permitted == permitted

    def statuses(self) -> tuple[SensorStatus, ...]:
        return tuple(SensorStatus(name, self._condition(name), f"fake {name}", "") for name in SensorName)

    def _condition(self, name: SensorName) -> SensorCondition:
        if name in self.muted:
            return SensorCondition.MUTED
        return SensorCondition.RUNNING if name in self.permitted else SensorCondition.NOT_PERMITTED

    def models(self) -> tuple[ModelInfo, ...]:
        return (MODEL,)

    def stall(self) -> str:
        return self.stalled

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def clock_offset_ns(self) -> int:
        return self.offset_ns


class RecordingOutlet:
    """An ``Outlet`` that keeps what it gets."""

    def __init__(self) -> None:
        self.predictions: list[Prediction] = []
        self.reports = 0
        self.has_room = True

    def publish(self, prediction: Prediction) -> None:
        self.predictions.append(prediction)

    def offer(self, prediction: Prediction, timeout_seconds: float) -> bool:
        if not self.has_room:
            time.sleep(timeout_seconds)
            return False
        self.predictions.append(prediction)
        return True

    def report(self) -> None:
        self.reports += 1


class FakeSource(Generic[Record]):
    """A ``Source`` that makes a record every 10 ms. ``hang`` makes the driver not return from its next read."""

    def __init__(self, make: Callable[[int], Record], *, live: bool = True) -> None:
        self.device = "fake device"
        self.live = live
        self.opened = 0
        self.is_open = False
        self.hang = threading.Event()
        self.release = threading.Event()
        self._make: Callable[[int], Record] = make
        self._count = 0

    def open(self) -> None:
        self.opened += 1
        self.is_open = True

    def read(self, timeout_seconds: float) -> Record | None:
        if not self.is_open:
            raise DeviceLostError("read before it was opened")
        if self.hang.is_set():
            self.release.wait(20.0)
            raise DeviceLostError("hung")
        time.sleep(0.01)
        self._count += 1
        return self._make(self._count)

    def close(self) -> None:
        self.is_open = False


def frame(number: int) -> VideoFrame:
    return VideoFrame(number, np.zeros((48, 64, 3), np.uint8))


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait for ``condition``; False when it did not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def is_report(event: Prediction | SensorReport) -> bool:
    return isinstance(event, SensorReport)


def children_of(pid: int) -> list[int]:
    """The processes whose parent is ``pid``, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found
