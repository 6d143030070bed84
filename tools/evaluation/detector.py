"""Scores the face detector beside OpenCV's Haar cascade and the RFB-320 network, on frames that no training saw:
``python -m tools.evaluate detector --root DATA --json``. With ``--dataset NAME``, any name but ``composed``, the exported
detector alone on a folder of photographs with boxes (``detector_photographs``).

Detectors disagree on where a face ends, so each one's boxes are first moved and scaled by four numbers (shift and size, in
shares of the box) that are fitted on validation frames; then a detection that overlaps a labelled face by half or more
(IoU, each face once, best score first) is right. Recall is compared where each detector makes equally many false
detections a frame (FPPI), and times are of the whole way from a 640x480 frame to boxes, on one thread.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.entry import ModelEntry
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.detector import DEFAULT_THRESHOLD
from ertedge.perception.network import Network
from ertedge.types import Float32Array
from tools.data.faults import FaultLog, OnFault
from tools.data.photographs import load_photographs
from tools.evaluation.detector_frames import LabelledFrame, labelled_sets
from tools.evaluation.detector_matching import OVERLAP, Matched, adjusted, match, pooled
from tools.evaluation.detector_peers import Found, HaarCascade, OurDetector, Peer, UltraFace
from tools.evaluation.detector_photographs import (
    FALSE_POSITIVES,
    Search,
    open_pictures,
    photograph_evidence,
    photograph_figures,
    photograph_peers,
)
from tools.evaluation.evidence import DetectorEvidence, float_twin
from tools.evaluation.report import Figure, Report
from tools.teachers import LandmarkTeacher

COMPOSED = "composed"
FALSE_POSITIVES_PER_IMAGE = (0.1, 0.5)
TIMED_FRAMES = 120


def evaluate(
    *,
    root: Path,
    models: Path | None = None,
    model: Annotated[str, typer.Option(help="The entry of the manifest.")] = "detector",
    dataset: Annotated[
        str, typer.Option(help="composed: frames made here. Any other name: photographs and boxes under --root.")
    ] = "",
    annotations: Annotated[
        Path | None, typer.Option(help="Lines of 'name x1 y1 x2 y2'; the one such text file under --root if none.")
    ] = None,
    on_fault: Annotated[OnFault, typer.Option(help="What a missing or corrupt file does.")] = "stop",
    limit: Annotated[int, typer.Option(help="At most so many crops of each source, and composed frames.")] = 200,
    seed: Annotated[int, typer.Option(help="Which frames are composed.")] = 0,
    only: Annotated[str, typer.Option(help="Some of the detectors, such as ertedge,haar_640; all where empty.")] = "",
    search: Annotated[
        Search, typer.Option(help="Photographs: tiles looks at their parts too, whole once at 320x240.")
    ] = "tiles",
    peers: Annotated[
        Path | None,
        typer.Option(help="Photographs: rows of both searches, the cascades, and RFB-320 from this folder."),
    ] = None,
    twin: Annotated[
        Path | None, typer.Option(help="Float twin: what does int8 cost? The one of the benchmarks if none.")
    ] = None,
) -> Report:
    """Compare the face detector with the Haar cascade and RFB-320: recall at equal false positives, points, time. Or score
    it alone on photographs with boxes (--dataset NAME, or a --root without the teachers).

    With --json one object: task, dataset, model, protocol, n_images, n_faces, recall_at_false_positives, ms, bytes.
    """
    import cv2

    cv2.setNumThreads(1)
    manifest = load_manifest(models or default_models_dir())
    entry = manifest.entry(model)
    ours = OurDetector("ertedge", manifest.open_network(model), DEFAULT_THRESHOLD)
    file = float_twin(models, entry.file, twin)
    if dataset != COMPOSED and (dataset or annotations or not (root / "teachers").is_dir()):
        faults = FaultLog(on_fault)
        shown, pictures = open_pictures(load_photographs(root, annotations, faults), faults)
        tiles = search == "tiles"
        searching = OurDetector(f"ertedge_{search}", manifest.open_network(model), DEFAULT_THRESHOLD, tiles=tiles)
        floating = None if file is None else OurDetector("float", LitertNetwork(file), DEFAULT_THRESHOLD, tiles=tiles)
        evidence = photograph_evidence(
            searching,
            floating,
            shown,
            pictures,
            dataset=dataset or root.name,
            entry=entry,
            skipped=faults.count,
            seed=seed,
        )
        rows = () if peers is None else (*_both(manifest.open_network(model)), *photograph_peers(peers))
        figures_of = photograph_figures(_chosen(list(rows), only), shown, pictures)
        return Report(f"face detector on {evidence.dataset}", figures_of, evidence=evidence)
    compared: list[Peer] = [ours]
    if file is not None:
        compared.append(OurDetector("ertedge_float", LitertNetwork(file), DEFAULT_THRESHOLD))
    compared += [HaarCascade("haar_640", 640), HaarCascade("haar_320", 320), HaarCascade("haar_320_fine", 320, 1.03)]
    compared.append(UltraFace(root / "teachers"))
    compared = _chosen(compared, only)
    teacher = LandmarkTeacher(root / "teachers")
    fitting = labelled_sets(root, "validation", teacher, limit=100, seed=seed)
    sets = labelled_sets(root, "test", teacher, limit=limit, seed=seed)
    figures: list[Figure] = []
    plain: dict[str, Matched] = {}
    for peer in tqdm(compared, desc="detectors", file=sys.stderr):
        adjustment = fit_adjustment(
            peer, [frame for name, frames in fitting.items() if name != "lfw" for frame in frames]
        )
        judged = {name: match_frames(peer, frames, adjustment) for name, frames in sets.items()}
        judged["plain"] = pooled([matched for name, matched in judged.items() if name != "composed"])
        plain[peer.name] = judged["plain"]
        for name, matched in judged.items():
            figures.extend(_figures(peer, name, matched))
    figures.extend(_timing(compared, [frame for frames in sets.values() for frame in frames]))
    notes = (
        f"a detection is right at IoU {OVERLAP} with a face of its own, after one linear box adjustment per detector",
        "composed: the training's composer on unseen crops and scenes; others: whole crops on unseen photographs",
        "plain: all sets but composed together, at one threshold",
        "haar_640 and haar_320 search 640x480 and 320x240 in steps of 1.1, haar_320_fine in steps of 1.03",
        "landmark error: mean distance to the landmark teacher's points over the distance of the eyes",
    )
    record = composed_evidence(plain, figures, entry)
    return Report("face detectors on frames that no training saw", tuple(figures), notes, evidence=record)


def composed_evidence(plain: dict[str, Matched], figures: list[Figure], entry: ModelEntry) -> DetectorEvidence | None:
    """The record of our detector on the plain frames; None where it was not among those asked for."""
    matched = plain.get("ertedge")
    if matched is None:
        return None

    def recall(of: Matched, count: int) -> float:
        return of.recall_at(count / of.frames)

    twin = plain.get("ertedge_float")
    reference = FALSE_POSITIVES[1]
    return DetectorEvidence(
        task="detector",
        dataset=COMPOSED,
        model=f"{entry.name} {entry.version}",
        protocol=f"plain 640x480 frames of unseen crops on unseen photographs; hit at IoU {OVERLAP} after one linear box "
        "adjustment; false positives in the whole set",
        n_images=matched.frames,
        n_faces=matched.faces,
        recall_at_false_positives={str(count): recall(matched, count) for count in FALSE_POSITIVES},
        ci95=None,
        int8_minus_float=None if twin is None else recall(matched, reference) - recall(twin, reference),
        ms=next(f.value for f in figures if f.name == "time_p50" and f.of == "ertedge"),
        bytes=entry.size_bytes,
        skipped=0,
    )


def _both(network: Network) -> tuple[Peer, Peer]:
    """Ours with one look, and with a search."""
    one, many = (
        OurDetector(f"ertedge_{name}", network, DEFAULT_THRESHOLD, tiles=name == "tiles") for name in ("whole", "tiles")
    )
    return one, many


def _chosen(peers: list[Peer], only: str) -> list[Peer]:
    """The detectors named in ``only``, all where it is empty. Raises ConfigurationError for a name that is none's."""
    wanted = {name.strip() for name in only.split(",") if name.strip()}
    unknown = wanted - {peer.name for peer in peers}
    if unknown:
        raise ConfigurationError(
            [f"there is no detector {', '.join(sorted(unknown))}; choose of {', '.join(peer.name for peer in peers)}"]
        )
    return [peer for peer in peers if not wanted or peer.name in wanted]


