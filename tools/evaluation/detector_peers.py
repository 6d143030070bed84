"""The detectors that are compared, behind one call: a 640x480 BGR frame in, boxes with scores out. Host only.

Every one makes what it needs of the frame itself, so that its time includes the shrinking, and every one returns far more
boxes than anybody would use, so that its threshold can be moved afterwards. All run on one thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face_search import Part, PhotographSearch, levels, merged, whole
from ertedge.perception.network import Network
from ertedge.types import FaceBox, Float32Array, UInt8Array, VideoFrame


@dataclass(frozen=True, slots=True)
class Found:
    """``boxes`` (n, 4) left, top, right, bottom; ``scores`` (n,) rising with belief, comparable within one detector;
    ``landmarks`` (n, 5, 2), or None from a detector without points."""

    boxes: Float32Array
    scores: Float32Array
    landmarks: Float32Array | None = None


class Peer(Protocol):
    """A detector in the comparison. ``usual`` is the score from which its makers take a box for a face."""

    name: str
    usual: float

    def __call__(self, image: UInt8Array, /) -> Found: ...


class OurDetector:
    """``ertedge.perception.detector`` with the exported network, one look or, where ``tiles``, a search of all parts of the
    picture. ``least_score`` far below what the device uses."""

    def __init__(
        self, name: str, network: Network, usual: float, least_score: float = 0.02, *, tiles: bool = False
    ) -> None:
        self.name, self.usual, self.tiles = name, usual, tiles
        detector = FaceDetector(network, least_score)
        self._detector = PhotographSearch(detector) if tiles else detector

    def __call__(self, image: UInt8Array, /) -> Found:
        faces = self._detector.detect(VideoFrame(0, image))
        boxes = [(f.left, f.top, f.left + f.width, f.top + f.height) for f in faces]
        return Found(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array([f.score for f in faces], np.float32),
            np.array([f.landmarks for f in faces], np.float32).reshape(-1, 5, 2),
        )


class HaarCascade:
    """One of OpenCV's frontal face cascades (Viola and Jones 2001), ``default`` or ``alt2``. Its score is the number of
    windows that were merged into the box, which is what ``minNeighbors`` sets a limit to; five is usual. ``width`` is what
    pictures are shrunk to before; None: as they are. ``smallest`` pixels of a picture 640 wide is the least face."""

    usual = 5.0

    def __init__(
        self,
        name: str,
        width: int | None,
        scale_factor: float = 1.1,
        least_neighbours: int = 1,
        *,
        cascade: str = "default",
        smallest: int = 30,
    ) -> None:
        import cv2

        self.name, self._width, self._smallest = name, width, smallest
        self._scale_factor, self._least = scale_factor, least_neighbours
        # The wheel's data module is imported by name, since cv2 itself does not declare it.
        from cv2 import data as cascades

        path = Path(cascades.haarcascades) / f"haarcascade_frontalface_{cascade}.xml"
        self._cascade = cv2.CascadeClassifier(str(path))
        if self._cascade.empty():
            raise ConfigurationError([f"{path} cannot be read; install opencv-python-headless 4"])

    def __call__(self, image: UInt8Array, /) -> Found:
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        scale = 1.0 if self._width is None else self._width / image.shape[1]
        if scale != 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        smallest = max(20, round(self._smallest * scale))
        found, neighbours = self._cascade.detectMultiScale2(
            cv2.equalizeHist(grey), self._scale_factor, self._least, minSize=(smallest, smallest)
        )
        boxes = np.asarray(found, np.float32).reshape(-1, 4) / scale
        boxes[:, 2:] += boxes[:, :2]
        return Found(boxes, np.asarray(neighbours, np.float32).reshape(-1))


class UltraFace:
    """RFB-320 (Ultra-Light-Fast-Generic-Face-Detector-1MB) through ONNX Runtime, with its own 0.3 overlap limit."""

    FILE = Path("ultraface-rfb-320", "version-RFB-320.onnx")
    usual = 0.7

    def __init__(self, teachers: Path, name: str = "rfb_320") -> None:
        self.name = name
        import onnxruntime

        path = teachers / self.FILE
        if not path.is_file():
            raise ConfigurationError([f"{path} is missing; it is one of the teachers below --root"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, image: UInt8Array, /) -> Found:
        import cv2

        small = cv2.cvtColor(cv2.resize(image, (320, 240)), cv2.COLOR_BGR2RGB)
        pixels = np.ascontiguousarray(((small.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None])
        scores, boxes = self._session.run(None, {"input": pixels})
        chosen = np.flatnonzero(scores[0, :, 1] > 0.05)
        size = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
        frame_boxes, belief = boxes[0, chosen] * size, scores[0, chosen, 1]
        rectangles = np.hstack([frame_boxes[:, :2], frame_boxes[:, 2:] - frame_boxes[:, :2]])
        kept = np.asarray(cv2.dnn.NMSBoxes(rectangles.tolist(), belief.tolist(), 0.05, 0.3), np.intp).reshape(-1)
        return Found(frame_boxes[kept].astype(np.float32), belief[kept].astype(np.float32))


class Tiled:
    """Another detector, shown the picture and the same parts of it as ours, merged in the same way."""

    def __init__(self, peer: Peer, name: str) -> None:
        self.name, self.usual, self._peer = name, peer.usual, peer

    def __call__(self, image: UInt8Array, /) -> Found:
        height, width = image.shape[:2]
        faces = self._faces(image, whole(image))
        for parts in levels(width, height):
            for part in parts:
                faces += [face for face in self._faces(image, part) if not part.cuts(face, (width, height))]
        kept = merged(faces)
        boxes = [(f.left, f.top, f.left + f.width, f.top + f.height) for f in kept]
        return Found(np.array(boxes, np.float32).reshape(-1, 4), np.array([f.score for f in kept], np.float32))

    def _faces(self, image: UInt8Array, part: Part) -> list[FaceBox]:
        found = self._peer(part.of(VideoFrame(0, image)).image)
        nowhere = np.zeros((5, 2), np.float32)
        return [
            part.back(FaceBox(float(x), float(y), float(right - x), float(bottom - y), float(score), nowhere))
            for (x, y, right, bottom), score in zip(found.boxes, found.scores, strict=True)
        ]
