"""What enrolment and calibration ask of the store, and of what writes to it. Floor 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ertedge.store.calibration_records import CalibrationSession
from ertedge.types import CalibrationLabel, Float32Array

Answer = TypeVar("Answer")


class FaceRows(Protocol):
    """``store.faces.FaceTable``."""

    def galleries(self) -> dict[int, Float32Array]: ...
    def replace_gallery(self, profile_id: int, gallery: Float32Array, wall_time_ns: int) -> None: ...


class CalibrationRows(Protocol):
    """``store.calibrations.CalibrationTable``."""

    def labels(self, profile_id: int, *, synthetic: bool) -> tuple[CalibrationLabel, ...]: ...
    def last_label_id(self) -> int: ...
    def add_label(self, label: CalibrationLabel, *, synthetic: bool, request_id: str = "") -> None: ...
    def remove_label(self, profile_id: int, label_id: int) -> None: ...
    def label_of_request(self, profile_id: int, request_id: str) -> int | None: ...
    def sessions(self, profile_id: int) -> tuple[CalibrationSession, ...]: ...
    def last_session_id(self) -> int: ...
    def save_session(self, session: CalibrationSession) -> None: ...
    def forget(self, profile_id: int) -> None: ...


class FrontStore(Protocol):
    """Enrolled faces, and what people said that they felt."""

    @property
    def faces(self) -> FaceRows: ...
    @property
    def calibrations(self) -> CalibrationRows: ...


class FrontRecorder(Protocol):
    """``core.recorder.Recorder``."""

    def record_ledger(self, event: str, subject: str, detail: str, *, profile_id: int = 0) -> None: ...
    def keep(self, change: Callable[[FrontStore], None]) -> None: ...
    async def keep_now(self, change: Callable[[FrontStore], None]) -> None: ...
    async def read(self, question: Callable[[FrontStore], Answer]) -> Answer: ...


async def gone_from_disk(recorder: FrontRecorder, change: Callable[[FrontStore], None]) -> None:
    """Make a ``change`` that takes something away before returning, and go on trying where the disk refuses or the caller
    goes away: what counts as gone must not be back after a restart. Raises StoreError: it is not gone yet."""
    recorder.keep(change)
    await recorder.keep_now(change)
