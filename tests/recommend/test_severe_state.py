"""A severe state is strongly negative, confident and lasting; confusion delays it, absence ends it, demos do not count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.recommend.severe_state import SevereLevel, SevereState, is_better, is_severe
from ertedge.types import AffectSummary, Emotion, EmotionState, Reason
from tests.recommend.worlds import affect

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS


def reading(emotion: Emotion, valence: float, confidence: float = 0.7, *, synthetic: bool = False) -> EmotionState:
    reasons = (Reason.NO_FACE,) if emotion is Emotion.UNKNOWN else ()
    return EmotionState(
        1, 1, 1, emotion, np.zeros(7, np.float32), valence, 0.0, confidence, 1, (), reasons, synthetic=synthetic
    )


SAD = reading(Emotion.SADNESS, -0.5)
CALM = reading(Emotion.NEUTRAL, 0.0)
LOW = reading(Emotion.SADNESS, -0.2)
NOBODY = reading(Emotion.UNKNOWN, 0.0, 0.0)


class Life:
    """Readings every two seconds."""

    def __init__(self, saved: SevereLevel | None = None) -> None:
        self.severe = SevereState(20.0, saved)
        self.now_ns = saved.seen_ns if saved else 0

    def live(self, state: EmotionState, minutes: float, summary: AffectSummary | None = None) -> bool:
        for _ in range(round(minutes * 30)):
            self.now_ns += 2 * SECOND_NS
            self.severe.see(state, summary, self.now_ns)
        return self.severe.sustained


@pytest.mark.parametrize(
    ("emotion", "valence", "confidence", "severe"),
    [
        (Emotion.SADNESS, -0.5, 0.7, True),
        (Emotion.FEAR, -0.36, 0.51, True),
        (Emotion.ANGER, -0.4, 0.6, True),
        (Emotion.DISGUST, -0.5, 0.9, False),
        (Emotion.SADNESS, -0.34, 0.9, False),
        (Emotion.SADNESS, -0.5, 0.49, False),
        (Emotion.NEUTRAL, -0.5, 0.9, False),
        (Emotion.UNKNOWN, -0.6, 0.0, False),
    ],
)
def test_what_is_severe(emotion: Emotion, valence: float, confidence: float, severe: bool) -> None:
    assert is_severe(reading(emotion, valence, confidence)) is severe


def test_what_is_better() -> None:
    assert is_better(CALM)
    assert is_better(reading(Emotion.HAPPINESS, 0.6))
    assert not is_better(LOW)
    assert not is_better(NOBODY)


def test_it_takes_the_whole_time_and_no_less() -> None:
    life = Life()
    assert not life.live(SAD, 19.9)
    assert life.live(SAD, 0.2)


def test_unknown_and_mild_readings_delay_and_do_not_reset() -> None:
    life = Life()
    for _ in range(9):
        assert not life.live(SAD, 2.0)
        assert not life.live(NOBODY, 3.0)
        assert not life.live(LOW, 0.4)
    assert life.live(SAD, 3.0)


def test_a_tenth_of_confused_readings_costs_a_fifth_more_time() -> None:
    life = Life()
    minutes = 0.0
    while not life.severe.sustained:
        life.live(SAD, 0.9)
        life.live(CALM, 0.1)
        minutes += 1.0
    assert minutes == pytest.approx(25.0, abs=1.0)


def test_as_much_calm_as_distress_never_fills_it() -> None:
    life = Life()
    for _ in range(50):
        assert not life.live(SAD, 5.0)
        assert not life.live(CALM, 5.0)


def test_hours_of_feeling_low_drain_it_slowly() -> None:
    life = Life()
    life.live(SAD, 14.0)
    life.live(LOW, 60.0)
    assert not life.live(SAD, 16.0)
    assert life.live(SAD, 5.1)
    assert life.live(LOW, 79.0)
    assert not life.live(LOW, 2.0)


def test_it_lasts_until_it_has_drained() -> None:
    life = Life()
    assert life.live(SAD, 21.0)
    assert life.live(NOBODY, 120.0)
    assert life.live(CALM, 19.0)
    assert not life.live(CALM, 1.1)


def test_a_day_without_a_severe_reading_ends_it_also_without_a_calm_one() -> None:
    life = Life()
    life.live(SAD, 21.0)
    assert life.live(NOBODY, 23 * 60.0)
    assert not life.live(NOBODY, 61.0)


def test_an_hour_away_forgets_what_was_not_yet_sustained() -> None:
    life = Life()
    life.live(SAD, 19.0)
    life.live(NOBODY, 59.0)
    assert life.live(SAD, 1.1)
    other = Life()
    other.live(SAD, 19.0)
    other.live(NOBODY, 61.0)
    assert not other.live(SAD, 19.0)


def test_a_gap_between_readings_counts_for_ten_seconds_at_most() -> None:
    life = Life()
    life.severe.see(SAD, None, life.now_ns)
    for _ in range(119):
        life.now_ns += 30 * MINUTE_NS
        life.severe.see(SAD, None, life.now_ns)
    assert not life.severe.sustained


def test_a_summary_that_has_seen_it_last_is_believed() -> None:
    severe = replace(affect(Emotion.SADNESS, 20.0), valence=-0.5)
    assert Life().live(SAD, 0.1, severe)
    for other in (
        replace(severe, emotion_minutes=19.0),
        replace(severe, valence=-0.3),
        replace(severe, confidence=0.4),
        replace(severe, emotion=Emotion.DISGUST),
        replace(severe, synthetic=True),
    ):
        assert not Life().live(SAD, 0.1, other)
    assert not Life().live(CALM, 0.1, severe)


def test_synthetic_and_real_readings_never_add_up() -> None:
    life = Life()
    life.live(reading(Emotion.SADNESS, -0.5, synthetic=True), 15.0)
    assert not life.live(SAD, 15.0)
    assert life.live(SAD, 6.0)
    assert not life.severe.synthetic


def test_it_goes_on_after_a_restart() -> None:
    life = Life()
    life.live(SAD, 15.0)
    again = Life(life.severe.level())
    assert not again.live(SAD, 4.9)
    assert again.live(SAD, 0.2)
    assert Life(again.severe.level()).severe.sustained
