"""The voice's temperature, fitted on what was said of whole clips by networks that did not know the speaker.

Host side only. A clip's probabilities are a mean over its windows, and a mean is less sure than any of its parts; so the
temperature is the one that makes the labels of *clips* likeliest (temperature scaling, Guo et al. 2017, section 4.2, the
mean inside the likelihood). Windows of one clip err together, hence as evidence they count once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from tools.evaluation.metrics import softmax
from tools.voice.scoring import ClipScores, HeardClip, window_weights

LEAST, MOST = 0.3, 5.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a network said of n clips in m windows, at temperature 1: ``labels`` (n,), ``speakers`` (n,), ``window_clip``
    (m,) the clip's index, ``weights`` (m,) that add up to 1 in each clip, ``logits`` (m, 8)."""

    labels: NDArray[np.int64]
    speakers: NDArray[np.str_]
    window_clip: NDArray[np.int64]
    weights: NDArray[np.float64]
    logits: NDArray[np.float32]

    @classmethod
    def of(cls, heard: Sequence[HeardClip], scores: ClipScores) -> Said:
        """Of clips and their scores in the same order."""
        return cls(
            scores.labels,
            np.asarray([one.clip.speaker for one in heard]),
            scores.window_clip,
            np.concatenate([window_weights(one) for one in heard]),
            scores.window_logits,
        )

    @classmethod
    def read(cls, path: Path) -> Said:
        """What ``write`` left."""
        with np.load(path) as kept:
            return cls(*(kept[name] for name in ("labels", "speakers", "window_clip", "weights", "logits")))

    def write(self, path: Path) -> None:
        """Keep it as arrays of these names."""
        np.savez(
            path,
            labels=self.labels,
            speakers=self.speakers,
            window_clip=self.window_clip,
            weights=self.weights,
            logits=self.logits,
        )

    def probabilities(self, temperature: float) -> NDArray[np.float64]:
        """(n, 8) of the clips."""
        found = np.zeros((len(self.labels), self.logits.shape[1]))
        np.add.at(found, self.window_clip, self.weights[:, None] * softmax(self.logits, temperature))
        return found

    def log_loss(self, temperature: float, without: Sequence[str] = ()) -> float:
        """The sum over clips of the negative logarithm of the label's probability, in nats, but of some speakers."""
        right = self.probabilities(temperature)[np.arange(len(self.labels)), self.labels]
        return float(-np.log(right[~np.isin(self.speakers, without)] + 1e-12).sum())


def fit_clip_temperature(said: Sequence[Said], without: Sequence[str] = ()) -> float:
    """The temperature in [0.3, 5] with the least log-loss of all clips together, but those of the speakers ``without``."""
    found = minimize_scalar(
        lambda log_temperature: sum(one.log_loss(float(np.exp(log_temperature)), without) for one in said),
        bounds=(np.log(LEAST), np.log(MOST)),
        method="bounded",
    )
    return float(np.exp(found.x))
