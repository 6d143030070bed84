"""The face path for a 640x480 frame: detect, align, FaceNet; beside the float networks and beside other detectors.

The frame is the photograph of an astronaut that scikit-image ships, the demo's face too. The peers have no landmarks, so
behind them a square crop of the box goes into the same FaceNet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import Manifest, load_manifest
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face import CROP_SIZE, FaceModel, FacePerception
from ertedge.perception.network import Network
from ertedge.types import UInt8Array, VideoFrame
from tools.bench import FLOAT32
from tools.bench.timing import in_turn, percentile_figures, ratio_figure
from tools.evaluation.detector_peers import HaarCascade, Peer, UltraFace
from tools.evaluation.report import Figure

OURS = "int8"


def measure(models: Path, root: Path, rounds: int) -> tuple[list[Figure], list[str]]:
    """p50 and p99 of each pipeline and how many times as long as ours each takes; and what could not be compared."""
    manifest = load_manifest(models)
    frame = photograph()
    notes: list[str] = []
    facenet = FaceModel.of(manifest.open_network("facenet"), manifest.entry("facenet"))
    ours = FacePerception(FaceDetector(manifest.open_network("detector")), facenet)
    if ours.process(frame).probabilities is None:
        raise ErtedgeError("the face of the photograph is not read; a time without FaceNet would mean nothing")
    subjects: dict[str, Callable[[], object]] = {OURS: lambda: ours.process(frame)}
    if (floating := _float_path(manifest)) is not None:
        subjects["float32"] = lambda: floating.process(frame)
    else:
        notes.append("no float32 networks: the release tools write them with --float-out")
    peers: list[Peer] = [HaarCascade("haar at 640x480", 640), HaarCascade("haar at 320x240", 320)]
    try:
        peers.append(UltraFace(root / "teachers"))
    except ConfigurationError as error:
        notes.append(f"without RFB-320: {error}")
    subjects |= {peer.name: _behind(peer, facenet, frame.image) for peer in peers}
    times = in_turn(subjects, rounds)
    figures = [f for name, taken in times.items() for f in percentile_figures("face_path_per_frame", taken, name)]
    figures += [ratio_figure("face_path_over_int8", times[OURS], times[name], name) for name in times if name != OURS]
    return figures, notes


def photograph() -> VideoFrame:
    """The astronaut as a 640x480 frame with her face upright, as large as before a desk camera."""
    import cv2
    from skimage import data

    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    image: UInt8Array = np.ascontiguousarray(cv2.resize(picture[:384], (640, 480), interpolation=cv2.INTER_AREA))
    return VideoFrame(0, image)


def _float_path(manifest: Manifest) -> FacePerception | None:
    networks: list[Network] = []
    for name in ("detector", "facenet"):
        entry = manifest.entry(name)
        path = FLOAT32 / entry.file
        if not path.is_file():
            return None
        networks.append(LitertNetwork(path, 1, entry.outputs))
    return FacePerception(FaceDetector(networks[0]), FaceModel.of(networks[1], manifest.entry("facenet")))


def _behind(peer: Peer, facenet: FaceModel, image: UInt8Array) -> Callable[[], object]:
    """Detection by ``peer``, then FaceNet on a square around its best box."""
    import cv2

    def pipeline() -> object:
        found = peer(image)
        if not len(found.scores):
            return None
        left, top, right, bottom = found.boxes[int(found.scores.argmax())]
        half = max(right - left, bottom - top) / 2
        x, y = (left + right) / 2, (top + bottom) / 2
        square = image[max(int(y - half), 0) : int(y + half), max(int(x - half), 0) : int(x + half)]
        grey = cv2.cvtColor(square, cv2.COLOR_BGR2GRAY)
        crop: UInt8Array = cv2.resize(grey, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_AREA).astype(np.uint8)
        logits, embedding = facenet.read(crop)
        return facenet.head.canonical(facenet.head.native(logits)), embedding

    return pipeline
