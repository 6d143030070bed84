"""A face across the room: how many are found in 640x480 frames by one look and by ``FrameSearch``, and what the search
adds in false alarms where nobody is: ``python -m tools.evaluation.detector_distance --root DATA``. Host only.

A frame shows one unseen face, 30 to 70 pixels high, in an unseen photograph; it is shown eighteen times with new noise, as a
camera would, and a face counts as found when some frame's box overlaps it by half (IoU). The same photographs without a face
are empty rooms: all that is reported there is false.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.detector import DEFAULT_THRESHOLD, FaceDetector
from ertedge.perception.face_search import FRAME_THRESHOLD, FrameSearch
from ertedge.types import FaceBox, Float32Array, VideoFrame
from tools.data.face_crops import FaceCrops, Part, box_of_landmarks, load_crops
from tools.data.face_scenes import load_non_face_scenes
from tools.evaluation.detector_frames import HEIGHT, WIDTH, background, put_crop
from tools.evaluation.detector_matching import match
from tools.teachers import LandmarkTeacher

FRAMES = 18
"""Two rounds of the nine parts."""
NOISE = 4.0
"""Grey levels of noise that differ from frame to frame."""
SMALLEST, LARGEST = 30.0, 70.0


@dataclass(frozen=True, slots=True)
class Distance:
    """Shares of ``faces`` found by one look and by the search; of ``rooms``, how many showed a false face at all, and the
    shares of their frames that did."""

    part: str
    threshold: float
    faces: int
    found_whole: float
    found_search: float
    rooms: int
    rooms_false_whole: int
    rooms_false_search: int
    frames_false_whole: float
    frames_false_search: float


def measure(root: Path, part: Part, threshold: float, faces: int, seed: int) -> Distance:
    """The figures at one threshold of the search, through the exported file and the device's runtime."""
    network = load_manifest(default_models_dir()).open_network("detector")
    once, parts = FaceDetector(network, DEFAULT_THRESHOLD), FaceDetector(network, threshold)
    crops = load_crops(root, part, LandmarkTeacher(root / "teachers"), limit=100, seed=seed)
    scenes = load_non_face_scenes(root, part)
    rng = np.random.default_rng([seed, 11])
    hits = np.zeros((faces, 2), bool)
    for number in range(faces):
        scene, box = _with_face(rng, background(rng, scenes), crops)
        hits[number] = [
            any(_overlaps(found, box) for found in seen) for seen in _watch(rng, scene, once, FrameSearch(once, parts))
        ]
    alarms = np.zeros((len(scenes), 2, FRAMES), bool)
    for number, photograph in enumerate(scenes):
        seen = _watch(rng, background(rng, (photograph,)), once, FrameSearch(once, parts))
        alarms[number] = [[bool(found) for found in way] for way in seen]
    rooms, frames = alarms.any(axis=2).sum(axis=0), alarms.mean(axis=(0, 2))
    return Distance(
        part=part,
        threshold=threshold,
        faces=faces,
        found_whole=float(hits[:, 0].mean()),
        found_search=float(hits[:, 1].mean()),
        rooms=len(scenes),
        rooms_false_whole=int(rooms[0]),
        rooms_false_search=int(rooms[1]),
        frames_false_whole=float(frames[0]),
        frames_false_search=float(frames[1]),
    )


def _with_face(
    rng: np.random.Generator, scene: Float32Array, crops: tuple[FaceCrops, ...]
) -> tuple[Float32Array, Float32Array]:
    """The scene with one face, and its box (1, 4)."""
    source = crops[int(rng.integers(len(crops)))]
    index = int(rng.integers(len(source)))
    size = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    x, y = (float(rng.uniform(0.8 * size, side - 0.8 * size)) for side in (WIDTH, HEIGHT))
    points = put_crop(rng, scene, source.images[index], source.landmarks[index], (x, y, size))
    return scene, box_of_landmarks(points[None])


def _watch(
    rng: np.random.Generator, scene: Float32Array, once: FaceDetector, search: FrameSearch
) -> tuple[list[tuple[FaceBox, ...]], list[tuple[FaceBox, ...]]]:
    """What one look and the search report of each of the frames."""
    looks, searched = [], []
    for _ in range(FRAMES):
        noisy = np.clip(scene + rng.normal(0, NOISE, scene.shape), 0, 255).astype(np.uint8)
        frame = VideoFrame(0, np.repeat(noisy[:, :, None], 3, axis=2))
        looks.append(once.detect(frame))
        searched.append(search.detect(frame))
    return looks, searched


def _overlaps(found: tuple[FaceBox, ...], truth: Float32Array) -> bool:
    boxes = [(f.left, f.top, f.left + f.width, f.top + f.height) for f in found]
    return bool((match(np.array(boxes, np.float32).reshape(-1, 4), truth) >= 0).any())


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data: face_detection, ferplus, orl_faces, teachers.", exists=True)],
    validation: Annotated[bool, typer.Option(help="The part that chooses, not the one that reports.")] = False,
    threshold: Annotated[float, typer.Option(help="Least score of a face in a part of the frame.")] = FRAME_THRESHOLD,
    faces: Annotated[int, typer.Option(help="How many frames with a face.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Which frames.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")] = False,
) -> None:
    """Faces across the room, with and without the search, and the false alarms of empty rooms."""
    figures = asdict(measure(root, "validation" if validation else "test", threshold, faces, seed))
    print(json.dumps(figures) if json_ else "\n".join(f"{name} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    typer.run(main)
