"""What the detector learns from, on disk and in batches: scenes, decoys, and what each batch is put through. Host only.

Scenes are composed once and kept, since composing costs as much as a training step; every batch mirrors, relights and
roughens them anew.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ertedge.perception.detector import decode
from ertedge.types import Float32Array, UInt8Array
from tools.data.face_crops import Part, load_crops, read_crops, save_crops
from tools.data.face_decoys import DECOY_HEIGHT, DECOY_WIDTH
from tools.data.face_scenes import (
    HEIGHT,
    MAX_FACES,
    MIRRORED_POINTS,
    WIDTH,
    SceneComposer,
    load_non_face_scenes,
    random_view,
)
from tools.detector_network import DetectorNetwork
from tools.teachers import LandmarkTeacher

CROP_LIMITS: dict[Part, int] = {"train": 8000, "validation": 1200, "test": 2000}
"""How many crops of one source are labelled at most: the teacher is slow, and each is used many times."""


@dataclass(frozen=True, slots=True)
class Composed:
    """Scenes in memory: ``images`` (n, 240, 320) uint8; ``labels`` (n, MAX_FACES, 14) float32, box then points, of which
    the first ``counts`` (n,) are real."""

    images: UInt8Array
    labels: Float32Array
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, slots=True)
class SceneOrder:
    """Which scenes to compose: ``seed`` and number make a scene; ``decoys`` is a file of ``save_decoys`` or None."""

    root: Path
    crops: Path
    part: Part
    seed: int
    decoys: Path | None = None


def crops_file(root: Path, run: Path, part: Part, seed: int) -> Path:
    """``RUN/crops-PART.npz``; the teacher labels the crops when it is not there yet."""
    kept = run / f"crops-{part}.npz"
    if not kept.is_file():
        save_crops(kept, load_crops(root, part, LandmarkTeacher(root / "teachers"), limit=CROP_LIMITS[part], seed=seed))
    return kept


def compose_range(order: SceneOrder, bounds: tuple[int, int]) -> Composed:
    """Scenes number ``bounds[0]`` to ``bounds[1] - 1``; each is seeded by its own number, so the split does not matter."""
    import cv2

    cv2.setNumThreads(1)
    decoys = None if order.decoys is None else np.load(order.decoys)
    composer = SceneComposer(read_crops(order.crops), load_non_face_scenes(order.root, order.part), decoys)
    count = bounds[1] - bounds[0]
    images = np.zeros((count, HEIGHT, WIDTH), np.uint8)
    labels = np.zeros((count, MAX_FACES, 14), np.float32)
    counts = np.zeros(count, np.int64)
    for i in range(count):
        scene = composer.compose(np.random.default_rng([order.seed, bounds[0] + i]))
        images[i], counts[i] = scene.image, len(scene.boxes)
        labels[i, : counts[i], :4] = scene.boxes
        labels[i, : counts[i], 4:] = scene.landmarks.reshape(-1, 10)
    return Composed(images, labels, counts)


def compose_scenes(order: SceneOrder, count: int, jobs: int) -> Composed:
    """``count`` scenes, composed by ``jobs`` processes."""
    bounds = [(start, min(start + 200, count)) for start in range(0, count, 200)]
    progress = partial(tqdm, total=len(bounds), desc=f"{order.part} scenes", file=sys.stderr)
    if jobs == 1:
        parts = list(progress(map(partial(compose_range, order), bounds)))
    else:
        # Fresh processes: a fork of one that runs torch's threads may hang.
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
            parts = list(progress(pool.map(partial(compose_range, order), bounds)))
    return Composed(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("images", "labels", "counts")))


def kept_scenes(order: SceneOrder, count: int, jobs: int, stem: Path) -> Composed:
    """The same, composed once and then read from ``STEM.npy`` and ``STEM-labels.npz``."""
    images, labels = stem.with_suffix(".npy"), stem.with_name(f"{stem.name}-labels.npz")
    if not labels.is_file():
        composed = compose_scenes(order, count, jobs)
        np.save(images, composed.images)
        np.savez(labels, labels=composed.labels, counts=composed.counts)
    with np.load(labels) as kept:
        return Composed(np.load(images, mmap_mode="r"), kept["labels"], kept["counts"])


def mine_decoys(
    network: DetectorNetwork, photographs: tuple[UInt8Array, ...], views: int, least: float, seed: int
) -> UInt8Array:
    """(n, 60, 48) pieces of face-free photographs that the network takes for faces with a score of ``least`` or more."""
    import cv2

    rng = np.random.default_rng([seed, 2])
    network.eval()
    found: list[UInt8Array] = []
    for _ in tqdm(range(views), desc="false alarms", file=sys.stderr, mininterval=10):
        view = random_view(rng, photographs, WIDTH, HEIGHT)
        image = torch.from_numpy(view / np.float32(127.5) - np.float32(1.0))[None, None]
        with torch.no_grad():
            outputs = network(image.contiguous(memory_format=torch.channels_last))
        for box in decode(tuple(output.numpy() for output in outputs), threshold=least).boxes:
            left, top, right, bottom = (round(float(v)) for v in box)
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, WIDTH), min(bottom, HEIGHT)
            if min(right - left, bottom - top) >= 10:
                piece = cv2.resize(
                    view[top:bottom, left:right], (DECOY_WIDTH, DECOY_HEIGHT), interpolation=cv2.INTER_LINEAR
                )
                found.append(np.clip(piece, 0, 255).astype(np.uint8))
    return np.stack(found) if found else np.empty((0, DECOY_HEIGHT, DECOY_WIDTH), np.uint8)


def batch_of(data: Composed, indices: NDArray[np.int64]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Images (b, 1, 240, 320) in [-1, 1], boxes (b, m, 4), points (b, m, 5, 2), counts (b,)."""
    images = torch.from_numpy(data.images[indices].astype(np.float32) / 127.5 - 1.0)[:, None]
    labels = torch.from_numpy(data.labels[indices])
    return images, labels[..., :4], labels[..., 4:].unflatten(-1, (5, 2)), torch.from_numpy(data.counts[indices])


def augment(images: Tensor, boxes: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mirrors half of the scenes, and changes every one's gamma, contrast, brightness and noise."""
    count = len(images)
    mirror = torch.rand(count) < 0.5
    images = torch.where(mirror[:, None, None, None], images.flip(3), images)
    other_box = boxes.clone()
    other_box[..., [0, 2]] = WIDTH - 1 - boxes[..., [2, 0]]
    other_points = points[..., MIRRORED_POINTS, :].clone()
    other_points[..., 0] = WIDTH - 1 - other_points[..., 0]
    boxes = torch.where(mirror[:, None, None], other_box, boxes)
    points = torch.where(mirror[:, None, None, None], other_points, points)
    each = (count, 1, 1, 1)
    gamma = torch.exp(torch.randn(each) * 0.35)
    gain = torch.exp(torch.randn(each) * 0.25)
    noise = torch.rand(each) ** 3 * 0.12
    light = (images * 0.5 + 0.5).clamp(1e-4, 1) ** gamma * 2 - 1
    light = light * gain + torch.randn(each) * 0.15 + noise * torch.randn_like(light)
    return light.clamp(-1, 1), boxes, points
