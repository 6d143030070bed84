"""Between the records of ``types`` and ``core.records`` and the messages of ``ertedge.v1``, both ways. Floor 3.

Only this module knows both. The monotonic clock stays on the device: a state crosses the wire with its wall time and its
age, and a state read from the wire counts ``timestamp_ns`` and ``since_ns`` on the wall clock, so that their difference,
the age of the emotion, is right. ``name`` fields follow ``collection/id``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ertedge.core.records import DeviceStatus, LedgerEntry, ProcessUsage, StoreHealth, WatchEvent
from ertedge.types import (
    EMOTIONS,
    SENSOR_OF,
    DriftCondition,
    DriftSign,
    Emotion,
    EmotionState,
    Float32Array,
    Modality,
    ModalityDrift,
    ModalityShare,
    ModelInfo,
    Reason,
    SensorCondition,
    SensorName,
    SensorStatus,
)
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import emotion_pb2 as emotion
from ertedge.v1 import emotion_service_pb2 as emotion_service

PROFILES = "profiles/"
SECOND_NS = 1_000_000_000
MODALITY_OF = {sensor: modality for modality, sensor in SENSOR_OF.items()}
Word = TypeVar("Word", bound=StrEnum)


class WireEnum(Protocol):
    """An enum as protobuf generates it."""

    def Value(self, name: str) -> int: ...  # noqa: N802 (protobuf's name)


def numbers(words: type[Word], wire: WireEnum, prefix: str) -> dict[Word, int]:
    """The number of each of ``words`` on the wire, where it is called ``PREFIX_WORD``."""
    return {word: wire.Value(f"{prefix}_{word.name}") for word in words}


EMOTION_NUMBER = numbers(Emotion, emotion.Emotion, "EMOTION")
_MODALITY = numbers(Modality, emotion.Modality, "MODALITY")
_REASON = numbers(Reason, emotion.Reason, "REASON")
_CONDITION = numbers(SensorCondition, device.SensorCondition, "SENSOR_CONDITION")
_DRIFT_CONDITION = numbers(DriftCondition, device.DriftCondition, "DRIFT_CONDITION")
_DRIFT_SIGN = numbers(DriftSign, device.DriftSign, "DRIFT_SIGN")
EMOTION_OF_NUMBER = {number: word for word, number in EMOTION_NUMBER.items()}
_MODALITY_OF_NUMBER = {number: word for word, number in _MODALITY.items()}
_REASON_OF_NUMBER = {number: word for word, number in _REASON.items()}
_CONDITION_OF_NUMBER = {number: word for word, number in _CONDITION.items()}
_DRIFT_CONDITION_OF_NUMBER = {number: word for word, number in _DRIFT_CONDITION.items()}
_DRIFT_SIGN_OF_NUMBER = {number: word for word, number in _DRIFT_SIGN.items()}


def timestamp_message(wall_time_ns: int) -> Timestamp:
    """UTC nanoseconds as a Timestamp."""
    seconds, nanos = divmod(wall_time_ns, SECOND_NS)
    return Timestamp(seconds=seconds, nanos=nanos)


def timestamp_ns(message: Timestamp) -> int:
    """A Timestamp as UTC nanoseconds."""
    return int(message.seconds) * SECOND_NS + int(message.nanos)


def duration_message(span_ns: int) -> Duration:
    """A span as a Duration; both of its fields carry the sign."""
    seconds, nanos = divmod(abs(span_ns), SECOND_NS)
    sign = -1 if span_ns < 0 else 1
    return Duration(seconds=sign * seconds, nanos=sign * nanos)


def duration_ns(message: Duration) -> int:
    """A Duration in nanoseconds."""
    return int(message.seconds) * SECOND_NS + int(message.nanos)


def state_message(state: EmotionState) -> emotion.EmotionState:
    """A state as it goes out."""
    return emotion.EmotionState(
        name=f"emotionStates/{state.sequence}",
        sequence=state.sequence,
        time=timestamp_message(state.wall_time_ns),
        emotion=EMOTION_NUMBER[state.emotion],  # type: ignore[arg-type]
        probabilities=_probability_messages(state.probabilities),
        valence=state.valence,
        arousal=state.arousal,
        confidence=state.confidence,
        emotion_age=duration_message(max(0, state.timestamp_ns - state.since_ns)),
        shares=[_share_message(share) for share in state.shares],
        reasons=[_REASON[reason] for reason in state.reasons],  # type: ignore[misc]
        synthetic=state.synthetic,
        state_count=state.state_count,
        profile=profile_name(state.profile_id),
    )


def state_record(message: emotion.EmotionState) -> EmotionState:
    """A state as it came in; ``timestamp_ns`` is its wall time, ``since_ns`` that less the emotion's age."""
    wall_time_ns = timestamp_ns(message.time)
    probabilities = _probabilities(message.probabilities)
    return EmotionState(
        sequence=message.sequence,
        timestamp_ns=wall_time_ns,
        wall_time_ns=wall_time_ns,
        emotion=EMOTION_OF_NUMBER.get(message.emotion, Emotion.UNKNOWN),
        probabilities=np.zeros(len(EMOTIONS), np.float32) if probabilities is None else probabilities,
        valence=message.valence,
        arousal=message.arousal,
        confidence=message.confidence,
        since_ns=wall_time_ns - duration_ns(message.emotion_age),
        shares=tuple(_share_record(share) for share in message.shares if share.modality in _MODALITY_OF_NUMBER),
        reasons=_reasons(message.reasons),
        synthetic=message.synthetic,
        state_count=message.state_count,
        profile_id=profile_id(message.profile),
    )


