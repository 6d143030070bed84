"""A device that is missing, busy, lost, silent, hanging or muted: its condition, its log lines, and how it comes back."""

from __future__ import annotations

import logging
import threading
import time
from itertools import pairwise

import pytest

from ertedge.capture.buffers import LatestFrame
from ertedge.capture.source import SourceEnded
from ertedge.capture.supervisor import Capture
from ertedge.config import SensorSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError, RecordingError
from ertedge.types import SensorCondition, SensorName, VideoFrame
from tests.capture.fakes import ScriptedSource, frame, until

QUICK = SensorSettings(reopen_first_seconds=0.02, reopen_most_seconds=0.08, device_silence_seconds=0.3)


class Camera:
    """A camera that can be unplugged, taken by another program, or go quiet."""

    def __init__(self, *, live: bool = True) -> None:
        self.open_error: Exception | None = None
        self.read_error: Exception | None = None
        self.quiet = False
        self.stuck = threading.Event()
        self.stuck.set()
        self.number = 0
        self.source = ScriptedSource[VideoFrame](self._open, self._read, live=live)
        self.buffer = LatestFrame()
        self.capture = Capture(SensorName.CAMERA, self.source, self.buffer, QUICK)

    def _open(self) -> None:
        if self.open_error is not None:
            raise self.open_error

    def _read(self, timeout_seconds: float) -> VideoFrame | None:
        self.stuck.wait(10)
        if self.read_error is not None:
            raise self.read_error
        time.sleep(0.005)
        if self.quiet:
            return None
        self.number += 1
        return frame(self.number)

    def condition(self) -> SensorCondition:
        return self.capture.status().condition

    def becomes(self, condition: SensorCondition) -> bool:
        return until(lambda: self.condition() is condition)


@pytest.fixture
def camera(caplog: pytest.LogCaptureFixture) -> Camera:
    caplog.set_level(logging.INFO, logger="ertedge.capture.supervisor")
    return Camera()


def test_a_camera_runs_and_stops_closed(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    assert camera.buffer.get(1.0) is not None
    assert camera.capture.stop()
    assert camera.source.opened == camera.source.closed == 1
    assert camera.condition() is SensorCondition.OFF


def test_records_rate_and_losses_are_reported(camera: Camera) -> None:
    camera.capture.start()
    assert until(lambda: camera.capture.status().records >= 50)
    camera.capture.stop()
    status = camera.capture.status()
    assert status.lost >= status.records - 1
    assert 20 < status.rate_hz < 300
    assert status.device == "a test device"


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (DeviceMissingError("plug it in"), SensorCondition.MISSING),
        (DeviceBusyError("someone has it"), SensorCondition.BUSY),
        (DeviceLostError("it went away"), SensorCondition.FAILED),
        (ValueError("a driver's own"), SensorCondition.FAILED),
    ],
)
def test_a_device_that_does_not_open_is_logged_once_and_comes_back(
    camera: Camera, caplog: pytest.LogCaptureFixture, error: Exception, condition: SensorCondition
) -> None:
    camera.open_error = error
    camera.capture.start()
    assert until(lambda: camera.source.opened >= 4)
    assert camera.condition() is condition
    assert len(caplog.records) == 1
    assert str(error) in caplog.text
    camera.open_error = None
    assert camera.becomes(SensorCondition.RUNNING)
    assert until(lambda: len(caplog.records) == 2)  # it is logged just after it shows
    camera.capture.stop()


def test_the_pauses_between_attempts_grow_to_their_most(camera: Camera) -> None:
    times: list[float] = []

    def missing() -> None:
        times.append(time.monotonic())
        raise DeviceMissingError("plug it in")

    source = ScriptedSource[VideoFrame](missing, lambda _: None)
    capture = Capture(SensorName.CAMERA, source, LatestFrame(), QUICK)
    capture.start()
    assert until(lambda: len(times) >= 6)
    capture.stop()
    pauses = [later - earlier for earlier, later in pairwise(times)]
    for pause, least in zip(pauses, (0.02, 0.04, 0.08, 0.08, 0.08), strict=False):
        assert pause >= least * 0.99


