"""FaceNet's emotions on a labelled collection: accuracy, calibration, what int8 costs. On FER+ by the published majority
protocol, with, on request, how the same faces fare when the detector makes the crops; the other collections are in
``face_collections``. Host only; the convention is in the package's docstring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.random import Generator
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face import FaceModel
from ertedge.perception.face_quality import FaceConditions, quality
from ertedge.types import Float32Array, UInt8Array
from tools.data.collection_names import collection_named
from tools.data.face_frames import Circumstances, easy, hard, load_backgrounds
from tools.data.faults import FaultLog, OnFault
from tools.data.ferplus import (
    EMOTION_LABELS,
    FerSplit,
    find_split,
    load_split,
    majority_labels,
    without_copies,
)
from tools.evaluation import metrics
from tools.evaluation.face_collections import (
    COLLECTIONS,
    Crops,
    Framing,
    LabelSet,
    cut_crops,
    face_evidence,
    load_collection,
    of_subjects,
    twin_logits,
)
from tools.evaluation.report import Figure, Report
from tools.facenet.trials import Circumstance, Trials, load_detector, load_face_model, read_crops, run_trials

CLASSES = len(EMOTION_LABELS)
QUALITY_BINS = 5
TURNS_DEG = (0.0, 30.0, 45.0, 60.0)
TURNED_FACES = 600


@dataclass(frozen=True, slots=True)
class Scored:
    """Usable faces of a split: ``labels`` (n,) by majority and ``logits`` (n, 8)."""

    labels: NDArray[np.int64]
    logits: Float32Array

    @property
    def predicted(self) -> NDArray[np.int64]:
        return self.logits.argmax(axis=1)

    @property
    def accuracy(self) -> float:
        return metrics.accuracy(self.predicted, self.labels)


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    model: Annotated[str, typer.Option(help="The entry of the manifest.")] = "facenet",
    dataset: Annotated[str, typer.Option(help=f"One of {', '.join(COLLECTIONS)}.")] = "ferplus",
    split: Annotated[
        str, typer.Option(help="Valid, Test or Train; Valid where empty (fer2013 and rafdb: Test; ckplus has none).")
    ] = "",
    actors: Annotated[str, typer.Option(help="Only these subjects, by comma, where there are any: S010,S011.")] = "",
    speakers: Annotated[str, typer.Option(help="The same as --actors.")] = "",
    labels: Annotated[LabelSet, typer.Option(help="FaceNet's eight with contempt, or the canonical seven.")] = "native",
    framing: Annotated[
        Framing, typer.Option(help="Crops as given, or as the device cuts them; auto: photographs alone are cut.")
    ] = "auto",
    on_fault: Annotated[OnFault, typer.Option(help="What a missing or corrupt file does.")] = "stop",
    train: Annotated[
        Path | None,
        typer.Option(help="FER+: training folder whose copies are left out; FER2013Train beside the split if there."),
    ] = None,
    float_model: Annotated[
        Path | None, typer.Option(help="Float twin (.tflite): what does int8 cost? The one of the benchmarks if none.")
    ] = None,
    frames: Annotated[
        bool, typer.Option(help="FER+: also show each face before a virtual camera to the detector.")
    ] = False,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Folder of *.jpg without faces to show them against.")
    ] = None,
    seed: int = 0,
    limit: Annotated[int, typer.Option(help="Score only this many images, 0 for all.", min=0)] = 0,
) -> Report:
    """Score FaceNet's emotions. With --json one object: task, dataset, model, protocol, n, accuracy, uar, ece, log_loss,
    ci95 and more.

    Only labels that the model and the collection both have compete (accuracy_all_labels lets all compete). FER+: published
    majority protocol, 8 classes.
    """
    name = collection_named(dataset, COLLECTIONS)
    network, entry = load_face_model(models, model)
    if entry.labels != EMOTION_LABELS:
        raise ConfigurationError(
            [f"{model}'s labels are {', '.join(entry.labels)}; FER+ needs {', '.join(EMOTION_LABELS)}"]
        )
    faults = FaultLog(on_fault)
    describe = partial(face_evidence, model=network, entry=entry, dataset=name, labels=labels, seed=seed)
    if name != "ferplus":
        collection = load_collection(name, root, split, faults, photographs=framing == "device")
        collection = of_subjects(collection, actors or speakers)
        few = evenly(len(collection.items), limit)
        collection = replace(collection, items=tuple(collection.items[i] for i in few))
        crops = cut_crops(collection, network, models, framing, faults)
        logits = read_crops(network.network, crops.images)[0]
        twin = twin_logits(network, entry, models, float_model, crops.images)
        evidence = describe(crops, logits, twin, skipped=faults.count)
        return Report(f"FaceNet {entry.version} on {crops.of}", (), evidence=evidence)
    if actors or speakers:
        raise ConfigurationError(["FER+ does not say who is who; leave out --actors and --speakers"])
    faces = load_split(root, split or "Valid", faults)
    if limit:
        faces = faces.take(np.arange(min(limit, len(faces))))
    usable = faces.take(majority_labels(faces.votes) >= 0)
    scored = score(network, usable)
    of = find_split(root, split or "Valid").name
    others = training_split(root, split, train, on_fault)
    figures, notes = ferplus_figures(scored, faces, usable, of=of, temperature=entry.temperature, others=others)
    twin = twin_logits(network, entry, models, float_model, usable.images)
    if twin is not None:
        figures += quantization_figures(scored, Scored(scored.labels, twin), of)
    if frames:
        pictures = load_backgrounds(backgrounds) if backgrounds else ()
        figures += frame_figures(network, load_detector(models), usable, scored, pictures=pictures, seed=seed)
        notes.append("Frames: each face pasted into a 640x480 frame, detected, aligned and read as on the device.")
    crops = Crops(
        of, usable.images, scored.labels, (), EMOTION_LABELS, f"{of}, published majority", 0, len(faces) - len(usable)
    )
    evidence = describe(crops, scored.logits, twin, skipped=faults.count)
    return Report(f"FaceNet {entry.version} on {of}", tuple(figures), tuple(notes), evidence=evidence)


def evenly(count: int, limit: int) -> list[int]:
    """At most ``limit`` evenly spaced indices below ``count``, all where it is 0: folders of emotions come in a row."""
    return [int(i) for i in np.linspace(0, count - 1, min(limit or count, count)).round()]


def ferplus_figures(
    scored: Scored, faces: FerSplit, usable: FerSplit, *, of: str, temperature: float, others: FerSplit | None
) -> tuple[list[Figure], list[str]]:
    """The published protocol, and without copies of ``others``."""
    figures = [Figure("images", float(len(faces)), "images", len(faces), of)]
    figures += basic_figures(scored, temperature, f"{of}, published protocol")
    notes = [
        "Published protocol: majority of the ten raters, counts of one dropped, unknown and NF dropped; 8 classes."
    ]
    if others is not None:
        kept = without_copies(usable, others)
        figures += basic_figures(subset(scored, usable, kept), temperature, f"{of}, without copies")
        notes.append(
            "Without copies: images that stand pixel for pixel in the training split, or twice in this one, left out."
        )
    return figures + class_figures(scored, of), notes


def score(model: FaceModel, faces: FerSplit) -> Scored:
    """FaceNet on the crops as they are given."""
    return Scored(majority_labels(faces.votes), read_crops(model.network, faces.images)[0])


def subset(scored: Scored, faces: FerSplit, kept: FerSplit) -> Scored:
    """The part of ``scored`` whose images stand in ``kept``."""
    names = set(kept.names)
    mask = np.array([name in names for name in faces.names])
    return Scored(scored.labels[mask], scored.logits[mask])


def training_split(root: Path, split: str, train: Path | None, on_fault: OnFault) -> FerSplit | None:
    """The training faces, from ``train`` or from beside the split; None where there are none, or they are what is scored."""
    own = find_split(root, split or "Valid")
    folder = train or own.parent / "FER2013Train"
    if folder == own or (train is None and not (folder / "label.csv").is_file()):
        return None
    return load_split(folder, "Train", FaultLog(on_fault))


def basic_figures(scored: Scored, temperature: float, of: str) -> list[Figure]:
    """Accuracy, UAR and calibration."""
    n, predicted, labels = len(scored.labels), scored.predicted, scored.labels
    recall = metrics.unweighted_average_recall(predicted, labels, CLASSES)
    probabilities = metrics.softmax(scored.logits, temperature)
    return [
        Figure("accuracy", scored.accuracy, "share", n, of),
        Figure("uar", recall, "share", n, of),
        Figure("ece", metrics.expected_calibration_error(probabilities, labels), "share", n, of),
        Figure(
            "ece_uncalibrated",
            metrics.expected_calibration_error(metrics.softmax(scored.logits), labels),
            "share",
            n,
            of,
        ),
        Figure("nll", metrics.negative_log_likelihood(scored.logits, labels, temperature), "nats", n, of),
    ]


def class_figures(scored: Scored, name: str) -> list[Figure]:
    """Recall of each class and the confusion counts, rows true, by the published protocol."""
    counts = metrics.confusion(scored.predicted, scored.labels, CLASSES)
    figures = []
    for row, label in enumerate(EMOTION_LABELS):
        support = int(counts[row].sum())
        if support:
            figures.append(Figure("recall", float(counts[row, row] / support), "share", support, f"{name}, {label}"))
            figures += [
                Figure("confusion", float(counts[row, column]), "images", support, f"{name}, {label} read as {other}")
                for column, other in enumerate(EMOTION_LABELS)
            ]
    return figures


def quantization_figures(scored: Scored, twin: Scored, name: str) -> list[Figure]:
    """The float twin's accuracy through the same runtime, and what int8 costs."""
    n = len(scored.labels)
    return [
        Figure("float_accuracy", twin.accuracy, "share", n, name),
        Figure("quantization_cost", 100 * (twin.accuracy - scored.accuracy), "points", n, name),
        Figure("quantization_agreement", metrics.accuracy(scored.predicted, twin.predicted), "share", n, name),
    ]


