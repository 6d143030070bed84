"""The cross-validation of the voice: what networks of the same recipe said of speakers whom they never heard, by fold, sex,
intensity, statement and speaker. Host only; ``voice.py`` asks it.

It is counted from what ``tools.voice.unseen`` keeps; protocols in ``PROTOCOLS`` are shown where they are there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from tools.cards.figures import (
    GROUP_COLUMNS,
    SCORE_COLUMNS,
    Group,
    confusion_grid,
    group_rows,
    part_of,
    score_row,
    shown,
)
from tools.cards.plots import reliability
from tools.cards.section import Part, Picture
from tools.data import ravdess
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation import metrics
from tools.evaluation.evidence import Scores, classified
from tools.evaluation.report import Grid
from tools.voice.unseen import unseen

CONFUSION = "voice_confusion.toml"
PROTOCOLS = {
    "random": "random split of RAVDESS, **the same speakers in training and test** (leaks the speaker; for comparison only)",
    "loso": "nEMO, each speaker left out once",
    "language": "nEMO, by a network that was trained on RAVDESS alone",
}
"""Other protocols beside ``folds``, and what they are."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of n clips: ``probabilities`` (n, 8), ``labels`` (n,), and ``fields`` (n,) of each clip's name."""

    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """(n,) who speaks: RAVDESS's actor by number, nEMO's by their sign."""
        return tuple(f"actor {fields[6]}" if len(fields) == 7 else fields[0].split("_")[0] for fields in self.fields)

    @property
    def fields(self) -> tuple[list[str], ...]:
        """(n,) the parts of a file's name, seven of a clip of RAVDESS."""
        return tuple(Path(name).stem.split("-") for name in self.names)

    @property
    def scores(self) -> Scores:
        """Over the labels that the clips have; intervals over speakers."""
        own = set(self.labels.tolist())
        shared = tuple(name for index, name in enumerate(NATIVE_LABELS) if index in own)
        return Scores(self.probabilities, self.labels, NATIVE_LABELS, shared, self.speakers)


def read_said(path: Path) -> Said:
    """What a protocol kept. Raises ConfigurationError when it is missing or holds something else."""
    try:
        with np.load(path) as kept:
            probabilities, labels = kept["probabilities"].astype(np.float64), kept["labels"].astype(np.int64)
            names = tuple(str(name) for name in kept["names"])
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError(
            [f"cannot be read ({error}); make it with python -m tools.train_voice"], str(path)
        ) from None
    if not (len(probabilities) == len(labels) == len(names)):
        raise ConfigurationError(["has arrays of different lengths"], str(path))
    return Said(probabilities, labels, names)


def fold_parts(models: Path, seed: int) -> tuple[Part, ...]:
    """The parts from what is kept in the models folder. Raises ConfigurationError when that is missing, or not what the
    confusion table beside it was counted from."""
    said = read_said(unseen(models, "folds"))
    counts = metrics.confusion(said.probabilities.argmax(axis=1), said.labels, len(NATIVE_LABELS))
    if counts.tolist() != tomllib.loads((models / CONFUSION).read_text(encoding="utf-8"))["counts"]:
        raise ConfigurationError([f"is not what {CONFUSION} was counted from"], str(unseen(models, "folds")))
    return folds_part(said, models, seed), groups_part(said, seed)


