"""Open-set recognition on a folder-per-person collection: who is let in, who is kept out, and how sure that is. Host only.

Every person is enrolled in turn, with one picture or with six of them, each shown twice to the camera (at another size,
roll and light), which makes the dozen frames of an enrolment. The pictures that are left are that person's own attempts, and
those of everybody else are strangers'. What varies from draw to draw is which pictures enrol. Intervals come from drawing
the people anew (a bootstrap over people, percentiles), since pictures of one person are no independent witnesses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.perception.face import FaceModel, cut_face
from ertedge.perception.recognition import similarity
from ertedge.types import Float32Array, UInt8Array
from tools.data.orl import People
from tools.facenet.trials import load_detector, main_face
from tools.portraits import as_frame, middle_square

VIEWS = 2
ENROLLED_PICTURES = 6
BOOTSTRAPS = 2000
SEEN_BY_THE_DETECTOR = frozenset(f"s{number}" for number in range(1, 19))
"""The ORL people whose pictures the detector was trained on (see ``models/detector.md``); FaceNet was trained on none. They
choose the thresholds, and everything is reported on the others."""

Likeness = Callable[[Float32Array, Float32Array], Float32Array]
"""Gallery (n, d) and faces (m, d) -> (m,) how alike."""


@dataclass(frozen=True, slots=True)
class Faces:
    """``embeddings`` (pictures, views, d) of a collection, ``person`` (pictures,), ``names`` of the people."""

    embeddings: Float32Array
    person: NDArray[np.int64]
    names: tuple[str, ...]

    def of(self, people: tuple[int, ...]) -> tuple[Float32Array, ...]:
        """The embeddings of each of ``people``."""
        return tuple(self.embeddings[self.person == number] for number in people)


def choosers_and_reported(names: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The people that choose thresholds and those, all others, on whom figures are reported.

    Of ORL the detector knows the former; of another collection they are the first half by name.
    """
    known = tuple(place for place, name in enumerate(names) if name in SEEN_BY_THE_DETECTOR)
    if not known or len(known) == len(names):
        known = tuple(range(len(names) // 2))
    return known, tuple(place for place in range(len(names)) if place not in known)


def read_faces(people: People, model: FaceModel, models: Path | None, seed: int) -> Faces:
    """Every picture twice through the device's face path: as it is, and as the camera might see it a moment later."""
    detector = load_detector(models)
    rng = np.random.default_rng(seed)
    embeddings = np.empty((len(people), VIEWS, 128), np.float32)
    for number, image in enumerate(tqdm(people.images, desc="faces", leave=False, mininterval=2)):
        frame = as_frame(image)
        for view, shown in enumerate((frame, moved(frame, rng))):
            face = main_face(detector, shown)
            crop = middle_square(image) if face is None else cut_face(shown, face, model.template)[0]
            embeddings[number, view] = model.read(crop)[1]
    return Faces(embeddings, people.person, people.names)


def moved(frame: UInt8Array, rng: Generator) -> UInt8Array:
    """The frame (h, w, 3) a moment later: the person leans (up to ten degrees), moves nearer or away, the light changes."""
    import cv2

    height, width = frame.shape[:2]
    turn, scale = float(rng.uniform(-10, 10)), float(rng.uniform(0.7, 1.1))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-40, 40, 2)
    placed = cv2.warpAffine(frame, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(placed * rng.uniform(0.6, 1.2), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Scores by who was enrolled and who came: ``scores[i][j]`` (n,) of person j before the gallery of person i."""

    scores: tuple[tuple[Float32Array, ...], ...]

    @property
    def strangers(self) -> Float32Array:
        """All scores of people before the galleries of others."""
        return np.concatenate([s for i, row in enumerate(self.scores) for j, s in enumerate(row) if i != j])

    def threshold(self, false_accept_rate: float) -> float:
        """The lowest threshold that lets in at most this share of the strangers' attempts."""
        descending = np.sort(self.strangers)[::-1]
        return float(np.nextafter(descending[int(false_accept_rate * len(descending))], np.float32(2.0)))

    def accepted(self, threshold: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(people, people) accepted attempts and all attempts."""
        hits = np.array([[float((s >= threshold).sum()) for s in row] for row in self.scores])
        return hits, np.array([[float(len(s)) for s in row] for row in self.scores])


def attempt(
    faces: tuple[Float32Array, ...], likeness: Likeness, *, pictures: int, run: int, draws: int, seed: int
) -> Attempts:
    """Enrol ``pictures`` pictures of each person (all views where there are several), ``draws`` times over.

    ``run``: pictures over which the likeness is averaged, as the device does over frames; 1: each for itself.
    """
    rng = np.random.default_rng(seed)
    count = len(faces)
    found: list[list[list[Float32Array]]] = [[[] for _ in range(count)] for _ in range(count)]
    for _ in range(draws):
        orders = [rng.permutation(len(each)) for each in faces]
        for i, enrolled in enumerate(faces):
            chosen = enrolled[orders[i][:pictures]]
            gallery = chosen.reshape(-1, chosen.shape[-1]) if pictures > 1 else chosen[:, 0]
            for j, other in enumerate(faces):
                left = other[orders[j][pictures:], 0]
                scores = likeness(gallery, left)
                if run > 1:
                    picked = np.stack([rng.permutation(len(left))[:run] for _ in range(len(left) // run)])
                    scores = scores[picked].mean(axis=1)
                found[i][j].append(scores)
    return Attempts(tuple(tuple(np.concatenate(scores) for scores in row) for row in found))


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95% interval and the number of attempts behind it."""

    value: float
    low: float
    high: float
    n: int


def rates(attempts: Attempts, threshold: float, seed: int) -> tuple[Rate, Rate]:
    """True and false accept rate at ``threshold``, with intervals over people drawn anew."""
    hits, tries = attempts.accepted(threshold)
    count = len(hits)
    own, others = np.eye(count, dtype=bool), ~np.eye(count, dtype=bool)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), BOOTSTRAPS).astype(np.float64)
    drawn = drawn[(drawn > 0).sum(axis=1) > 1]  # somebody alone has no strangers
    true = (drawn @ hits[own]) / (drawn @ tries[own])
    pairs = np.einsum("bi,bj->bij", drawn, drawn)
    false = (pairs * np.where(others, hits, 0)).sum((1, 2)) / (pairs * np.where(others, tries, 0)).sum((1, 2))
    return (
        _rate(float(hits[own].sum()), float(tries[own].sum()), true),
        _rate(float(hits[others].sum()), float(tries[others].sum()), false),
    )


def sure_threshold(attempts: Attempts, false_accept_rate: float, seed: int) -> float:
    """The lowest threshold, to a thousandth, at which the 95% interval of the false accept rate ends at this share or below:
    a few people in whom nobody looks alike would else choose one that other people exceed."""
    for threshold in np.arange(attempts.threshold(false_accept_rate), 1.0, 1e-3):
        if rates(attempts, float(threshold), seed)[1].high <= false_accept_rate:
            return float(threshold)
    return 1.0


def identified(attempts: Attempts, threshold: float) -> tuple[float, float, int]:
    """Where everybody is enrolled: the shares of their own attempts that are taken for themselves, and for somebody else of
    them, and the number of attempts. Only of single frames, whose order is the same before every gallery."""
    right = wrong = tries = 0
    for person in range(len(attempts.scores)):
        before_each = np.stack([row[person] for row in attempts.scores])
        best = before_each.argmax(axis=0)
        accepted = before_each.max(axis=0) >= threshold
        right += int((accepted & (best == person)).sum())
        wrong += int((accepted & (best != person)).sum())
        tries += before_each.shape[1]
    return right / tries, wrong / tries, tries


def _rate(hits: float, tries: float, drawn: NDArray[np.float64]) -> Rate:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Rate(hits / tries, float(low), float(high), int(tries))


def nearest(count: int) -> Likeness:
    """As the device compares: the mean over the ``count`` most similar members."""
    return lambda gallery, faces: similarity(gallery, faces, count)


def to_centroid(gallery: Float32Array, faces: Float32Array) -> Float32Array:
    """The cosine to the mean of the gallery."""
    centre = gallery.mean(axis=0)
    centre /= np.linalg.norm(centre)
    return np.asarray(faces @ centre, np.float32)


RULES: dict[str, Likeness] = {
    "most similar": nearest(1),
    "mean of 2 most similar": nearest(2),
    "mean of 3 most similar": nearest(3),
    "mean of 4 most similar": nearest(4),
    "mean of all": nearest(1_000),
    "centroid": to_centroid,
}
"""What was compared before the device's way was chosen."""
