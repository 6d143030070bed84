"""Rows of collections that a model's training and choices never saw, where their folders are at hand. Host only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from ertedge.errors import ConfigurationError
from tools.cards.figures import SCORE_COLUMNS, evidence_row
from tools.cards.section import Case, Part
from tools.evaluation.evidence import ClassifierEvidence
from tools.evaluation.report import Grid, Report

LabelSet = Literal["native", "canonical"]
CARDS = {"face": "facenet", "voice": "voice"}
"""The card of each task of ``tools.evaluate``."""


def cross_part(case: Case, task: str, names: Sequence[str], evaluate: Callable[..., Report]) -> Part:
    """A row for each of ``names`` among ``case.cross`` and label set; who is missing is named with the command.

    Raises ConfigurationError for a folder that is given under a name that ``tools.evaluate`` does not know.
    """
    unknown = [name for name in case.cross if name not in names]
    if unknown:
        raise ConfigurationError([f"--cross {', '.join(unknown)}: choose from {', '.join(names)}"])
    rows: list[tuple[str, ...]] = []
    for name in names:
        if name in case.cross:
            ask = partial(evaluate, root=case.cross[name], models=case.models, dataset=name, seed=case.seed)
            rows += [_row(name, labels, ask) for labels in ("native", "canonical")]
    missing = [name for name in names if name not in case.cross]
    notes = (
        f"Not measured here, since the data are not at hand: {', '.join(missing)}. With them: `python -m tools.card "
        f"{CARDS[task]} --measure --root DATA --cross NAME=FOLDER`, or for the figures alone `python -m tools.evaluate "
        f"{task} --dataset NAME --root FOLDER --json`.",
    )
    text = "Trained as above, tested on collections that no training and no choice used; only labels that both have compete."
    grids = (Grid("", SCORE_COLUMNS, tuple(rows)),) if rows else ()
    return Part("Other collections", (text,), grids, notes=notes if missing else ())


def _row(name: str, labels: LabelSet, ask: Callable[..., Report]) -> tuple[str, ...]:
    found = ask(labels=labels).evidence
    assert isinstance(found, ClassifierEvidence)
    return evidence_row(f"{name}, {labels} labels: {found.protocol}", found)
