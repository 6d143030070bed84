"""Smoothing, hysteresis and abstention over time."""

from dataclasses import replace

import numpy as np
import pytest

from ertedge.affect.tracker import TrackedEmotion, Tracker
from ertedge.config import TrackerSettings
from ertedge.types import EMOTIONS, Emotion, Estimate, Float32Array, Reason

SECOND = 1_000_000_000
SETTINGS = TrackerSettings(time_constant_seconds=1.0, confidence_least=0.4, switch_margin=0.1, silence_seconds=3.0)


def lean(emotion: Emotion, probability: float) -> Float32Array:
    p = np.full(7, (1 - probability) / 6, dtype=np.float32)
    p[EMOTIONS.index(emotion)] = probability
    return p


def at(seconds: float, p: Float32Array | None, *reasons: Reason) -> Estimate:
    top = 0.0 if p is None else float(p.max())
    return Estimate(int(seconds * SECOND), p, 0.0, 0.0, top, (), reasons)


def settle(tracker: Tracker, emotion: Emotion, start: float = 0.0) -> TrackedEmotion:
    return [tracker.update(at(start + i / 10, lean(emotion, 0.8))) for i in range(60)][-1]


def test_the_first_clear_estimate_is_the_state() -> None:
    tracked = Tracker(SETTINGS).update(at(0, lean(Emotion.SADNESS, 0.8)))
    assert (tracked.emotion, tracked.reasons) == (Emotion.SADNESS, ())
    assert tracked.confidence == pytest.approx(0.8)
    assert tracked.valence < 0


@pytest.mark.parametrize("rate_hz", [1, 3, 10])
def test_smoothing_depends_on_time_not_on_the_rate(rate_hz: int) -> None:
    tracker = Tracker(SETTINGS)
    tracker.update(at(0, lean(Emotion.NEUTRAL, 0.9)))
    for i in range(1, 2 * rate_hz + 1):
        tracked = tracker.update(at(i / rate_hz, lean(Emotion.HAPPINESS, 0.9)))
    start, target = lean(Emotion.NEUTRAL, 0.9), lean(Emotion.HAPPINESS, 0.9)
    expected = target + np.exp(-2.0) * (start - target)
    assert tracked.probabilities == pytest.approx(expected, abs=1e-5)


def test_one_odd_frame_does_not_switch_the_state_but_a_lasting_change_does() -> None:
    tracker = Tracker(SETTINGS)
    settle(tracker, Emotion.NEUTRAL)
    assert tracker.update(at(6.0, lean(Emotion.ANGER, 0.95))).emotion is Emotion.NEUTRAL
    assert settle(tracker, Emotion.ANGER, 6.1).emotion is Emotion.ANGER


def test_a_narrow_lead_does_not_flicker() -> None:
    tracker = Tracker(SETTINGS)
    settle(tracker, Emotion.NEUTRAL)
    close = np.full(7, 0.02, dtype=np.float32)
    close[EMOTIONS.index(Emotion.NEUTRAL)], close[EMOTIONS.index(Emotion.HAPPINESS)] = 0.43, 0.47
    states = {tracker.update(at(7 + i / 10, close)).emotion for i in range(100)}
    assert states == {Emotion.NEUTRAL}


def test_low_confidence_abstains_with_its_reason_and_recovers_with_hysteresis() -> None:
    tracker = Tracker(SETTINGS)
    vague = tracker.update(at(0, lean(Emotion.FEAR, 0.3)))
    assert (vague.emotion, vague.reasons, vague.confidence) == (Emotion.UNKNOWN, (Reason.LOW_CONFIDENCE,), 0.0)
    between = np.array(lean(Emotion.FEAR, 0.42))
    for i in range(100):
        tracked = tracker.update(at(1 + i / 10, between))
    assert tracked.emotion is Emotion.UNKNOWN
    assert settle(tracker, Emotion.FEAR, 20).emotion is Emotion.FEAR
    for i in range(100):
        tracked = tracker.update(at(30 + i / 10, between))
    assert tracked.emotion is Emotion.FEAR


def test_disagreement_is_the_reason_when_the_estimate_says_so() -> None:
    tracked = Tracker(SETTINGS).update(at(0, lean(Emotion.FEAR, 0.3), Reason.DISAGREEMENT))
    assert tracked.reasons == (Reason.DISAGREEMENT,)


def test_a_short_silence_is_bridged_and_a_long_one_is_unknown_for_its_reasons() -> None:
    tracker = Tracker(SETTINGS)
    settle(tracker, Emotion.HAPPINESS)
    silent = at(7.0, None, Reason.NO_FACE, Reason.NO_SPEECH)
    assert tracker.update(silent).emotion is Emotion.HAPPINESS
    tracked = tracker.update(replace(silent, timestamp_ns=9 * SECOND))
    assert (tracked.emotion, tracked.reasons) == (Emotion.UNKNOWN, (Reason.NO_FACE, Reason.NO_SPEECH))
    assert (tracked.valence, tracked.arousal) == (0.0, 0.0)


def test_unknown_exactly_when_there_are_reasons() -> None:
    tracker, random = Tracker(SETTINGS), np.random.default_rng(7)
    for i in range(500):
        speaks = random.random() < 0.8
        p = random.dirichlet(np.full(7, 0.3)).astype(np.float32) if speaks else None
        tracked = tracker.update(at(i * 0.4, p, *(() if speaks else (Reason.NO_FACE,))))
        assert (tracked.emotion is Emotion.UNKNOWN) == bool(tracked.reasons)
        assert tracked.probabilities.sum() == pytest.approx(1.0, abs=1e-4)


def test_since_is_when_the_emotion_began() -> None:
    tracker = Tracker(SETTINGS)
    tracker.update(at(0.5, lean(Emotion.NEUTRAL, 0.9)))
    assert tracker.update(at(4.0, lean(Emotion.NEUTRAL, 0.9))).since_ns == SECOND // 2


def test_going_back_in_time_is_an_error() -> None:
    tracker = Tracker(SETTINGS)
    tracker.update(at(2, lean(Emotion.NEUTRAL, 0.9)))
    with pytest.raises(ValueError, match="order"):
        tracker.update(at(1, lean(Emotion.NEUTRAL, 0.9)))
