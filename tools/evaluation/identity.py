"""FaceNet's embedding as a verifier: are two pictures of one person? And is this face an enrolled person's? Host only.

On ORL or any folder-per-person layout. Verification compares every pair of pictures by cosine, in two framings: the crop
that the device makes (detector, alignment), and the middle square of the picture as it is given. Open-set recognition enrols
people and has others come (see ``tools.open_set``); its thresholds are chosen on people of whom no figure is reported, and
those that ship are scored beside them. The convention is in the package's docstring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.inference.manifest import default_models_dir
from ertedge.perception import recognition
from ertedge.perception.face import FaceModel, cut_face
from ertedge.perception.recognition import RecognitionLimits
from ertedge.types import Float32Array, UInt8Array
from tools.data.orl import People, load_people
from tools.evaluation import metrics
from tools.evaluation.report import Figure, Report
from tools.face_trials import load_detector, load_face_model, main_face, read_crops
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
ACCEPT_RATES = (0.001, 0.01)
RUN_PICTURES = 3
DRAWS = 20


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    detect: Annotated[bool, typer.Option(help="Also score the crops that the device makes.")] = True,
    open_set: Annotated[bool, typer.Option(help="Also score recognition of enrolled people among strangers.")] = True,
    seed: Annotated[int, typer.Option(help="Of the pictures that enrol, and of the intervals.")] = 0,
) -> Report:
    """Score face verification and open-set recognition in a folder-per-person layout (ORL: 40 people, 10 pictures)."""
    model, entry = load_face_model(models)
    people = load_people(root)
    figures = [
        Figure("pictures", float(len(people)), "pictures", len(people), root.name),
        Figure("people", float(len(people.names)), "people", len(people), root.name),
    ]
    given = np.stack([middle_square(image) for image in people.images])
    figures += verification_figures(embed(model, given), people.person, f"{root.name}, given crops")
    notes = ["All pairs; a picture is never compared with itself. Given crops: the middle square of each picture."]
    if detect:
        crops, found = device_crops(people, model, models)
        figures.append(Figure("coverage", float(found.mean()), "share", len(found), f"{root.name}, detector"))
        figures += verification_figures(embed(model, crops), people.person, f"{root.name}, detector-made crops")
        notes.append("Detector-made crops: where no face was found the given crop stands in, so every pair is scored.")
    if open_set:
        shipped = recognition.load((models or default_models_dir()) / "recognition.toml")
        faces = read_faces(people, model, models, seed)
        figures += open_set_figures(faces, shipped, seed)
        chosen_on, reported = choosers_and_reported(faces.names)
        notes.append(
            f"Open set: thresholds chosen on {len(chosen_on)} people, everything reported on {len(reported)} others; a dozen"
            " frames are six pictures shown twice. Intervals (low, high): 95%, the people drawn anew."
        )
    return Report(f"FaceNet {entry.version}: verification on {root.name}", tuple(figures), tuple(notes))


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
