"""FaceNet's embedding as a verifier: are two pictures of one person? And is this face an enrolled person's? Host only.

On ORL or any folder-per-person layout. Verification compares every pair of pictures by cosine, in two framings: the crop
that the device makes (detector, alignment), and the middle square of the picture as it is given. Open-set recognition enrols
people and has others come (see ``tools.open_set``); its thresholds are chosen on people of whom no figure is reported, and
those that ship are scored beside them. The convention is in the package's docstring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import default_models_dir
from ertedge.perception import recognition
from ertedge.perception.face import FaceModel, cut_face
from ertedge.perception.recognition import RecognitionLimits
from ertedge.types import Float32Array, UInt8Array
from tools.data.faults import FaultLog, OnFault
from tools.data.orl import People, load_people
from tools.evaluation import metrics
from tools.evaluation.evidence import IdentityEvidence, Interval, float_twin, interval_of, median_ms
from tools.evaluation.report import Figure, Report
from tools.facenet.trials import load_detector, load_face_model, main_face, read_crops
from tools.open_set import (
    ENROLLED_PICTURES,
    RULES,
    Attempts,
    Faces,
    attempt,
    choosers_and_reported,
    identified,
    nearest,
    rates,
    read_faces,
)
from tools.portraits import as_frame, middle_square

FALSE_ACCEPT_RATE = 1e-3
TAR_RATES = (0.01, 0.001)
PEOPLE_RESAMPLES = 200
LEAST_PEOPLE = 2
ACCEPT_RATES = (0.001, 0.01)
RUN_PICTURES = 3
DRAWS = 20


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    model: Annotated[str, typer.Option(help="The entry of the manifest.")] = "facenet",
    dataset: Annotated[
        str, typer.Option(help="What the collection is called in the output; its folder if empty.")
    ] = "",
    actors: Annotated[str, typer.Option(help="Only these people, by comma: s19,s20.")] = "",
    on_fault: Annotated[OnFault, typer.Option(help="What a missing or corrupt file does.")] = "stop",
    float_model: Annotated[
        Path | None, typer.Option(help="Float twin (.tflite): what does int8 cost? The one of the benchmarks if none.")
    ] = None,
    detect: Annotated[bool, typer.Option(help="Also score the crops that the device makes.")] = True,
    open_set: Annotated[bool, typer.Option(help="Also score recognition of enrolled people among strangers.")] = True,
    seed: Annotated[int, typer.Option(help="Of the pictures that enrol, and of the intervals.")] = 0,
) -> Report:
    """Score face verification and open-set recognition in a folder-per-person layout (ORL: 40 people, 10 pictures).

    With --json one object: task, dataset, model, protocol, n (pairs), auc, tar_at_far and more; of the crops that the device
    makes, or with --no-detect of the middle squares.
    """
    network, entry = load_face_model(models, model)
    faults = FaultLog(on_fault)
    people = only(load_people(root, faults), actors)
    figures = [
        Figure("pictures", float(len(people)), "pictures", len(people), root.name),
        Figure("people", float(len(people.names)), "people", len(people), root.name),
    ]
    given = np.stack([middle_square(image) for image in people.images])
    figures += verification_figures(embed(network, given), people.person, f"{root.name}, given crops")
    crops, not_found = given, 0
    notes = ["All pairs; a picture is never compared with itself. Given crops: the middle square of each picture."]
    if detect:
        crops, found = device_crops(people, network, models)
        not_found = int((~found).sum())
        figures.append(Figure("coverage", float(found.mean()), "share", len(found), f"{root.name}, detector"))
        figures += verification_figures(embed(network, crops), people.person, f"{root.name}, detector-made crops")
        notes.append("Detector-made crops: where no face was found the given crop stands in, so every pair is scored.")
    if open_set:
        shipped = recognition.load((models or default_models_dir()) / "recognition.toml")
        faces = read_faces(people, network, models, seed)
        figures += open_set_figures(faces, shipped, seed)
        chosen_on, reported = choosers_and_reported(faces.names)
        notes.append(
            f"Open set: thresholds chosen on {len(chosen_on)} people, everything reported on {len(reported)} others; a dozen"
            " frames are six pictures shown twice. Intervals (low, high): 95%, the people drawn anew."
        )
    twin = float_twin(models, entry.file, float_model)
    floating = None if twin is None else replace(network, network=LitertNetwork(twin, outputs=entry.outputs))
    how = "detector-made crops, the middle square where no face is found" if detect else "middle squares as given"
    pairs = Pairs(embed(network, crops), people.person)
    evidence = IdentityEvidence(
        task="identity",
        dataset=dataset or root.name,
        model=f"{entry.name} {entry.version}",
        protocol=f"all pairs of pictures, cosine; identity was learnt from no named person; {how}; interval over people",
        n=pairs.count,
        n_images=len(people),
        n_people=len(people.names),
        auc=pairs.auc(),
        tar_at_far={f"{rate:g}": pairs.tar(rate) for rate in TAR_RATES},
        ci95=pairs.intervals(seed),
        int8_minus_float=None if floating is None else pairs.auc() - Pairs(embed(floating, crops), people.person).auc(),
        ms=median_ms(lambda i: network.read(crops[i]), len(crops)),
        bytes=entry.size_bytes,
        not_found=not_found,
        skipped=faults.count,
    )
    title = f"FaceNet {entry.version}: verification on {root.name}"
    return Report(title, tuple(figures), tuple(notes), evidence=evidence)


@dataclass(frozen=True, slots=True)
class Pairs:
    """All pairs of pictures by the cosine of their ``embeddings`` (n, 128); ``person`` (n,) who each shows."""

    embeddings: Float32Array
    person: NDArray[np.int64]

    @property
    def count(self) -> int:
        return len(self.person) * (len(self.person) - 1) // 2

    def _scored(self, pictures: NDArray[np.int64], copies: NDArray[np.int64]) -> tuple[Float32Array, NDArray[np.bool_]]:
        """Cosine and sameness of all pairs of ``pictures``; not of two copies of one person, which are no strangers."""
        own = self.embeddings[pictures]
        first, second = np.triu_indices(len(pictures), 1)
        same_person = self.person[pictures][first] == self.person[pictures][second]
        kept = ~same_person | (copies[first] == copies[second])
        return (own @ own.T)[first, second][kept], same_person[kept]

    def _all(self) -> tuple[Float32Array, NDArray[np.bool_]]:
        everything = np.arange(len(self.person))
        return self._scored(everything, np.zeros(len(everything), np.int64))

    def auc(self) -> float:
        return metrics.roc_auc(*self._all())

    def tar(self, rate: float) -> float:
        """The true accept rate at that false accept rate."""
        return metrics.accept_at_far(*self._all(), rate).true_accept_rate

    def intervals(self, seed: int) -> dict[str, Interval]:
        """95% intervals of the AUC and of the TAR at each rate, the people drawn anew. Draws in which fewer than two differ
        are drawn again."""
        random = np.random.default_rng(seed)
        names = np.unique(self.person)
        where = {name: np.flatnonzero(self.person == name) for name in names}
        rows: list[tuple[float, ...]] = []
        while len(rows) < PEOPLE_RESAMPLES:
            drawn = random.choice(names, len(names))
            if len(np.unique(drawn)) < LEAST_PEOPLE or all(len(where[name]) < LEAST_PEOPLE for name in drawn):
                continue
            pictures = np.concatenate([where[name] for name in drawn])
            copies = np.repeat(np.arange(len(drawn)), [len(where[name]) for name in drawn])
            scored = self._scored(pictures, copies)
            tars = (metrics.accept_at_far(*scored, rate).true_accept_rate for rate in TAR_RATES)
            rows.append((metrics.roc_auc(*scored), *tars))
        table = np.array(rows)
        keys = ("auc", *(f"{rate:g}" for rate in TAR_RATES))
        return {key: interval_of(table[:, column]) for column, key in enumerate(keys)}


def only(people: People, names: str) -> People:
    """The pictures of the people named by comma, all where it is empty. Raises ConfigurationError for one who is not
    there, or when fewer than two are named."""
    if not names:
        return people
    wanted = sorted({name.strip() for name in names.split(",")})
    unknown = [name for name in wanted if name not in people.names]
    if unknown or len(wanted) < LEAST_PEOPLE:
        raise ConfigurationError(
            [f"--actors needs two people or more who are there; not there: {', '.join(unknown) or '-'}"]
        )
    kept = [index for index, person in enumerate(people.person) if people.names[person] in wanted]
    person = np.array([wanted.index(people.names[people.person[index]]) for index in kept], np.int64)
    return People(tuple(wanted), tuple(people.images[index] for index in kept), person)


def embed(model: FaceModel, crops: UInt8Array) -> Float32Array:
    """(n, 48, 48) -> (n, 128)."""
    return read_crops(model.network, crops)[1]


def device_crops(people: People, model: FaceModel, models: Path | None) -> tuple[UInt8Array, NDArray[np.bool_]]:
    """(n, 48, 48) crops as the device cuts them and (n,) whether a face was found; else the middle square."""
    detector = load_detector(models)
    crops: list[UInt8Array] = []
    found: list[bool] = []
    for image in people.images:
        frame = as_frame(image)
        face = main_face(detector, frame)
        found.append(face is not None)
        crops.append(middle_square(image) if face is None else cut_face(frame, face, model.template)[0])
    return np.stack(crops), np.array(found)


def verification_figures(embeddings: Float32Array, person: NDArray[np.int64], of: str) -> list[Figure]:
    """AUC, EER and TAR at FAR 1e-3 over all pairs."""
    first, second = np.triu_indices(len(person), 1)
    cosine = (embeddings @ embeddings.T)[first, second]
    same = person[first] == person[second]
    n = len(same)
    point = metrics.accept_at_far(cosine, same, FALSE_ACCEPT_RATE)
    return [
        Figure("verification_auc", metrics.roc_auc(cosine, same), "share", n, of),
        Figure("equal_error_rate", equal_error_rate(cosine, same), "share", n, of),
        Figure("tar_at_far_0001", point.true_accept_rate, "share", int(same.sum()), of),
        Figure("threshold_at_far_0001", point.threshold, "cosine", n, of),
    ]


def open_set_figures(faces: Faces, shipped: RecognitionLimits, seed: int) -> list[Figure]:
    """True and false accept rates on the reported people: for each size of gallery and length of run at thresholds that the
    other people chose for 0.1% and 1% false accepts, and at the two that ship."""
    choosers, reported = (faces.of(people) for people in choosers_and_reported(faces.names))
    likeness = nearest(shipped.nearest)
    figures: list[Figure] = []
    for pictures, gallery in ((1, "one picture"), (ENROLLED_PICTURES, "a dozen frames")):
        one = attempt(choosers, likeness, pictures=pictures, run=1, draws=DRAWS, seed=seed)
        for run, seen in ((1, "one frame"), (RUN_PICTURES, f"mean of {RUN_PICTURES}")):
            came = attempt(reported, likeness, pictures=pictures, run=run, draws=DRAWS, seed=seed + 1)
            for rate in ACCEPT_RATES:
                of = f"{gallery}, {seen}, chosen for {rate:.1%}"
                figures += _accept_figures(came, one.threshold(rate), of, seed)
            if pictures > 1:
                figures += _accept_figures(came, shipped.accept, f"{gallery}, {seen}, shipped accept", seed)
                figures += _accept_figures(came, shipped.keep, f"{gallery}, {seen}, shipped keep", seed)
    single = attempt(reported, likeness, pictures=ENROLLED_PICTURES, run=1, draws=DRAWS, seed=seed + 1)
    right, wrong, n = identified(single, shipped.accept)
    of = f"one frame, shipped accept, {len(reported)} people enrolled with a dozen frames"
    figures.append(Figure("identified_right", right, "share", n, of))
    figures.append(Figure("taken_for_another", wrong, "share", n, of))
    for name, rule in RULES.items():
        tried = attempt(choosers, rule, pictures=ENROLLED_PICTURES, run=1, draws=DRAWS, seed=seed)
        true, _ = rates(tried, tried.threshold(FALSE_ACCEPT_RATE), seed)
        figures.append(Figure("rule_tar_at_far_0001", true.value, "share", true.n, f"choosing people, {name}"))
    return figures


def _accept_figures(came: Attempts, threshold: float, of: str, seed: int) -> list[Figure]:
    true, false = rates(came, threshold, seed)
    return [
        Figure("threshold", threshold, "cosine", false.n, of),
        Figure("tar", true.value, "share", true.n, of),
        Figure("tar_low", true.low, "share", true.n, of),
        Figure("tar_high", true.high, "share", true.n, of),
        Figure("far", false.value, "share", false.n, of),
        Figure("far_low", false.low, "share", false.n, of),
        Figure("far_high", false.high, "share", false.n, of),
    ]


def equal_error_rate(scores: Float32Array, same: NDArray[np.bool_]) -> float:
    """Where as many of the same are refused as of the others are accepted."""
    order = np.argsort(-scores, kind="stable")
    accepted = np.cumsum(same[order]), np.cumsum(~same[order])
    refused = 1 - accepted[0] / accepted[0][-1]
    false_accepted = accepted[1] / accepted[1][-1]
    nearest = int(np.abs(refused - false_accepted).argmin())
    return float((refused[nearest] + false_accepted[nearest]) / 2)