def profile_name(number: int) -> str:
    """The resource name of a profile, empty for none."""
    return f"{PROFILES}{number}" if number else ""


def profile_id(name: str) -> int:
    """The number in a profile's resource name, 0 where it is empty or none."""
    number = name.removeprefix(PROFILES)
    return int(number) if name.startswith(PROFILES) and number.isascii() and number.isdigit() else 0


def watch_message(event: WatchEvent) -> emotion_service.WatchEmotionStatesResponse:
    """An event of a watch stream as it goes out."""
    return emotion_service.WatchEmotionStatesResponse(
        emotion_state=None if event.state is None else state_message(event.state),
        sequence=event.sequence,
        dropped_count=event.dropped_count,
        send_time=timestamp_message(event.send_wall_time_ns),
    )


def watch_record(message: emotion_service.WatchEmotionStatesResponse) -> WatchEvent:
    """An event of a watch stream as it came in."""
    return WatchEvent(
        state=state_record(message.emotion_state) if message.HasField("emotion_state") else None,
        sequence=message.sequence,
        dropped_count=message.dropped_count,
        send_wall_time_ns=timestamp_ns(message.send_time),
    )


def sensor_message(status: SensorStatus) -> device.Sensor:
    """A sensor as it goes out."""
    return device.Sensor(
        name=f"sensors/{status.sensor.value}",
        modality=_MODALITY[MODALITY_OF[status.sensor]],  # type: ignore[arg-type]
        condition=_CONDITION[status.condition],  # type: ignore[arg-type]
        muted=status.condition is SensorCondition.MUTED,
        device=status.device,
        detail=status.detail,
        record_count=status.records,
        lost_count=status.lost,
        rate_hz=status.rate_hz,
        reopen_count=status.reopened,
    )


def sensor_record(message: device.Sensor) -> SensorStatus:
    """A sensor as it came in; ``since_ns`` does not cross the wire and is 0."""
    return SensorStatus(
        sensor=SensorName(message.name.removeprefix("sensors/")),
        condition=_CONDITION_OF_NUMBER.get(message.condition, SensorCondition.FAILED),
        device=message.device,
        detail=message.detail,
        records=message.record_count,
        lost=message.lost_count,
        rate_hz=message.rate_hz,
        reopened=message.reopen_count,
    )


def model_message(model: ModelInfo) -> device.Model:
    """A model as it goes out."""
    return device.Model(
        name=f"models/{model.name}",
        version=model.version,
        file=model.file,
        sha256=model.sha256,
        runtime=model.runtime,
        size_bytes=model.size_bytes,
        terms=model.terms,
        labels=model.labels,
        inference_duration=duration_message(model.inference_us * 1_000) if model.inference_us else None,
    )


def model_record(message: device.Model) -> ModelInfo:
    """A model as it came in."""
    return ModelInfo(
        name=message.name.removeprefix("models/"),
        version=message.version,
        file=message.file,
        sha256=message.sha256,
        runtime=message.runtime,
        size_bytes=message.size_bytes,
        terms=message.terms,
        labels=tuple(message.labels),
        inference_us=duration_ns(message.inference_duration) // 1_000,
    )


def status_message(status: DeviceStatus) -> device.DeviceStatus:
    """The device's status as it goes out."""
    return device.DeviceStatus(
        name="deviceStatus",
        version=status.version,
        time=timestamp_message(status.wall_time_ns),
        start_time=timestamp_message(status.start_wall_time_ns),
        source=status.source,
        synthetic=status.synthetic,
        sensor_connected=status.sensor_connected,
        sensor_restart_count=status.sensor_restart_count,
        sensors=[sensor_message(sensor) for sensor in status.sensors],
        models=[model_message(model) for model in status.models],
        processes=[_process_message(process) for process in status.processes],
        store=_store_message(status.store),
        watcher_count=status.watcher_count,
        last_sequence=status.last_sequence,
        drifts=[_drift_message(drift) for drift in status.drifts],
    )


