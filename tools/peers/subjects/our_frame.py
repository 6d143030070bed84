"""The detectors of our own environment on a (480, 640) grey frame: left, top, right, bottom and score of each box.

Arguments: ``ours`` and the models folder; ``haar`` and a cascade's name; ``rfb_320`` and the folder of the teachers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ertedge.inference.manifest import load_manifest
from tools.evaluation.detector_peers import OurDetector, Peer, UltraFace
from tools.peers.items import Array
from tools.peers.subjects import Subject, as_bgr

HAAR_STEP, HAAR_LEAST_NEIGHBOURS, HAAR_SMALLEST = 1.1, 1, 30
"""OpenCV's usual steps; one neighbour, so that the threshold can be moved afterwards."""


def load(arguments: Sequence[str]) -> Subject:
    """The detector named, on one thread."""
    cv2.setNumThreads(1)
    kind, where = arguments
    if kind == "haar":
        return _haar(where)
    detector: Peer
    if kind == "ours":
        manifest = load_manifest(Path(where))
        entry = manifest.entry("detector")
        detector = OurDetector("ours", manifest.open_network("detector"), 0.5)
        version, size = f"detector {entry.version}", entry.size_bytes
    else:
        detector = UltraFace(Path(where))
        version = "version-RFB-320"
        size = (Path(where) / "ultraface-rfb-320" / "version-RFB-320.onnx").stat().st_size

    def read(image: Array) -> list[list[float]]:
        found = detector(image)
        boxes: list[list[float]] = np.column_stack([found.boxes, found.scores]).tolist()
        return boxes

    return Subject(version, size, read, as_bgr)


def _haar(name: str) -> Subject:
    """A frontal cascade of OpenCV; its score is the number of windows that were merged into the box."""
    from cv2 import data

    path = Path(data.haarcascades) / f"haarcascade_frontalface_{name}.xml"
    cascade = cv2.CascadeClassifier(str(path))

    def read(image: Array) -> list[list[float]]:
        grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        found, neighbours = cascade.detectMultiScale2(
            grey, HAAR_STEP, HAAR_LEAST_NEIGHBOURS, minSize=(HAAR_SMALLEST, HAAR_SMALLEST)
        )
        boxes = np.asarray(found, np.float64).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        rows: list[list[float]] = np.column_stack([boxes, np.asarray(neighbours, np.float64).reshape(-1)]).tolist()
        return rows

    return Subject(f"OpenCV {cv2.__version__}", path.stat().st_size, read, as_bgr)