def test_an_unplugged_camera_is_reopened_and_counted(camera: Camera, caplog: pytest.LogCaptureFixture) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    camera.read_error = DeviceLostError("the cable is out")
    assert camera.becomes(SensorCondition.FAILED)
    camera.open_error = DeviceMissingError("not there")
    assert camera.becomes(SensorCondition.MISSING)
    camera.open_error = camera.read_error = None
    assert camera.becomes(SensorCondition.RUNNING)
    assert camera.capture.status().reopened == 1
    assert until(lambda: len(caplog.records) == 4)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "WARNING", "INFO"]
    camera.capture.stop()


def test_a_silent_device_is_closed_and_opened_again(camera: Camera, caplog: pytest.LogCaptureFixture) -> None:
    camera.quiet = True
    camera.capture.start()
    assert camera.becomes(SensorCondition.HANGING)
    assert until(lambda: camera.source.opened >= 3)
    assert len(caplog.records) == 1
    camera.quiet = False
    assert camera.becomes(SensorCondition.RUNNING)
    camera.capture.stop()


def test_a_recording_may_pause_without_being_taken_for_hanging() -> None:
    camera = Camera(live=False)
    camera.quiet = True
    camera.capture.start()
    time.sleep(0.5)
    assert camera.condition() is SensorCondition.STARTING
    assert camera.source.opened == 1
    camera.capture.stop()


