"""States summed up: against the plain computation over all of them, over gaps, blips, jumps of the clock and fast play."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ertedge.recommend.affect_window import AffectWindow
from ertedge.types import EMOTIONS, AffectSummary, Emotion, EmotionState, Float32Array, Modality, ModalityShare

SECOND = 1_000_000_000
WALL = 1_790_000_000 * SECOND
SAD, HAPPY, NEUTRAL, FEAR, UNKNOWN = (
    Emotion.SADNESS,
    Emotion.HAPPINESS,
    Emotion.NEUTRAL,
    Emotion.FEAR,
    Emotion.UNKNOWN,
)


def lean(emotion: Emotion, probability: float = 0.8) -> Float32Array:
    p = np.full(7, (1 - probability) / 6, dtype=np.float32)
    if emotion is not UNKNOWN:
        p[EMOTIONS.index(emotion)] = probability
    return p


def state(
    seconds: float,
    emotion: Emotion,
    *,
    valence: float = 0.0,
    confidence: float = 0.8,
    wall_seconds: float | None = None,
    shares: tuple[ModalityShare, ...] = (),
) -> EmotionState:
    wall = seconds if wall_seconds is None else wall_seconds
    stamp = int(seconds * SECOND)
    return EmotionState(
        sequence=0,
        timestamp_ns=stamp,
        wall_time_ns=WALL + int(wall * SECOND),
        emotion=emotion,
        probabilities=lean(emotion),
        valence=valence,
        arousal=-valence,
        confidence=confidence if emotion is not UNKNOWN else 0.0,
        since_ns=stamp,
        shares=shares,
    )


def play(window: AffectWindow, *parts: tuple[Emotion, float], start: float = 0.0, step: float = 0.5) -> float:
    """Feed each emotion for so many seconds. Returns when the last one ends; the state that closes it is not fed."""
    now = start
    for emotion, seconds in parts:
        end = now + seconds
        while now < end - 1e-9:
            window.add(state(now, emotion))
            now += step
    return now


def summary_at(window: AffectWindow, seconds: float) -> AffectSummary:
    return window.summary(WALL + int(seconds * SECOND))


def stretch_of(*parts: tuple[Emotion, float], step: float = 0.5) -> tuple[Emotion, float]:
    """The leading emotion after ``parts``, and for how many seconds it has led."""
    window = AffectWindow()
    end = play(window, *parts, step=step)
    window.add(state(end, parts[-1][0]))
    summary = summary_at(window, end)
    return summary.emotion, summary.emotion_minutes * 60.0


def test_the_summary_is_the_time_weighted_mean_of_all_states_of_its_span() -> None:
    rng = np.random.default_rng(4)
    window = AffectWindow(span_seconds=300.0)
    states, now = [], 0.0
    for _ in range(3000):
        emotion = Emotion(rng.choice([e.value for e in (*EMOTIONS, UNKNOWN)]))
        states.append(
            state(now, emotion, valence=float(rng.uniform(-1, 1)) + now / 900, confidence=float(rng.uniform()))
        )
        now += float(rng.exponential(0.5))
    for each in states:
        window.add(each)
    summary = window.summary(states[-1].wall_time_ns)
    expected = plain(states, 300.0)
    assert summary.minutes == pytest.approx(5.0)
    assert summary.known_share == pytest.approx(expected["known_share"], abs=0.02)
    assert summary.probabilities == pytest.approx(expected["probabilities"], abs=0.01)
    assert summary.valence == pytest.approx(expected["valence"], abs=0.02)
    assert summary.arousal == pytest.approx(-expected["valence"], abs=0.02)
    assert summary.valence_sd == pytest.approx(expected["valence_sd"], abs=0.02)
    assert summary.valence_trend == pytest.approx(expected["valence_trend"], abs=0.01)
    assert summary.confidence == pytest.approx(expected["confidence"], abs=0.02)


def plain(states: Sequence[EmotionState], span_seconds: float) -> dict[str, float | Float32Array]:
    """The same from all states at once, without bins."""
    times = np.array([s.timestamp_ns / SECOND for s in states])
    held = np.append(np.minimum(np.diff(times), 30.0), 0.0)
    inside = times >= times[-1] - span_seconds
    known = inside & np.array([s.emotion is not UNKNOWN for s in states])
    weights = held[known] / held[known].sum()
    valence = np.array([s.valence for s in states])[known]
    minutes = times[known] / 60.0
    apart = minutes - weights @ minutes
    mean = weights @ valence
    return {
        "known_share": held[known].sum() / span_seconds,
        "probabilities": weights @ np.array([s.probabilities for s in states])[known],
        "valence": mean,
        "valence_sd": np.sqrt(weights @ (valence - mean) ** 2),
        "valence_trend": (weights @ (apart * valence)) / (weights @ apart**2),
        "confidence": weights @ np.array([s.confidence for s in states])[known],
    }


def test_nothing_seen_is_nothing_said() -> None:
    window = AffectWindow()
    for summary in (window.summary(WALL), summary_at(fed(window, (UNKNOWN, 60.0)), 60.0)):
        assert (summary.known_share, summary.emotion, summary.emotion_minutes) == (0.0, UNKNOWN, 0.0)
        assert summary.probabilities == pytest.approx(np.full(7, 1 / 7))
        assert summary.valence == summary.arousal == summary.confidence == 0.0


def fed(window: AffectWindow, *parts: tuple[Emotion, float]) -> AffectWindow:
    play(window, *parts)
    return window


def test_a_gap_is_time_not_known() -> None:
    window = AffectWindow()
    play(window, (SAD, 60.0))
    play(window, (SAD, 60.5), start=300.0)
    summary = summary_at(window, 360.0)
    assert summary.minutes == pytest.approx(6.0, abs=0.02)
    assert summary.known_share == pytest.approx(150 / 360, abs=0.01)  # the last state before the gap counts for 30 s
    assert summary.emotion_minutes == pytest.approx(1.0, abs=0.02)


def test_an_old_window_says_nothing_of_now() -> None:
    window = fed(AffectWindow(), (SAD, 300.0))
    assert summary_at(window, 310.0).emotion is SAD
    later = summary_at(window, 2000.0)
    assert later.emotion is UNKNOWN
    assert (later.known_share, later.minutes) == (0.0, 10.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(SAD, 60.0)], (SAD, 60.0)),
        ([(HAPPY, 300.0), (SAD, 60.0)], (SAD, 60.0)),
        ([(SAD, 60.0), (HAPPY, 4.0), (SAD, 30.0)], (SAD, 94.0)),
        ([(SAD, 60.0), (HAPPY, 4.0)], (SAD, 64.0)),
        ([(SAD, 60.0), (HAPPY, 15.0)], (HAPPY, 15.0)),
        ([(SAD, 60.0), (UNKNOWN, 30.0), (SAD, 30.0)], (SAD, 120.0)),
        ([(SAD, 60.0), (UNKNOWN, 90.0)], (UNKNOWN, 0.0)),
        ([(SAD, 60.0), (UNKNOWN, 90.0), (SAD, 20.0)], (SAD, 20.0)),
        ([(SAD, 3000.0)], (SAD, 3000.0)),
    ],
)
def test_a_stretch_outlasts_blips_and_nothing_else(
    parts: list[tuple[Emotion, float]], expected: tuple[Emotion, float]
) -> None:
    emotion, seconds = stretch_of(*parts)
    assert emotion is expected[0]
    assert seconds == pytest.approx(expected[1], abs=1.0)


def test_blips_that_come_again_and_again_end_a_stretch() -> None:
    _, seconds = stretch_of(*[(SAD, 6.0), (HAPPY, 6.0)] * 30)
    assert seconds < 40.0
    _, seconds = stretch_of(*[(SAD, 6.0), (UNKNOWN, 20.0)] * 30)
    assert seconds < 180.0


def test_a_stretch_tells_how_sure_it_was_and_who_carried_it() -> None:
    window = AffectWindow()
    play(window, (NEUTRAL, 300.0))
    sounded = (
        ModalityShare(Modality.FACE, 0.3, 0.9, lean(NEUTRAL)),
        ModalityShare(Modality.VOICE, 0.7, 0.9, lean(FEAR)),
    )
    for i in range(241):
        window.add(state(300.0 + i / 2, FEAR, confidence=0.6, shares=sounded))
    summary = summary_at(window, 420.0)
    assert summary.emotion is FEAR
    assert summary.emotion_minutes == pytest.approx(2.0)
    assert summary.emotion_confidence == pytest.approx(0.6)
    assert summary.confidence == pytest.approx((300 * 0.8 + 120 * 0.6) / 420)
    assert (summary.face_share, summary.voice_share) == pytest.approx((0.0, 0.7))


@pytest.mark.parametrize("jump", [-7200.0, 7200.0])
def test_a_jump_of_the_wall_clock_changes_no_span(jump: float) -> None:
    window = AffectWindow()
    for i in range(600):
        offset = jump if i >= 300 else 0.0
        window.add(state(i / 2, SAD, valence=-0.5 if i < 400 else 0.2, wall_seconds=i / 2 + offset))
    summary = summary_at(window, 299.5 + jump)
    assert summary.minutes == pytest.approx(299.5 / 60)
    assert summary.emotion_minutes == pytest.approx(299.5 / 60)
    after = window.since_summary(WALL + int((200.0 + jump) * SECOND))
    assert after is not None
    assert after.valence == pytest.approx(0.2)


def test_since_a_moment_counts_only_what_came_after_it() -> None:
    window = AffectWindow()
    for i in range(1200):
        window.add(state(i / 2, SAD if i < 600 else HAPPY, valence=-0.6 if i < 600 else 0.4))
    after = window.since_summary(WALL + 300 * SECOND)
    assert after is not None
    assert (after.valence, after.arousal) == pytest.approx((0.4, -0.4))
    assert after.minutes == pytest.approx(5.0, abs=0.05)
    assert window.since_summary(WALL + 595 * SECOND) is None
    assert AffectWindow().since_summary(WALL) is None


def test_time_that_begins_anew_begins_a_new_window() -> None:
    window = fed(AffectWindow(), (SAD, 300.0))
    play(window, (HAPPY, 60.5), start=10.0)
    summary = summary_at(window, 70.0)
    assert summary.emotion is HAPPY
    assert summary.minutes == pytest.approx(1.0)
    assert summary.probabilities[EMOTIONS.index(SAD)] < 0.1


def test_a_week_at_a_thousand_times_the_speed_keeps_its_size() -> None:
    """A state every twenty seconds of the scenario, as when a fast simulation outruns the device."""
    window = AffectWindow()
    size = window._sums.nbytes
    end = play(window, *[(NEUTRAL, 3600.0), (SAD, 1200.0)] * 20, step=20.0)
    window.add(state(end, SAD))
    summary = summary_at(window, end)
    assert window._sums.nbytes == size
    assert summary.emotion is SAD
    assert summary.emotion_minutes == pytest.approx(20.0)
    assert summary.known_share == pytest.approx(1.0, abs=0.05)
