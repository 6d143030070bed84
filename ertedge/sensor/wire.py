"""Between the records of ``types`` and the messages of ``ertedge.sensor.v1``, both ways. Floor 2.

Only this module knows both. Both ends come from one installation, so a number that is not known is no newer client to be
kept working: it raises ``SensorUnavailableError``, which says that the two processes differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np

from ertedge.errors import InvalidRequestError, SensorUnavailableError
from ertedge.perception import voice_statistics
from ertedge.sensor.v1 import sensor_service_pb2 as wire
from ertedge.types import (
    EMOTIONS,
    Emotion,
    Float32Array,
    Modality,
    ModelInfo,
    Prediction,
    Reason,
    SensorCondition,
    SensorName,
    SensorReport,
    SensorStatus,
)
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import emotion_pb2 as emotion

EMBEDDING_SIZES = {Modality.FACE: 128, Modality.VOICE: voice_statistics.SIZE}

SensorEvent = Prediction | SensorReport
"""What the sensor process sends."""

Word = TypeVar("Word", bound=StrEnum)


class _WireEnum(Protocol):
    def Value(self, name: str) -> int: ...  # noqa: N802 (protobuf's name)


def _numbers(words: type[Word], enum: _WireEnum, prefix: str) -> dict[Word, int]:
    return {word: enum.Value(f"{prefix}_{word.name}") for word in words}


_MODALITY = _numbers(Modality, emotion.Modality, "MODALITY")
_REASON = _numbers(Reason, emotion.Reason, "REASON")
_CONDITION = _numbers(SensorCondition, device.SensorCondition, "SENSOR_CONDITION")
_EMOTION = _numbers(Emotion, emotion.Emotion, "EMOTION")
_EMOTION_OF_NUMBER = {number: word for word, number in _EMOTION.items()}
_MODALITY_OF_NUMBER = {number: word for word, number in _MODALITY.items()}
_REASON_OF_NUMBER = {number: word for word, number in _REASON.items()}
_CONDITION_OF_NUMBER = {number: word for word, number in _CONDITION.items()}


def event_message(event: SensorEvent) -> wire.WatchPredictionsResponse:
    """An event as it goes out."""
    if isinstance(event, Prediction):
        return wire.WatchPredictionsResponse(prediction=_prediction_message(event))
    return wire.WatchPredictionsResponse(report=_report_message(event))


def event_record(message: wire.WatchPredictionsResponse) -> SensorEvent:
    """An event as it came in. Raises SensorUnavailableError for one that this version does not know."""
    match message.WhichOneof("event"):
        case "prediction":
            return _prediction_record(message.prediction)
        case "report":
            return _report_record(message.report)
        case _:
            raise _another_version("an event of a kind that is not known")


def status_message(status: SensorStatus) -> wire.SensorStatus:
    """A sensor's status as it goes out."""
    return wire.SensorStatus(
        sensor=status.sensor.value,
        condition=_CONDITION[status.condition],  # type: ignore[arg-type]
        device=status.device,
        detail=status.detail,
        record_count=status.records,
        lost_count=status.lost,
        rate_hz=status.rate_hz,
        reopen_count=status.reopened,
        since_ns=status.since_ns,
    )


def status_record(message: wire.SensorStatus) -> SensorStatus:
    """A sensor's status as it came in. Raises SensorUnavailableError for words that this version does not know."""
    if message.sensor not in set(SensorName):
        raise _another_version(f"the sensor {message.sensor!r}")
    return SensorStatus(
        sensor=SensorName(message.sensor),
        condition=_known(_CONDITION_OF_NUMBER, message.condition, "condition"),
        device=message.device,
        detail=message.detail,
        records=message.record_count,
        lost=message.lost_count,
        rate_hz=message.rate_hz,
        reopened=message.reopen_count,
        since_ns=message.since_ns,
    )


def emotion_number(emotion: Emotion | None) -> int:
    """The number of one of the seven; of None that of nothing said."""
    return 0 if emotion is None else _EMOTION[emotion]


