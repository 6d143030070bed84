"""Valence and arousal from the probabilities of the seven emotions: where each stands on the circumplex. Floor 1.

The circumplex (Russell 1980, "A circumplex model of affect", J. Pers. Soc. Psychol. 39:1161-1178) lays affect out by
pleasure and arousal. The coordinates are the mean ratings, on scales from -1 to 1, of the words happy, sad, angry,
fearful, disgusted and surprised in Russell & Mehrabian 1977, "Evidence for a three-factor theory of emotions", J. Res.
Pers. 11:273-294 (their third factor, dominance, is left out); neutral is the origin by definition.
"""

from __future__ import annotations

import numpy as np

from ertedge.types import EMOTIONS, Emotion, Float32Array

COORDINATES: dict[Emotion, tuple[float, float]] = {
    Emotion.NEUTRAL: (0.00, 0.00),
    Emotion.HAPPINESS: (0.81, 0.51),
    Emotion.SADNESS: (-0.63, -0.27),
    Emotion.ANGER: (-0.51, 0.59),
    Emotion.FEAR: (-0.64, 0.60),
    Emotion.DISGUST: (-0.60, 0.35),
    Emotion.SURPRISE: (0.40, 0.67),
}
"""(valence, arousal) of each emotion, both in [-1, 1]."""

_MATRIX: Float32Array = np.array([COORDINATES[emotion] for emotion in EMOTIONS], dtype=np.float32)


def valence_arousal(probabilities: Float32Array) -> tuple[float, float]:
    """The expected (valence, arousal), each in [-1, 1], under ``probabilities`` of shape (7,) that sum to one."""
    valence, arousal = probabilities @ _MATRIX
    return float(valence), float(arousal)
