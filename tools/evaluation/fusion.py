"""Scores the shipped fusion on synthetic pairs of faces and voices that neither its models nor its weights have met.

Faces: FER+ validation. Voices: RAVDESS actors 1 and 2, whom the voice network never heard. Pairs share the labelled emotion
(see ``tools.pairing``). Rows: face alone, voice alone, fused with the population's reliabilities.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import load
from ertedge.config import FusionSettings
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.types import EMOTIONS
from tools.data.ferplus import load_split
from tools.evaluation.metrics import accuracy, expected_calibration_error, unweighted_average_recall
from tools.evaluation.report import Figure, Report
from tools.heldout import faces, voices
from tools.pairing import fuse_pairs, log_loss, pair

HELD_OUT_ACTORS = (1, 2)
UNITS = {"log_loss": "nats"}


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    pairs: Annotated[int, typer.Option(help="Pairs of each emotion in a draw.")] = 100,
    draws: Annotated[int, typer.Option(help="Draws of pairs; the spread is over them.")] = 20,
) -> Report:
    """Score face, voice and their fusion on pairs of people that no training saw."""
    directory = models or default_models_dir()
    manifest = load_manifest(directory)
    fusion = Fusion(load(directory / "fusion.toml"), FusionSettings())
    face = faces(load_split(root / "ferplus", "Valid"), manifest)
    voice = voices(root, manifest, HELD_OUT_ACTORS)
    found: dict[tuple[str, str], list[float]] = {}
    for seed in range(draws):
        paired_face, paired_voice = pair(face, voice, pairs, seed)
        fused = fuse_pairs(fusion, paired_face, paired_voice)
        rows = (("face", paired_face.probabilities), ("voice", paired_voice.probabilities), ("fused", fused))
        for of, probabilities in rows:
            labels = paired_face.labels
            measured = {
                "accuracy": accuracy(probabilities.argmax(axis=1), labels),
                "uar": unweighted_average_recall(probabilities.argmax(axis=1), labels, probabilities.shape[1]),
                "log_loss": log_loss(probabilities, labels),
                "ece": expected_calibration_error(probabilities, labels),
            }
            for name, value in measured.items():
                found.setdefault((name, of), []).append(value)
    n = pairs * len(EMOTIONS)
    figures = tuple(
        Figure(name, float(np.mean(values)), UNITS.get(name, "share"), n, of, float(np.std(values)))
        for (name, of), values in found.items()
    )
    note = "Synthetic pairs of the same labelled emotion from different people; n is the pairs of one draw, seven emotions."
    return Report("fusion on unseen people", figures, (note,))