def frame_figures(
    model: FaceModel,
    detector: FaceDetector,
    faces: FerSplit,
    given: Scored,
    *,
    pictures: tuple[UInt8Array, ...],
    seed: int,
) -> list[Figure]:
    """Accuracy on detector-made crops beside that on the given ones, and accuracy by quality under hard circumstances."""
    figures = []
    for name, circumstance in (("easy frames", easy), ("hard frames", hard)):
        trials, scored = frame_trials(model, detector, faces, circumstance, pictures=pictures, seed=seed)
        m = len(trials.index)
        same = Scored(given.labels[trials.index], given.logits[trials.index])
        figures += [
            Figure("coverage", trials.coverage, "share", trials.asked, name),
            Figure("accuracy", scored.accuracy, "share", m, f"{name}, detector-made crops"),
            Figure("accuracy", same.accuracy, "share", m, f"{name}, given crops of the same faces"),
        ]
        if circumstance is hard:
            figures += quality_figures(model, trials, scored)
    for yaw_deg in TURNS_DEG:
        few = faces.take(np.arange(min(TURNED_FACES, len(faces))))
        turned = partial(looking_aside, yaw_deg=yaw_deg)
        trials, scored = frame_trials(model, detector, few, turned, pictures=pictures, seed=seed)
        of = f"heads turned by {yaw_deg:.0f} degrees"
        figures.append(Figure("coverage", trials.coverage, "share", trials.asked, of))
        figures.append(Figure("accuracy", scored.accuracy, "share", len(scored.labels), of))
    return figures


