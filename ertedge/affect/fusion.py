"""Weighted fusion of what face and voice say into one estimate. Floor 1; pure.

A log-opinion pool (Genest & Zidek 1986, "Combining probability distributions", Stat. Sci. 1:114-135, eq. 3.5) whose
weights depend on the emotion::

    log p(e) = s * sum_m  w_m(e) * log p_m(e)  + constant
    w_m(e)   = r_m(e) q_m / sum_n r_n(e) q_n                 reliability times quality, made to sum to one
    s        = N ** independence,   N = 1 / sum_m W_m^2      W_m the mean of w_m(e) over emotions

``N`` is the effective number of modalities (Kish): 1 when one has all the weight, 2 when both have the same. With
``independence`` 0 the pool is a geometric mean, as for two witnesses who saw the same; with 1 and equal weights it is the
product, as for two witnesses who saw independently. A modality on its own is passed on unchanged, calibration included.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ertedge.affect.circumplex import valence_arousal
from ertedge.affect.reliability import Reliabilities
from ertedge.config import FusionSettings
from ertedge.types import Estimate, Float32Array, Modality, ModalityShare, Prediction, Reason

SMALLEST_PROBABILITY = 1e-4
"""Below this a modality's no is not believed: one certain voice must not be able to veto the other."""

CLEAR_LEAD = 0.5
"""A modality whose leading emotion has at least this probability counts as having said so clearly."""


class Fusion:
    """Fuses the newest prediction of each modality. ``population`` are the reliabilities of people in general."""

    def __init__(self, population: Reliabilities, settings: FusionSettings) -> None:
        self._population = population
        self._age_most_ns = {
            Modality.FACE: int(settings.face_age_most_seconds * 1e9),
            Modality.VOICE: int(settings.voice_age_most_seconds * 1e9),
        }

    def fuse(
        self,
        face: Prediction | None,
        voice: Prediction | None,
        now_ns: int,
        profile: Reliabilities | None = None,
    ) -> Estimate:
        """The estimate at ``now_ns`` (monotonic). A prediction that is None or too old says nothing.

        ``profile`` are the reliabilities found for one person; without them the population's are used.
        """
        reliabilities = profile or self._population
        given = {Modality.FACE: face, Modality.VOICE: voice}
        fresh = {modality: self._fresh(modality, prediction, now_ns) for modality, prediction in given.items()}
        speaking = {m: p for m, p in fresh.items() if p is not None and p.probabilities is not None and p.quality > 0}
        if not speaking:
            return _silence(fresh, now_ns)
        weights = _weights(speaking, reliabilities)
        probabilities = _pool(speaking, weights, reliabilities.independence)
        valence, arousal = valence_arousal(probabilities)
        shares = tuple(
            _share(modality, prediction, float(weights[modality] @ probabilities) if modality in weights else 0.0)
            for modality, prediction in fresh.items()
        )
        reasons = (Reason.DISAGREEMENT,) if _contradict(speaking, probabilities) else ()
        confidence = float(probabilities.max())
        return Estimate(now_ns, probabilities, valence, arousal, confidence, shares, reasons)

    def _fresh(self, modality: Modality, prediction: Prediction | None, now_ns: int) -> Prediction | None:
        if prediction is None or now_ns - prediction.timestamp_ns > self._age_most_ns[modality]:
            return None
        return prediction


def _weights(speaking: Mapping[Modality, Prediction], reliabilities: Reliabilities) -> dict[Modality, Float32Array]:
    """w_m(e), shape (7,) each; they sum to one over the modalities for every emotion."""
    raw = {modality: reliabilities.of(modality) * prediction.quality for modality, prediction in speaking.items()}
    total = np.sum(list(raw.values()), axis=0)
    return {modality: (weight / total).astype(np.float32) for modality, weight in raw.items()}


def _pool(
    speaking: Mapping[Modality, Prediction], weights: Mapping[Modality, Float32Array], independence: float
) -> Float32Array:
    if len(speaking) == 1:
        (prediction,) = speaking.values()
        return _probabilities(prediction)
    pooled = np.zeros_like(next(iter(weights.values())))
    for modality, prediction in speaking.items():
        pooled += weights[modality] * np.log(np.maximum(_probabilities(prediction), SMALLEST_PROBABILITY))
    effective = 1.0 / sum(float(weight.mean()) ** 2 for weight in weights.values())
    logits = effective**independence * pooled
    fused: Float32Array = np.exp(logits - logits.max()).astype(np.float32)
    fused /= fused.sum()
    return fused


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
