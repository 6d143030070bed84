"""Detectors: the plain frames of ``tools.evaluation.detector_frames``, judged as ``python -m tools.evaluate detector`` does.

Each one's boxes are first moved and scaled by four numbers that are fitted on frames of the validation part; recall is
compared where each makes one false detection in ten frames. Host side only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ertedge.types import UInt8Array
from tools.evaluation.detector import fit_adjustment, match_frames
from tools.evaluation.detector_frames import LabelledFrame, labelled_sets
from tools.evaluation.detector_matching import Matched, pooled
from tools.evaluation.detector_peers import Found
from tools.evaluation.evidence import interval_of
from tools.evaluation.face import evenly
from tools.evaluation.report import Figure, Grid
from tools.peers.comparison import MISSING, grid, share, work_cells, work_figures
from tools.peers.process import Ready
from tools.peers.roster import Task
from tools.peers.rounds import Outcome, ask_in_turn
from tools.teachers import LandmarkTeacher

COMPOSED = "composed"
UNFITTED = "lfw"
"""The crops that are of no part: they are only scored."""
CROPS = 200
"""Of each source, at most, as the detector's evaluation takes by default."""
FITTING_SHARE = 1 / 3
"""Frames that the boxes are fitted on, over those that are scored."""
FALSE_POSITIVES_A_FRAME = 0.1
RESAMPLES = 200
COLUMNS = ("detector", "recall", "time", "memory, MB", "weights, kB", "remark")


class Replayed:
    """What a program found, as a detector that is asked for the same frames again."""

    usual = 0.0

    def __init__(self, name: str, frames: list[LabelledFrame], found: list[Found]) -> None:
        self.name = name
        self._found = {id(frame.image): one for frame, one in zip(frames, found, strict=True)}

    def __call__(self, image: UInt8Array, /) -> Found:
        return self._found[id(image)]


def as_found(row: Any, _ready: Ready) -> Found:
    """A program's boxes. Raises ValueError where they are not finite (n, 5)."""
    boxes = np.asarray(row, np.float64) if row else np.empty((0, 5))
    if boxes.ndim != 2 or boxes.shape[1] != 5 or not np.isfinite(boxes).all():
        raise ValueError(f"not boxes of five finite numbers but {str(row)[:60]}")
    return Found(boxes[:, :4].astype(np.float32), boxes[:, 4].astype(np.float32))


def measure(task: Task) -> tuple[list[Figure], Grid]:
    """The figures, and a row each. Raises ConfigurationError where the crops, the scenes or the teachers are missing."""
    teacher = LandmarkTeacher(task.places.root / "teachers")
    few = max(1, round(task.limit * FITTING_SHARE))
    crops = min(CROPS, task.limit)
    fitting = _plain(labelled_sets(task.places.root, "validation", teacher, limit=crops, seed=task.seed), few, UNFITTED)
    shown = _plain(labelled_sets(task.places.root, "test", teacher, limit=crops, seed=task.seed), task.limit)
    pictures = [np.ascontiguousarray(frame.image[:, :, 0]) for frame in (*fitting, *shown)]
    outcomes = ask_in_turn(task.commands(), pictures, as_found, task.folder, "frames")
    figures = work_figures(outcomes, task)
    faces = sum(len(frame.boxes) for frame in shown)
    rows: list[tuple[str, ...]] = []
    for name, outcome in outcomes.items():
        if outcome.fault:
            rows.append((name, *[MISSING] * 4, outcome.fault))
            continue
        value, (low, high) = recall_of(name, outcome, fitting, shown, task.seed)
        figures.append(Figure("recall_at_0.1_fppi", value, "share", faces, name))
        figures.append(Figure("recall_at_0.1_fppi_low", low, "share", faces, name))
        figures.append(Figure("recall_at_0.1_fppi_high", high, "share", faces, name))
        rows.append((name, share(value, (low, high)), *work_cells(figures, name), ""))
    title = f"faces in {len(shown)} frames, {faces} faces: recall at {FALSE_POSITIVES_A_FRAME} false detections a frame"
    return figures, grid(title, COLUMNS, rows)


def _plain(sets: dict[str, tuple[LabelledFrame, ...]], limit: int, *without: str) -> list[LabelledFrame]:
    """The frames that no detector was made for, at most ``limit`` spread evenly over the sources."""
    plain = [frame for name, frames in sets.items() if name not in (COMPOSED, *without) for frame in frames]
    return [plain[i] for i in evenly(len(plain), limit)]


def recall_of(
    name: str, outcome: Outcome, fitting: list[LabelledFrame], shown: list[LabelledFrame], seed: int
) -> tuple[float, tuple[float, float]]:
    """Recall over ``shown``, with its 95% interval by drawing frames anew. Rows are of ``fitting``, then of ``shown``."""
    detector = Replayed(name, [*fitting, *shown], outcome.rows)
    adjustment = fit_adjustment(detector, fitting)
    parts: list[Matched] = [match_frames(detector, (frame,), adjustment) for frame in shown]
    random = np.random.default_rng(seed)
    drawn = [
        pooled([parts[i] for i in random.integers(len(parts), size=len(parts))]).recall_at(FALSE_POSITIVES_A_FRAME)
        for _ in range(RESAMPLES)
    ]
    return pooled(parts).recall_at(FALSE_POSITIVES_A_FRAME), interval_of(np.asarray(drawn))
