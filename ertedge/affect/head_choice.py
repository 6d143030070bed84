"""Whether a person's own head is worth using: it must beat the general model on labels that it did not see. Floor 1;
pure.

Leave-one-take-out: a take is what one prompt brought, labels of one emotion within seconds of each other, which are too
alike to stand in both the fit and the test. The head is used while its mean gain in log-likelihood over the general
model, on the person's own takes, exceeds ``MARGIN`` standard errors of that mean: a margin for chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.personal_head import HeadModel
from ertedge.affect.two_level_normal import Unlabelled
from ertedge.types import CalibrationLabel

TAKE_NS = 10 * 1_000_000_000
TAKES_LEAST = 7
"""As many as there are emotions: fewer cannot say anything."""
FOLDS_MOST = 40
"""With more takes than this several are left out at once, so that a choice stays quick."""
MARGIN = 1.0

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabelledFeatures:
    """n labelled moments of one modality: ``features`` (n, r), ``general`` (n, classes) probabilities of the general
    model, ``felt`` (n,) class indices, ``weights`` (n,), ``takes`` (n,) the number of each one's take."""

    features: Float64Array
    general: Float64Array
    felt: NDArray[np.int64]
    weights: Float64Array
    takes: NDArray[np.int64]

    def but(self, left_out: NDArray[np.bool_]) -> LabelledFeatures:
        """Without some."""
        keep = ~left_out
        return LabelledFeatures(
            self.features[keep], self.general[keep], self.felt[keep], self.weights[keep], self.takes[keep]
        )


def takes_of(labels: Sequence[CalibrationLabel]) -> NDArray[np.int64]:
    """The number of each label's take, (n,); ``labels`` in the order of their time."""
    numbers: list[int] = []
    for place, label in enumerate(labels):
        last = labels[place - 1] if place else None
        same = (
            last is not None
            and label.emotion is last.emotion
            and label.session_id == last.session_id
            and label.wall_time_ns - last.wall_time_ns <= TAKE_NS
        )
        numbers.append(numbers[-1] if same else (numbers[-1] + 1 if numbers else 0))
    return np.asarray(numbers, np.int64)


def left_out_opinions(model: HeadModel, given: LabelledFeatures, unlabelled: Unlabelled | None = None) -> Float64Array:
    """What a head says of each label when it has not seen that label's take: (n, classes) probabilities."""
    opinions = np.array(given.general, dtype=np.float64)
    folds = given.takes % FOLDS_MOST
    for fold in np.unique(folds):
        out = folds == fold
        rest = given.but(out)
        head = model.head(rest.features, rest.felt, rest.weights, unlabelled)
        opinions[out] = head.adapt(given.general[out], given.features[out])
    return opinions


def is_worth_using(opinions: Float64Array, given: LabelledFeatures) -> bool:
    """Whether ``opinions`` (n, classes), of labels not seen, beat the general model's by more than chance would."""
    takes = np.unique(given.takes)
    if len(takes) < TAKES_LEAST:
        return False
    rows = np.arange(len(given.felt))
    gain = np.log(np.maximum(opinions[rows, given.felt], 1e-6)) - np.log(
        np.maximum(given.general[rows, given.felt], 1e-6)
    )
    weight = np.array([given.weights[given.takes == take].sum() for take in takes])
    per_take = np.array(
        [np.average(gain[given.takes == take], weights=given.weights[given.takes == take] + 1e-9) for take in takes]
    )
    mean = float(np.average(per_take, weights=weight + 1e-9))
    variance = float(np.average((per_take - mean) ** 2, weights=weight + 1e-9))
    return mean > MARGIN * float(np.sqrt(variance / (len(takes) - 1)))
