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
from ertedge.perception.network import Network
from ertedge.types import Float32Array, UInt8Array, VideoFrame


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
    """``ertedge.perception.detector`` with the exported network. ``least_score`` far below what the device uses."""

    def __init__(self, name: str, network: Network, usual: float, least_score: float = 0.02) -> None:
        self.name, self.usual = name, usual
        self._detector = FaceDetector(network, least_score)

    def __call__(self, image: UInt8Array, /) -> Found:
        faces = self._detector.detect(VideoFrame(0, image))
        boxes = [(f.left, f.top, f.left + f.width, f.top + f.height) for f in faces]
        return Found(
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array([f.score for f in faces], np.float32),
            np.array([f.landmarks for f in faces], np.float32).reshape(-1, 5, 2),
        )


class HaarCascade:
    """OpenCV's frontal face cascade (Viola and Jones 2001). Its score is the number of windows that were merged into the
    box, which is what ``minNeighbors`` sets a limit to; five is usual."""

    usual = 5.0

    def __init__(self, name: str, width: int, scale_factor: float = 1.1, least_neighbours: int = 1) -> None:
        import cv2

        self.name, self._width = name, width
        self._scale_factor, self._least = scale_factor, least_neighbours
        # The wheel's data module is imported by name, since cv2 itself does not declare it.
        from cv2 import data as cascades

        path = Path(cascades.haarcascades) / "haarcascade_frontalface_default.xml"
        self._cascade = cv2.CascadeClassifier(str(path))
        if self._cascade.empty():
            raise ConfigurationError([f"{path} cannot be read; install opencv-python-headless 4"])

    def __call__(self, image: UInt8Array, /) -> Found:
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        scale = self._width / image.shape[1]
        if scale != 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        smallest = max(20, round(30 * scale))
        found, neighbours = self._cascade.detectMultiScale2(
            cv2.equalizeHist(grey), self._scale_factor, self._least, minSize=(smallest, smallest)
        )
        boxes = np.asarray(found, np.float32).reshape(-1, 4) / scale
        boxes[:, 2:] += boxes[:, :2]
        return Found(boxes, np.asarray(neighbours, np.float32).reshape(-1))


class UltraFace:
    """RFB-320 (Ultra-Light-Fast-Generic-Face-Detector-1MB) through ONNX Runtime, with its own 0.3 overlap limit."""

    name = "rfb_320"
    usual = 0.7

    def __init__(self, teachers: Path) -> None:
        import onnxruntime

        path = teachers / "ultraface-rfb-320" / "version-RFB-320.onnx"
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
