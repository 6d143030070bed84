"""Trains the face detector: ``python -m tools.train_detector --root DATA --out RUN``. Host only; read it from top to bottom.

Prepare: the landmark teacher labels the face crops, and scenes are composed from them, once, into ``RUN/scenes.npy``.
Train: AdamW with one cycle of the learning rate; each batch is mirrored, relit and made noisy anew; the weights kept are
their moving average. Finish: one gain and one shift for all score logits, fitted on validation scenes and folded
into the last layer, make the score the probability that a detection is a face. Resumes from ``RUN/last.pt``.

Expect on one core: labels 3 min, scenes 2 min, 0.5 s a step of 32; validation loss 1.9 after 500 steps, 1.3 at the end.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from ertedge.errors import ErtedgeError
from ertedge.perception.detector import decode, detector_input
from ertedge.types import Float32Array, UInt8Array
from tools.data.face_crops import FaceCrops, Part, load_crops, read_crops, save_crops
from tools.data.face_scenes import HEIGHT, MAX_FACES, MIRRORED_POINTS, WIDTH, SceneComposer, load_non_face_scenes
from tools.detector_network import STRIDES, DetectorNetwork, detector_loss
from tools.evaluation.detector_matching import match
from tools.teachers import LandmarkTeacher

OUTPUT_NAMES = tuple(f"{name}_{stride}" for stride in STRIDES for name in ("score", "box", "points"))
KEEP_FLOAT: tuple[str, ...] = ()
CROP_LIMITS: dict[Part, int] = {"train": 8000, "validation": 1200, "test": 2000}
"""How many crops of one source are labelled at most: the teacher is slow, and each is used many times."""
CALIBRATION_HEIGHTS = (165.0, 75.0, 45.0, 28.0, 22.0)
VALIDATION_SCENES = 400
PEAK_LEARNING_RATE = 4e-3
AVERAGE_DECAY = 0.998
REPORT_EVERY = 250
"""Steps between two validations, which also save the state."""


@dataclass(frozen=True, slots=True)
class Options:
    """``batch`` scenes a step; ``jobs`` processes compose scenes, ``threads`` train."""

    root: Path
    out: Path
    seed: int
    scenes: int
    steps: int
    batch: int
    jobs: int
    threads: int
    json: bool


# ---- prepare ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Composed:
    """Scenes in memory: ``images`` (n, 240, 320) uint8; ``labels`` (n, MAX_FACES, 14) float32, box then points, of which
    the first ``counts`` (n,) are real."""

    images: UInt8Array
    labels: Float32Array
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


def crops_of(options: Options, part: Part) -> tuple[FaceCrops, ...]:
    """The labelled crops, from ``RUN/crops-PART.npz`` when they were labelled before."""
    kept = options.out / f"crops-{part}.npz"
    if not kept.is_file():
        teacher = LandmarkTeacher(options.root / "teachers")
        save_crops(kept, load_crops(options.root, part, teacher, limit=CROP_LIMITS[part], seed=options.seed))
    return read_crops(kept)


def compose_range(crops_file: Path, root: Path, part: Part, seed: int, bounds: tuple[int, int]) -> Composed:
    """Scenes number ``bounds[0]`` to ``bounds[1] - 1``; each is seeded by its own number, so the split does not matter."""
    import cv2

    cv2.setNumThreads(1)
    composer = SceneComposer(read_crops(crops_file), load_non_face_scenes(root, part))
    count = bounds[1] - bounds[0]
    images = np.zeros((count, HEIGHT, WIDTH), np.uint8)
    labels = np.zeros((count, MAX_FACES, 14), np.float32)
    counts = np.zeros(count, np.int64)
    for i in range(count):
        scene = composer.compose(np.random.default_rng([seed, bounds[0] + i]))
        images[i], counts[i] = scene.image, len(scene.boxes)
        labels[i, : counts[i], :4] = scene.boxes
        labels[i, : counts[i], 4:] = scene.landmarks.reshape(-1, 10)
    return Composed(images, labels, counts)


def compose_scenes(options: Options, part: Part, count: int) -> Composed:
    """``count`` scenes of that part, composed by ``options.jobs`` processes."""
    crops_of(options, part)
    work = partial(compose_range, options.out / f"crops-{part}.npz", options.root, part, options.seed)
    bounds = [(start, min(start + 200, count)) for start in range(0, count, 200)]
    with ProcessPoolExecutor(options.jobs) as pool:
        parts = list(tqdm(pool.map(work, bounds), total=len(bounds), desc=f"{part} scenes", file=sys.stderr))
    return Composed(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("images", "labels", "counts")))


def training_scenes(options: Options) -> Composed:
    """The training scenes, composed once and then read from ``RUN``."""
    images, labels = options.out / "scenes.npy", options.out / "scenes-labels.npz"
    if not labels.is_file():
        composed = compose_scenes(options, "train", options.scenes)
        np.save(images, composed.images)
        np.savez(labels, labels=composed.labels, counts=composed.counts)
    with np.load(labels) as kept:
        return Composed(np.load(images, mmap_mode="r"), kept["labels"], kept["counts"])


# ---- train ------------------------------------------------------------------------------------------------------------


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


def train(options: Options, data: Composed, validation: Composed) -> DetectorNetwork:
    """Runs the steps that are left and returns the averaged network."""
    torch.manual_seed(options.seed)
    network = DetectorNetwork().to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    decay = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": 1e-2}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, options.steps, pct_start=0.1)
    first, last = 0, options.out / "last.pt"
    if last.is_file():
        state = torch.load(last, weights_only=True)
        for name, part in (
            ("network", network),
            ("average", average),
            ("optimizer", optimizer),
            ("schedule", schedule),
        ):
            part.load_state_dict(state[name])
        first = int(state["step"])
    started = time.monotonic()
    bar = tqdm(
        range(first, options.steps), initial=first, total=options.steps, desc="train", file=sys.stderr, mininterval=10
    )
    for step in bar:
        network.train()
        epoch, place = divmod(step * options.batch, len(data) - len(data) % options.batch)
        order = np.random.default_rng([options.seed, epoch]).permutation(len(data))
        images, boxes, points, counts = batch_of(data, np.sort(order[place : place + options.batch]))
        torch.manual_seed(options.seed * 1_000_003 + step)
        images, boxes, points = augment(images, boxes, points)
        loss, _ = detector_loss(network(images.contiguous(memory_format=torch.channels_last)), boxes, points, counts)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        schedule.step()
        _follow(average, network, min(AVERAGE_DECAY, (1 + step) / (10 + step)))
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == options.steps:
            names = (("network", network), ("average", average), ("optimizer", optimizer), ("schedule", schedule))
            state = {name: part.state_dict() for name, part in names} | {"step": step + 1}
            torch.save(state, options.out / "last.tmp")
            (options.out / "last.tmp").replace(last)
            _report(options, step + 1, time.monotonic() - started, validation_loss(average, validation))
    return average


def _follow(average: DetectorNetwork, network: DetectorNetwork, decay: float) -> None:
    """Moves the average towards the network: weights and the statistics of batch normalisation."""
    with torch.no_grad():
        for slow, fast in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if slow.is_floating_point():
                slow.lerp_(fast, 1 - decay)
            else:
                slow.copy_(fast)


def validation_loss(network: DetectorNetwork, data: Composed) -> dict[str, float]:
    """Mean of the loss and of its parts over the validation scenes."""
    network.eval()
    sums = torch.zeros(4)
    starts = range(0, len(data), 40)
    with torch.no_grad():
        for start in starts:
            images, boxes, points, counts = batch_of(data, np.arange(start, min(start + 40, len(data))))
            loss, parts = detector_loss(
                network(images.contiguous(memory_format=torch.channels_last)), boxes, points, counts
            )
            sums += torch.cat([loss[None], parts])
    return dict(zip(("loss", "score", "box", "points"), (sums / len(starts)).tolist(), strict=True))


def _report(options: Options, step: int, seconds: float, figures: dict[str, float]) -> None:
    line = {"step": step, "seconds": round(seconds), **{name: round(value, 4) for name, value in figures.items()}}
    if options.json:
        print(json.dumps(line), flush=True)
    else:
        tqdm.write("  ".join(f"{name} {value}" for name, value in line.items()), file=sys.stderr)


# ---- finish -----------------------------------------------------------------------------------------------------------


def calibrate_scores(network: DetectorNetwork, data: Composed) -> tuple[float, float]:
    """Folds a gain and a shift into the score layers, so that the sigmoid of a logit is the share of such detections
    that are faces (overlap with a labelled box of 0.5 or more). Platt 1999, fitted by Newton's method. Returns both."""
    logits, hits = [], []
    with torch.no_grad():
        for index in range(len(data)):
            outputs = network(batch_of(data, np.array([index]))[0].contiguous(memory_format=torch.channels_last))
            found = decode(tuple(output.numpy() for output in outputs), threshold=0.02)
            truth = data.labels[index, : data.counts[index], :4]
            scores = np.clip(found.scores, 1e-6, 1 - 1e-6)
            logits.extend(np.log(scores / (1 - scores)).tolist())
            hits.extend((match(found.boxes, truth) >= 0).tolist())
    x = np.column_stack([logits, np.ones(len(logits))])
    y, weights = np.array(hits, np.float64), np.array([1.0, 0.0])
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(hessian, x.T @ (y - p))
    gain, shift = (float(w) for w in weights)
    with torch.no_grad():
        for head in network.heads:
            layer = head.score
            layer.weight.mul_(gain)
            layer.bias.mul_(gain).add_(shift)
    return gain, shift