def _figures(peer: Peer, name: str, matched: Matched) -> list[Figure]:
    of = f"{peer.name}/{name}"
    recall, wrong = matched.usual(peer.usual)
    found = [
        Figure(f"recall_at_{f}_fppi", matched.recall_at(f), "share", matched.faces, of)
        for f in FALSE_POSITIVES_PER_IMAGE
    ]
    found.append(Figure("recall_at_usual_score", recall, "share", matched.faces, of))
    found.append(Figure("fppi_at_usual_score", wrong, "per frame", matched.frames, of))
    if len(matched.errors):
        found.append(Figure("landmark_error", float(matched.errors.mean()), "eye distances", len(matched.errors), of))
    return found


def _timing(peers: list[Peer], frames: list[LabelledFrame]) -> list[Figure]:
    """Median milliseconds of one call of each detector over frames spread evenly over all sets: by the clock, and of the
    processor alone, which other programs on the machine hardly disturb. They take turns, so that all meet the same."""
    chosen = frames[:: max(1, len(frames) // TIMED_FRAMES)]
    passed: dict[str, list[tuple[float, float]]] = {peer.name: [] for peer in peers}
    for frame in chosen:
        for peer in peers:
            clock, processor = time.perf_counter(), time.thread_time()
            peer(frame.image)
            passed[peer.name].append((time.perf_counter() - clock, time.thread_time() - processor))
    figures = []
    for name, seconds in passed.items():
        clock, processor = np.median(seconds, axis=0) * 1e3
        figures.append(Figure("time_p50", float(clock), "ms", len(seconds), name))
        figures.append(Figure("processor_time_p50", float(processor), "ms", len(seconds), name))
    return figures


def fit_adjustment(peer: Peer, frames: list[LabelledFrame]) -> Float32Array:
    """(4,): how far to move a box (shares of its width and height) and how much to scale it, so that the detector's boxes
    lie on the labels: medians over its best detections near labelled faces."""
    ratios = []
    for frame in frames:
        found = peer(frame.image)
        for truth in frame.boxes:
            centre, extent = (truth[:2] + truth[2:]) / 2, truth[2:] - truth[:2]
            centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
            extents = np.maximum(found.boxes[:, 2:] - found.boxes[:, :2], 1e-3)
            near = (np.abs(centres - centre) < 0.35 * extent).all(axis=1) & (
                np.abs(np.log(extents[:, 0] / extent[0])) < 0.8
            )
            if near.any():
                best = np.flatnonzero(near)[found.scores[near].argmax()]
                ratios.append(np.concatenate([(centre - centres[best]) / extents[best], extent / extents[best]]))
    if not ratios:
        return np.array([0, 0, 1, 1], np.float32)
    return np.median(ratios, axis=0).astype(np.float32)


def match_frames(peer: Peer, frames: tuple[LabelledFrame, ...], adjustment: Float32Array) -> Matched:
    """Every detection of the set, judged."""
    scores: list[float] = []
    right: list[bool] = []
    errors: list[float] = []
    for frame in frames:
        found = peer(frame.image)
        order = np.argsort(-found.scores, kind="stable")
        matches = match(adjusted(found.boxes[order], adjustment), frame.boxes)
        scores.extend(found.scores[order].tolist())
        right.extend((matches >= 0).tolist())
        errors.extend(_landmark_errors(found, order, matches, frame, peer.usual))
    faces = sum(len(frame.boxes) for frame in frames)
    return Matched(np.array(scores), np.array(right, bool), faces, len(frames), np.array(errors))


def _landmark_errors(
    found: Found, order: NDArray[np.intp], matches: NDArray[np.intp], frame: LabelledFrame, usual: float
) -> list[float]:
    """Mean distance of the five points over the eye distance, of right detections at or above the usual score."""
    if found.landmarks is None:
        return []
    errors = []
    for index, face in zip(order, matches, strict=True):
        if face >= 0 and found.scores[index] >= usual:
            truth = frame.landmarks[face]
            distance = np.linalg.norm(found.landmarks[index] - truth, axis=1).mean()
            errors.append(float(distance / np.linalg.norm(truth[1] - truth[0])))
    return errors
