"""From the opinions of all trials to rows: means over actors and draws with their intervals. Host side only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tools.evaluation.metrics import accuracy, expected_calibration_error, unweighted_average_recall
from tools.evaluation.personal_population import log_loss
from tools.evaluation.personal_protocol import Choice, Opinion

RESAMPLES = 2_000
SUBJECT_WISE, RANDOM = "subject-wise", "random"

Float64Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PersonalRow:
    """One row of the table. ``modality``: voice, face, fused, the better one alone, or a fusion rule. ``labels``:
    ``native`` for RAVDESS's eight, ``canonical`` for the seven; ``classes`` how many that are. ``label_count``:
    labelled clips that calibrated. ``uar`` and ``accuracy`` are means over actors, draws and both directions; ``ci95``
    and ``accuracy_ci95`` their 95% intervals, actors and draws both drawn anew. ``split`` says whether tested people
    were seen in training."""

    modality: str
    regime: str
    k: int
    labels: str
    uar: float
    accuracy: float
    ci95: tuple[float, float]
    accuracy_ci95: tuple[float, float]
    ece: float
    log_loss: float
    classes: int
    label_count: int
    actors: int
    draws: int
    n: int
    split: str


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """How often the modality that ``k`` labels an emotion made look the more reliable was so on the test clips (ties
    count half), with its interval over actors; the same for the modality that is the better one in general; and how
    sure the choice was."""

    kind: str
    k: int
    truly: float
    ci95: tuple[float, float]
    usually: float
    sure: float
    heads_used: float
    fusion_used: float
    n: int


@dataclass(frozen=True, slots=True)
class PersonalEvidence:
    """The whole table as one record: what ``--json`` prints last."""

    task: str
    dataset: str
    model: str
    protocol: str
    rows: tuple[PersonalRow, ...]
    choices: tuple[ChoiceRow, ...]
    skipped: int


def rows_of(opinions: Sequence[Opinion], emotion: Labels, to_seven: Labels, split: str, seed: int) -> list[PersonalRow]:
    """A row for each modality, regime and k, native labels first. ``emotion`` (n,) of all clips, ``to_seven`` (8,)."""
    groups: dict[tuple[str, str, int], list[Opinion]] = defaultdict(list)
    for one in opinions:
        groups[one.regime, one.modality, one.k].append(one)
    fold = np.zeros((len(to_seven), int(to_seven.max()) + 1))
    fold[np.arange(len(to_seven)), to_seven] = 1.0
    native = [_row(group, emotion, np.eye(len(to_seven)), split=split, seed=seed) for group in groups.values()]
    seven = [_row(group, to_seven[emotion], fold, split=split, seed=seed) for group in groups.values()]
    return [*native, *seven]


def canonical_rows(opinions: Sequence[Opinion], emotion: Labels, split: str, seed: int) -> list[PersonalRow]:
    """A row for each modality, regime and k of opinions in the canonical seven; so are ``emotion`` (n,)."""
    classes = opinions[0].probabilities.shape[1]
    rows = rows_of(opinions, emotion, np.arange(classes), split, seed)
    return [replace(row, labels="canonical") for row in rows[: len(rows) // 2]]


def _row(group: Sequence[Opinion], emotion: Labels, to_classes: Float64Array, *, split: str, seed: int) -> PersonalRow:
    classes = to_classes.shape[1]
    scores: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for one in group:
        said = (one.probabilities @ to_classes).argmax(axis=1)
        felt = emotion[one.test]
        scores[one.actor, one.draw].append((unweighted_average_recall(said, felt, classes), accuracy(said, felt)))
    actors = sorted({actor for actor, _ in scores})
    draws = sorted({draw for _, draw in scores})
    table = np.array([[np.mean(scores[actor, draw], axis=0) for draw in draws] for actor in actors])
    everything = np.concatenate([one.probabilities @ to_classes for one in group])
    felt = np.concatenate([emotion[one.test] for one in group])
    first = group[0]
    return PersonalRow(
        modality=first.modality,
        regime=first.regime,
        k=first.k,
        labels="native" if classes == len(to_classes) else "canonical",
        uar=round(float(table[..., 0].mean()), 4),
        accuracy=round(float(table[..., 1].mean()), 4),
        ci95=interval(table[..., 0], seed),
        accuracy_ci95=interval(table[..., 1], seed),
        ece=round(expected_calibration_error(everything, felt), 4),
        log_loss=round(log_loss(everything, felt), 4),
        classes=classes,
        label_count=first.labels,
        actors=len(actors),
        draws=len(draws),
        n=len(felt),
        split=split,
    )


def interval(table: Float64Array, seed: int) -> tuple[float, float]:
    """The 95% interval of the mean of ``table`` (actors, draws): percentiles over tables whose actors and whose draws
    were drawn anew with replacement (Owen 2007, "The pigeonhole bootstrap", Ann. Appl. Stat. 1:386-411)."""
    random = np.random.default_rng(seed)
    actors, draws = table.shape
    weights = random.multinomial(actors, np.full(actors, 1.0 / actors), RESAMPLES) / actors
    columns = random.multinomial(draws, np.full(draws, 1.0 / draws), RESAMPLES) / draws
    means = np.einsum("ra,ad,rd->r", weights, table, columns)
    low, high = np.percentile(means, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def choice_rows(choices: Sequence[Choice], seed: int) -> list[ChoiceRow]:
    """A row for each k."""
    rows = []
    for k in sorted({one.k for one in choices}):
        own = [one for one in choices if one.k == k]
        by_actor = [
            np.mean([one.truly for one in own if one.actor == actor]) for actor in sorted({c.actor for c in own})
        ]
        rows.append(
            ChoiceRow(
                kind="modality chosen as more reliable",
                k=k,
                truly=round(float(np.mean([one.truly for one in own])), 4),
                ci95=interval(np.array(by_actor)[:, None], seed),
                usually=round(float(np.mean([one.usually for one in own])), 4),
                sure=round(float(np.mean([one.sure for one in own])), 4),
                heads_used=round(float(np.mean([one.heads for one in own])) / 2.0, 4),
                fusion_used=round(float(np.mean([one.fused for one in own])), 4),
                n=len(own),
            )
        )
    return rows
