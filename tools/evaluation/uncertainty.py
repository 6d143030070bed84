"""What the confidence of single predictions is worth: calibration, risk over coverage and conformal sets. Host only.

    python -m tools.evaluate uncertainty --root DATA

Face: FER+ Valid, with the part of FER+ Train that FaceNet's training held out to calibrate on. Voice: RAVDESS actor 2, with
actor 1 to calibrate on. Fused: synthetic pairs of these (``tools.pairing``). Every clip of RAVDESS out of fold too,
each fifth of the actors with the others to calibrate on, intervals by actor. On the calibration side a temperature and a
least confidence for the coverage are fitted, and conformal sets are calibrated; every figure is of the other side. States as
a client receives them are judged by ``recording`` and ``streamed``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.affect.confidence import Confidence
from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import load
from ertedge.config import FusionSettings
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import Manifest, default_models_dir, load_manifest
from ertedge.perception.emotion_head import EmotionHead
from ertedge.types import EMOTIONS, Float32Array
from tools.data.ferplus import load_split
from tools.evaluation.conformal import ConformalSets, Method, figures_of
from tools.evaluation.evidence import TableEvidence
from tools.evaluation.report import Grid, Report
from tools.evaluation.selective import (
    claims,
    debiased_error,
    equal_mass_error,
    equal_width_error,
    fit_temperature,
    least_for,
    resampled,
    risk_coverage,
)
from tools.heldout import faces, out_of_fold_voices, voices
from tools.make_recording import ACTORS_OF, SPLIT_SEED, People
from tools.pairing import Labelled, fuse_pairs, log_loss, pair
from tools.voice.unseen import unseen

PAIRS = 100
FIFTHS = 5
CALIBRATION = (
    "of unseen people",
    "n",
    "accuracy",
    "log-loss",
    "ECE",
    "temperature",
    "ECE after",
    "equal mass",
    "debiased",
    "AURC",
    "excess",
)
SELECTION = ("of unseen people", "least", "coverage", "accuracy", "ECE", "95%")
SETS = ("of unseen people", "method", "coverage", "least of a class", "most of a class", "mean size", "one label")


@dataclass(frozen=True, slots=True)
class Sides:
    """What is calibrated on ``choice`` is scored on ``check``; ``units`` (n of check,) err together, empty where each is of
    its own."""

    name: str
    choice: Labelled
    check: Labelled
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """n samples of unseen people: what was said of them as it comes, and after what was fitted on others. ``confidence``
    (n,) and ``least`` (n,), the threshold that their others gave."""

    name: str
    raw: Float32Array
    tempered: Float32Array
    labels: NDArray[np.int64]
    confidence: NDArray[np.float64]
    least: NDArray[np.float64]
    temperatures: tuple[float, ...]
    units: tuple[str, ...]

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) whether the likeliest emotion is the labelled one."""
        return np.asarray(self.raw.argmax(axis=1) == self.labels)


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    coverage: Annotated[float, typer.Option(help="Of sets, and of what is not left unknown.", min=0.5, max=0.99)] = 0.9,
    seed: int = 0,
) -> Report:
    """Calibration, risk over coverage and conformal sets of face, voice and pairs, fitted and checked on different
    people."""
    directory = models or default_models_dir()
    subjects = gather(root, directory, seed)
    if unseen(directory, "folds").is_file():
        subjects += (out_of_fold(unseen(directory, "folds"), load_manifest(directory)),)
    judged = [judge(sides, coverage) for sides in subjects]
    grids = (
        Grid("calibration", CALIBRATION, tuple(calibration_row(one) for one in judged)),
        Grid(f"at {coverage:.0%} coverage", SELECTION, tuple(selection_row(one, seed) for one in judged)),
        Grid(
            f"conformal sets of {coverage:.0%}",
            SETS,
            tuple(row for sides in subjects for row in set_rows(sides, coverage, seed)),
        ),
    )
    protocol = "fitted and calibrated on some people, scored on others; canonical seven"
    notes = (
        "Intervals: actors drawn anew where there are at least five, else samples, which flatters two voices and pairs.",
        "Pairs are synthetic: a face and a voice of the same labelled emotion from different people.",
    )
    evidence = TableEvidence("uncertainty", "ferplus, ravdess", "facenet, voice, fusion", protocol)
    return Report("uncertainty on unseen people", (), notes, grids=grids, evidence=evidence)


def gather(root: Path, directory: Path, seed: int) -> tuple[tuple[Sides, ...], ...]:
    """Face, voice and pairs of them, each in parts that are judged together. Raises ErtedgeError."""
    from tools.facenet.data import held_out_split

    manifest = load_manifest(directory)
    face = Sides(
        "face",
        faces(held_out_split(root, SPLIT_SEED), manifest),
        faces(load_split(root / "ferplus", "Valid"), manifest),
    )
    choice, check = (voices(root, manifest, ACTORS_OF[people]) for people in (People.CHOICE, People.REPORT))
    voice = Sides("voice", choice, check)
    fusion = Fusion(load(directory / "fusion.toml"), FusionSettings())
    fused = Sides(
        "pairs",
        _pairs(fusion, face.choice, voice.choice, seed),
        _pairs(fusion, face.check, voice.check, seed),
    )
    return (face,), (voice,), (fused,)


