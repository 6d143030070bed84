"""Score the exported voice model on labelled clips, heard as the device hears them. Host side only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.inference.entry import ModelEntry
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.voice import VoiceModel
from ertedge.types import EMOTIONS
from tools.data import crema_d_clips, emo_db, nemo, ravdess, savee, tess
from tools.data.collection_names import collection_named
from tools.data.faults import FaultLog, OnFault
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, readable, speakers_of
from tools.evaluation.evidence import (
    LEAST_SUBJECTS,
    Classified,
    ClassifierEvidence,
    Scores,
    classified,
    classifier_evidence,
    float_twin,
    median_ms,
)
from tools.evaluation.metrics import accuracy, confusion, expected_calibration_error, unweighted_average_recall
from tools.evaluation.report import Figure, Report
from tools.voice.scoring import ClipScores, HeardClip, hear, score

LabelSet = Literal["native", "canonical"]
NUMBERED = (ravdess.COLLECTION, emo_db.COLLECTION)
"""Where speakers are numbers of two digits, of which a person may leave out the zero."""
COLLECTIONS: dict[str, Callable[[Path, FaultLog | None], tuple[VoiceClip, ...]]] = {
    ravdess.COLLECTION: ravdess.load,
    nemo.COLLECTION: nemo.load,
    crema_d_clips.COLLECTION: crema_d_clips.load,
    emo_db.COLLECTION: emo_db.load,
    tess.COLLECTION: tess.load,
    savee.COLLECTION: savee.load,
}


def evaluate(
    *,
    root: Annotated[Path, typer.Option(help="The data: a collection's folder, or the one that holds it.")],
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml.")] = None,
    model: Annotated[str, typer.Option(help="The entry of the manifest.")] = "voice",
    dataset: Annotated[str, typer.Option(help=f"One of {', '.join(COLLECTIONS)}.")] = "ravdess",
    actors: Annotated[str, typer.Option(help="Only these, by comma: 1,2 (ravdess), EB0 (nemo), OAF (tess).")] = "",
    speakers: Annotated[str, typer.Option(help="The same as --actors.")] = "",
    split: Annotated[str, typer.Option(help="No collection of voices has splits: all, or empty.")] = "",
    labels: Annotated[LabelSet, typer.Option(help="The model's eight, or the canonical seven.")] = "native",
    on_fault: Annotated[OnFault, typer.Option(help="What a missing or corrupt file does.")] = "stop",
    float_model: Annotated[
        Path | None, typer.Option(help="Float twin (.tflite): what does int8 cost? The one of the benchmarks if none.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The order of each speaker's clips, and the intervals.")] = 0,
    limit: Annotated[int, typer.Option(help="At most so many clips of each speaker; 0 takes all.")] = 0,
) -> Report:
    """Score the exported voice model through the device's runtime and streaming features. With --json one object: task,
    dataset, model, protocol, n, accuracy, uar, ece, log_loss, ci95 and more, of "a known speaker".

    Figures of "a known speaker" have the running normalisation keep what it learnt from the speaker's earlier clips, as
    on a device; those of "a stranger" begin anew with every clip. No label of a tested clip is ever used. In the one object
    only labels that the model and the collection both have compete; in the figures all do.
    """
    name = collection_named(dataset, tuple(COLLECTIONS))
    if (actors and speakers) or split.lower() not in ("", "all"):
        raise ConfigurationError(["give --actors or --speakers, not both; and no --split, since there is none"])
    folder = models or default_models_dir()
    manifest = load_manifest(folder)
    entry = manifest.entry(model)
    if entry.labels != NATIVE_LABELS:
        raise ConfigurationError([f"{model}'s labels are {', '.join(entry.labels)}, not {', '.join(NATIVE_LABELS)}"])
    network = VoiceModel.of(manifest.open_network(model), entry)
    faults = FaultLog(on_fault)
    everything = COLLECTIONS[name](root, faults)
    clips = readable(select(everything, name, actors or speakers, limit), faults)
    trained = speakers_in(entry.provenance)
    figures: list[Figure] = []
    evidence: ClassifierEvidence | None = None
    for condition, remember in (("known speaker", True), ("stranger", False)):
        heard = hear(clips, network, remember_speaker=remember, seed=seed)
        scores = score(heard, network)
        figures += figures_of(in_labels(scores, network, labels), condition, names_of(network, labels), detail=remember)
        if labels == "native":
            figures.append(window_calibration(scores, network, condition))
        if remember:
            case = VoiceCase(name, labels, everything, entry, faults.count, seed)
            evidence = voice_evidence(case, heard, network, float_twin(models, entry.file, float_model))
    seen = [speaker for speaker in speakers_of(clips) if speaker in trained]
    for speaker in speakers_of(clips):
        n = sum(clip.speaker == speaker for clip in clips)
        figures.append(Figure("seen_in_training", float(speaker in trained), "share", n, speaker))
    title = f"voice on {name}, {labels} labels, {len(clips)} clips"
    return Report(title, tuple(figures), _notes(seen), evidence=evidence)


@dataclass(frozen=True, slots=True)
class VoiceCase:
    """What is asked: the collection (``everything`` of it, for the labels that it has), labels, and the model's entry."""

    dataset: str
    labels: LabelSet
    everything: Sequence[VoiceClip]
    entry: ModelEntry
    skipped: int
    seed: int


def voice_evidence(
    case: VoiceCase, heard: Sequence[HeardClip], model: VoiceModel, twin_file: Path | None
) -> ClassifierEvidence:
    """The record of clips that were heard, a known speaker's; and of the float twin on the same windows."""

    def found(network: VoiceModel) -> Classified:
        scores = in_labels(score(heard, network), network, case.labels)
        to_seven = network.head.canonical(np.eye(len(NATIVE_LABELS), dtype=np.float32)).argmax(axis=1)
        names = names_of(network, case.labels)
        own = {clip.label_index for clip in case.everything}
        shared = {index if case.labels == "native" else int(to_seven[index]) for index in own}
        return classified(
            Scores(
                scores.probabilities.astype(np.float64),
                scores.labels,
                names,
                tuple(name for index, name in enumerate(names) if index in shared),
                tuple(one.clip.speaker for one in heard),
            ),
            case.seed,
        )

    twin = None
    if twin_file is not None:
        twin = found(replace(model, network=LitertNetwork(twin_file, outputs=case.entry.outputs)))
    windows = [window for one in heard for window in one.windows]
    speakers = {one.clip.speaker for one in heard}
    unseen = "unseen in training" if speakers.isdisjoint(speakers_in(case.entry.provenance)) else "SEEN in training"
    ours = found(model)
    drawn = "speakers" if len(speakers) >= LEAST_SUBJECTS else "clips"
    return classifier_evidence(
        ours,
        twin,
        task="voice",
        dataset=case.dataset,
        model=f"{case.entry.name} {case.entry.version}",
        protocol=f"{len(speakers)} speakers {unseen}, each a known speaker without labels; "
        f"{case.labels} labels, {len(ours.labels)} shared; interval over {drawn}",
        headline="uar",
        ms=median_ms(lambda i: model.logits(windows[i]), len(windows)),
        size=case.entry.size_bytes,
        skipped=case.skipped,
    )


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
        wanted = tuple(f"{dataset}/{name.zfill(2) if dataset in NUMBERED else name}" for name in names)
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