def load_checkpoint(path: Path) -> DetectorNetwork:
    """The network as deployed, from ``RUN/detector.pt``."""
    network = DetectorNetwork()
    network.load_state_dict(torch.load(path, weights_only=True))
    return network.eval()


def calibration_samples(root: Path, seed: int) -> Iterator[Float32Array]:
    """Training scenes as network inputs, composed from a few crops of each source, for the ranges of the int8 file.

    Every scene has faces for all three maps: the ranges are a moving average over scenes, and one without a large face
    would pull the range of the large faces' scores below what such a face reaches, and cut them off there.
    """
    crops = load_crops(root, "train", LandmarkTeacher(root / "teachers"), limit=400, seed=seed)
    composer = SceneComposer(crops, load_non_face_scenes(root, "train"))
    rng = np.random.default_rng([seed, 1])
    while True:
        yield detector_input(composer.compose(rng, CALIBRATION_HEIGHTS).image)


def parse(arguments: list[str] | None = None) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train_detector", description="Trains the face detector.")
    parser.add_argument(
        "--root", type=Path, required=True, help="folder that holds face_detection, ferplus, orl_faces, teachers"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run: labels, scenes, last.pt, detector.pt"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", type=int, default=16_000, help="how many training scenes to compose")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--jobs", type=int, default=2, help="processes that compose scenes")
    parser.add_argument("--threads", type=int, default=1, help="threads that train")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout, nothing else")
    return Options(**vars(parser.parse_args(arguments)))


def main(arguments: list[str] | None = None) -> int:
    """Entry of ``python -m tools.train_detector``. Exit status: 0 done, 1 what stderr says."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        data = training_scenes(options)
        validation = compose_scenes(options, "validation", VALIDATION_SCENES)
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        return 1
    network = train(options, data, validation)
    gain, shift = calibrate_scores(network.eval(), validation)
    torch.save(network.state_dict(), options.out / "detector.pt")
    _report(options, options.steps, 0.0, {"gain": gain, "shift": shift})
    return 0


if __name__ == "__main__":
    sys.exit(main())