def _pairs(fusion: Fusion, face: Labelled, voice: Labelled, seed: int) -> Labelled:
    paired_face, paired_voice = pair(face, voice, PAIRS, seed)
    return Labelled(fuse_pairs(fusion, paired_face, paired_voice), paired_face.labels, paired_face.quality)


def out_of_fold(path: Path, manifest: Manifest) -> tuple[Sides, ...]:
    """Clips out of fold: a fifth of the actors at a time, with the others to calibrate on. Raises ConfigurationError."""
    entry = manifest.entry("voice")
    to_seven = np.array([EMOTIONS.index(entry.mapping[label]) for label in entry.labels])
    known = out_of_fold_voices(path, EmotionHead(entry.labels, entry.mapping, 1.0), to_seven)
    try:
        with np.load(path) as stored:
            names = [str(name) for name in stored["names"]]
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError([f"does not say whose clips they are ({error})"], str(path)) from None
    actors = np.array([name.split("/")[0] for name in names])
    parts = np.array_split(np.unique(actors), FIFTHS)
    return tuple(
        Sides(
            "voice, out of fold",
            known.take(np.flatnonzero(~np.isin(actors, part))),
            known.take(np.flatnonzero(np.isin(actors, part))),
            tuple(str(one) for one in actors[np.isin(actors, part)]),
        )
        for part in parts
    )


def judge(sides: Sequence[Sides], coverage: float) -> Judged:
    """Each part's check with what was fitted on its choice, put together."""
    tempered, confidences, least, temperatures = [], [], [], []
    for one in sides:
        said = one.choice.probabilities
        leading = said.argmax(axis=1)
        temperature = fit_temperature(said, leading, leading == one.choice.labels)
        checked = one.check.probabilities
        temperatures.append(temperature)
        confidences.append(claims(checked, checked.argmax(axis=1), temperature))
        least.append(np.full(len(checked), least_for(claims(said, leading, temperature), coverage)))
        tempered.append(Confidence(temperature, 0.0).tempered(checked))
    return Judged(
        sides[0].name,
        np.concatenate([one.check.probabilities for one in sides]),
        np.concatenate(tempered),
        np.concatenate([one.check.labels for one in sides]),
        np.concatenate(confidences),
        np.concatenate(least),
        tuple(temperatures),
        tuple(unit for one in sides for unit in one.units),
    )


def calibration_row(one: Judged) -> tuple[str, ...]:
    """A row of CALIBRATION."""
    curve = risk_coverage(one.confidence, one.right)
    figures = (
        one.right.mean(),
        log_loss(one.tempered, one.labels),
        equal_width_error(one.raw.max(axis=1), one.right),
        float(np.mean(one.temperatures)),
        equal_width_error(one.confidence, one.right),
        equal_mass_error(one.confidence, one.right),
        debiased_error(one.confidence, one.right),
        curve.area,
        curve.excess,
    )
    return (one.name, str(len(one.labels)), *(f"{figure:.3f}" for figure in figures))


def selection_row(one: Judged, seed: int) -> tuple[str, ...]:
    """A row of SELECTION: those kept whose confidence reaches the threshold that others gave."""
    kept = np.flatnonzero(one.confidence >= one.least)
    if not len(kept):
        return (one.name, f"{one.least.mean():.3f}", "0", "-", "-", "-")
    confidence, right = one.confidence[kept], one.right[kept]
    units = [one.units[place] for place in kept] if one.units else []
    interval = resampled(lambda drawn: equal_width_error(confidence[drawn], right[drawn]), len(kept), units, seed)
    return (
        one.name,
        f"{one.least.mean():.3f}",
        f"{len(kept) / len(one.labels):.3f}",
        f"{right.mean():.3f}",
        f"{equal_width_error(confidence, right):.3f}",
        "-" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]",
    )


def set_rows(sides: Sequence[Sides], coverage: float, seed: int) -> list[tuple[str, ...]]:
    """Rows of SETS, one a method; of emotions without a sample there is no coverage."""
    labels = np.concatenate([one.check.labels for one in sides])
    rows = []
    for method in Method:
        made = [
            ConformalSets.calibrated(method, one.choice.probabilities, one.choice.labels, coverage, seed).sets(
                one.check.probabilities, seed + 1
            )
            for one in sides
        ]
        found = figures_of(np.concatenate(made), labels)
        figures = (found.coverage, np.nanmin(found.per_class), np.nanmax(found.per_class), found.size, found.single)
        rows.append((sides[0].name, str(method), *(f"{figure:.3f}" for figure in figures)))
    return rows
