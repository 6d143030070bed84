"""FaceNet under circumstances: FER+ Valid before the virtual camera, by quality, and by the light, sharpness and pose of the
pictures as given. Host only; ``facenet.py`` asks it."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array, UInt8Array
from tools.cards.facenet_scores import Faces
from tools.cards.figures import GROUP_COLUMNS, Group, group_rows, part_of, score_row, share, shown, thirds
from tools.cards.plots import Panel, panels
from tools.cards.section import Case, Part, Picture
from tools.data.face_frames import easy, hard
from tools.evaluation.evidence import Scores
from tools.evaluation.face import QUALITY_BINS, TURNS_DEG, evenly, frame_trials, looking_aside, qualities
from tools.evaluation.metrics import roc_auc
from tools.evaluation.report import Grid
from tools.facenet.trials import Trials, load_detector

Pictures = tuple[UInt8Array, ...]
EASY_FACES, HARD_FACES, TURNED_FACES = 1_200, 2_400, 300
"""So many faces, evenly spaced over the split, are shown to the virtual camera: a frame takes 20 ms to compose."""


def easy_rows(faces: Faces, case: Case, backgrounds: Pictures) -> tuple[tuple[str, ...], ...]:
    """Two rows of SCORE_COLUMNS: faces as the device cuts them from easy frames, and the same faces as given."""
    asked = some(len(faces.split), EASY_FACES)
    detector, shown_faces = load_detector(case.models), faces.split.take(asked)
    trials, scored = frame_trials(faces.model, detector, shown_faces, easy, pictures=backgrounds, seed=case.seed)
    made = faces.scored(scored.logits, scored.labels)
    found = share(len(trials.index), trials.asked)
    return (
        score_row(f"detector-made crops, found {found} of {trials.asked:,}", made, case.seed),
        score_row("the same faces as given", part_of(faces.scores(), asked[trials.index]), case.seed),
    )


def some(count: int, most: int) -> NDArray[np.int64]:
    """At most ``most`` evenly spaced indices below ``count``."""
    return np.array(evenly(count, most), np.int64)


def quality_part(faces: Faces, case: Case, backgrounds: Pictures) -> Part:
    """Accuracy by fifths of quality under hard circumstances, and of turned heads."""
    detector = load_detector(case.models)
    asked = faces.split.take(some(len(faces.split), HARD_FACES))
    trials, scored = frame_trials(faces.model, detector, asked, hard, pictures=backgrounds, seed=case.seed)
    made = faces.scored(scored.logits, scored.labels)
    right = right_of(made)
    values = qualities(faces.model, trials)
    fifths = [part.astype(np.int64) for part in np.array_split(np.argsort(values, kind="stable"), QUALITY_BINS)]
    groups = [
        Group(f"fifth {number}, mean quality {values[part].mean():.2f}", part)
        for number, part in enumerate(fifths, start=1)
    ]
    few = faces.split.take(some(len(faces.split), TURNED_FACES))
    turned = []
    for yaw_deg in TURNS_DEG:
        turn = partial(looking_aside, yaw_deg=yaw_deg)
        seen, read = frame_trials(faces.model, detector, few, turn, pictures=backgrounds, seed=case.seed)
        hits = int((read.predicted == read.labels).sum())
        found = share(len(seen.index), seen.asked)
        turned.append((f"{yaw_deg:.0f} degrees", str(seen.asked), found, share(hits, len(seen.index))))
    plot = panels(
        (
            Panel(
                "fifths of quality",
                tuple(f"{values[part].mean():.2f}" for part in fifths),
                tuple((int(right[part].sum()), len(part)) for part in fifths),
            ),
            *_by_condition(trials, right),
        ),
        "accuracy, 8 classes",
    )
    return Part(
        "Accuracy against quality",
        (
            "Faces spread over FER+ Valid, under hard circumstances (each fault is there for half of the faces: "
            "down to 22 pixels, 60 degrees of roll, 70 of yaw, 2% of the light, blur, noise): "
            f"{share(len(trials.index), trials.asked)} of {trials.asked:,} faces are found at all, and these are "
            f"scored. Quality tells right from wrong readings with an AUC of {shown(roc_auc(values, right))}.",
            f"Below, heads turned to a side in good light: {TURNED_FACES} faces spread over Valid, each a "
            "photograph bent over a cylinder with a nose.",
        ),
        (
            Grid("", GROUP_COLUMNS, group_rows(made, groups, case.seed)),
            Grid("", ("turned by", "n", "found", "accuracy of those"), tuple(turned)),
        ),
        (Picture("facenet_quality.png", "accuracy by quality and by what it reads, under hard circumstances", plot),),
    )


def _by_condition(trials: Trials, right: NDArray[np.bool_]) -> tuple[Panel, ...]:
    """Accuracy in thirds of the detector's doubt, of roll and of blur, as the device measures them on what was found."""
    columns = {"detector's doubt": (0, 1.0), "roll, degrees": (3, 30.0), "blur": (4, 1.0)}
    shown_panels = []
    for title, (column, unit) in columns.items():
        values = trials.conditions[:, column] * unit
        parts = np.array_split(np.argsort(values, kind="stable"), 3)
        ticks = tuple(f"{values[part].mean():.2f}" for part in parts)
        counts = tuple((int(right[part].sum()), len(part)) for part in parts)
        shown_panels.append(Panel(title, ticks, counts))
    return tuple(shown_panels)


