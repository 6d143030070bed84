"""How a state lies in a row, and comes back. Floor 1.

A probability is kept in two bytes (steps of 1/65535, far finer than any of them is certain), a modality's share in 20:
weight, quality, seven probabilities and a bit a reason. With its index a state takes about 120 bytes.
"""

from __future__ import annotations

import numpy as np

from ertedge.types import EMOTIONS, Emotion, EmotionState, Float32Array, Modality, ModalityShare, Reason

COLUMNS = (
    "sequence", "wall_time_ns", "span_ns", "state_count", "emotion", "age_ns", "valence", "arousal", "confidence",
    "probabilities", "face", "voice", "reasons", "synthetic",
)  # fmt: skip

Row = tuple[int, int, int, int, int, int, float, float, float, bytes, bytes | None, bytes | None, str, int]

_ALL_EMOTIONS = tuple(Emotion)
_ALL_REASONS = tuple(Reason)
_FULL = 65535


def to_row(state: EmotionState) -> Row:
    """The row of a state as it was published."""
    shares = {share.modality: _pack_share(share) for share in state.shares}
    return (
        state.sequence,
        state.wall_time_ns,
        0,
        state.state_count,
        _ALL_EMOTIONS.index(state.emotion),
        state.timestamp_ns - state.since_ns,
        state.valence,
        state.arousal,
        state.confidence,
        pack(state.probabilities),
        shares.get(Modality.FACE),
        shares.get(Modality.VOICE),
        ",".join(state.reasons),
        int(state.synthetic),
    )


def from_row(row: Row) -> EmotionState:
    """The state of a row. Its monotonic times are those of another boot, perhaps: ``timestamp_ns`` is 0 and ``since_ns``
    minus its age."""
    (
        sequence,
        wall_time_ns,
        _,
        count,
        emotion,
        age_ns,
        valence,
        arousal,
        confidence,
        packed,
        face,
        voice,
        reasons,
        fake,
    ) = row
    return EmotionState(
        sequence=sequence,
        timestamp_ns=0,
        wall_time_ns=wall_time_ns,
        emotion=_ALL_EMOTIONS[emotion],
        probabilities=unpack(packed),
        valence=valence,
        arousal=arousal,
        confidence=confidence,
        since_ns=-age_ns,
        shares=tuple(
            _unpack_share(modality, blob)
            for modality, blob in ((Modality.FACE, face), (Modality.VOICE, voice))
            if blob is not None
        ),
        reasons=tuple(Reason(reason) for reason in reasons.split(",") if reason),
        synthetic=bool(fake),
        state_count=count,
    )


def pack(shares: Float32Array) -> bytes:
    """Numbers in [0, 1] as little-endian 16-bit shares of 65535."""
    return np.rint(np.clip(shares, 0.0, 1.0) * _FULL).astype("<u2").tobytes()


def unpack(blob: bytes) -> Float32Array:
    """What ``pack`` packed, float32."""
    values: Float32Array = np.frombuffer(blob, dtype="<u2").astype(np.float32)
    values /= _FULL
    return values


def _pack_share(share: ModalityShare) -> bytes:
    spoken = share.probabilities if share.probabilities is not None else np.zeros(len(EMOTIONS), dtype=np.float32)
    numbers = np.concatenate([np.array([share.weight, share.quality], dtype=np.float32), spoken])
    bits = sum(1 << _ALL_REASONS.index(reason) for reason in share.reasons)
    return pack(numbers) + bits.to_bytes(2, "little")


def _unpack_share(modality: Modality, blob: bytes) -> ModalityShare:
    numbers, bits = unpack(blob[:-2]), int.from_bytes(blob[-2:], "little")
    reasons = tuple(reason for place, reason in enumerate(_ALL_REASONS) if bits >> place & 1)
    spoken = numbers[2:] if numbers[2:].any() else None
    return ModalityShare(modality, float(numbers[0]), float(numbers[1]), spoken, reasons)


def mean_state(states: list[EmotionState], span_start_ns: int) -> EmotionState:
    """One state for several, newest first: the mean of their probabilities, valence and arousal, each counted as often
    as the states it stands for itself.

    The emotion is the one that was the state most often; it is unknown, with the reasons of the newest unknown one, when
    that was. ``wall_time_ns`` is the start of the span and ``sequence`` the newest's. Shares are the newest's.
    """
    counts = np.array([state.state_count for state in states], dtype=np.float64)
    weights = counts / counts.sum()
    often = dict.fromkeys(_ALL_EMOTIONS, 0)
    for state in states:
        often[state.emotion] += state.state_count
    emotion = max(often, key=lambda e: often[e])
    agreeing = [state for state in states if state.emotion is emotion]
    probabilities = weights @ np.stack([state.probabilities for state in states]).astype(np.float64)
    confidence = float(np.average([s.confidence for s in agreeing], weights=[s.state_count for s in agreeing]))
    newest = agreeing[0]
    return EmotionState(
        sequence=states[0].sequence,
        timestamp_ns=0,
        wall_time_ns=span_start_ns,
        emotion=emotion,
        probabilities=probabilities.astype(np.float32),
        valence=float(weights @ [state.valence for state in states]),
        arousal=float(weights @ [state.arousal for state in states]),
        confidence=confidence,
        since_ns=newest.since_ns,
        shares=newest.shares,
        reasons=newest.reasons,
        synthetic=any(state.synthetic for state in states),
        state_count=int(counts.sum()),
    )
