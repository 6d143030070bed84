"""A modality's threads: what is muted is closed, what is odd is counted, what stands still is admitted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from ertedge.capture.buffers import LatestFrame
from ertedge.config import SensorSettings
from ertedge.errors import ModelIntegrityError, PerceptionError
from ertedge.sensor import path as path_module
from ertedge.sensor.path import ModalityPath
from ertedge.sensor.perceive import Perception
from ertedge.types import Modality, Prediction, SensorCondition, VideoFrame
from tests.sensor.fakes import MODEL, FakeSource, RecordingOutlet, frame, probabilities, until

SETTINGS = SensorSettings(device_silence_seconds=0.3)


def seen(record: VideoFrame) -> tuple[Prediction, ...]:
    return (Prediction(Modality.FACE, record.timestamp_ns, probabilities(), 0.9, faces=1),)


def face(perceive: Callable[[VideoFrame], tuple[Prediction, ...]] = seen) -> Callable[[], Perception[VideoFrame]]:
    return lambda: Perception(perceive, (MODEL,))


class Rig:
    """Makes paths and stops them afterwards."""

    def __init__(self) -> None:
        self.source = FakeSource(frame)
        self.outlet = RecordingOutlet()
        self.paths: list[ModalityPath[VideoFrame]] = []

    def path(
        self,
        load: Callable[[], Perception[VideoFrame]],
        *,
        muted: bool = False,
        permitted: bool = True,
        lossless: bool = False,
        ready: Callable[[float], bool] = lambda seconds: True,
    ) -> ModalityPath[VideoFrame]:
        made = ModalityPath(
            Modality.FACE, self.source, LatestFrame(lossless=lossless), load, SETTINGS, lossless=lossless
        )
        self.paths.append(made)
        made.start(self.outlet, muted, ready, permitted=permitted)
        return made

    def stop(self) -> None:
        self.source.release.set()
        self.outlet.has_room = True
        assert {path.stop() for path in self.paths} <= {True}


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.stop()


def test_frames_become_predictions(rig: Rig) -> None:
    path = rig.path(face())
    assert until(lambda: len(rig.outlet.predictions) > 5)
    assert path.status().condition is SensorCondition.RUNNING
    assert path.models == (MODEL,)
    assert path.stall() == ""


def test_muted_from_the_beginning_the_device_is_never_opened(rig: Rig) -> None:
    path = rig.path(face(), muted=True)
    assert path.loaded.wait(5)
    time.sleep(0.3)
    assert path.status().condition is SensorCondition.MUTED
    assert rig.source.opened == 0
    assert rig.outlet.predictions == []
    path.unmute()
    assert until(lambda: len(rig.outlet.predictions) > 0)


def test_a_mute_closes_the_device_within_a_second_and_nothing_follows(rig: Rig) -> None:
    path = rig.path(face())
    assert until(lambda: len(rig.outlet.predictions) > 2)
    begin = time.monotonic()
    assert path.mute()
    assert time.monotonic() - begin < 1.0
    assert not rig.source.is_open
    count = len(rig.outlet.predictions)
    time.sleep(0.3)
    assert len(rig.outlet.predictions) == count
    assert path.status().condition is SensorCondition.MUTED
    assert path.stall() == ""


def test_a_record_that_cannot_be_processed_is_counted_logged_once_and_passed_over(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    def every_other(record: VideoFrame) -> tuple[Prediction, ...]:
        if record.timestamp_ns % 2:
            raise PerceptionError("a frame of no size; check the camera")
        if record.timestamp_ns % 4:
            raise ZeroDivisionError
        return seen(record)

    path = rig.path(face(every_other))
    assert until(lambda: len(rig.outlet.predictions) > 3)
    assert "could not be processed" in path.status().detail
    assert path.status().condition is SensorCondition.RUNNING
    assert len([record for record in caplog.records if "could not be processed" in record.message]) == 1


def test_models_that_cannot_be_used_close_the_device_and_say_what_to_do(rig: Rig) -> None:
    def broken() -> Perception[VideoFrame]:
        raise ModelIntegrityError("facenet.tflite differs from its sha256; install ertedge again")

    path = rig.path(broken)
    assert until(lambda: path.status().condition is SensorCondition.FAILED)
    assert path.status().detail == "facenet.tflite differs from its sha256; install ertedge again"
    assert until(lambda: not rig.source.is_open)
    assert path.stall() == ""
    assert path.mute()
    assert path.status().condition is SensorCondition.MUTED
    path.unmute()
    time.sleep(0.2)
    assert not rig.source.is_open


def test_a_perception_that_stands_still_is_admitted(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_module, "STALL_SECONDS", 0.3)

    def stuck(record: VideoFrame) -> tuple[Prediction, ...]:
        rig.source.release.wait(20)
        return ()

    path = rig.path(face(stuck))
    assert until(lambda: "face loop has stood still" in path.stall())
    rig.source.release.set()
    assert until(lambda: path.stall() == "")


def test_a_driver_that_stops_returning_is_admitted_and_a_mute_of_it_fails(rig: Rig) -> None:
    path = rig.path(face())
    assert until(lambda: len(rig.outlet.predictions) > 2)
    rig.source.hang.set()
    assert until(lambda: "driver of the camera has not returned" in path.stall())
    assert path.status().condition is SensorCondition.HANGING
    assert not path.mute()


def test_a_driver_that_never_returned_in_this_process_does_not_end_it_at_once(rig: Rig) -> None:
    rig.source.hang.set()
    path = rig.path(face())
    assert until(lambda: path.status().condition is SensorCondition.HANGING)
    assert path.stall() == ""


def test_a_recording_waits_until_all_models_are_loaded(rig: Rig) -> None:
    rig.source = FakeSource(frame, live=False)
    others_loaded: list[bool] = []

    def ready(seconds: float) -> bool:
        time.sleep(0.01)
        return bool(others_loaded)

    path = rig.path(face(), ready=ready)
    assert path.loaded.wait(5)
    time.sleep(0.2)
    assert rig.source.opened == 0
    others_loaded.append(True)
    assert until(lambda: len(rig.outlet.predictions) > 2)
    assert rig.outlet.predictions[0].timestamp_ns == 1


def test_read_fast_nothing_is_lost_while_nobody_has_room(rig: Rig) -> None:
    rig.outlet.has_room = False
    path = rig.path(face(), lossless=True)
    time.sleep(0.5)
    assert path.stall() == ""
    assert rig.outlet.predictions == []
    rig.outlet.has_room = True
    assert until(lambda: len(rig.outlet.predictions) > 10)
    assert [one.timestamp_ns for one in rig.outlet.predictions][:10] == list(range(1, 11))


def test_without_a_source_it_is_off_and_says_why() -> None:
    path = ModalityPath(
        Modality.FACE, None, LatestFrame(), face(), SETTINGS, absence="the replay of a.wav has no picture"
    )
    path.start(RecordingOutlet(), False, lambda seconds: True)
    assert path.status().condition is SensorCondition.OFF
    assert path.status().detail == "the replay of a.wav has no picture"
    assert path.mute()
    assert path.status().condition is SensorCondition.MUTED
    assert path.stop()


def test_without_permission_a_device_is_never_opened_and_with_it_is(rig: Rig) -> None:
    path = rig.path(face(), permitted=False)
    assert path.loaded.wait(5)
    time.sleep(0.3)
    assert path.status().condition is SensorCondition.NOT_PERMITTED
    assert rig.source.opened == 0
    assert path.stall() == ""
    assert path.permit(True)
    assert until(lambda: len(rig.outlet.predictions) > 0)
    assert path.permit(False)
    assert not rig.source.is_open
    count = len(rig.outlet.predictions)
    time.sleep(0.3)
    assert len(rig.outlet.predictions) == count


def test_what_is_no_device_needs_no_permission(rig: Rig) -> None:
    rig.source = FakeSource(frame, live=False)
    path = rig.path(face(), permitted=False)
    assert until(lambda: len(rig.outlet.predictions) > 2)
    assert path.permit(False)
    assert path.status().condition is SensorCondition.RUNNING


def test_a_permission_cannot_be_taken_from_a_driver_that_does_not_return(rig: Rig) -> None:
    path = rig.path(face())
    assert until(lambda: len(rig.outlet.predictions) > 2)
    rig.source.hang.set()
    assert until(lambda: path.status().condition is SensorCondition.HANGING)
    assert not path.permit(False)