def looking_aside(rng: Generator, yaw_deg: float) -> Circumstances:
    """Good light, a large face, the head turned by ``yaw_deg`` to either side."""
    return Circumstances(yaw_deg=yaw_deg * float(rng.choice([-1, 1])))


def frame_trials(
    model: FaceModel,
    detector: FaceDetector,
    faces: FerSplit,
    circumstance: Circumstance,
    *,
    pictures: tuple[UInt8Array, ...],
    seed: int,
) -> tuple[Trials, Scored]:
    """Each face once before the virtual camera; the score covers those that were found."""
    rng = np.random.default_rng(seed)
    trials = run_trials(
        faces.images, detector, model.template, circumstance=circumstance, backgrounds=pictures, rng=rng
    )
    if not len(trials.index):
        raise ConfigurationError(["the detector found no face in any frame; check the models folder"])
    labels = majority_labels(faces.votes)[trials.index]
    return trials, Scored(labels, read_crops(model.network, trials.crops)[0])


def qualities(model: FaceModel, trials: Trials) -> NDArray[np.float64]:
    """(m,) quality of each found face."""
    return np.array([quality(FaceConditions(*row), model.quality) for row in trials.conditions.tolist()])


def quality_figures(model: FaceModel, trials: Trials, scored: Scored) -> list[Figure]:
    """Accuracy in equally filled bins of quality, and how well quality tells right from wrong."""
    values = qualities(model, trials)
    right = scored.predicted == scored.labels
    figures = [
        Figure("quality_auc", metrics.roc_auc(values, right), "share", len(right), "hard frames, right or wrong")
    ]
    for number, part in enumerate(np.array_split(np.argsort(values, kind="stable"), QUALITY_BINS)):
        of = f"hard frames, quality bin {number + 1} of {QUALITY_BINS}, mean quality {values[part].mean():.2f}"
        figures.append(Figure("accuracy", float(right[part].mean()), "share", len(part), of))
    return figures
