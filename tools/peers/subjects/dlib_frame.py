"""dlib's frontal detector (HOG) on a (480, 640) grey frame, doubled once so that faces of 40 pixels are found.

Arguments: how often the frame is doubled.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from tools.peers.items import Array
from tools.peers.subjects import Subject

LEAST_SCORE = -0.75
"""Far below its usual 0, so that the threshold can be moved afterwards."""


def load(arguments: Sequence[str]) -> Subject:
    """The detector that is compiled into the library."""
    import dlib

    doublings = int(arguments[0])
    detector = dlib.get_frontal_face_detector()

    def read(image: Array) -> list[list[float]]:
        boxes, scores, _ = detector.run(image, doublings, LEAST_SCORE)
        return [
            [float(box.left()), float(box.top()), float(box.right() + 1), float(box.bottom() + 1), float(score)]
            for box, score in zip(boxes, scores, strict=True)
        ]

    # Its weights are compiled into the library and have no size of their own.
    return Subject(f"dlib {version('dlib-bin')}", 0, read)
