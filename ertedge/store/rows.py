"""How an emotion state becomes a row of the ``states`` table, and a row a state again. Floor 1; imports types.

A fraction in [-1, 1] is kept as a whole number of 1/30000 parts: at most 1.7e-5 off, two bytes, and sums of it are exact.
Emotions and reasons are kept by their place in the lists below, reasons as a set of bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ertedge.types import EMOTIONS, Emotion, EmotionState, Float32Array, Modality, ModalityShare, Reason

PARTS = 30_000
"""Parts of a whole; the most that fits two bytes is 32767."""

EMOTION_CODES: tuple[Emotion, ...] = (*EMOTIONS, Emotion.UNKNOWN)
REASON_BITS: tuple[Reason, ...] = (
    Reason.NO_FACE,
    Reason.TOO_DARK,
    Reason.OFF_POSE,
    Reason.NO_SPEECH,
    Reason.TWO_PEOPLE,
    Reason.DISAGREEMENT,
    Reason.LOW_CONFIDENCE,
    Reason.MUTED,
    Reason.NO_SENSOR,
    Reason.LOW_QUALITY,
    Reason.NO_CONSENT,
    Reason.BYSTANDER,
    Reason.DRIFTED,
)
"""The place of a reason is its bit. Stored: add at the end, never move one."""

MODALITIES: tuple[Modality, ...] = (Modality.FACE, Modality.VOICE)
PROBABILITY_COLUMNS: tuple[str, ...] = tuple(f"p{index}" for index in range(len(EMOTIONS)))
HEAD_COLUMNS: tuple[str, ...] = (
    "sequence",
    "wall_time_ns",
    "timestamp_ns",
    "since_ns",
    "emotion",
    "valence",
    "arousal",
    "confidence",
    "reasons",
    "synthetic",
    "state_count",
    *PROBABILITY_COLUMNS,
)


def share_columns(modality: Modality) -> tuple[str, ...]:
    """The columns of one modality's share: weight, quality, reasons, then its probabilities."""
    return tuple(f"{modality.value}_{name}" for name in ("weight", "quality", "reasons", *PROBABILITY_COLUMNS))


COLUMNS: tuple[str, ...] = (
    *HEAD_COLUMNS,
    *(name for modality in MODALITIES for name in share_columns(modality)),
    "profile_id",
)
"""Every column of ``states``, in the order of ``row_of``."""

Row = Sequence[int | None]


def row_of(state: EmotionState) -> list[int | None]:
    """The values of ``COLUMNS`` for ``state``. A share for a modality that is not there is all NULL."""
    row: list[int | None] = [
        state.sequence,
        state.wall_time_ns,
        state.timestamp_ns,
        state.since_ns,
        EMOTION_CODES.index(state.emotion),
        parts(state.valence),
        parts(state.arousal),
        parts(state.confidence),
        bits(state.reasons),
        int(state.synthetic),
        state.state_count,
        *(parts(float(p)) for p in state.probabilities),
    ]
    shares = {share.modality: share for share in state.shares}
    for modality in MODALITIES:
        row += _share_values(shares.get(modality))
    return [*row, state.profile_id]


def state_of(row: Row) -> EmotionState:
    """The state kept in ``row``, the values of ``COLUMNS``."""
    head = len(HEAD_COLUMNS)
    width = len(PROBABILITY_COLUMNS) + 3
    numbers = [value or 0 for value in row[:head]]
    shares = [
        _share(modality, row[head + index * width : head + (index + 1) * width])
        for index, modality in enumerate(MODALITIES)
    ]
    return EmotionState(
        sequence=numbers[0],
        wall_time_ns=numbers[1],
        timestamp_ns=numbers[2],
        since_ns=numbers[3],
        emotion=EMOTION_CODES[numbers[4]],
        valence=numbers[5] / PARTS,
        arousal=numbers[6] / PARTS,
        confidence=numbers[7] / PARTS,
        reasons=reasons_of(numbers[8]),
        synthetic=bool(numbers[9]),
        state_count=numbers[10],
        probabilities=_fractions(numbers[11:]),
        shares=tuple(share for share in shares if share is not None),
        profile_id=row[-1] or 0,
    )


def parts(fraction: float) -> int:
    """``fraction``, held to [-1, 1], in 1/30000. What is not a number counts as 0."""
    return 0 if math.isnan(fraction) else round(max(-1.0, min(1.0, fraction)) * PARTS)


def bits(reasons: Sequence[Reason]) -> int:
    """``reasons`` as a set of bits."""
    return sum({1 << REASON_BITS.index(reason) for reason in reasons})


def reasons_of(mask: int) -> tuple[Reason, ...]:
    """The reasons whose bits are set, in the order of ``REASON_BITS``."""
    return tuple(reason for place, reason in enumerate(REASON_BITS) if mask >> place & 1)


def _share_values(share: ModalityShare | None) -> list[int | None]:
    if share is None:
        return [None] * (len(PROBABILITY_COLUMNS) + 3)
    said = share.probabilities
    values: list[int | None] = [parts(share.weight), parts(share.quality), bits(share.reasons)]
    return values + ([None] * len(PROBABILITY_COLUMNS) if said is None else [parts(float(p)) for p in said])


def _share(modality: Modality, values: Row) -> ModalityShare | None:
    weight, quality, reasons = values[:3]
    if weight is None:
        return None
    said = [value for value in values[3:] if value is not None]
    return ModalityShare(
        modality=modality,
        weight=weight / PARTS,
        quality=(quality or 0) / PARTS,
        probabilities=_fractions(said) if said else None,
        reasons=reasons_of(reasons or 0),
    )


def _fractions(values: Sequence[int]) -> Float32Array:
    return np.array(values, dtype=np.float32) / np.float32(PARTS)