def group_part(faces: Faces, points: Float32Array, seed: int) -> Part:
    """The pictures as given in thirds of light, contrast, sharpness, roll and yaw; ``points`` (n, 5, 2) in their pixels."""
    images = faces.split.images
    groups = (
        *thirds("mean grey level", images.mean(axis=(1, 2)), "darkest", "lightest"),
        *thirds("contrast (deviation of grey levels)", images.std(axis=(1, 2)), "flattest", "richest"),
        *thirds("sharpness (Laplacian's variance, standardised)", sharpness(images), "softest", "sharpest"),
        *thirds("roll in degrees", roll_deg(points), "most upright", "most tilted"),
        *thirds(
            "nose off the middle of the eyes, in eye distances", nose_offset(points), "most frontal", "most turned"
        ),
    )
    return Part(
        "Groups",
        (
            "FER+ Valid, published protocol, crops as given, in thirds of what can be seen in the pictures. Roll "
            "and turn come from the landmark teacher's points and are proxies; thirds also differ in which emotions "
            "they hold, so compare UAR as well. **Sex, age and skin colour are not known**: FER+ has no record of "
            "them, nobody guessed them, and nothing here says how accuracy differs between groups of people.",
        ),
        (Grid("", GROUP_COLUMNS, group_rows(faces.scores(), groups, seed)),),
    )


def right_of(scores: Scores) -> NDArray[np.bool_]:
    """(n,) whether the likeliest label is the true one."""
    return scores.probabilities.argmax(axis=1) == scores.labels


def sharpness(images: UInt8Array) -> NDArray[np.float64]:
    """(n,) variance of the Laplacian over that of the picture, as the device's quality reads it."""
    import cv2

    return np.array([cv2.Laplacian(one, cv2.CV_32F).var() / max(float(one.std()), 1.0) ** 2 for one in images])


def roll_deg(points: Float32Array) -> NDArray[np.float64]:
    """(n,) how far the line of the eyes is from level, in degrees."""
    across = points[:, 1] - points[:, 0]
    return np.abs(np.degrees(np.arctan2(across[:, 1], across[:, 0]))).astype(np.float64)


def nose_offset(points: Float32Array) -> NDArray[np.float64]:
    """(n,) distance of the tip of the nose from the middle of the eyes along their line, over the eye distance."""
    across = points[:, 1] - points[:, 0]
    length = np.maximum(np.linalg.norm(across, axis=1), 1e-6)
    nose = points[:, 2] - (points[:, 0] + points[:, 1]) / 2
    return np.abs((nose * across).sum(axis=1) / length**2).astype(np.float64)
