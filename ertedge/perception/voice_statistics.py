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
"""From this likeness on a frame has a pitch. It stands here and not in ``pitch``, since the core process reads this file and
has no use for the filters that come with that one (46 MB)."""
FRAMES_LEAST = 10
VOICED_FRAMES_LEAST = 3
PERCENTILES = (10, 50, 90)
FINE_PERCENTILES = (5, 25, 50, 75, 95)
PARTS = 3
"""Beginning, middle and end of what was said: how a voice rises and falls over it."""
SIZE = (
    40
    + 40
    + 2 * SLOW_COEFFICIENTS
    + len(PERCENTILES) * SHAPE_COEFFICIENTS
    + 14
    + 8
    + (PARTS - 1) * (SHAPE_COEFFICIENTS + 1)
)


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
    change = np.diff(by_coefficient[:SLOW_COEFFICIENTS], axis=1)
    change = change[:, chosen[1:]] if chosen[1:].any() else change
    mean, deviation = _mean_and_deviation(spoken)
    absolute = np.abs(change)
    parts = (
        mean,
        deviation,
        absolute.sum(axis=1) / absolute.shape[1],
        _mean_and_deviation(change)[1],
        _percentiles(spoken[:SHAPE_COEFFICIENTS], PERCENTILES).T.ravel(),
        _of_pitch(chosen[::2], octaves, likeness),
        _of_loudness(spoken[0]),
        _contour(by_coefficient[:SHAPE_COEFFICIENTS], chosen, octaves, likeness),
    )
    return np.concatenate(parts).astype(np.float32)


def _of_pitch(chosen: NDArray[np.bool_], octaves: Float32Array, likeness: Float32Array) -> Float32Array:
    """(14,): level, spread, percentiles, restlessness and slope of the pitch; how much and how clearly it is voiced."""
    voiced = chosen & (likeness >= VOICED_LEAST)
    heard = octaves[voiced]
    frames = max(int(np.count_nonzero(chosen)), 1)
    heard_frames = len(heard)
    if heard_frames < VOICED_FRAMES_LEAST:
        heard = np.zeros(VOICED_FRAMES_LEAST, np.float32)
    third = max(len(heard) // 3, 1)
    strength = likeness[chosen] if frames > 1 else likeness
    level, spread = _mean_and_deviation(heard)
    clear, unclear = _mean_and_deviation(strength)
    return np.array(
        [
            level,
            spread,
            *_percentiles(heard, FINE_PERCENTILES),
            heard_frames / len(chosen),
            heard_frames / frames,
            frames / 50.0,
            clear,
            unclear,
            np.abs(heard[1:] - heard[:-1]).sum() / (len(heard) - 1),
            (heard[-third:].sum() - heard[:third].sum()) / third,
        ],
        np.float32,
    )


def _of_loudness(log_power: Float32Array) -> Float32Array:
    """(8,): the loudest frame, how far it stands out, percentiles, restlessness."""
    percentiles = _percentiles(log_power, FINE_PERCENTILES)
    loudest = log_power.max()
    change = np.abs(log_power[1:] - log_power[:-1]).sum() / max(len(log_power) - 1, 1)
    return np.array([loudest, loudest - percentiles[2], *percentiles, change], np.float32)


def _contour(
    shape: Float32Array, chosen: NDArray[np.bool_], octaves: Float32Array, likeness: Float32Array
) -> Float32Array:
    """(28,): how cepstra (13, n) and pitch change from the first third of what was said to the second, and to the
    third."""
    places = np.flatnonzero(chosen)
    edges = np.linspace(places[0], places[-1] + 1, PARTS + 1).round().astype(np.int64)
    of_shape = np.add.reduceat(shape[:, : edges[-1]], edges[:-1], axis=1) / np.diff(edges)
    voiced = (likeness >= VOICED_LEAST).astype(np.float32)
    halves = edges // 2
    count = np.add.reduceat(voiced[: halves[-1]], halves[:-1])
    total = np.add.reduceat((voiced * octaves)[: halves[-1]], halves[:-1])
    everywhere = float(voiced @ octaves) / max(float(voiced.sum()), 1.0)
    of_pitch = np.where(count > 0, total / np.maximum(count, 1.0), everywhere)
    means = np.vstack((of_shape, of_pitch))
    return np.asarray((means[:, 1:] - means[:, :-1]).T.ravel(), np.float32)


def _mean_and_deviation(values: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Over the last axis; what ``mean`` and ``std`` give, in half the time."""
    count = values.shape[-1]
    mean = values.sum(axis=-1, keepdims=True) / count
    centred = values - mean
    deviation = np.sqrt(np.einsum("...n,...n->...", centred, centred) / count)
    return mean[..., 0], np.asarray(deviation, np.float32)


def _percentiles(values: Float32Array, wanted: tuple[int, ...]) -> Float32Array:
    """Percentiles over the last axis by rank, without interpolation, in ``wanted``'s order: (..., len(wanted))."""
    last = values.shape[-1] - 1
    ordered: Float32Array = np.sort(values, axis=-1)[..., [round(share * last / 100) for share in wanted]]
    return ordered
