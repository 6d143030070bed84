"""The whole flow with the built-in demo: a photograph and a synthetic voice through the real models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from ertedge.config import Config
from ertedge.errors import RecordingError
from ertedge.sensor.flow import Flow
from ertedge.sensor.loop import SensorLoop
from ertedge.types import Modality, SensorCondition, SensorName
from tests.sensor.fakes import RecordingOutlet, until
from tests.sensor.test_perceive import copied_models, flip_a_byte

LOADED_SECONDS = 20.0


@contextlib.contextmanager
def playing(flow: Flow, muted: frozenset[SensorName] = frozenset()) -> Iterator[RecordingOutlet]:
    outlet = RecordingOutlet()
    flow.start(outlet, muted, frozenset())
    try:
        yield outlet
    finally:
        assert flow.stop()


def said(outlet: RecordingOutlet, modality: Modality) -> bool:
    return any(one.modality is modality and one.probabilities is not None for one in outlet.predictions)


def test_the_demo_is_read_by_face_and_by_voice() -> None:
    flow = SensorLoop.of(Config(source="demo"))
    assert flow.synthetic
    with playing(flow) as outlet:
        assert until(lambda: said(outlet, Modality.FACE), LOADED_SECONDS)
        assert until(lambda: said(outlet, Modality.VOICE), LOADED_SECONDS)
        assert {status.condition for status in flow.statuses()} == {SensorCondition.RUNNING}
        assert [model.name for model in flow.models()] == ["detector", "facenet", "voice"]
        assert flow.stall() == ""
        faces = [one for one in outlet.predictions if one.modality is Modality.FACE and one.embedding is not None]
        assert faces[0].faces == 1
        assert flow.mute(SensorName.CAMERA)
        assert [status.condition for status in flow.statuses()] == [SensorCondition.MUTED, SensorCondition.RUNNING]
    assert {status.condition for status in flow.statuses()} <= {SensorCondition.OFF, SensorCondition.MUTED}


@pytest.mark.parametrize(
    ("broken", "failed", "going_on"),
    [("facenet", SensorName.CAMERA, Modality.VOICE), ("voice", SensorName.MICROPHONE, Modality.FACE)],
)
def test_a_broken_model_leaves_the_other_modality_alone(
    tmp_path: Path, broken: str, failed: SensorName, going_on: Modality
) -> None:
    config = copied_models(tmp_path)
    flip_a_byte(config, broken)
    flow = SensorLoop.of(config.model_copy(update={"source": "demo"}))
    with playing(flow) as outlet:
        assert until(lambda: said(outlet, going_on), LOADED_SECONDS)
        (status,) = [one for one in flow.statuses() if one.sensor is failed]
        assert status.condition is SensorCondition.FAILED
        assert "install ertedge again" in status.detail
        assert {one.modality for one in outlet.predictions} == {going_on}
        assert flow.stall() == ""


def test_a_recording_read_fast_gives_every_frame_once_and_the_same_every_time(tmp_path: Path) -> None:
    for number in range(30):
        assert cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((120, 160, 3), number, np.uint8))
    distances = []
    for _ in range(2):
        flow = SensorLoop.of(Config(source=f"replay:{tmp_path}?pace=fast"))
        with playing(flow) as outlet:
            assert until(lambda outlet=outlet: len(outlet.predictions) == 30, LOADED_SECONDS)  # type: ignore[misc]
            camera, microphone = flow.statuses()
            assert camera.condition is SensorCondition.ENDED
            assert microphone.condition is SensorCondition.OFF
            assert "has no sound" in microphone.detail
        distances.append([one.timestamp_ns - outlet.predictions[0].timestamp_ns for one in outlet.predictions])
    assert distances[0] == distances[1] == [number * 100_000_000 for number in range(30)]


def test_a_recording_that_cannot_be_read_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError):
        SensorLoop.of(Config(source=f"replay:{tmp_path / 'nowhere.mkv'}"))
