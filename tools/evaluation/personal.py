"""Does calibration help? Real people's face and voice, truly paired, on actors whom nobody trained on. Host side only.

RAVDESS: the voice from the sound, the face from the action units of the picture. Published folds by actor, over the
actors that are there. Of each unseen actor, k labelled clips an emotion of one of the two sentences calibrate, and all
clips of the other sentence test; both directions. Nothing of a test clip comes from the tested sentence, its
normalisation included. Every choice is made inside the training actors of each fold (``personal_population``); what
calibrates is the device's own code (``personal_protocol``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.types import EMOTIONS
from tools.data import ravdess
from tools.data.collection_names import collection_named
from tools.data.faults import FaultLog, OnFault
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.personal_clips import PairedClips, load_paired
from tools.evaluation.personal_population import RULES, learn_population
from tools.evaluation.personal_protocol import CALIBRATED, FUSED, GENERAL, NORMALISED, ActorTrials, Choice, Opinion
from tools.evaluation.personal_random import random_split_opinions
from tools.evaluation.personal_report import (
    RANDOM,
    SUBJECT_WISE,
    ChoiceRow,
    PersonalEvidence,
    PersonalRow,
    choice_rows,
    rows_of,
)
from tools.evaluation.report import Figure, Grid, Report

K = (1, 2, 4)
ACTORS_LEAST = 3
"""Fewer teach nothing of how people differ."""


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    model: Annotated[str, typer.Option(help="The entry whose labels map to the seven.")] = "voice",
    dataset: Annotated[str, typer.Option(help="ravdess, the one with face and voice truly paired.")] = "ravdess",
    on_fault: Annotated[OnFault, typer.Option(help="What a missing or corrupt clip does.")] = "stop",
    out: Annotated[Path, typer.Option(help="Where features are kept; started again, a run goes on.")] = Path(
        "runs/personal"
    ),
    train: Annotated[
        Path | None, typer.Option(help="Another copy of the collection, whose other actors train and are not tested.")
    ] = None,
    draws: Annotated[int, typer.Option(help="Random draws of the labelled clips.", min=1)] = 20,
    actors: Annotated[str, typer.Option(help="Test only these, by comma; all others still train.")] = "",
    speakers: Annotated[str, typer.Option(help="The same as --actors.")] = "",
    seed: Annotated[int, typer.Option(help="Of the draws, the inner tests and the intervals.")] = 0,
) -> Report:
    """Score face, voice and their fusion on unseen actors before and after calibration with a few labelled clips.

    With --json one line a row of the table (modality, regime, k, labels, uar, accuracy, ci95), one a row of choices, one a
    figure, and last one object that holds all: task, dataset, model, protocol, rows, choices.
    """
    begun = time.monotonic()
    name = collection_named(dataset, (ravdess.COLLECTION,))
    faults = FaultLog(on_fault)
    clips = tested_clips = load_paired(root, out, faults=faults)
    if train is not None:
        others = load_paired(train, out, faults=faults)
        clips = clips.joined(others.take(~np.isin(others.actor, clips.actor)))
    entry = load_manifest(models or default_models_dir()).entry(model)
    mapping = entry.mapping
    to_seven = np.array([EMOTIONS.index(mapping[label]) for label in NATIVE_LABELS], np.int64)
    opinions: list[Opinion] = []
    choices: list[Choice] = []
    notes: list[str] = []
    for number, unseen, tested in folds_of(tested_clips, actors or speakers, len(np.unique(clips.actor))):
        print(f"fold {number}: actors {', '.join(map(str, tested))}", file=sys.stderr)
        population = learn_population(clips, ~np.isin(clips.actor, unseen), seed)
        notes += [f"fold {number}, chosen inside its training actors: {note}" for note in population.notes]
        for actor in tqdm(tested, desc=f"fold {number}", unit="actor", file=sys.stderr, leave=False):
            for sentence in (1, 2):
                trials = ActorTrials(clips, population, actor, sentence)
                opinions += trials.without_labels()
                for k in K:
                    for draw in range(draws if k < trials.clips_of_most else 1):
                        for found in trials.with_labels(k, draw, seed):
                            (choices if isinstance(found, Choice) else opinions).append(found)  # type: ignore[arg-type]
    rows = rows_of(opinions, clips.emotion, to_seven, SUBJECT_WISE, seed)
    rows += rows_of(random_split_opinions(tested_clips, seed), tested_clips.emotion, to_seven, RANDOM, seed)
    chosen = choice_rows(choices, seed)
    seconds = time.monotonic() - begun
    notes.append(f"{len(clips)} clips of {len(np.unique(clips.actor))} actors; {seconds:.0f} s")
    return Report(
        "personal calibration on RAVDESS, actors whom nobody trained on",
        (Figure("seconds", round(seconds, 1), "s", len(clips), "the whole run"),),
        tuple(notes),
        grids_of(rows, chosen),
        records=(*rows, *chosen),
        evidence=PersonalEvidence(
            task="personal",
            dataset=name,
            model=f"{entry.name} {entry.version}",
            protocol="of each unseen actor one sentence calibrates, the other is tested, both ways; published folds by"
            " actor; the random split beside them is named in split",
            rows=tuple(rows),
            choices=tuple(chosen),
            skipped=faults.count,
        ),
    )


def folds_of(
    clips: PairedClips, actors: str, known: int | None = None
) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """The number of each fold, its actors that are there, none of whom is trained on, and those of them that are
    tested: all, or those asked for. The folds are the published ones; where those leave too few of the ``known`` actors
    (all that there are clips of) to train on, each actor is a fold. Raises ConfigurationError for an actor who is not
    there, or when there are too few actors."""
    there = np.unique(clips.actor).tolist()
    known = known or len(there)
    if known <= ACTORS_LEAST:
        raise ConfigurationError(
            [f"{known} actors are too few: {ACTORS_LEAST} must be left to train on; add some with --train"]
        )
    wanted = set(there)
    if actors:
        try:
            wanted = {int(name) for name in actors.split(",")}
        except ValueError:
            raise ConfigurationError([f"--actors wants numbers by comma, got {actors!r}"]) from None
    if unknown := wanted - set(there):
        raise ConfigurationError([f"no clips of actor {min(unknown)}; there are {', '.join(map(str, there))}"])
    published = [tuple(actor for actor in fold if actor in there) for fold in ravdess.FOLDS]
    alone = known - max(map(len, published)) < ACTORS_LEAST
    folds = [(actor,) for actor in there] if alone else published
    chosen = [(n, fold, tuple(actor for actor in fold if actor in wanted)) for n, fold in enumerate(folds, start=1)]
    return [one for one in chosen if one[2]]


def grids_of(rows: Sequence[PersonalRow], choices: Sequence[ChoiceRow]) -> tuple[Grid, ...]:
    """The tables for a person."""
    modalities = ("voice", "face", FUSED)
    grids = []
    for split in (SUBJECT_WISE, RANDOM):
        for labels in ("native", "canonical"):
            own = [row for row in rows if row.split == split and row.labels == labels and row.modality in modalities]
            title = f"UAR, {split} split, {own[0].classes} classes" if own else split
            grids.append(Grid(title, _COLUMNS, tuple(_cells(row) for row in own)))
    rules = [
        row
        for row in rows
        if row.modality in set(map(str, RULES))
        and row.labels == "native"
        and row.regime in (GENERAL, NORMALISED, CALIBRATED)
    ]
    grids.append(Grid("Fusion rules by held-out log-loss", _COLUMNS, tuple(_cells(row) for row in rules)))
    cells = tuple(
        (
            str(row.k),
            f"{row.truly:.3f}",
            f"{row.ci95[0]:.3f} to {row.ci95[1]:.3f}",
            f"{row.usually:.3f}",
            f"{row.sure:.3f}",
            f"{row.heads_used:.2f}",
            f"{row.fusion_used:.2f}",
        )
        for row in choices
    )
    columns = ("k", "truly the better", "95%", "population's choice", "how sure", "heads used", "fusion used")
    grids.append(Grid("The modality chosen as the more reliable", columns, cells))
    return tuple(grids)


_COLUMNS = ("regime", "modality", "k", "labels", "UAR", "95%", "accuracy", "ECE", "log-loss")


def _cells(row: PersonalRow) -> tuple[str, ...]:
    return (
        row.regime,
        row.modality,
        str(row.k),
        str(row.label_count),
        f"{row.uar:.3f}",
        f"{row.ci95[0]:.3f} to {row.ci95[1]:.3f}",
        f"{row.accuracy:.3f}",
        f"{row.ece:.3f}",
        f"{row.log_loss:.3f}",
    )
