"""What one run says of one model on one collection, as a record with fixed keys: the object of ``--json``. Host only.

Intervals are percentiles of 1,000 seeded resamples (Efron 1979). Where a collection names at least five subjects, subjects
are drawn, since pictures and clips of one person are alike; else the samples are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from tools.bench import FLOAT32
from tools.evaluation import metrics

RESAMPLES = 1_000
LEAST_SUBJECTS = 5
LEAST_PROBABILITY = 1e-12
TIMED_CALLS = 100

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scores:
    """n samples as a model reads them: ``probabilities`` (n, labels) calibrated, ``labels`` (n,) true indices, both in the
    order of ``names``; ``shared`` are the names that the collection has too; ``subjects`` (n,) or empty."""

    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    shared: tuple[str, ...]
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classified:
    """The figures of a classifier over the labels that model and collection share: only those compete.

    ``confusion`` has true rows and predicted columns in the order of ``labels``; a class without samples has no recall.
    ``accuracy_all_labels`` lets all labels of the model compete, so that one that the collection lacks is a wrong answer.
    """

    n: int
    accuracy: float
    uar: float
    ece: float
    log_loss: float
    accuracy_ci95: Interval
    uar_ci95: Interval
    accuracy_all_labels: float
    labels: tuple[str, ...]
    per_class_recall: dict[str, float | None]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ClassifierEvidence:
    """A face or voice model on one collection. ``ci95`` is the 95% interval of ``ci95_of``; ``int8_minus_float`` the
    difference of accuracy to the float twin on the same samples, None where there is no twin; ``ms`` the median time of one
    call of the model on one thread; ``bytes`` of its file. ``skipped`` files were missing or corrupt, in ``not_found`` no
    face was found, ``dropped`` have a label that no model here has, or no majority."""

    task: str
    dataset: str
    model: str
    protocol: str
    n: int
    accuracy: float
    uar: float
    ece: float
    log_loss: float
    ci95: Interval
    ci95_of: str
    accuracy_ci95: Interval
    uar_ci95: Interval
    accuracy_all_labels: float
    int8_minus_float: float | None
    ms: float
    bytes: int
    labels: tuple[str, ...]
    per_class_recall: dict[str, float | None]
    confusion: tuple[tuple[int, ...], ...]
    skipped: int
    not_found: int
    dropped: int


@dataclass(frozen=True, slots=True)
class DetectorEvidence:
    """A detector on one set: recall where so many false positives are made in the whole set."""

    task: str
    dataset: str
    model: str
    protocol: str
    n_images: int
    n_faces: int
    recall_at_false_positives: dict[str, float]
    ci95: dict[str, Interval] | None
    int8_minus_float: float | None
    ms: float
    bytes: int
    skipped: int


@dataclass(frozen=True, slots=True)
class IdentityEvidence:
    """A verifier over ``n`` pairs. ``ci95`` by drawing people anew; ``int8_minus_float`` is of the AUC."""

    task: str
    dataset: str
    model: str
    protocol: str
    n: int
    n_images: int
    n_people: int
    auc: float
    tar_at_far: dict[str, float]
    ci95: dict[str, Interval]
    int8_minus_float: float | None
    ms: float
    bytes: int
    not_found: int
    skipped: int


@dataclass(frozen=True, slots=True)
class TableEvidence:
    """What a table of rows is about; the rows follow it."""

    task: str
    dataset: str
    model: str
    protocol: str


def classified(scores: Scores, seed: int) -> Classified:
    """The figures over the shared labels. Raises ConfigurationError when nothing can be scored."""
    columns = [scores.names.index(name) for name in scores.names if name in scores.shared]
    kept = np.isin(scores.labels, columns)
    if not kept.any():
        raise ConfigurationError(["there is nothing to score: no sample has a label that the model knows"])
    labels = np.searchsorted(columns, scores.labels[kept]).astype(np.int64)
    among = np.maximum(scores.probabilities[kept][:, columns].astype(np.float64), LEAST_PROBABILITY)
    among /= among.sum(axis=1, keepdims=True)
    names = tuple(scores.names[column] for column in columns)
    counts = metrics.confusion(among.argmax(axis=1), labels, len(names))
    subjects = tuple(s for s, keep in zip(scores.subjects, kept, strict=True) if keep) if scores.subjects else ()
    accuracy_ci95, uar_ci95 = intervals(among.argmax(axis=1), labels, len(names), subjects, seed)
    recalls = metrics.recalls(among.argmax(axis=1), labels, len(names))
    return Classified(
        n=len(labels),
        accuracy=float(np.trace(counts) / counts.sum()),
        uar=float(np.nanmean(recalls)),
        ece=metrics.expected_calibration_error(among, labels),
        log_loss=float(-np.log(among[np.arange(len(labels)), labels]).mean()),
        accuracy_ci95=accuracy_ci95,
        uar_ci95=uar_ci95,
        accuracy_all_labels=metrics.accuracy(
            scores.probabilities[kept].argmax(axis=1).astype(np.int64), scores.labels[kept]
        ),
        labels=names,
        per_class_recall={
            name: None if np.isnan(recall) else float(recall) for name, recall in zip(names, recalls, strict=True)
        },
        confusion=tuple(tuple(int(count) for count in row) for row in counts),
    )


def intervals(
    predicted: NDArray[np.integer], labels: NDArray[np.int64], classes: int, subjects: Sequence[str], seed: int
) -> tuple[Interval, Interval]:
    """The 95% intervals of accuracy and UAR. A resample is a draw of confusion counts: of subjects' whole tables where there
    are at least five of them, else of single samples, which are multinomial over the cells."""
    random = np.random.default_rng(seed)
    whole = metrics.confusion(predicted, labels, classes)
    who = np.array(subjects)
    people = np.unique(who)
    if len(people) >= LEAST_SUBJECTS:
        own = [who == person for person in people]
        tables = np.stack([metrics.confusion(predicted[mask], labels[mask], classes).ravel() for mask in own])
        drawn = random.multinomial(len(people), np.full(len(people), 1 / len(people)), RESAMPLES) @ tables
    else:
        drawn = random.multinomial(whole.sum(), whole.ravel() / whole.sum(), RESAMPLES)
    counts = drawn.reshape(RESAMPLES, classes, classes).astype(np.float64)
    right, support = counts.diagonal(axis1=1, axis2=2), counts.sum(axis=2)
    there = support > 0
    recall = np.where(there, right / np.maximum(support, 1), 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return interval_of(right.sum(axis=1) / support.sum(axis=1)), interval_of(recall)


def interval_of(values: NDArray[np.float64]) -> Interval:
    """The percentiles 2.5 and 97.5."""
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def float_twin(models: Path | None, file: str, given: Path | None = None) -> Path | None:
    """The network before quantization: the one ``given``, else the one kept beside the benchmarks for the models that ship,
    else None. Raises ConfigurationError when the one given is missing."""
    if given is not None:
        if not given.is_file():
            raise ConfigurationError([f"the float twin {given} is missing"])
        return given
    if models is not None and models.resolve() != default_models_dir().resolve():
        return None
    twin = FLOAT32 / file
    return twin if twin.is_file() else None


def median_ms(call: Callable[[int], object], count: int) -> float:
    """The median milliseconds of ``call(i)`` for at most a hundred i below ``count``, after one that is not counted."""
    call(0)
    taken = []
    for number in np.linspace(0, count - 1, min(count, TIMED_CALLS)).round().astype(int):
        begun = time.perf_counter()
        call(int(number))
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken) * 1e3)


def classifier_evidence(
    found: Classified,
    twin: Classified | None,
    *,
    task: str,
    dataset: str,
    model: str,
    protocol: str,
    headline: str,
    ms: float,
    size: int,
    skipped: int = 0,
    not_found: int = 0,
    dropped: int = 0,
) -> ClassifierEvidence:
    """The record of a classifier; ``headline`` is the figure, accuracy or uar, that ``ci95`` is of."""
    return ClassifierEvidence(
        task=task,
        dataset=dataset,
        model=model,
        protocol=protocol,
        n=found.n,
        accuracy=found.accuracy,
        uar=found.uar,
        ece=found.ece,
        log_loss=found.log_loss,
        ci95=found.accuracy_ci95 if headline == "accuracy" else found.uar_ci95,
        ci95_of=headline,
        accuracy_ci95=found.accuracy_ci95,
        uar_ci95=found.uar_ci95,
        accuracy_all_labels=found.accuracy_all_labels,
        int8_minus_float=None if twin is None else found.accuracy - twin.accuracy,
        ms=ms,
        bytes=size,
        labels=found.labels,
        per_class_recall=found.per_class_recall,
        confusion=found.confusion,
        skipped=skipped,
        not_found=not_found,
        dropped=dropped,
    )
