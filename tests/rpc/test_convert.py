"""What goes over the wire comes back the same, but for the monotonic clock, of which only ages cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.core.records import DeviceStatus, LedgerEntry, ProcessUsage, StoreHealth, WatchEvent
from ertedge.rpc import convert
from ertedge.types import (
    DriftCondition,
    DriftSign,
    Emotion,
    EmotionState,
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
from tests.core.fakes import leaning

WALL_NS = 1_800_000_000_123_456_789
STATE = EmotionState(
    sequence=7,
    timestamp_ns=5_000_000_000,
    wall_time_ns=WALL_NS,
    emotion=Emotion.FEAR,
    probabilities=leaning(Emotion.FEAR),
    valence=-0.5,
    arousal=0.75,
    confidence=0.5,
    since_ns=3_499_999_999,
    shares=(
        ModalityShare(Modality.FACE, 1.0, 0.5, leaning(Emotion.SADNESS), (Reason.OFF_POSE,)),
        ModalityShare(Modality.VOICE, 0.0, 0.0, None, (Reason.MUTED, Reason.NO_SPEECH)),
    ),
    synthetic=True,
    state_count=60,
)
SENSOR = SensorStatus(SensorName.MICROPHONE, SensorCondition.BUSY, "hw:0", "close the other program", 10, 3, 9.5, 2)
MODEL = ModelInfo("face", "1.0", "face.tflite", "ab" * 32, "litert", 1_000_000, "research only", ("a", "b"), 2_300)


def _plain(state: EmotionState) -> EmotionState:
    """Without what is compared apart: arrays, and the monotonic times."""
    return replace(state, probabilities=STATE.probabilities, timestamp_ns=0, since_ns=0, shares=())


def test_a_state() -> None:
    message = convert.state_message(STATE)
    back = convert.state_record(emotion.EmotionState.FromString(message.SerializeToString()))
    assert message.name == "emotionStates/7"
    assert (message.emotion_age.seconds, message.emotion_age.nanos) == (1, 500_000_001)
    assert back.timestamp_ns - back.since_ns == 1_500_000_001
    np.testing.assert_array_equal(back.probabilities, STATE.probabilities)
    np.testing.assert_array_equal(back.shares[0].probabilities, STATE.shares[0].probabilities)
    assert back.shares[1] == STATE.shares[1]
    assert _plain(back) == _plain(STATE)


def test_an_abstention_keeps_its_reasons() -> None:
    unknown = replace(STATE, emotion=Emotion.UNKNOWN, reasons=(Reason.TWO_PEOPLE, Reason.LOW_CONFIDENCE))
    assert convert.state_record(convert.state_message(unknown)).reasons == unknown.reasons


@pytest.mark.parametrize("word", [*Emotion])
def test_every_emotion_crosses(word: Emotion) -> None:
    assert convert.state_record(convert.state_message(replace(STATE, emotion=word))).emotion is word


@pytest.mark.parametrize("condition", [*SensorCondition])
def test_every_condition_crosses(condition: SensorCondition) -> None:
    message = convert.sensor_message(replace(SENSOR, condition=condition))
    assert convert.sensor_record(message).condition is condition
    assert message.muted == (condition is SensorCondition.MUTED)


def test_the_wire_knows_no_word_that_the_records_do_not() -> None:
    assert len(emotion.Emotion.items()) == len(Emotion) + 1
    assert len(emotion.Reason.items()) == len(Reason) + 1
    assert len(emotion.Modality.items()) == len(Modality) + 1
    assert len(device.SensorCondition.items()) == len(SensorCondition) + 1


def test_a_word_of_a_newer_daemon_does_not_break_an_older_client() -> None:
    message = convert.state_message(replace(STATE, emotion=Emotion.UNKNOWN, reasons=(Reason.TOO_DARK,)))
    message.emotion = 99  # type: ignore[assignment]
    message.reasons.append(99)  # type: ignore[arg-type]
    back = convert.state_record(message)
    assert (back.emotion, back.reasons) == (Emotion.UNKNOWN, (Reason.TOO_DARK,))


def test_a_heartbeat_has_no_state() -> None:
    event = WatchEvent(None, 9, 4, WALL_NS)
    assert convert.watch_record(convert.watch_message(event)) == event


def test_the_status_with_all_its_parts() -> None:
    status = DeviceStatus(
        version="0.1",
        wall_time_ns=WALL_NS,
        start_wall_time_ns=WALL_NS - 1,
        source="replay:x",
        synthetic=False,
        sensor_connected=True,
        sensor_restart_count=2,
        sensors=(SENSOR,),
        models=(MODEL, replace(MODEL, inference_us=0)),
        processes=(ProcessUsage("core", 80_000_000, 1.25),),
        store=StoreHealth(False, "the disk is full", 1, 2, 3, 4),
        watcher_count=5,
        last_sequence=6,
        drifts=(
            ModalityDrift(Modality.FACE, DriftCondition.DRIFTED, tuple(DriftSign), "clean the lens", WALL_NS),
            ModalityDrift(Modality.VOICE, DriftCondition.OFF, (), "the model is not loaded"),
        ),
    )
    assert convert.status_record(convert.status_message(status)) == status


def test_a_ledger_entry() -> None:
    entry = LedgerEntry(3, WALL_NS, "CAMERA_OPENED", "camera", "The camera was opened.")
    assert convert.ledger_record(convert.ledger_message(entry)) == entry


@pytest.mark.parametrize("span_ns", [0, 1, -1, 1_500_000_000, -1_500_000_000])
def test_spans_have_one_sign(span_ns: int) -> None:
    message = convert.duration_message(span_ns)
    assert convert.duration_ns(message) == span_ns
    assert message.seconds * message.nanos >= 0


@pytest.mark.parametrize("wall_ns", [0, WALL_NS, -1])
def test_moments(wall_ns: int) -> None:
    message = convert.timestamp_message(wall_ns)
    assert convert.timestamp_ns(message) == wall_ns
    assert 0 <= message.nanos < 1_000_000_000
