"""FaceNet's embedding as a verifier: are two pictures of one person? On ORL or any folder-per-person layout. Host only.

Every pair of pictures is compared by cosine. Two framings: the crop that the device makes (detector, alignment), and the
middle square of the picture as it is given. The convention is in the package's docstring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.perception.face import CROP_SIZE, FaceModel, cut_face
from ertedge.types import Float32Array, UInt8Array
from tools.data.face_frames import HEIGHT, WIDTH
from tools.data.orl import People, load_people
from tools.evaluation import metrics
from tools.evaluation.report import Figure, Report
from tools.face_trials import load_detector, load_face_model, main_face, read_crops

SMALL_SIDE = 240
"""A picture smaller than this is a crop of a head, not a camera's frame; it is shown to the detector inside of one."""
SHOWN_HEIGHT = 340
FALSE_ACCEPT_RATE = 1e-3


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    detect: Annotated[bool, typer.Option(help="Also score the crops that the device makes.")] = True,
) -> Report:
    """Score face verification over all pairs of pictures in a folder-per-person layout (ORL: 40 people, 10 pictures)."""
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
    return Report(f"FaceNet {entry.version}: verification on {root.name}", tuple(figures), tuple(notes))


def embed(model: FaceModel, crops: UInt8Array) -> Float32Array:
    """(n, 48, 48) -> (n, 128)."""
    return read_crops(model.network, crops)[1]


def middle_square(image: UInt8Array) -> UInt8Array:
    """The largest square in the middle of a (h, w, 3) picture as a (48, 48) grey crop."""
    import cv2

    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    grey = cv2.cvtColor(image[top : top + side, left : left + side], cv2.COLOR_BGR2GRAY)
    flags = cv2.INTER_AREA if side > CROP_SIZE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (CROP_SIZE, CROP_SIZE), interpolation=flags), dtype=np.uint8)


def as_frame(image: UInt8Array) -> UInt8Array:
    """A picture as a camera would show it: a crop of a head stands before a wall of its median grey level."""
    import cv2

    height, width = image.shape[:2]
    if min(height, width) >= SMALL_SIDE:
        return image
    scale = min(SHOWN_HEIGHT / height, 0.9 * WIDTH / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    frame = np.full((HEIGHT, WIDTH, 3), np.median(image), dtype=np.uint8)
    top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
    frame[top : top + size[1], left : left + size[0]] = shown
    return frame


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


def equal_error_rate(scores: Float32Array, same: NDArray[np.bool_]) -> float:
    """Where as many of the same are refused as of the others are accepted."""
    order = np.argsort(-scores, kind="stable")
    accepted = np.cumsum(same[order]), np.cumsum(~same[order])
    refused = 1 - accepted[0] / accepted[0][-1]
    false_accepted = accepted[1] / accepted[1][-1]
    nearest = int(np.abs(refused - false_accepted).argmin())
    return float((refused[nearest] + false_accepted[nearest]) / 2)