def status_record(message: device.DeviceStatus) -> DeviceStatus:
    """The device's status as it came in."""
    return DeviceStatus(
        version=message.version,
        wall_time_ns=timestamp_ns(message.time),
        start_wall_time_ns=timestamp_ns(message.start_time),
        source=message.source,
        synthetic=message.synthetic,
        sensor_connected=message.sensor_connected,
        sensor_restart_count=message.sensor_restart_count,
        sensors=tuple(sensor_record(sensor) for sensor in message.sensors),
        models=tuple(model_record(model) for model in message.models),
        processes=tuple(_process_record(process) for process in message.processes),
        store=_store_record(message.store),
        watcher_count=message.watcher_count,
        last_sequence=message.last_sequence,
        drifts=tuple(_drift_record(drift) for drift in message.drifts),
    )


def _drift_message(drift: ModalityDrift) -> device.ModalityDrift:
    return device.ModalityDrift(
        modality=_MODALITY[drift.modality],  # type: ignore[arg-type]
        condition=_DRIFT_CONDITION[drift.condition],  # type: ignore[arg-type]
        signs=[_DRIFT_SIGN[sign] for sign in drift.signs],  # type: ignore[misc]
        detail=drift.detail,
        start_time=timestamp_message(drift.since_wall_ns) if drift.since_wall_ns else None,
    )


def _drift_record(message: device.ModalityDrift) -> ModalityDrift:
    return ModalityDrift(
        modality=_MODALITY_OF_NUMBER[message.modality],
        condition=_DRIFT_CONDITION_OF_NUMBER.get(message.condition, DriftCondition.OFF),
        signs=tuple(_DRIFT_SIGN_OF_NUMBER[number] for number in message.signs if number in _DRIFT_SIGN_OF_NUMBER),
        detail=message.detail,
        since_wall_ns=timestamp_ns(message.start_time),
    )


def ledger_message(entry: LedgerEntry) -> device.PrivacyLedgerEntry:
    """An entry of the privacy ledger as it goes out."""
    return device.PrivacyLedgerEntry(
        name=f"privacyLedgerEntries/{entry.entry_id}",
        time=timestamp_message(entry.wall_time_ns),
        event=entry.event,
        subject=entry.subject,
        detail=entry.detail,
    )


def ledger_record(message: device.PrivacyLedgerEntry) -> LedgerEntry:
    """An entry of the privacy ledger as it came in."""
    return LedgerEntry(
        entry_id=int(message.name.removeprefix("privacyLedgerEntries/")),
        wall_time_ns=timestamp_ns(message.time),
        event=message.event,
        subject=message.subject,
        detail=message.detail,
    )


def _probability_messages(probabilities: Float32Array) -> list[emotion.EmotionProbability]:
    return [
        emotion.EmotionProbability(emotion=EMOTION_NUMBER[word], probability=float(value))  # type: ignore[arg-type]
        for word, value in zip(EMOTIONS, probabilities, strict=True)
    ]


def _probabilities(messages: Iterable[emotion.EmotionProbability]) -> Float32Array | None:
    """(7,) float32 in the order of ``EMOTIONS`` whatever the order of the message; None if it is empty."""
    given = {EMOTION_OF_NUMBER.get(message.emotion): message.probability for message in messages}
    return np.array([given.get(word, 0.0) for word in EMOTIONS], np.float32) if given else None


def _reasons(numbers: Iterable[int]) -> tuple[Reason, ...]:
    return tuple(_REASON_OF_NUMBER[number] for number in numbers if number in _REASON_OF_NUMBER)


def _share_message(share: ModalityShare) -> emotion.ModalityShare:
    return emotion.ModalityShare(
        modality=_MODALITY[share.modality],  # type: ignore[arg-type]
        weight=share.weight,
        quality=share.quality,
        probabilities=() if share.probabilities is None else _probability_messages(share.probabilities),
        reasons=[_REASON[reason] for reason in share.reasons],  # type: ignore[misc]
    )


def _share_record(message: emotion.ModalityShare) -> ModalityShare:
    return ModalityShare(
        modality=_MODALITY_OF_NUMBER[message.modality],
        weight=message.weight,
        quality=message.quality,
        probabilities=_probabilities(message.probabilities),
        reasons=_reasons(message.reasons),
    )


def _process_message(usage: ProcessUsage) -> device.ProcessStatus:
    return device.ProcessStatus(
        process=usage.process,
        resident_bytes=usage.resident_bytes,
        cpu_time=duration_message(round(usage.cpu_seconds * SECOND_NS)),
    )


def _process_record(message: device.ProcessStatus) -> ProcessUsage:
    return ProcessUsage(message.process, message.resident_bytes, duration_ns(message.cpu_time) / SECOND_NS)


def _store_message(health: StoreHealth) -> device.StoreStatus:
    return device.StoreStatus(
        writing=health.writing,
        detail=health.detail,
        size_bytes=health.size_bytes,
        free_bytes=health.free_bytes,
        state_count=health.state_count,
        lost_count=health.lost_count,
    )


def _store_record(message: device.StoreStatus) -> StoreHealth:
    return StoreHealth(
        writing=message.writing,
        detail=message.detail,
        size_bytes=message.size_bytes,
        free_bytes=message.free_bytes,
        state_count=message.state_count,
        lost_count=message.lost_count,
    )
