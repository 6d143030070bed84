"""MediaPipe's BlazeFace on a (480, 640) grey frame. Arguments: ``short`` (faces within two metres) or ``full`` range."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tools.peers.items import Array
from tools.peers.subjects import Subject, as_bgr

LEAST_SCORE = 0.05
FILES = {"short": "face_detection_short_range.tflite", "full": "face_detection_full_range_sparse.tflite"}


def load(arguments: Sequence[str]) -> Subject:
    """The solution that the package bundles its weights for."""
    # It imports TensorFlow where another package brought it, for the decoration of its documentation, and would be
    # charged for its memory.
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import mediapipe
    from mediapipe.python.solutions.face_detection import FaceDetection

    kind = arguments[0]
    detector = FaceDetection(model_selection=int(kind == "full"), min_detection_confidence=LEAST_SCORE)

    def read(image: Array) -> list[list[float]]:
        height, width = image.shape[:2]
        rows = []
        for one in detector.process(image).detections or ():
            box = one.location_data.relative_bounding_box
            left, top = box.xmin * width, box.ymin * height
            rows.append([left, top, left + box.width * width, top + box.height * height, float(one.score[0])])
        return rows

    weights = Path(mediapipe.__file__).parent / "modules" / "face_detection" / FILES[kind]
    return Subject(f"mediapipe {version('mediapipe')}", weights.stat().st_size, read, as_bgr)
