"""A window of speech as one vector of statistics: what a person's own head learns from, beside what the network says.

Floor 1 (thought). Means, spreads, percentiles and rates of change over the frames of speech of the cepstra, of loudness
and of pitch, as openSMILE's "functionals" made customary (Eyben et al. 2016, "The Geneva minimalistic acoustic
parameter set", IEEE Trans. Affective Computing 7:190-202). They are taken before the running normalisation, since what
sets this person's voice apart is theirs to learn from; the head standardises them itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array

SLOW_COEFFICIENTS = 20
"""Rates of change are taken of so many: the finer ones change by noise."""
SHAPE_COEFFICIENTS = 13
"""Percentiles are taken of so many."""
VOICED_LEAST = 0.5
"""From this likeness on a frame has a pitch."""
FRAMES_LEAST = 10
VOICED_FRAMES_LEAST = 3
PERCENTILES = (10, 50, 90)
FINE_PERCENTILES = (5, 25, 50, 75, 95)
SIZE = 40 + 40 + SLOW_COEFFICIENTS + len(PERCENTILES) * SHAPE_COEFFICIENTS + 14 + 8


def voice_statistics(
    cepstra: Float32Array, speech: NDArray[np.bool_], octaves: Float32Array, likeness: Float32Array
) -> Float32Array:
    """(SIZE,) float32, of n frames: ``cepstra`` (n, 40), not normalised, the first the logarithm of the frame's power;
    ``speech`` (n,); ``octaves`` and ``likeness`` (n / 2,) of every second frame, as ``pitch`` gives them.

    Where there is hardly any speech all frames count.
    """
    chosen = speech if speech.sum() >= FRAMES_LEAST else np.ones_like(speech)
    # One row a coefficient, so that every sum runs along memory.
    by_coefficient = np.ascontiguousarray(cepstra.T)
    spoken = by_coefficient if chosen.all() else by_coefficient[:, chosen]
    change = np.abs(np.diff(by_coefficient[:SLOW_COEFFICIENTS], axis=1))
    in_speech = chosen[1:]
    mean = spoken.mean(axis=1)
    centred = spoken - mean[:, None]
    parts = (
        mean,
        np.sqrt(np.einsum("cn,cn->c", centred, centred) / spoken.shape[1]),
        change[:, in_speech].mean(axis=1) if in_speech.any() else change.mean(axis=1),
        _percentiles(spoken[:SHAPE_COEFFICIENTS], PERCENTILES).T.ravel(),
        _of_pitch(chosen[::2], octaves, likeness),
        _of_loudness(spoken[0]),
    )
    return np.concatenate(parts).astype(np.float32)


def _of_pitch(chosen: NDArray[np.bool_], octaves: Float32Array, likeness: Float32Array) -> Float32Array:
    """(14,): level, spread, percentiles, restlessness and slope of the pitch; how much and how clearly it is voiced."""
    voiced = chosen & (likeness >= VOICED_LEAST)
    heard = octaves[voiced]
    frames = max(int(chosen.sum()), 1)
    if len(heard) < VOICED_FRAMES_LEAST:
        heard = np.zeros(VOICED_FRAMES_LEAST, np.float32)
    third = max(len(heard) // 3, 1)
    strength = likeness[chosen] if chosen.any() else likeness
    return np.array(
        [
            heard.mean(),
            heard.std(),
            *_percentiles(heard, FINE_PERCENTILES),
            voiced.mean(),
            voiced.sum() / frames,
            frames / 50.0,
            strength.mean(),
            strength.std(),
            np.abs(np.diff(heard)).mean(),
            heard[-third:].mean() - heard[:third].mean(),
        ],
        np.float32,
    )


def _of_loudness(log_power: Float32Array) -> Float32Array:
    """(8,): the loudest frame, how far it stands out, percentiles, restlessness."""
    percentiles = _percentiles(log_power, FINE_PERCENTILES)
    loudest = log_power.max()
    change = np.abs(np.diff(log_power)).mean() if len(log_power) > 1 else 0.0
    return np.array([loudest, loudest - percentiles[2], *percentiles, change], np.float32)


def _percentiles(values: Float32Array, wanted: tuple[int, ...]) -> Float32Array:
    """Percentiles over the last axis by rank, without interpolation, in ``wanted``'s order: (..., len(wanted))."""
    last = values.shape[-1] - 1
    ordered: Float32Array = np.sort(values, axis=-1)[..., [round(share * last / 100) for share in wanted]]
    return ordered
