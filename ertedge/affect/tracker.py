"""Estimates over time become a state: smoothing, hysteresis, abstention. Floor 1; the clock is the estimates' own.

Smoothing is an exponential average over irregular time: an estimate that comes dt after the last one counts
``1 - exp(-dt / time_constant)`` (the exact step of a first-order low-pass filter), so ten estimates a second and one a
second settle equally fast. Hysteresis keeps a state from flickering: another emotion must lead by ``switch_margin``, and
a state that was unknown needs a little more confidence to become known than a known one needs to stay. Who leads is decided
on the smoothed probabilities; what is shown, and held against the least confidence, is these tempered by what was measured
of states that the same modalities carried (``confidence``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ertedge.affect.circumplex import valence_arousal
from ertedge.affect.confidence import AS_IT_COMES, Carrier, ConfidenceScale, carrier_of
from ertedge.config import TrackerSettings
from ertedge.types import EMOTIONS, Emotion, Estimate, Float32Array, ModalityShare, Reason

CONFIDENCE_HYSTERESIS = 0.04
"""How much more confidence it takes to become known than to stay known."""


@dataclass(frozen=True, slots=True)
class TrackedEmotion:
    """The state after an estimate. Fields as in ``EmotionState``; ``probabilities`` is (7,), smoothed and tempered."""

    timestamp_ns: int
    emotion: Emotion
    probabilities: Float32Array
    valence: float
    arousal: float
    confidence: float
    since_ns: int
    shares: tuple[ModalityShare, ...]
    reasons: tuple[Reason, ...]


class Tracker:
    """Follows one person. Feed it every estimate in the order of their timestamps."""

    def __init__(self, settings: TrackerSettings, scale: ConfidenceScale = AS_IT_COMES) -> None:
        """``scale`` is what was measured of the confidence of states; its least counts where ``settings`` has none."""
        self._settings = settings
        self._scale = scale
        self._carrier = Carrier.FUSED
        self._time_constant_ns = settings.time_constant_seconds * 1e9
        self._silence_ns = int(settings.silence_seconds * 1e9)
        self._smoothed: Float32Array | None = None
        self._heard_ns = 0
        self._emotion = Emotion.UNKNOWN
        self._since_ns: int | None = None

    def update(self, estimate: Estimate) -> TrackedEmotion:
        """Take in ``estimate`` and return the state at its timestamp.

        Raises ``ValueError`` when the estimate is older than the one before.
        """
        now_ns = estimate.timestamp_ns
        if self._since_ns is not None and now_ns < max(self._heard_ns, self._since_ns):
            raise ValueError("estimates must come in the order of their timestamps")
        if estimate.probabilities is not None:
            self._smooth(estimate.probabilities, now_ns)
            self._carrier = carrier_of(estimate)
        elif self._smoothed is not None and now_ns - self._heard_ns >= self._silence_ns:
            self._smoothed = None
        emotion, reasons = self._decide(estimate)
        if emotion is not self._emotion or self._since_ns is None:
            self._emotion, self._since_ns = emotion, now_ns
        return self._tracked(estimate, reasons, self._since_ns)

    def _smooth(self, probabilities: Float32Array, now_ns: int) -> None:
        if self._smoothed is None:
            self._smoothed = probabilities.copy()
        else:
            share = 1.0 - math.exp(-(now_ns - self._heard_ns) / self._time_constant_ns)
            mixed = self._smoothed + share * (probabilities - self._smoothed)
            self._smoothed = (mixed / mixed.sum()).astype(np.float32)
        self._heard_ns = now_ns

    def _decide(self, estimate: Estimate) -> tuple[Emotion, tuple[Reason, ...]]:
        if self._smoothed is None:
            return Emotion.UNKNOWN, estimate.reasons or (Reason.LOW_CONFIDENCE,)
        shown = self._scale.of(self._carrier).tempered(self._smoothed)
        leader = int(self._smoothed.argmax())
        known = self._emotion is not Emotion.UNKNOWN
        needed = self._least() + (0.0 if known else CONFIDENCE_HYSTERESIS)
        if float(shown[leader]) < needed:
            disagree = Reason.DISAGREEMENT in estimate.reasons
            return Emotion.UNKNOWN, (Reason.DISAGREEMENT if disagree else Reason.LOW_CONFIDENCE,)
        if known:
            current = EMOTIONS.index(self._emotion)
            lead = float(self._smoothed[leader] - self._smoothed[current])
            # A state that no longer carries enough confidence itself gives way to any leader that does.
            if lead < self._settings.switch_margin and float(shown[current]) >= needed:
                leader = current
        return EMOTIONS[leader], ()

    def _least(self) -> float:
        given = self._settings.confidence_least
        return self._scale.of(self._carrier).least if given is None else given

    def _tracked(self, estimate: Estimate, reasons: tuple[Reason, ...], since_ns: int) -> TrackedEmotion:
        scale = self._scale.of(self._carrier)
        probabilities = _uniform() if self._smoothed is None else scale.tempered(self._smoothed)
        known = self._emotion is not Emotion.UNKNOWN
        valence, arousal = valence_arousal(probabilities) if self._smoothed is not None else (0.0, 0.0)
        confidence = float(probabilities[EMOTIONS.index(self._emotion)]) if known else 0.0
        return TrackedEmotion(
            timestamp_ns=estimate.timestamp_ns,
            emotion=self._emotion,
            probabilities=probabilities,
            valence=valence,
            arousal=arousal,
            confidence=confidence,
            since_ns=since_ns,
            shares=estimate.shares,
            reasons=reasons,
        )


def _uniform() -> Float32Array:
    return np.full(len(EMOTIONS), 1.0 / len(EMOTIONS), dtype=np.float32)
