"""States, sensors and a whole device, made by hand for the tests of the command line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ertedge.rpc.client import DeviceStatus, ProcessUsage, StoreHealth, WatchEvent
from ertedge.types import (
    EMOTIONS,
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

NOW_NS = 1_800_000_000_000_000_000


def probabilities(leader: Emotion, value: float = 0.7) -> Float32Array:
    rest = (1 - value) / (len(EMOTIONS) - 1)
    return np.array([value if emotion is leader else rest for emotion in EMOTIONS], np.float32)


def known_state(emotion: Emotion = Emotion.HAPPINESS, *, wall_time_ns: int = NOW_NS) -> EmotionState:
    return EmotionState(
        sequence=41,
        timestamp_ns=wall_time_ns,
        wall_time_ns=wall_time_ns,
        emotion=emotion,
        probabilities=probabilities(emotion),
        valence=0.55,
        arousal=0.31,
        confidence=0.7,
        since_ns=wall_time_ns - 12_000_000_000,
        shares=(
            ModalityShare(Modality.FACE, 0.64, 0.82, probabilities(emotion, 0.76)),
            ModalityShare(Modality.VOICE, 0.36, 0.57, probabilities(Emotion.NEUTRAL, 0.44)),
        ),
    )


def unknown_state(*reasons: Reason) -> EmotionState:
    silent = (
        ModalityShare(Modality.FACE, 0.0, 0.0, None, reasons[:1]),
        ModalityShare(Modality.VOICE, 0.0, 0.0, None, reasons[1:2]),
    )
    return replace(known_state(), emotion=Emotion.UNKNOWN, shares=silent, reasons=reasons, confidence=0.3)


def event(state: EmotionState | None, *, late_seconds: float = 0.0, dropped: int = 0) -> WatchEvent:
    sent_ns = (state.wall_time_ns if state else NOW_NS) + int(late_seconds * 1e9)
    return WatchEvent(state, state.sequence if state else 41, dropped, sent_ns)


def sensor(
    name: SensorName, condition: SensorCondition = SensorCondition.RUNNING, detail: str = "", device: str = "USB [1]"
) -> SensorStatus:
    return SensorStatus(name, condition, device, detail, records=7, lost=2, rate_hz=9.96, reopened=1)


def sensors(camera: SensorCondition = SensorCondition.RUNNING, detail: str = "") -> tuple[SensorStatus, SensorStatus]:
    return sensor(SensorName.CAMERA, camera, detail), sensor(SensorName.MICROPHONE)


MODEL = ModelInfo("facenet", "1.0", "facenet.tflite", "ab" * 32, "litert", 250_000, "research only", ("neutral",), 812)


def drifts() -> tuple[ModalityDrift, ...]:
    detail = "The picture looks unlike what the face model knows: clean the lens"
    return (
        ModalityDrift(Modality.FACE, DriftCondition.DRIFTED, (DriftSign.UNLIKE,), detail, NOW_NS),
        ModalityDrift(Modality.VOICE, DriftCondition.STEADY),
    )


def device_status() -> DeviceStatus:
    return DeviceStatus(
        version="0.1.0",
        wall_time_ns=NOW_NS,
        start_wall_time_ns=NOW_NS - 60_000_000_000,
        source="camera and microphone",
        synthetic=False,
        sensor_connected=True,
        sensor_restart_count=2,
        sensors=sensors(),
        models=(MODEL,),
        processes=(ProcessUsage("core", 70_000_000, 1.5),),
        store=StoreHealth(True, "", 4096, 10_000_000_000, 12, 0),
        watcher_count=3,
        last_sequence=41,
        drifts=drifts(),
    )
