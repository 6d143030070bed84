"""The voice that ships, before and after a person calibrates, through everything that the device runs. Host side only.

Clips of RAVDESS actors whom neither the voice network nor ``personal.npz`` met are heard chunk by chunk; evidence is
kept of each as the device keeps it; ``PersonalCalibration`` learns from k clips an emotion of one sentence, and the
clips of the other are adapted by it. Canonical seven. There are no pictures of these actors, so the face has no part
here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.affect import population
from ertedge.affect.calibration import PersonalCalibration
from ertedge.affect.population import Population
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.voice import VoiceModel
from ertedge.types import EMOTIONS, CalibrationLabel, LabelSource, Modality, ModalityEvidence, Prediction
from tools.data import ravdess
from tools.evaluation.personal_protocol import CALIBRATED, GENERAL, Opinion
from tools.evaluation.personal_report import PersonalRow, canonical_rows
from tools.evaluation.report import Figure, Report
from tools.evaluation.voice import speakers_in
from tools.voice.scoring import HeardClip, hear

K = (1, 2, 4)
TAKE_NS = 3_600 * 1_000_000_000
"""Clips are an hour apart, so that each is a take of its own."""


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    draws: Annotated[int, typer.Option(help="Random draws of the labelled clips.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Of the draws, the order of the clips and the intervals.")] = 0,
) -> Report:
    """Score the shipped voice on unseen actors before and after calibration, through the device's own code."""
    folder = models or default_models_dir()
    manifest = load_manifest(folder)
    entry = manifest.entry("voice")
    model = VoiceModel.of(manifest.open_network("voice"), entry)
    known = speakers_in(entry.provenance)
    clips = [clip for clip in ravdess.load(root) if clip.speaker not in known]
    if not clips:
        raise ConfigurationError([f"the voice was trained on every actor under {root}"])
    heard = [one for one in hear(clips, model, seed=seed) if not one.abstains]
    people = population.load(folder)
    evidence = [evidence_of(one, model) for one in heard]
    emotion = np.array([EMOTIONS.index(entry.mapping[one.clip.label]) for one in heard], np.int64)
    fields = np.array([[int(part) for part in one.clip.path.stem.split("-")] for one in heard])
    opinions: list[Opinion] = []
    for actor in tqdm(np.unique(fields[:, 6]).tolist(), desc="actors", file=sys.stderr, leave=False):
        for sentence in (1, 2):
            own = fields[:, 6] == actor
            calibrate, test = (np.flatnonzero(own & ((fields[:, 4] == sentence) == same)) for same in (True, False))
            for k, draw in [(0, 0), *((k, draw) for k in K for draw in range(draws))]:
                random = np.random.default_rng([seed, actor, sentence, k, draw])
                labels = _draw(calibrate, emotion, k, random)
                said = adapted(people, evidence, emotion, labels, test)
                regime = CALIBRATED if k else GENERAL
                opinions.append(Opinion(str(Modality.VOICE), regime, k, len(labels), int(actor), draw, test, said))
    rows = canonical_rows(opinions, emotion, "unseen actors, through the device", seed)
    actors = ", ".join(sorted({clip.speaker for clip in clips}))
    note = f"{len(heard)} of {len(clips)} clips were heard, of {actors}; the device would abstain on the others."
    return Report("the voice that ships, calibrated", figures_of(rows), (note,), records=tuple(rows))


def figures_of(rows: Sequence[PersonalRow]) -> tuple[Figure, ...]:
    """UAR, accuracy, log-loss and ECE of each row."""
    return tuple(
        Figure(name, value, "nats" if name == "log_loss" else "share", row.n, f"{row.regime}, k = {row.k}")
        for row in rows
        for name, value in (
            ("uar", row.uar),
            ("accuracy", row.accuracy),
            ("log_loss", row.log_loss),
            ("ece", row.ece),
        )
    )


def evidence_of(heard: HeardClip, model: VoiceModel) -> ModalityEvidence:
    """What the device keeps of a clip: the mean of its predictions, weighted by quality."""
    windows = [window for window in heard.windows if window.statistics is not None]
    weights = np.array([window.quality for window in windows]) + 1e-6
    said = np.stack([model.head.canonical(model.head.native(model.logits(window))) for window in windows])
    statistics = np.stack([window.statistics for window in windows if window.statistics is not None])
    return ModalityEvidence(
        Modality.VOICE,
        np.average(said, axis=0, weights=weights).astype(np.float32),
        np.average(statistics, axis=0, weights=weights).astype(np.float32),
        float(weights.mean()),
    )


def adapted(
    people: Population,
    evidence: Sequence[ModalityEvidence],
    emotion: NDArray[np.int64],
    labels: NDArray[np.int64],
    test: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(n, 7): what the device says of the clips at ``test`` after those at ``labels``."""
    calibration = PersonalCalibration(people, 1)
    given = [
        CalibrationLabel(
            number + 1, 1, number * TAKE_NS, EMOTIONS[emotion[place]], LabelSource.SESSION, 1, None, evidence[place]
        )
        for number, place in enumerate(labels)
    ]
    calibration.replace(given, len(given) * TAKE_NS)
    said = []
    for place in test:
        one = evidence[place]
        prediction = Prediction(Modality.VOICE, 0, one.probabilities, one.quality, embedding=one.embedding)
        probabilities = calibration.adapt(prediction).probabilities
        said.append(one.probabilities if probabilities is None else probabilities)
    return np.stack(said).astype(np.float64)


def _draw(
    places: NDArray[np.int64], emotion: NDArray[np.int64], k: int, random: np.random.Generator
) -> NDArray[np.int64]:
    chosen = [random.permutation(places[emotion[places] == label])[:k] for label in range(len(EMOTIONS))]
    return np.concatenate(chosen).astype(np.int64)
