"""What the detector's card measures: how many faces it finds at its threshold by their size, and as frames are tilted,
darkened and blurred, and whether its score is the share of detections that are faces. Host only.

Frames are those of ``tools.evaluation.detector_frames`` that no training saw and that are not of the training's composer:
whole crops of four collections on unseen photographs. One look at a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import load_manifest
from ertedge.perception.detector import DEFAULT_THRESHOLD
from ertedge.types import UInt8Array
from tools.cards.figures import cost_grid, processor_ms, share, shown
from tools.cards.plots import Panel, panels, reliability
from tools.cards.section import Case, Part, Picture, Section
from tools.data.face_crops import box_of_landmarks
from tools.evaluation.detector_frames import HEIGHT, WIDTH, LabelledFrame, labelled_sets
from tools.evaluation.detector_matching import match
from tools.evaluation.detector_peers import OurDetector
from tools.evaluation.evidence import RESAMPLES, Interval, float_twin, interval_of
from tools.evaluation.report import Grid
from tools.teachers import LandmarkTeacher

LIMIT = 150
"""At most so many crops of each collection."""
OVERLAP = 0.3
"""The least IoU of a hit, as in the protocol for photographs; no box is adjusted."""
SIZES_PX = (40, 60, 90, 150, 320)
TILTS_DEG = (0.0, 15.0, 30.0, 45.0)
LIGHTS = (1.0, 0.3, 0.1, 0.03)
BLURS_PX = (0.0, 1.0, 2.0, 4.0, 8.0)
SCORE_BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """The detections of some frames: ``scores`` (k,), which were ``right`` (k,), and in which ``frame`` (k,). Of the faces:
    ``found`` (n,) at the device's threshold, and their ``sizes`` (n,), heights of boxes in pixels."""

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    frame: NDArray[np.int64]
    found: NDArray[np.bool_]
    sizes: NDArray[np.float64]
    frames: int

    def row(self, name: str) -> tuple[str, ...]:
        """Name, faces, recall and false positives a frame at the device's threshold."""
        wrong = int((~self.right & (self.scores >= DEFAULT_THRESHOLD)).sum())
        return (
            name,
            f"{len(self.found):,}",
            share(int(self.found.sum()), len(self.found)),
            f"{wrong / self.frames:.3f}",
        )

    @property
    def counts(self) -> tuple[int, int]:
        """Faces found, of how many."""
        return int(self.found.sum()), len(self.found)


def measure(case: Case) -> Section:
    """The section of ``models/detector.md``. Raises ErtedgeError when data or models are missing."""
    cv2.setNumThreads(1)
    manifest = load_manifest(case.models)
    entry = manifest.entry("detector")
    detector = OurDetector("ertedge", manifest.open_network("detector"), DEFAULT_THRESHOLD)
    file = float_twin(case.models, entry.file)
    twin = None if file is None else OurDetector("float", LitertNetwork(file), DEFAULT_THRESHOLD)
    sets = labelled_sets(case.root, "test", LandmarkTeacher(case.root / "teachers"), limit=LIMIT, seed=case.seed)
    by_set = {name: frames for name, frames in sets.items() if name != "composed"}
    frames = [frame for part in by_set.values() for frame in part]
    ms = processor_ms(lambda i: detector(frames[i].image), len(frames))
    whole = judge(detector, frames)
    rows = [judge(detector, part).row(name) for name, part in by_set.items()] + [whole.row("all")]
    if twin is not None:
        rows.append(judge(twin, frames).row("all, float32"))
    return Section(
        "python -m tools.card detector --measure --root DATA",
        (
            Part(
                "Faces found at the device's threshold",
                (
                    f"Frames of 640x480 of faces and photographs that no training saw ({len(frames)} frames): whole "
                    "crops of `caltech` (Caltech Web Faces, other runs of files), `ferplus` (FER2013Valid), `orl` "
                    "(people s21 to s40) and `lfw` (inside scikit-image, a collection that is in no training), 40 "
                    f"to 300 pixels high, faded into unseen photographs. A hit overlaps a face by IoU {OVERLAP} or "
                    f"more, each face once; score {DEFAULT_THRESHOLD}; one look at a frame. The truth is made of the "
                    "landmark teacher's points. Intervals are Wilson's, over faces.",
                ),
                (Grid("", ("frames of", "faces", "recall", "false positives a frame"), tuple(rows)),),
                notes=(
                    "The crops carry no record of sex, age or skin colour: how recall differs between groups of "
                    "people is not known.",
                ),
            ),
            conditions_part(detector, frames, whole),
            score_part(whole, case.seed),
            Part(
                "Cost",
                ("One look at a frame of 640x480.",),
                (cost_grid(case.models, entry, "one look, frame to boxes", ms),),
            ),
        ),
    )


def judge(detector: OurDetector, frames: Sequence[LabelledFrame]) -> Judged:
    """Every detection, best first in its frame, and every face."""
    scores, right, of_frame, found, sizes = [], [], [], [], []
    for number, frame in enumerate(frames):
        seen = detector(frame.image)
        order = np.argsort(-seen.scores, kind="stable")
        matches = match(seen.boxes[order], frame.boxes, OVERLAP)
        kept = seen.scores[order] >= DEFAULT_THRESHOLD
        scores.append(seen.scores[order].astype(np.float64))
        right.append(matches >= 0)
        of_frame.append(np.full(len(matches), number, np.int64))
        found.append(np.isin(np.arange(len(frame.boxes)), matches[kept]))
        sizes.append((frame.boxes[:, 3] - frame.boxes[:, 1]).astype(np.float64))
    return Judged(
        np.concatenate(scores),
        np.concatenate(right),
        np.concatenate(of_frame),
        np.concatenate(found),
        np.concatenate(sizes),
        len(frames),
    )


