"""From how somebody feels to what the device sees of it: sliders to emotions to a summary with its errors. Host side only.

**Emotions.** The sliders, standardised over the population, give a logit to each emotion (``LOGITS``); a softmax makes
probabilities of them. The weights are assumed: each emotion follows the slider of its name (fear: anxious; disgust, for
which there is no slider: angry and sad), calm is seen as neutral, and energy or tiredness colours those it goes with.
The intercepts make the mean of the population mostly neutral.

**Errors.** The device confuses emotions as the voice network does (``models/voice_confusion.toml``, calm as neutral),
diluted so that the mean share seen right is ``right``; on top, the logits of a summary's mean carry noise, a summary
covers ten minutes of which some are unknown, and the leading emotion may stay below what it takes to be known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.circumplex import COORDINATES
from ertedge.types import EMOTIONS, AffectSummary, Emotion
from tools.data.mpath_esm import SLIDERS

Array = NDArray[np.float64]

LOGITS: dict[Emotion, tuple[float, dict[str, float]]] = {
    Emotion.NEUTRAL: (1.2, {"relaxed": 0.5, "energetic": -0.2}),
    Emotion.HAPPINESS: (0.4, {"happy": 1.2, "energetic": 0.3, "sad": -0.3}),
    Emotion.SADNESS: (-0.4, {"sad": 1.1, "happy": -0.4, "tired": 0.3}),
    Emotion.ANGER: (-0.9, {"angry": 1.1, "relaxed": -0.3}),
    Emotion.FEAR: (-0.7, {"anxious": 1.1, "relaxed": -0.4}),
    Emotion.DISGUST: (-1.6, {"angry": 0.5, "sad": 0.3}),
    Emotion.SURPRISE: (-1.5, {"energetic": 0.5, "tired": -0.2}),
}
"""Intercept and weights of the standardised sliders; assumed."""

_INTERCEPTS = np.array([LOGITS[emotion][0] for emotion in EMOTIONS])
_WEIGHTS = np.array([[LOGITS[emotion][1].get(slider, 0.0) for slider in SLIDERS] for emotion in EMOTIONS])
CIRCUMPLEX = np.array([COORDINATES[emotion] for emotion in EMOTIONS])
"""(7, 2): valence and arousal of each emotion."""

_VOICE = np.array(
    [
        [190, 9, 32, 2, 0, 4, 3],
        [8, 85, 3, 13, 30, 4, 17],
        [51, 24, 44, 3, 24, 8, 6],
        [5, 9, 0, 108, 16, 17, 5],
        [8, 17, 5, 17, 98, 9, 6],
        [11, 4, 7, 19, 9, 101, 9],
        [7, 11, 1, 3, 16, 4, 118],
    ],
    dtype=np.float64,
)
"""Row the true emotion, column the one heard (``EMOTIONS``): models/voice_confusion.toml with calm as neutral."""

KNOWN_LEAST = 0.42
"""Mean probability of the leading emotion from which it counts as known: between the tracker's two thresholds."""
SUMMARY_MINUTES = 10.0
SLOT_MINUTES = 90.0


@dataclass(frozen=True, slots=True)
class Perception:
    """How well the device sees: ``confusion`` (7, 7) rows the true emotion, and the noise of a summary's logits."""

    confusion: Array
    noise: float

    @classmethod
    def seeing(cls, right: float, noise: float) -> Perception:
        """The voice's confusions, diluted or sharpened to this mean share on the diagonal."""
        shares = _VOICE / _VOICE.sum(axis=1, keepdims=True)
        own = float(np.diag(shares).mean())
        errors = shares * (1 - np.eye(len(EMOTIONS)))
        diagonal = 1 - (1 - np.diag(shares)) * min((1 - right) / (1 - own), 1 / float((1 - np.diag(shares)).max()))
        errors *= ((1 - diagonal) / errors.sum(axis=1))[:, None]
        return cls(errors + np.diag(diagonal), noise)


@dataclass(frozen=True, slots=True)
class Glances:
    """The chance in each of K summaries of a person, drawn beforehand so that whoever decides meets the same."""

    logits: Array
    spread: Array
    known_share: Array
    minutes: Array
    trend: Array

    @classmethod
    def draw(cls, count: int, rng: np.random.Generator) -> Glances:
        """For ``count`` summaries."""
        return cls(
            logits=rng.standard_normal((count, len(EMOTIONS))),
            spread=rng.uniform(0.5, 1.5, (count, len(EMOTIONS))),
            known_share=rng.beta(6.0, 2.0, count),
            minutes=rng.exponential(25.0, count),
            trend=0.004 * rng.standard_normal((count, len(EMOTIONS))),
        )


def emotion_probabilities(sliders: Array, expressiveness: float = 1.0) -> Array:
    """(..., 7) standardised sliders -> (..., 7) probabilities of what is shown."""
    logits = _INTERCEPTS + expressiveness * (sliders @ _WEIGHTS.T)
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def summary_of(shown: Array, before: Array, perception: Perception, glances: Glances, number: int) -> AffectSummary:
    """The summary that the device makes of ``shown`` (7,), with ``before`` (7,) shown one and a half hours earlier."""
    seen = shown @ perception.confusion
    blurred = seen * np.exp(perception.noise * glances.logits[number])
    mean = blurred / blurred.sum()
    spread = np.sqrt(mean * (1 - mean)) * 0.35 * glances.spread[number]
    trend = (seen - before @ perception.confusion) / SLOT_MINUTES + glances.trend[number]
    leading = int(mean.argmax())
    known = mean[leading] >= KNOWN_LEAST
    circumplex = mean @ CIRCUMPLEX
    circumplex_sd = np.sqrt(spread**2 @ CIRCUMPLEX**2)
    circumplex_trend = trend @ CIRCUMPLEX
    return AffectSummary(
        minutes=SUMMARY_MINUTES,
        known_share=float(glances.known_share[number]),
        probabilities=mean.astype(np.float32),
        probability_sd=spread.astype(np.float32),
        probability_trend=trend.astype(np.float32),
        valence=float(circumplex[0]),
        valence_sd=float(circumplex_sd[0]),
        valence_trend=float(circumplex_trend[0]),
        arousal=float(circumplex[1]),
        arousal_sd=float(circumplex_sd[1]),
        arousal_trend=float(circumplex_trend[1]),
        confidence=float(mean[leading]) if known else KNOWN_LEAST,
        emotion=EMOTIONS[leading] if known else Emotion.UNKNOWN,
        emotion_minutes=float(glances.minutes[number]) if known else 0.0,
        synthetic=True,
    )
