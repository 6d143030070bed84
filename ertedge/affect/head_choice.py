"""Whether a person's own head is worth using: it must beat the general model on labels that it did not see. Floor 1;
pure.

Leave-one-take-out: a take is what one prompt brought, labels of one emotion within seconds of each other, which are too
alike to stand in both the fit and the test. The head is used while its mean gain in log-likelihood over the general
model, on the person's own takes, exceeds ``MARGIN`` standard errors of that mean: a margin for chance.

A head that did not see a take is worse than the one that will be used, which did, and much worse where the take was the
only one of its emotion: then it knows this person's manner of all emotions but the right one. That bias of
leave-one-out is known (Efron & Tibshirani 1997, "Improvements on cross-validation: the .632+ bootstrap method", JASA
92:548-560). It is made good by what one more label of an emotion was worth to other people who had as many:
``HeadPrior.lessons``.
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
MARGIN = 0.25
"""Chosen on inner tests of the training actors of RAVDESS's first fold, where the head was worse than the general model
in 1% of calibrations with a label or two an emotion: a whole standard error kept back one head in eight, a quarter one
in twenty."""
LEAST_LIKELY = 1e-3
"""One answer that was sure and wrong does not decide."""

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

    @classmethod
    def of_takes(cls, features: Float64Array, general: Float64Array, felt: NDArray[np.int64]) -> LabelledFeatures:
        """Moments that are each a whole take and count the same."""
        return cls(features, general, felt, np.ones(len(felt)), np.arange(len(felt)))

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
    parts = np.unique(folds)
    weights = np.where(folds == parts[:, None], 0.0, given.weights)
    heads = model.heads(given.features, given.felt, weights, unlabelled)
    for fold, head in zip(parts, heads, strict=True):
        out = folds == fold
        opinions[out] = head.adapt(given.general[out], given.features[out])
    return opinions


def is_worth_using(opinions: Float64Array, given: LabelledFeatures, lessons: Float64Array) -> bool:
    """Whether ``opinions`` (n, classes), of labels not seen, beat the general model's by more than chance would, given
    the prior's ``lessons``."""
    takes = np.unique(given.takes)
    if len(takes) < TAKES_LEAST:
        return False
    gain = gains(opinions, given) + lessons_left_out(given, lessons)
    weights = given.weights + 1e-9
    of_take = [given.takes == take for take in takes]
    weight = np.array([weights[rows].sum() for rows in of_take])
    per_take = np.array([np.average(gain[rows], weights=weights[rows]) for rows in of_take])
    mean = float(np.average(per_take, weights=weight))
    variance = float(np.average((per_take - mean) ** 2, weights=weight))
    return mean > MARGIN * float(np.sqrt(variance / (len(takes) - 1)))


def gains(opinions: Float64Array, given: LabelledFeatures) -> Float64Array:
    """What ``opinions`` (n, classes) gain over the general model's in log-likelihood, (n,) nats."""
    rows = np.arange(len(given.felt))
    likely = np.maximum(opinions[rows, given.felt], LEAST_LIKELY)
    return np.asarray(np.log(likely / np.maximum(given.general[rows, given.felt], LEAST_LIKELY)), np.float64)


def others_of_emotion(given: LabelledFeatures) -> NDArray[np.int64]:
    """How many other takes of its emotion each label had beside it when it was left out: (n,)."""
    folds = given.takes % FOLDS_MOST
    counts = [
        len(np.unique(given.takes[(given.felt == felt) & (folds != fold)]))
        for felt, fold in zip(given.felt, folds, strict=True)
    ]
    return np.asarray(counts, np.int64)


def lessons_left_out(given: LabelledFeatures, lessons: Float64Array) -> Float64Array:
    """What leaving each label out cost its emotion, (n,) nats; nothing once there are many others."""
    known = np.append(lessons, 0.0)
    return np.asarray(known[np.minimum(others_of_emotion(given), len(lessons))], np.float64)
