"""Face emotions: the pictures of FER+ Valid with a majority, seven labels, everybody asked one 48x48 crop at a time.

Contempt is left out: no peer knows it. Everybody's highest probability of the seven counts; ours is asked as on the device,
where contempt counts as its manifest maps it. Host side only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS
from tools.data.ferplus import EMOTION_LABELS, load_split, majority_labels
from tools.evaluation import metrics
from tools.evaluation.evidence import intervals
from tools.evaluation.face import evenly
from tools.evaluation.report import Figure, Grid
from tools.peers.comparison import MISSING, grid, paired_difference, share, signed, work_cells, work_figures
from tools.peers.process import Ready
from tools.peers.roster import OURS, Task
from tools.peers.rounds import ask_in_turn

SEVEN = tuple(str(emotion) for emotion in EMOTIONS)
SAME_AS = {
    "angry": "anger",
    "disgusted": "disgust",
    "fearful": "fear",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}
"""What the peers call an emotion, and what it is called here; names that are the same stand for themselves."""
COLUMNS = ("face emotion", "accuracy", "UAR", "accuracy less ours", "time", "memory, MB", "weights, kB", "remark")


def order_of(labels: tuple[str, ...]) -> NDArray[np.int64]:
    """(7,): where each of the seven stands among a program's ``labels``. Raises ValueError where they are not the seven."""
    canonical = [SAME_AS.get(label, label) for label in labels]
    if sorted(canonical) != sorted(SEVEN):
        raise ValueError(f"the labels {', '.join(labels) or '(none)'} are not the seven")
    return np.array([canonical.index(label) for label in SEVEN], np.int64)


def as_seven(row: Any, ready: Ready) -> NDArray[np.float64]:
    """A program's probabilities in the order of the seven. Raises ValueError where they are not seven finite numbers."""
    found = np.asarray(row, np.float64)
    if found.shape != (len(SEVEN),) or not np.isfinite(found).all():
        raise ValueError(f"not seven finite numbers but {str(row)[:60]}")
    return found[order_of(ready.labels)]


def measure(task: Task) -> tuple[list[Figure], Grid]:
    """The figures, and a row each. Raises ConfigurationError where there are no such pictures."""
    faces = load_split(task.places.root, "Valid")
    usable = majority_labels(faces.votes)
    kept = np.flatnonzero((usable >= 0) & (usable != EMOTION_LABELS.index("contempt")))
    kept = kept[evenly(len(kept), task.limit)]
    if not len(kept):
        raise ConfigurationError(["no picture of FER+ Valid has a majority for one of the seven"])
    labels = np.array([SEVEN.index(EMOTION_LABELS[label]) for label in usable[kept]], np.int64)
    outcomes = ask_in_turn(task.commands(), list(faces.images[kept]), as_seven, task.folder, "faces")
    figures = work_figures(outcomes, task)
    said = {
        name: np.stack(outcome.rows).argmax(axis=1).astype(np.int64)
        for name, outcome in outcomes.items()
        if not outcome.fault
    }
    rows: list[tuple[str, ...]] = []
    for name, outcome in outcomes.items():
        if outcome.fault:
            rows.append((name, *[MISSING] * 6, outcome.fault))
            continue
        figures_of_one, cells = _accuracy(name, said, labels, task.seed)
        figures += figures_of_one
        rows.append((name, *cells, *work_cells(figures, name), ""))
    return figures, grid(f"face emotion: FER+ Valid, {len(labels)} pictures, seven labels", COLUMNS, rows)


def _accuracy(
    name: str, said: dict[str, NDArray[np.int64]], labels: NDArray[np.int64], seed: int
) -> tuple[list[Figure], tuple[str, str, str]]:
    """The figures of one and its cells: accuracy, UAR, the paired difference to ours."""
    n, mine = len(labels), said[name]
    of_accuracy, of_uar = intervals(mine, labels, len(SEVEN), (), seed)
    accuracy, uar = metrics.accuracy(mine, labels), metrics.unweighted_average_recall(mine, labels, len(SEVEN))
    figures = [Figure("accuracy", accuracy, "share", n, name), Figure("uar", uar, "share", n, name)]
    for figure, (low, high) in (("accuracy", of_accuracy), ("uar", of_uar)):
        figures += [Figure(f"{figure}_low", low, "share", n, name), Figure(f"{figure}_high", high, "share", n, name)]
    less = MISSING
    if name != OURS and OURS in said:
        differences = paired_difference(mine, said[OURS], labels, seed)
        for figure, (value, (low, high)) in zip(("accuracy", "uar"), differences, strict=True):
            figures.append(Figure(f"{figure}_less_ours", value, "share", n, name))
            figures.append(Figure(f"{figure}_less_ours_low", low, "share", n, name))
            figures.append(Figure(f"{figure}_less_ours_high", high, "share", n, name))
        less = signed(*differences[0])
    return figures, (share(accuracy, of_accuracy), share(uar, of_uar), less)
