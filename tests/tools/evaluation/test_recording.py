"""When a recording began that a daemon plays, and which moments of it the states are held against."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.types import (
    EMOTIONS,
    Emotion,
    EmotionState,
    Modality,
    ModalityShare,
    SensorCondition,
    SensorName,
    SensorStatus,
)
from tools.data.recording_plan import FRAMES_PER_SECOND
from tools.evaluation.recording import Played, _begun, _shown

pytestmark = [pytest.mark.tools]
SECOND = 1_000_000_000


def camera(records: int, condition: SensorCondition = SensorCondition.RUNNING) -> list[SensorStatus]:
    microphone = SensorStatus(SensorName.MICROPHONE, SensorCondition.RUNNING, "", "", records=7 * records)
    return [microphone, SensorStatus(SensorName.CAMERA, condition, "", "", records=records)]


def test_the_beginning_is_told_by_the_pictures_that_have_come_however_late_one_looks() -> None:
    start = 50 * SECOND
    begun = None
    # Reports are a second apart: whoever looks in between sees too few pictures.
    for after, reported in ((3.4, 3), (3.9, 3), (4.02, 4), (4.7, 4), (9.5, 9)):
        begun = _begun(camera(reported * FRAMES_PER_SECOND), start + round(after * SECOND), begun)
    assert begun == pytest.approx(start + 0.02 * SECOND, abs=1e6)


def test_a_camera_that_does_not_run_says_nothing_of_the_beginning() -> None:
    assert _begun(camera(0), 9 * SECOND, None) is None
    assert _begun(camera(40, SensorCondition.ENDED), 99 * SECOND, 5) == 5
    assert _begun(camera(40)[:1], 9 * SECOND, None) is None


def test_moments_count_from_the_beginning_and_what_was_before_is_left_out() -> None:
    happy = np.full(7, 0.02, np.float32)
    happy[EMOTIONS.index(Emotion.HAPPINESS)] = 0.88
    share = (ModalityShare(Modality.FACE, 1.0, 1.0, happy),)
    states = tuple(
        EmotionState(1, 0, round(at * SECOND), Emotion.HAPPINESS, happy, 0.0, 0.0, 0.88, 0, share, ())
        for at in (99.0, 100.0, 103.5)
    )
    shown = _shown(Played(states, 100 * SECOND))
    assert [moment.seconds for moment in shown] == [0.0, 3.5]
    assert {moment.said["fused"] for moment in shown} == {Emotion.HAPPINESS}
