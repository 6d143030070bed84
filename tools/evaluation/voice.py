"""Score the exported voice model on labelled clips, heard as the device hears them. Host side only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.voice import VoiceModel
from ertedge.types import EMOTIONS
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, speakers_of
from tools.evaluation.metrics import accuracy, confusion, expected_calibration_error, unweighted_average_recall
from tools.evaluation.report import Figure, Report
from tools.voice_scoring import ClipScores, hear, score

LabelSet = Literal["native", "canonical"]


def evaluate(
    *,
    root: Annotated[Path, typer.Option(help="The data: a collection's folder, or the one that holds it.")],
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml.")] = None,
    dataset: Annotated[Literal["ravdess", "nemo"], typer.Option(help="Which collection.")] = "ravdess",
    actors: Annotated[str, typer.Option(help="Only these, by comma: 1,2 (ravdess), EB0 (nemo).")] = "",
    labels: Annotated[LabelSet, typer.Option(help="The model's eight, or the canonical seven.")] = "native",
    seed: Annotated[int, typer.Option(help="The order of each speaker's clips.")] = 0,
    limit: Annotated[int, typer.Option(help="At most so many clips of each speaker; 0 takes all.")] = 0,
) -> Report:
    """Score the exported voice model through the device's runtime and streaming features.

    Figures of "a known speaker" have the running normalisation keep what it learnt from the speaker's earlier clips, as
    on a device; those of "a stranger" begin anew with every clip. No label of a tested clip is ever used.
    """
    folder = models or default_models_dir()
    manifest = load_manifest(folder)
    entry = manifest.entry("voice")
    model = VoiceModel.of(manifest.open_network("voice"), entry)
    clips = select(ravdess.load(root) if dataset == "ravdess" else nemo.load(root), dataset, actors, limit)
    trained = speakers_in(entry.provenance)
    figures: list[Figure] = []
    for name, remember in (("known speaker", True), ("stranger", False)):
        scores = score(hear(clips, model, remember_speaker=remember, seed=seed), model)
        figures += figures_of(in_labels(scores, model, labels), name, names_of(model, labels), detail=remember)
        if labels == "native":
            figures.append(window_calibration(scores, model, name))
    seen = [speaker for speaker in speakers_of(clips) if speaker in trained]
    for speaker in speakers_of(clips):
        n = sum(clip.speaker == speaker for clip in clips)
        figures.append(Figure("seen_in_training", float(speaker in trained), "share", n, speaker))
    return Report(f"voice on {dataset}, {labels} labels, {len(clips)} clips", tuple(figures), _notes(seen))


def _notes(seen: Sequence[str]) -> tuple[str, ...]:
    if seen:
        return (
            f"The model was trained on {', '.join(seen)}: figures with them in say nothing about people it never heard.",
        )
    return ("The model's training saw none of these speakers.",)


def window_calibration(scores: ClipScores, model: VoiceModel, of: str) -> Figure:
    """ECE of single windows, which is what the device emits; a mean over a clip's windows is less sure than it is right."""
    labels: NDArray[np.int64] = scores.labels[scores.window_clip]
    error = expected_calibration_error(model.head.native(scores.window_logits), labels)
    return Figure("window_ece", error, "share", len(labels), of)


def select(clips: Sequence[VoiceClip], dataset: str, actors: str, limit: int) -> tuple[VoiceClip, ...]:
    """The clips of ``actors`` (all if empty), at most ``limit`` evenly spaced ones of each (all if 0).

    Raises ConfigurationError that names the actors that are not there.
    """
    there = speakers_of(clips)
    wanted = there
    if actors:
        names = [name.strip() for name in actors.split(",")]
        wanted = tuple(f"{dataset}/{name.zfill(2) if dataset == 'ravdess' else name}" for name in names)
    faults = [f"no clips of {speaker}; there are {', '.join(there)}" for speaker in wanted if speaker not in there]
    if faults or limit < 0:
        raise ConfigurationError(faults or ["--limit must not be negative"])
    chosen: list[VoiceClip] = []
    for speaker in wanted:
        own = [clip for clip in clips if clip.speaker == speaker]
        places = np.linspace(0, len(own) - 1, min(limit or len(own), len(own))).round().astype(int)
        chosen += [own[place] for place in places]
    return tuple(chosen)


def speakers_in(provenance: str) -> frozenset[str]:
    """The speakers that a manifest entry's provenance names as trained on: ``ravdess/03`` and the like."""
    return frozenset(re.findall(r"\b(?:ravdess|nemo)/\w+", provenance))


def names_of(model: VoiceModel, labels: LabelSet) -> tuple[str, ...]:
    """The names of the classes, in the order of the probabilities."""
    return model.head.labels if labels == "native" else tuple(str(emotion) for emotion in EMOTIONS)


def in_labels(scores: ClipScores, model: VoiceModel, labels: LabelSet) -> ClipScores:
    """The scores in the labels asked for."""
    if labels == "native":
        return scores
    to_seven = model.head.canonical(np.eye(len(NATIVE_LABELS), dtype=np.float32)).argmax(axis=1)
    return replace(
        scores,
        probabilities=model.head.canonical(scores.probabilities),
        labels=to_seven[scores.labels].astype(np.int64),
    )


def figures_of(scores: ClipScores, of: str, names: Sequence[str], *, detail: bool = False) -> list[Figure]:
    """UAR, accuracy, ECE and the share of clips on which the device would abstain; in ``detail`` the confusion too."""
    n = len(scores.labels)
    predicted: NDArray[np.int64] = scores.probabilities.argmax(axis=1).astype(np.int64)
    figures = [
        Figure("uar", unweighted_average_recall(predicted, scores.labels, len(names)), "share", n, of),
        Figure("accuracy", accuracy(predicted, scores.labels), "share", n, of),
        Figure("ece", expected_calibration_error(scores.probabilities, scores.labels), "share", n, of),
        Figure("abstained", float(scores.abstained.mean()), "share", n, of),
    ]
    if detail:
        counts = confusion(predicted, scores.labels, len(names))
        figures += [
            Figure(
                "confusion",
                float(counts[true, said]),
                "clips",
                int(counts[true].sum()),
                f"{names[true]} as {names[said]}",
            )
            for true, said in zip(*np.nonzero(counts), strict=True)
        ]
    return figures