def folds_part(said: Said, models: Path, seed: int) -> Part:
    """Fold by fold and pooled, beside other protocols; confusion and reliability."""
    scores = said.scores
    folds = [
        (f"fold {number}", {f"actor {actor:02d}" for actor in actors})
        for number, actors in enumerate(ravdess.FOLDS, start=1)
    ]
    grids = [spread_grid(said, folds, "over folds", seed)]
    if unseen(models, "loso").is_file():
        polish = read_said(unseen(models, "loso"))
        left_out = [("nEMO without", {speaker}) for speaker in sorted(set(polish.speakers))]
        grids.append(spread_grid(polish, left_out, "over speakers", seed))
    rows = [score_row("RAVDESS, five folds by speaker, pooled", scores, seed)]
    for name, of in PROTOCOLS.items():
        if unseen(models, name).is_file():
            rows.append(score_row(of, read_said(unseen(models, name)).scores, seed))
    right = said.probabilities.argmax(axis=1) == said.labels
    plot = reliability({"out of fold": (said.probabilities.max(axis=1), right)}, "accuracy of clips, 8 classes")
    return Part(
        "Speakers whom it never heard, by cross-validation",
        (
            "Networks of the same recipe, int8, each clip heard by the one that was not trained on its speaker, as "
            "a known speaker's, in `python -m tools.train_voice --root DATA --out RUN --protocol folds` (the "
            "published folds with the actors at hand); the figures here are counted from what it kept in "
            "`voice_unseen`. Eight classes.",
            "Pooled over clips, with 95% intervals from drawing the speakers anew; of other protocols only labels "
            "that the collection has compete.",
        ),
        (
            *grids,
            Grid("", SCORE_COLUMNS[:-1], tuple(row[:-1] for row in rows)),
            confusion_grid(classified(scores, seed)),
        ),
        (Picture("voice_reliability.png", "how often it is right about a clip, over its confidence", plot),),
    )


def spread_grid(said: Said, parts: Sequence[tuple[str, set[str]]], over: str, seed: int) -> Grid:
    """A row for each set of speakers that are there, and the mean and standard deviation of these rows."""
    rows: list[tuple[str, ...]] = []
    figures = []
    for name, wanted in parts:
        there = sorted(wanted & set(said.speakers))
        if there:
            where = np.array([speaker in wanted for speaker in said.speakers])
            found = classified(part_of(said.scores, where), seed)
            figures.append((found.uar, found.accuracy, found.ece, found.log_loss))
            rows.append((f"{name}: {', '.join(there)}", f"{found.n:,}", *(shown(one) for one in figures[-1])))
    table = np.array(figures)
    spread = table.std(axis=0, ddof=1) if len(table) > 1 else np.zeros(table.shape[1])
    mean = [f"**{middle:.3f} ± {apart:.3f}**" for middle, apart in zip(table.mean(axis=0), spread, strict=True)]
    rows.append((f"mean ± standard deviation {over}", f"{len(said.labels):,}", *mean))
    return Grid("", ("", "n", "UAR", "accuracy", "ECE", "log-loss"), tuple(rows))


def groups_part(said: Said, seed: int) -> Part:
    """Out of fold by sex, intensity and statement, and how far speakers lie apart."""
    fields = np.array(said.fields)
    actor = fields[:, 6].astype(int)
    groups = [
        Group("men (odd actors)", actor % 2 == 1),
        Group("women (even actors)", actor % 2 == 0),
        Group("normal intensity", fields[:, 3] == "01"),
        Group("strong intensity (neutral has none)", fields[:, 3] == "02"),
        Group("statement 1, about kids", fields[:, 4] == "01"),
        Group("statement 2, about dogs", fields[:, 4] == "02"),
    ]
    right = said.probabilities.argmax(axis=1) == said.labels
    speakers = sorted(set(said.speakers))
    each = {who: float(right[np.array(said.speakers) == who].mean()) for who in speakers}
    worst, *_, best = sorted(each, key=lambda who: each[who])
    low, middle, high = np.percentile(list(each.values()), (25, 50, 75))
    return Part(
        "Groups",
        (
            "The same clips out of fold; intervals from drawing the speakers anew. Sex is as RAVDESS numbers its "
            "actors; age, accent and language do not vary in it.",
            f"Accuracy of single speakers: from {each[worst]:.2f} ({worst}) to {each[best]:.2f} ({best}), quartiles "
            f"{low:.2f}, {middle:.2f} and {high:.2f} of {len(speakers)}.",
        ),
        (Grid("", GROUP_COLUMNS, group_rows(said.scores, groups, seed)),),
    )