def conditions_part(detector: OurDetector, frames: Sequence[LabelledFrame], whole: Judged) -> Part:
    """Recall by size, and as whole frames are tilted, darkened and blurred."""
    sizes = []
    for low, high in pairwise(SIZES_PX):
        found = whole.found[(whole.sizes >= low) & (whole.sizes < high)]
        sizes.append((f"{low}-{high}", (int(found.sum()), len(found))))
    tilted = [(f"{turn:.0f}", judge(detector, [tilt(one, turn) for one in frames])) for turn in TILTS_DEG]
    darkened = [(f"{light:g}", judge(detector, [darken(one, light) for one in frames])) for light in LIGHTS]
    blurred = [(f"{sigma:.0f}", judge(detector, [blur(one, sigma) for one in frames])) for sigma in BLURS_PX]
    rows: list[tuple[str, ...]] = [
        (f"face {name} pixels high", f"{n:,}", share(right, n), "") for name, (right, n) in sizes
    ]
    rows += [judged.row(f"tilted by {name} degrees") for name, judged in tilted[1:]]
    rows += [judged.row(f"{name} of the light") for name, judged in darkened[1:]]
    rows += [judged.row(f"blurred, sigma {name} pixels") for name, judged in blurred[1:]]
    conditions = (("tilt, degrees", tilted), ("share of the light", darkened), ("blur, sigma in pixels", blurred))
    plot = panels(
        (
            Panel("height, pixels", tuple(name for name, _ in sizes), tuple(counts for _, counts in sizes)),
            *(
                Panel(title, tuple(name for name, _ in told), tuple(one.counts for _, one in told))
                for title, told in conditions
            ),
        ),
        "recall",
    )
    return Part(
        "Recall against quality",
        (
            "The same frames: faces by the height of their box in the frame, of which the network sees half; then "
            "the whole frame tilted to either side in turn, darkened, or blurred.",
        ),
        (Grid("", ("", "faces", "recall", "false positives a frame"), tuple(rows)),),
        (Picture("detector_quality.png", "recall by size, tilt, light and blur", plot),),
    )


def score_part(judged: Judged, seed: int) -> Part:
    """Whether the score is the share of detections that are faces."""
    error, interval = score_error(judged, seed)
    usual = judged.scores >= DEFAULT_THRESHOLD
    plot = reliability({"frames that no training saw": (judged.scores, judged.right)}, "share that are faces")
    return Part(
        "What its score means",
        (
            f"Of all {len(judged.scores):,} detections with a score from 0.02 on the same frames, the distance "
            "between the mean score and the share that are faces, over ten bins weighted by their detections (ECE): "
            f"{shown(error, interval)}. Of those at the threshold or above, with a mean score of "
            f"{judged.scores[usual].mean():.3f}, {share(int(judged.right[usual].sum()), int(usual.sum()))} are "
            "faces. The first interval is from drawing the frames anew.",
        ),
        pictures=(Picture("detector_reliability.png", "the share of detections that are faces, over the score", plot),),
    )


def score_error(judged: Judged, seed: int) -> tuple[float, Interval]:
    """ECE of the score over ten bins, and its 95% interval, the frames drawn anew."""
    bin_of = np.clip(np.ceil(judged.scores * SCORE_BINS).astype(np.int64) - 1, 0, SCORE_BINS - 1)
    gaps = np.zeros((judged.frames, SCORE_BINS + 1))
    np.add.at(gaps, (judged.frame, bin_of), judged.scores - judged.right)
    np.add.at(gaps, (judged.frame, np.full(len(bin_of), SCORE_BINS)), 1.0)
    random = np.random.default_rng(seed)
    size = judged.frames
    drawn = np.stack([np.bincount(random.integers(size, size=size), minlength=size) @ gaps for _ in range(RESAMPLES)])

    def error(summed: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.abs(summed[..., :SCORE_BINS]).sum(axis=-1) / np.maximum(summed[..., SCORE_BINS], 1.0))

    return float(error(gaps.sum(axis=0))), interval_of(error(drawn))


def tilt(frame: LabelledFrame, turn_deg: float) -> LabelledFrame:
    """The frame turned about its middle, mirrored at its rims, to a side that follows from where its first face is, so
    the same each time. Faces whose middle leaves the frame are no longer in it."""
    side = 1.0 if int(frame.boxes[:1].sum()) % 2 else -1.0
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), side * turn_deg, 1.0)
    image = cv2.warpAffine(frame.image, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT_101)
    points = (frame.landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    middle = points.mean(axis=1)
    inside = ((middle >= 0) & (middle < (WIDTH, HEIGHT))).all(axis=1)
    points = points[inside]
    return LabelledFrame(np.asarray(image, np.uint8), box_of_landmarks(points), points)


def darken(frame: LabelledFrame, light: float) -> LabelledFrame:
    """The frame with so much of its light."""
    return _with_image(frame, np.rint(frame.image * np.float32(light)).astype(np.uint8))


def blur(frame: LabelledFrame, sigma_px: float) -> LabelledFrame:
    """The frame out of focus."""
    return (
        frame
        if sigma_px == 0
        else _with_image(frame, np.asarray(cv2.GaussianBlur(frame.image, (0, 0), sigma_px), np.uint8))
    )


def _with_image(frame: LabelledFrame, image: UInt8Array) -> LabelledFrame:
    return LabelledFrame(image, frame.boxes, frame.landmarks)
