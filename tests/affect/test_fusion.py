"""The weighted log-opinion pool."""

import numpy as np
import pytest

from ertedge.affect.fusion import Fusion
from ertedge.affect.fusion_rules import LogPool
from ertedge.affect.reliability import Reliabilities
from ertedge.config import FusionSettings
from ertedge.types import EMOTIONS, Emotion, Float32Array, Modality, Prediction, Reason

NOW = 10_000_000_000
EVEN = np.full(7, 0.5, dtype=np.float32)


def lean(emotion: Emotion, probability: float) -> Float32Array:
    """``probability`` for one emotion, the rest shared."""
    p = np.full(7, (1 - probability) / 6, dtype=np.float32)
    p[EMOTIONS.index(emotion)] = probability
    return p


def prediction(
    modality: Modality, probabilities: Float32Array | None, quality: float = 1.0, age_s: float = 0.1, *why: Reason
) -> Prediction:
    return Prediction(modality, NOW - int(age_s * 1e9), probabilities, quality, why)


def fusion(face: Float32Array = EVEN, voice: Float32Array = EVEN, independence: float = 0.0) -> Fusion:
    return Fusion(Reliabilities(face, voice, independence), FusionSettings())


def test_one_modality_alone_is_passed_on_unchanged() -> None:
    p = lean(Emotion.SADNESS, 0.7)
    estimate = fusion(independence=1.0).fuse(prediction(Modality.FACE, p), None, NOW)
    assert estimate.probabilities == pytest.approx(p)
    assert estimate.confidence == pytest.approx(0.7)
    face, voice = estimate.shares
    assert face.weight == pytest.approx(1.0)
    assert (voice.weight, voice.reasons) == (0.0, (Reason.NO_SENSOR,))


def test_equal_witnesses_pool_to_the_geometric_mean_or_the_product() -> None:
    p, q = lean(Emotion.ANGER, 0.6), lean(Emotion.ANGER, 0.4)
    args = (prediction(Modality.FACE, p), prediction(Modality.VOICE, q), NOW)
    for independence, expected in ((0.0, np.sqrt(p * q)), (1.0, p * q)):
        estimate = fusion(independence=independence).fuse(*args)
        assert estimate.probabilities == pytest.approx(expected / expected.sum(), abs=1e-5)


def test_the_more_reliable_modality_decides_and_a_profile_overrules_the_population() -> None:
    face = prediction(Modality.FACE, lean(Emotion.HAPPINESS, 0.7))
    voice = prediction(Modality.VOICE, lean(Emotion.SADNESS, 0.7))
    trusted, doubted = np.full(7, 0.9, np.float32), np.full(7, 0.1, np.float32)
    general = fusion(face=trusted, voice=doubted)
    personal = Reliabilities(face=doubted, voice=trusted, independence=0.0)
    first = general.fuse(face, voice, NOW)
    second = general.fuse(face, voice, NOW, profile=LogPool(personal))
    assert first.probabilities is not None
    assert second.probabilities is not None
    assert EMOTIONS[first.probabilities.argmax()] is Emotion.HAPPINESS
    assert EMOTIONS[second.probabilities.argmax()] is Emotion.SADNESS
    assert first.shares[0].weight == pytest.approx(0.9)


def test_quality_moves_the_weight() -> None:
    face = prediction(Modality.FACE, lean(Emotion.HAPPINESS, 0.7), quality=0.2)
    voice = prediction(Modality.VOICE, lean(Emotion.SADNESS, 0.7), quality=0.8)
    shares = fusion().fuse(face, voice, NOW).shares
    assert [share.weight for share in shares] == pytest.approx([0.2, 0.8])


def test_an_old_prediction_says_nothing() -> None:
    p = lean(Emotion.FEAR, 0.8)
    estimate = fusion().fuse(prediction(Modality.FACE, p, age_s=5.0), prediction(Modality.VOICE, p), NOW)
    assert [share.weight for share in estimate.shares] == pytest.approx([0.0, 1.0])


def test_when_nobody_speaks_the_estimate_carries_the_reasons_of_both() -> None:
    face = prediction(Modality.FACE, None, 0.0, 0.1, Reason.NO_FACE)
    voice = prediction(Modality.VOICE, None, 0.0, 0.1, Reason.NO_SPEECH)
    estimate = fusion().fuse(face, voice, NOW)
    assert estimate.probabilities is None
    assert estimate.reasons == (Reason.NO_FACE, Reason.NO_SPEECH)


def test_a_clear_contradiction_is_named() -> None:
    face = prediction(Modality.FACE, lean(Emotion.HAPPINESS, 0.8))
    voice = prediction(Modality.VOICE, lean(Emotion.ANGER, 0.8))
    assert fusion().fuse(face, voice, NOW).reasons == (Reason.DISAGREEMENT,)
    agreeing = prediction(Modality.VOICE, lean(Emotion.HAPPINESS, 0.8))
    assert fusion().fuse(face, agreeing, NOW).reasons == ()


def test_certainty_cannot_veto() -> None:
    certain = np.eye(7, dtype=np.float32)[1]
    estimate = fusion().fuse(
        prediction(Modality.FACE, certain), prediction(Modality.VOICE, lean(Emotion.ANGER, 0.9)), NOW
    )
    assert estimate.probabilities is not None
    assert np.all(np.isfinite(estimate.probabilities))
    assert estimate.probabilities[EMOTIONS.index(Emotion.ANGER)] > 0.01
    assert estimate.probabilities.sum() == pytest.approx(1.0)