def test_a_driver_that_does_not_return_is_seen_from_outside(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    camera.stuck.clear()
    assert camera.becomes(SensorCondition.HANGING)
    stands = camera.capture.progress_ns
    time.sleep(0.1)
    assert camera.capture.progress_ns == stands
    assert not camera.capture.mute(0.1)
    assert not camera.capture.stop(0.1)
    camera.stuck.set()
    assert camera.capture.stop()


def open_late(allowed: threading.Event) -> None:
    """An ``open`` that takes as long as the test likes."""
    allowed.wait(10)


def test_a_device_may_take_longer_to_open_than_to_give_a_frame(
    camera: Camera, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_open = threading.Event()
    source = ScriptedSource[VideoFrame](lambda: open_late(let_open), lambda _: frame(1))
    capture = Capture(SensorName.CAMERA, source, LatestFrame(), QUICK)
    capture.start()
    time.sleep(0.6)
    assert capture.status().condition is SensorCondition.STARTING
    assert time.monotonic_ns() - capture.progress_ns < 100_000_000
    monkeypatch.setattr("ertedge.capture.supervisor.OPEN_SECONDS", 0.4)
    assert capture.status().condition is SensorCondition.HANGING
    assert time.monotonic_ns() - capture.progress_ns > 500_000_000
    let_open.set()
    assert until(lambda: capture.status().condition is SensorCondition.RUNNING)
    assert capture.stop()


def test_progress_goes_on_while_a_device_is_missing_or_muted(camera: Camera) -> None:
    camera.open_error = DeviceMissingError("plug it in")
    camera.capture.start()
    before = camera.capture.progress_ns
    assert until(lambda: camera.capture.progress_ns > before, 1.0)
    assert camera.capture.mute()
    before = camera.capture.progress_ns
    assert until(lambda: camera.capture.progress_ns > before, 2.0)
    camera.capture.stop()


def test_mute_closes_the_device_within_a_second_and_leaves_nothing_to_read(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    started = time.monotonic()
    assert camera.capture.mute()
    assert time.monotonic() - started < 1.0
    assert not camera.source.is_open.is_set()
    assert camera.buffer.get() is None
    assert camera.condition() is SensorCondition.MUTED
    opened = camera.source.opened
    time.sleep(0.2)
    assert camera.source.opened == opened
    assert camera.buffer.get() is None
    camera.capture.unmute()
    assert camera.becomes(SensorCondition.RUNNING)
    assert camera.buffer.get(1.0) is not None
    camera.capture.stop()


def test_a_capture_muted_from_the_beginning_never_opens_its_device() -> None:
    source = ScriptedSource[VideoFrame](lambda: None, lambda _: frame(1))
    capture = Capture(SensorName.CAMERA, source, LatestFrame(), QUICK, muted=True)
    capture.start()
    assert until(lambda: capture.status().condition is SensorCondition.MUTED)
    time.sleep(0.1)
    assert source.opened == 0
    assert capture.muted
    capture.stop()


def test_a_recording_that_ends_is_not_opened_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="ertedge.capture.supervisor")
    camera = Camera(live=False)
    camera.read_error = SourceEnded("over after 3.0 s")
    camera.capture.start()
    assert camera.becomes(SensorCondition.ENDED)
    assert camera.capture.ended
    time.sleep(0.2)
    assert camera.source.opened == camera.source.closed == 1
    assert camera.capture.status().detail == "over after 3.0 s"
    camera.capture.stop()


def test_a_recording_that_cannot_be_read_is_not_tried_again() -> None:
    camera = Camera(live=False)
    camera.open_error = RecordingError("it is cut")
    camera.capture.start()
    assert camera.becomes(SensorCondition.FAILED)
    time.sleep(0.2)
    assert camera.source.opened == 1
    camera.capture.stop()


def test_a_lossless_capture_waits_for_its_reader() -> None:
    numbers = iter(range(20))

    def read(_: float) -> VideoFrame | None:
        number = next(numbers, None)
        if number is None:
            raise SourceEnded("over")
        return frame(number)

    buffer = LatestFrame(lossless=True)
    source = ScriptedSource[VideoFrame](lambda: None, read, live=False)
    capture = Capture(SensorName.CAMERA, source, buffer, QUICK)
    capture.start()
    taken: list[int] = []
    while len(taken) < 20 and (got := buffer.get(2.0)) is not None:
        taken.append(got.timestamp_ns)
        time.sleep(0.002)
    assert taken == list(range(20))
    assert capture.status().lost == 0
    capture.stop()


def test_stop_before_start_is_harmless() -> None:
    source = ScriptedSource[VideoFrame](lambda: None, lambda _: None)
    assert Capture(SensorName.CAMERA, source, LatestFrame(), QUICK).stop()
    assert source.opened == 0


def test_a_device_that_nobody_agreed_to_is_never_opened_and_says_what_to_do(camera: Camera) -> None:
    capture = Capture(SensorName.CAMERA, camera.source, camera.buffer, QUICK, permitted=False)
    capture.start()
    assert until(lambda: capture.status().condition is SensorCondition.NOT_PERMITTED)
    assert "ertedge-ctl consent give sense_face" in capture.status().detail
    time.sleep(0.1)
    assert camera.source.opened == 0
    capture.permit()
    assert until(lambda: capture.status().condition is SensorCondition.RUNNING)
    assert capture.stop()


def test_a_permission_taken_back_closes_the_device_within_a_second_and_leaves_nothing_to_read(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    began = time.monotonic()
    assert camera.capture.forbid()
    assert time.monotonic() - began < 1.0
    assert camera.source.opened == camera.source.closed == 1
    assert camera.buffer.get(0.05) is None
    assert camera.condition() is SensorCondition.NOT_PERMITTED
    assert camera.capture.stop()


def test_a_mute_and_a_missing_permission_each_keep_the_device_closed(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    assert camera.capture.mute()
    assert camera.capture.forbid()
    assert camera.condition() is SensorCondition.MUTED
    camera.capture.unmute()
    assert camera.condition() is SensorCondition.NOT_PERMITTED
    assert camera.capture.mute()
    camera.capture.permit()
    assert camera.condition() is SensorCondition.MUTED
    time.sleep(0.1)
    assert camera.source.opened == 1
    camera.capture.unmute()
    assert camera.becomes(SensorCondition.RUNNING)
    assert camera.capture.stop()


def test_a_driver_that_does_not_return_is_no_closed_device(camera: Camera) -> None:
    camera.capture.start()
    assert camera.becomes(SensorCondition.RUNNING)
    camera.stuck.clear()
    assert camera.becomes(SensorCondition.HANGING)
    assert not camera.capture.forbid(0.05)
    camera.stuck.set()
    assert camera.becomes(SensorCondition.NOT_PERMITTED)
    assert camera.capture.stop()
