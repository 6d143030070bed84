"""Fusion of what face and voice say into one estimate: which of them speaks now, and the rule by which two are pooled.

Floor 1; pure. The rules are in ``fusion_rules``. A modality on its own is passed on unchanged, calibration included.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ertedge.affect.circumplex import valence_arousal
from ertedge.affect.fusion_rules import FusionRule, LogPool, Pooled
from ertedge.affect.reliability import Reliabilities
from ertedge.config import FusionSettings
from ertedge.types import Estimate, Float32Array, Modality, ModalityShare, Prediction, Reason

CLEAR_LEAD = 0.5
"""A modality whose leading emotion has at least this probability counts as having said so clearly."""


class Fusion:
    """Fuses the newest prediction of each modality.

    ``population`` are the reliabilities of people in general; ``rule`` is how two modalities are pooled for somebody of
    whom nothing is known, the log-opinion pool with these reliabilities unless another is given.
    """

    def __init__(self, population: Reliabilities, settings: FusionSettings, rule: FusionRule | None = None) -> None:
        self._rule = rule or LogPool(population)
        self._age_most_ns = {
            Modality.FACE: int(settings.face_age_most_seconds * 1e9),
            Modality.VOICE: int(settings.voice_age_most_seconds * 1e9),
        }

    def fuse(
        self,
        face: Prediction | None,
        voice: Prediction | None,
        now_ns: int,
        profile: FusionRule | None = None,
    ) -> Estimate:
        """The estimate at ``now_ns`` (monotonic). A prediction that is None or too old says nothing.

        ``profile`` is the rule found for one person (``PersonalCalibration.fusion``); without it the population's is
        used.
        """
        given = {Modality.FACE: face, Modality.VOICE: voice}
        fresh = {modality: self._fresh(modality, prediction, now_ns) for modality, prediction in given.items()}
        speaking = {m: p for m, p in fresh.items() if p is not None and p.probabilities is not None and p.quality > 0}
        if not speaking:
            return _silence(fresh, now_ns)
        pooled = _pool(speaking, profile or self._rule)
        probabilities = pooled.probabilities.astype(np.float32)
        valence, arousal = valence_arousal(probabilities)
        shares = tuple(
            _share(modality, prediction, _weight(pooled, modality)) for modality, prediction in fresh.items()
        )
        reasons = (Reason.DISAGREEMENT,) if _contradict(speaking, probabilities) else ()
        confidence = float(probabilities.max())
        return Estimate(now_ns, probabilities, valence, arousal, confidence, shares, reasons)

    def _fresh(self, modality: Modality, prediction: Prediction | None, now_ns: int) -> Prediction | None:
        if prediction is None or now_ns - prediction.timestamp_ns > self._age_most_ns[modality]:
            return None
        return prediction


def _pool(speaking: Mapping[Modality, Prediction], rule: FusionRule) -> Pooled:
    said = {modality: _probabilities(prediction) for modality, prediction in speaking.items()}
    if len(said) > 1:
        return rule.pool(said, {modality: prediction.quality for modality, prediction in speaking.items()})
    ((modality, probabilities),) = said.items()
    return Pooled(probabilities, {modality: np.ones_like(probabilities)})


def _weight(pooled: Pooled, modality: Modality) -> float:
    """The weight that a modality had, over the emotions that were pooled: 0 for one that was silent."""
    weights = pooled.weights.get(modality)
    return 0.0 if weights is None else float(weights @ pooled.probabilities)


def _contradict(speaking: Mapping[Modality, Prediction], fused: Float32Array) -> bool:
    """Whether both spoke clearly for different emotions and neither won: the fused lead is no clearer than theirs."""
    said = [_probabilities(prediction) for prediction in speaking.values()]
    clear = {int(p.argmax()) for p in said if p.max() >= CLEAR_LEAD}
    return len(clear) > 1 and float(fused.max()) < CLEAR_LEAD


def _silence(fresh: Mapping[Modality, Prediction | None], now_ns: int) -> Estimate:
    shares = tuple(_share(modality, prediction, 0.0) for modality, prediction in fresh.items())
    reasons = tuple(dict.fromkeys(reason for share in shares for reason in share.reasons))
    return Estimate(now_ns, None, 0.0, 0.0, 0.0, shares, reasons or (Reason.LOW_QUALITY,))


def _share(modality: Modality, prediction: Prediction | None, weight: float) -> ModalityShare:
    if prediction is None:
        return ModalityShare(modality, 0.0, 0.0, None, (Reason.NO_SENSOR,))
    return ModalityShare(modality, weight, prediction.quality, prediction.probabilities, prediction.reasons)


def _probabilities(prediction: Prediction) -> Float32Array:
    if prediction.probabilities is None:
        raise ValueError(f"the {prediction.modality} prediction abstains")
    return prediction.probabilities
