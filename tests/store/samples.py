"""Emotion states as the core makes them, for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ertedge.types import EMOTIONS, Emotion, EmotionState, Float32Array, Modality, ModalityShare, Reason

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
DAY_NS = 86_400 * SECOND_NS
START_NS = 1_780_000_020_000_000_000
"""A whole minute of May 2026."""


def leaning(emotion: Emotion, share: float = 0.7) -> Float32Array:
    """Probabilities that give ``share`` to one emotion and the rest to the others alike."""
    probabilities = np.full(len(EMOTIONS), (1 - share) / (len(EMOTIONS) - 1), dtype=np.float32)
    probabilities[EMOTIONS.index(emotion)] = share
    return probabilities


def state(
    sequence: int,
    emotion: Emotion = Emotion.HAPPINESS,
    *,
    wall_time_ns: int | None = None,
    valence: float = 0.5,
    reasons: Sequence[Reason] = (),
) -> EmotionState:
    """A state a second after the one numbered before it, unless a time is given. The face speaks, the voice is silent."""
    known = emotion is not Emotion.UNKNOWN
    probabilities = leaning(emotion) if known else np.full(7, 1 / 7, dtype=np.float32)
    at_ns = START_NS + sequence * SECOND_NS if wall_time_ns is None else wall_time_ns
    return EmotionState(
        sequence=sequence,
        timestamp_ns=5_000_000_000_000 + sequence * SECOND_NS,
        wall_time_ns=at_ns,
        emotion=emotion,
        probabilities=probabilities,
        valence=valence if known else 0.0,
        arousal=0.25 if known else 0.0,
        confidence=0.7 if known else 0.0,
        since_ns=5_000_000_000_000,
        shares=(
            ModalityShare(Modality.FACE, 1.0 if known else 0.0, 0.8, probabilities if known else None),
            ModalityShare(Modality.VOICE, 0.0, 0.1, None, (Reason.NO_SPEECH,)),
        ),
        reasons=() if known else (tuple(reasons) or (Reason.NO_FACE,)),
    )


def states(count: int, first: int = 1) -> list[EmotionState]:
    """``count`` states, a second apart."""
    return [state(sequence) for sequence in range(first, first + count)]


def assert_same(actual: EmotionState, expected: EmotionState) -> None:
    """Equal but for what 1/30000 parts cannot hold."""
    tolerance = 2e-5
    np.testing.assert_allclose(actual.probabilities, expected.probabilities, atol=tolerance)
    for name in ("valence", "arousal", "confidence"):
        assert abs(getattr(actual, name) - getattr(expected, name)) < tolerance, name
    assert len(actual.shares) == len(expected.shares)
    for share, wanted in zip(actual.shares, expected.shares, strict=True):
        assert abs(share.weight - wanted.weight) < tolerance
        assert abs(share.quality - wanted.quality) < tolerance
        assert (share.modality, share.reasons) == (wanted.modality, wanted.reasons)
        assert (share.probabilities is None) == (wanted.probabilities is None)
        if share.probabilities is not None and wanted.probabilities is not None:
            np.testing.assert_allclose(share.probabilities, wanted.probabilities, atol=tolerance)
    for name in (
        "sequence",
        "timestamp_ns",
        "wall_time_ns",
        "emotion",
        "since_ns",
        "reasons",
        "synthetic",
        "state_count",
    ):
        assert getattr(actual, name) == getattr(expected, name), name
