"""The face detector on photographs with boxes: recall at so many false positives in the whole set. Host only;
``detector.py`` asks it.

Two protocols. ``whole`` is one look, as at a frame of the camera: the picture is shrunk (or enlarged) into 320x240 with its
proportions kept, so what is lost of small faces in the shrinking counts. ``tiles`` (``PhotographSearch``) looks at the parts
of the picture too, by octaves up to twice its size, and its time is of all these looks. A detection is a hit at IoU 0.3 or
more with a face that no better one has taken; every other is a false positive, also a second one on the same face. No box is
adjusted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.entry import ModelEntry
from ertedge.perception.detector import SMALLEST_SIDE
from ertedge.types import UInt8Array
from tools.data.faults import FaultLog
from tools.data.labelled_faces import read_picture
from tools.data.photographs import Photograph
from tools.evaluation.detector_matching import Matched, match
from tools.evaluation.detector_peers import HaarCascade, OurDetector, Peer, Tiled, UltraFace
from tools.evaluation.evidence import RESAMPLES, DetectorEvidence, Interval, interval_of, median_ms
from tools.evaluation.report import Figure

Search = Literal["tiles", "whole"]
FALSE_POSITIVES = (10, 31, 65)
OVERLAP = 0.3
TIMED = 20
"""Photographs that each row of a comparison is timed on."""
PROTOCOLS: dict[Search, str] = {
    "tiles": "photographs searched whole and by overlapping tiles of 320x240, by octaves up to twice their size",
    "whole": "whole photographs letterboxed to 320x240 as on the device, no pyramid",
}


def open_pictures(
    photographs: tuple[Photograph, ...], faults: FaultLog
) -> tuple[tuple[Photograph, ...], tuple[UInt8Array, ...]]:
    """The photographs that can be read, and their pictures (h, w, 3). Raises ConfigurationError when none can or, where
    faults stop, for those that cannot."""
    kept: list[Photograph] = []
    pictures: list[UInt8Array] = []
    for photograph in photographs:
        try:
            pictures.append(_large_enough(read_picture(photograph.path)))
        except ValueError as error:
            faults.met(str(error))
        else:
            kept.append(photograph)
    faults.settle()
    if not any(len(photograph.boxes) for photograph in kept):
        raise ConfigurationError(["no photograph with a face can be read; check --root and the list"])
    return tuple(kept), tuple(pictures)


def _large_enough(picture: UInt8Array) -> UInt8Array:
    """The device refuses frames with a side below 16 pixels; a border of the same pixels makes up for it."""
    down, across = (max(0, SMALLEST_SIDE - side) for side in picture.shape[:2])
    return np.pad(picture, ((0, down), (0, across), (0, 0)), mode="edge") if down or across else picture


def match_photographs(
    detector: Peer, photographs: tuple[Photograph, ...], pictures: tuple[UInt8Array, ...]
) -> tuple[Matched, ...]:
    """Every detection of every photograph, judged; one ``Matched`` a photograph."""
    found = []
    for photograph, picture in zip(
        tqdm(photographs, desc=detector.name, leave=False, mininterval=2, file=sys.stderr), pictures, strict=True
    ):
        seen = detector(picture)
        order = np.argsort(-seen.scores, kind="stable")
        right = match(seen.boxes[order], photograph.boxes, OVERLAP) >= 0
        scores = seen.scores[order].astype(np.float64)
        found.append(Matched(scores, right, len(photograph.boxes), 1, np.empty(0)))
    return tuple(found)


def recall_at(scores: NDArray[np.float64], right: NDArray[np.bool_], faces: int, false_positives: int) -> float:
    """Recall at the lowest score from which on there are at most so many false positives in all."""
    return Matched(scores, right, faces, 1, np.empty(0)).recall_at(false_positives)


def recall_interval(parts: tuple[Matched, ...], false_positives: int, seed: int) -> Interval:
    """The 95% interval of that recall, the photographs drawn anew (each resample has its own threshold)."""
    random = np.random.default_rng(seed)
    photograph = np.repeat(np.arange(len(parts)), [len(part.scores) for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    right = np.concatenate([part.right for part in parts])
    faces = np.array([part.faces for part in parts])
    order = np.argsort(-scores, kind="stable")
    photograph, right = photograph[order], right[order]
    values = []
    for _ in range(RESAMPLES):
        times = np.bincount(random.integers(len(parts), size=len(parts)), minlength=len(parts))
        weight = times[photograph]
        allowed = np.cumsum(weight * ~right) <= false_positives
        values.append(float((weight * right)[allowed].sum() / max(int((times * faces).sum()), 1)))
    return interval_of(np.array(values))


def photograph_evidence(
    detector: OurDetector,
    twin: OurDetector | None,
    photographs: tuple[Photograph, ...],
    pictures: tuple[UInt8Array, ...],
    *,
    dataset: str,
    entry: ModelEntry,
    skipped: int,
    seed: int,
) -> DetectorEvidence:
    """The record of one set. ``int8_minus_float`` is the difference of recall at 31 false positives."""
    parts = match_photographs(detector, photographs, pictures)
    recall = {count: pooled_recall(parts, count) for count in FALSE_POSITIVES}
    reference = FALSE_POSITIVES[1]
    difference = None
    if twin is not None:
        difference = recall[reference] - pooled_recall(match_photographs(twin, photographs, pictures), reference)
    return DetectorEvidence(
        task="detector",
        dataset=dataset,
        model=f"{entry.name} {entry.version}",
        protocol=f"{PROTOCOLS['tiles' if detector.tiles else 'whole']}; hit at IoU {OVERLAP}; false positives in the whole "
        "set; interval over photographs",
        n_images=len(photographs),
        n_faces=sum(len(photograph.boxes) for photograph in photographs),
        recall_at_false_positives={str(count): value for count, value in recall.items()},
        ci95={str(count): recall_interval(parts, count, seed) for count in FALSE_POSITIVES},
        int8_minus_float=difference,
        ms=median_ms(lambda i: detector(pictures[i]), min(len(pictures), TIMED)),
        bytes=entry.size_bytes,
        skipped=skipped,
    )


def photograph_peers(teachers: Path) -> list[Peer]:
    """What else could search a photograph: two cascades at its full size, and RFB-320 with one look and with our parts; the
    network only where ``teachers`` has it."""
    peers: list[Peer] = [
        HaarCascade("haar_default", None, smallest=20),
        HaarCascade("haar_alt2", None, cascade="alt2", smallest=20),
    ]
    if (teachers / UltraFace.FILE).is_file():
        peers += [UltraFace(teachers), Tiled(UltraFace(teachers), "rfb_320_tiles")]
    return peers


def photograph_figures(
    peers: Sequence[Peer], photographs: tuple[Photograph, ...], pictures: tuple[UInt8Array, ...]
) -> tuple[Figure, ...]:
    """A row for each detector: recall at each count of false positives, and the milliseconds of the processor that a
    photograph takes: medians over photographs that all detectors are shown in turn."""
    chosen = [pictures[i] for i in np.linspace(0, len(pictures) - 1, min(len(pictures), TIMED)).round().astype(int)]
    taken = np.array([[_processor_ms(peer, picture) for peer in peers] for picture in chosen])
    figures = []
    for peer, ms in zip(peers, np.median(taken, axis=0) if len(peers) else (), strict=True):
        parts = match_photographs(peer, photographs, pictures)
        faces = sum(part.faces for part in parts)
        figures += [
            Figure(f"recall_at_{count}", pooled_recall(parts, count), "share", faces, peer.name)
            for count in FALSE_POSITIVES
        ]
        figures.append(Figure("processor_time_p50", float(ms), "ms", len(chosen), peer.name))
    return tuple(figures)


def _processor_ms(detector: Peer, picture: UInt8Array) -> float:
    begun = time.thread_time()
    detector(picture)
    return (time.thread_time() - begun) * 1e3


def pooled_recall(parts: tuple[Matched, ...], false_positives: int) -> float:
    """Recall over all photographs at one threshold."""
    scores = np.concatenate([part.scores for part in parts])
    right = np.concatenate([part.right for part in parts])
    return recall_at(scores, right, sum(part.faces for part in parts), false_positives)
