"""What ``--json`` prints is JSON with the API's words, whatever the numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from ertedge.ctl.objects import (
    entry_object,
    event_object,
    model_object,
    print_object,
    sensor_object,
    state_object,
    status_object,
    time_text,
)
from ertedge.rpc.client import LedgerEntry
from ertedge.types import EMOTIONS, Reason, SensorName
from tests.ctl.samples import MODEL, device_status, event, known_state, sensor, unknown_state


def refuse(constant: str) -> float:
    raise ValueError(constant)


def test_every_object_is_strict_json() -> None:
    for value in (
        state_object(known_state()),
        state_object(unknown_state(Reason.NO_FACE)),
        event_object(event(known_state())),
        event_object(event(None)),
        sensor_object(sensor(SensorName.CAMERA)),
        model_object(MODEL),
        entry_object(LedgerEntry(1, 0, "CAMERA_OPENED", "camera", "The camera was opened.")),
        status_object(device_status()),
    ):
        assert json.loads(json.dumps(value, allow_nan=False), parse_constant=refuse) == value


def test_a_state_tells_all_it_knows() -> None:
    found = state_object(known_state())
    assert found["emotion"] == "happiness"
    assert found["emotion_age_seconds"] == 12.0
    assert found["time"] == "2027-01-15T08:00:00.000Z"
    probabilities = found["probabilities"]
    assert isinstance(probabilities, dict)
    assert list(probabilities) == [str(emotion) for emotion in EMOTIONS]
    assert probabilities["happiness"] == pytest.approx(0.7)
    assert [share["modality"] for share in found["shares"]] == ["face", "voice"]  # type: ignore[union-attr,index,call-overload]


def test_an_unknown_state_gives_its_reasons() -> None:
    found = state_object(unknown_state(Reason.NO_FACE, Reason.NO_SPEECH))
    assert found["reasons"] == ["no_face", "no_speech"]


def test_numbers_that_are_none_become_null(capsys: pytest.CaptureFixture[str]) -> None:
    broken = replace(
        known_state(), valence=float("nan"), arousal=float("inf"), probabilities=np.full(7, np.nan, np.float32)
    )
    print_object(state_object(broken))
    found = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert found["valence"] is None
    assert found["arousal"] is None
    assert set(found["probabilities"].values()) == {None}


def test_a_heartbeat_is_told_from_a_state() -> None:
    assert event_object(event(None, dropped=3)) == {
        "heartbeat": True,
        "time": "2027-01-15T08:00:00.000Z",
        "sequence": 41,
        "dropped_count": 3,
    }
    assert "heartbeat" not in event_object(event(known_state()))


def test_an_object_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_object({"detail": "two\nlines"})
    assert capsys.readouterr().out.count("\n") == 1


def test_time_is_utc_with_milliseconds() -> None:
    assert time_text(1_500_000) == "1970-01-01T00:00:00.001Z"
