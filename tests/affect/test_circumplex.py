"""Valence and arousal lie where the circumplex says."""

import numpy as np
import pytest

from ertedge.affect.circumplex import COORDINATES, valence_arousal
from ertedge.types import EMOTIONS, Emotion


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_a_certain_emotion_stands_at_its_own_place(emotion: Emotion) -> None:
    certain = np.eye(7, dtype=np.float32)[EMOTIONS.index(emotion)]
    assert valence_arousal(certain) == pytest.approx(COORDINATES[emotion])


def test_pleasant_and_unpleasant_emotions_are_on_their_own_sides() -> None:
    assert COORDINATES[Emotion.HAPPINESS][0] > 0.5
    for unpleasant in (Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR, Emotion.DISGUST):
        assert COORDINATES[unpleasant][0] < -0.5
    assert COORDINATES[Emotion.SADNESS][1] < 0 < COORDINATES[Emotion.ANGER][1]


def test_a_mixture_is_between() -> None:
    half = np.zeros(7, dtype=np.float32)
    half[EMOTIONS.index(Emotion.HAPPINESS)] = half[EMOTIONS.index(Emotion.NEUTRAL)] = 0.5
    assert valence_arousal(half) == pytest.approx((0.405, 0.255))