def emotion_record(number: int) -> Emotion | None:
    """One of the seven, None for nothing said. Raises SensorUnavailableError for a number that is not known."""
    return None if number == 0 else _known(_EMOTION_OF_NUMBER, number, "emotion")


def sensor_name(text: str) -> SensorName:
    """The sensor that a request names. Raises InvalidRequestError when there is none of that name."""
    try:
        return SensorName(text)
    except ValueError:
        known = " or ".join(SensorName)
        raise InvalidRequestError([("sensor", f"{text!r} is no sensor; use {known}")]) from None


def _prediction_message(prediction: Prediction) -> wire.Prediction:
    return wire.Prediction(
        modality=_MODALITY[prediction.modality],  # type: ignore[arg-type]
        timestamp_ns=prediction.timestamp_ns,
        probabilities=_floats(prediction.probabilities),
        quality=prediction.quality,
        reasons=[_REASON[reason] for reason in prediction.reasons],  # type: ignore[misc]
        face_count=prediction.faces,
        embedding=_floats(prediction.embedding),
    )


def _prediction_record(message: wire.Prediction) -> Prediction:
    modality = _known(_MODALITY_OF_NUMBER, message.modality, "modality")
    return Prediction(
        modality=modality,
        timestamp_ns=message.timestamp_ns,
        probabilities=_vector(message.probabilities, len(EMOTIONS), "probabilities"),
        quality=message.quality,
        reasons=tuple(_known(_REASON_OF_NUMBER, number, "reason") for number in message.reasons),
        faces=message.face_count,
        embedding=_vector(message.embedding, EMBEDDING_SIZES[modality], "embedding"),
    )


def _report_message(report: SensorReport) -> wire.Report:
    return wire.Report(
        timestamp_ns=report.timestamp_ns,
        sensors=[status_message(status) for status in report.sensors],
        models=[_model_message(model) for model in report.models],
        source=report.source,
        synthetic=report.synthetic,
        resident_bytes=report.resident_bytes,
        cpu_seconds=report.cpu_seconds,
        clock_offset_ns=report.clock_offset_ns,
    )


def _report_record(message: wire.Report) -> SensorReport:
    return SensorReport(
        timestamp_ns=message.timestamp_ns,
        sensors=tuple(status_record(status) for status in message.sensors),
        models=tuple(_model_record(model) for model in message.models),
        source=message.source,
        synthetic=message.synthetic,
        resident_bytes=message.resident_bytes,
        cpu_seconds=message.cpu_seconds,
        clock_offset_ns=message.clock_offset_ns,
    )


def _model_message(model: ModelInfo) -> device.Model:
    message = device.Model(
        name=model.name,
        version=model.version,
        file=model.file,
        sha256=model.sha256,
        runtime=model.runtime,
        size_bytes=model.size_bytes,
        terms=model.terms,
        labels=model.labels,
    )
    if model.inference_us:
        message.inference_duration.FromMicroseconds(model.inference_us)
    return message


def _model_record(message: device.Model) -> ModelInfo:
    return ModelInfo(
        name=message.name,
        version=message.version,
        file=message.file,
        sha256=message.sha256,
        runtime=message.runtime,
        size_bytes=message.size_bytes,
        terms=message.terms,
        labels=tuple(message.labels),
        inference_us=message.inference_duration.ToMicroseconds(),
    )


def _floats(vector: Float32Array | None) -> list[float]:
    return [] if vector is None else vector.tolist()


def _vector(values: Sequence[float], size: int, name: str) -> Float32Array | None:
    """(size,) float32, or None when the message holds none."""
    if not values:
        return None
    if len(values) != size:
        raise _another_version(f"{len(values)} {name} instead of {size}")
    return np.array(values, np.float32)


def _known(words: Mapping[int, Word], number: int, name: str) -> Word:
    if number not in words:
        raise _another_version(f"{name} {number}")
    return words[number]


def _another_version(what: str) -> SensorUnavailableError:
    return SensorUnavailableError(f"the sensor process sent {what}; it is of another version: restart both processes")
