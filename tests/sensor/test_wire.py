"""What goes over the internal wire comes back the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.errors import InvalidRequestError, SensorUnavailableError
from ertedge.sensor import wire
from ertedge.sensor.v1 import sensor_service_pb2 as messages
from ertedge.types import (
    Modality,
    Prediction,
    Reason,
    SensorCondition,
    SensorName,
    SensorReport,
    SensorStatus,
)
from tests.sensor.fakes import MODEL, probabilities


def there_and_back(event: wire.SensorEvent) -> wire.SensorEvent:
    sent = wire.event_message(event).SerializeToString()
    return wire.event_record(messages.WatchPredictionsResponse.FromString(sent))


def test_a_prediction_survives() -> None:
    embedding = np.linspace(-1, 1, 128, dtype=np.float32)
    event = Prediction(Modality.FACE, 2**62, probabilities(), 0.25, (), faces=2, embedding=embedding)
    back = there_and_back(event)
    assert isinstance(back, Prediction)
    assert back.probabilities is not None
    assert back.embedding is not None
    np.testing.assert_array_equal(back.probabilities, probabilities())
    np.testing.assert_array_equal(back.embedding, embedding)
    assert back.probabilities.dtype == back.embedding.dtype == np.float32
    assert replace(back, probabilities=None, embedding=None) == replace(event, probabilities=None, embedding=None)


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("modality", list(Modality))
def test_an_abstention_survives_with_every_reason(modality: Modality, reason: Reason) -> None:
    event = Prediction(modality, 5, None, 0.0, (reason, Reason.NO_SENSOR))
    assert there_and_back(event) == event


@pytest.mark.parametrize("condition", list(SensorCondition))
def test_a_report_survives_with_every_condition(condition: SensorCondition) -> None:
    statuses = tuple(SensorStatus(name, condition, "device", "what to do", 7, 3, 9.5, 2, 11) for name in SensorName)
    event = SensorReport(
        12, statuses, (MODEL, replace(MODEL, inference_us=0)), "demo", True, 2**40, 1.5, -3_600_000_000_000
    )
    assert there_and_back(event) == event


def test_another_version_is_told_apart() -> None:
    with pytest.raises(SensorUnavailableError, match="restart both"):
        wire.event_record(messages.WatchPredictionsResponse())
    unknown = messages.WatchPredictionsResponse(prediction=messages.Prediction(modality=99))  # type: ignore[arg-type]
    with pytest.raises(SensorUnavailableError, match="modality 99"):
        wire.event_record(unknown)
    short = messages.WatchPredictionsResponse(
        prediction=messages.Prediction(modality=1, probabilities=[0.5, 0.5])  # type: ignore[arg-type]
    )
    with pytest.raises(SensorUnavailableError, match="2 probabilities instead of 7"):
        wire.event_record(short)
    with pytest.raises(SensorUnavailableError, match="'thermometer'"):
        wire.status_record(messages.SensorStatus(sensor="thermometer", condition=1))  # type: ignore[arg-type]


def test_only_sensors_have_names() -> None:
    assert wire.sensor_name("camera") is SensorName.CAMERA
    with pytest.raises(InvalidRequestError, match="use camera or microphone"):
        wire.sensor_name("Camera ")
