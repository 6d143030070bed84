"""The figures that several evaluations report, each defined once. Host side only.

Probabilities and logits are (n, classes), labels (n,) integers. Every function raises ``ConfigurationError`` on what
it cannot score (no samples, shapes that do not fit), since a figure of nothing would look like one of something.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from ertedge.errors import ConfigurationError

Labels = NDArray[np.integer]
Numbers = NDArray[np.floating]

CALIBRATION_BINS = 15
"""As in Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2."""


def accuracy(predicted: Labels, labels: Labels) -> float:
    """The share of samples predicted right."""
    _same_length(predicted, labels)
    return float(np.mean(np.equal(predicted, labels)))


def confusion(predicted: Labels, labels: Labels, classes: int) -> NDArray[np.int64]:
    """Counts (classes, classes): row the true class, column the predicted one."""
    _same_length(predicted, labels)
    if min(predicted.min(), labels.min()) < 0 or max(predicted.max(), labels.max()) >= classes:
        raise ConfigurationError([f"a label is outside 0 to {classes - 1}"])
    flat = np.bincount(labels.astype(np.int64) * classes + predicted.astype(np.int64), minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def recalls(predicted: Labels, labels: Labels, classes: int) -> NDArray[np.float64]:
    """Recall of each class, (classes,); NaN for a class with no samples."""
    counts = confusion(predicted, labels, classes)
    support = counts.sum(axis=1)
    return np.where(support > 0, np.diag(counts) / np.maximum(support, 1), np.nan)


def unweighted_average_recall(predicted: Labels, labels: Labels, classes: int) -> float:
    """The mean recall over the classes that have samples (UAR, balanced accuracy): chance is one over their number."""
    return float(np.nanmean(recalls(predicted, labels, classes)))


def expected_calibration_error(probabilities: Numbers, labels: Labels, bins: int = CALIBRATION_BINS) -> float:
    """How far confidence is from accuracy: the mean over ``bins`` equal bins of confidence of the distance between
    both, weighted by the samples in the bin (ECE, Guo et al. 2017, equation 3)."""
    _same_length(probabilities, labels)
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    # Bins are open at the left and closed at the right, as there; a confidence of zero joins the first.
    bin_of = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(bin_of, weights=confidence, minlength=bins) - np.bincount(bin_of, weights=right, minlength=bins)
    return float(np.abs(gap).sum() / len(labels))


def negative_log_likelihood(logits: Numbers, labels: Labels, temperature: float = 1.0) -> float:
    """Mean negative log likelihood in nats of the labels under softmax(logits / temperature)."""
    _same_length(logits, labels)
    scaled = logits.astype(np.float64) / temperature
    largest = scaled.max(axis=1)
    log_sum = largest + np.log(np.exp(scaled - largest[:, None]).sum(axis=1))
    return float(np.mean(log_sum - scaled[np.arange(len(labels)), labels]))


def fit_temperature(logits: Numbers, labels: Labels) -> float:
    """The temperature in [0.05, 20] that makes the labels likeliest (Guo et al. 2017, section 4.2). Fit it on
    validation data."""
    found = minimize_scalar(
        lambda log_temperature: negative_log_likelihood(logits, labels, float(np.exp(log_temperature))),
        bounds=(np.log(0.05), np.log(20.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def softmax(logits: Numbers, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities over the last axis, same shape as ``logits``."""
    scaled = logits.astype(np.float64) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def roc_auc(scores: Numbers, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive scores higher than a negative, ties counting half (area under the ROC curve;
    the rank statistic of Mann and Whitney)."""
    _same_length(scores, positive)
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if positives == 0 or negatives == 0:
        raise ConfigurationError(["an ROC curve needs samples of both kinds"])
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    rank = (last_rank - (counts - 1) / 2.0)[place]
    return float((rank[positive].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold on a score (accept at or above it) with the shares of positives and of negatives that it accepts."""

    threshold: float
    true_accept_rate: float
    false_accept_rate: float


def accept_at_far(scores: Numbers, positive: NDArray[np.bool_], false_accept_rate: float) -> OperatingPoint:
    """The lowest threshold that accepts at most this share of the negatives (TAR at FAR, the measure of face
    verification).

    With fewer negatives than ``1 / false_accept_rate`` not one of them is accepted.
    """
    _same_length(scores, positive)
    negatives = np.sort(scores[~positive])[::-1]
    positives = scores[positive]
    if len(positives) == 0 or len(negatives) == 0:
        raise ConfigurationError(["a true accept rate needs samples of both kinds"])
    allowed = int(np.floor(false_accept_rate * len(negatives) + 1e-9))
    if allowed >= len(negatives):
        threshold = float(scores.min())
    else:
        # Just above the first negative that must be refused, so that its equals are refused with it.
        threshold = float(np.nextafter(negatives[allowed], np.inf, dtype=negatives.dtype))
    return OperatingPoint(threshold, float(np.mean(positives >= threshold)), float(np.mean(negatives >= threshold)))


def _same_length(first: ArrayLike, second: ArrayLike) -> None:
    lengths = len(np.asarray(first)), len(np.asarray(second))
    if lengths[0] != lengths[1]:
        raise ConfigurationError([f"{lengths[0]} predictions for {lengths[1]} labels"])
    if lengths[0] == 0:
        raise ConfigurationError(["there is nothing to score; check --root"])
