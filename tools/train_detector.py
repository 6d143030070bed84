"""Trains the face detector: ``python -m tools.train_detector --root DATA --out RUN``. Host only; read it from top to bottom.

Prepare: the landmark teacher labels the face crops, and scenes are composed from them, once, into ``RUN/scenes.npy``.
Train: AdamW with one cycle of the learning rate; each batch is mirrored, relit and made noisy anew; the weights kept are
their moving average. Refine: what the network takes for faces on face-free photographs is cut out and, with random emblems,
pasted into new scenes as decoys, and the training goes on with those at a lower rate. Finish: one gain and one shift for all
score logits, fitted on validation scenes and folded into the last layer, make the score the probability that a detection is
a face. Each stage resumes from its state in ``RUN``.

Expect on one core: labels 3 min, scenes 2 min, 0.5 s a step of 32; validation loss 2.9 after 500 steps, 1.1 after 4500.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from tqdm import tqdm

from ertedge.errors import ErtedgeError
from ertedge.perception.detector import decode, detector_input
from ertedge.types import Float32Array
from tools.data.face_crops import load_crops
from tools.data.face_decoys import emblems
from tools.data.face_scenes import SceneComposer, load_non_face_scenes
from tools.detector_data import (
    Composed,
    SceneOrder,
    augment,
    batch_of,
    compose_scenes,
    crops_file,
    kept_scenes,
    mine_decoys,
)
from tools.detector_network import STRIDES, DetectorNetwork, detector_loss
from tools.evaluation.detector_matching import match
from tools.teachers import LandmarkTeacher

OUTPUT_NAMES = tuple(f"{name}_{stride}" for stride in STRIDES for name in ("score", "box", "points"))
KEEP_FLOAT: tuple[str, ...] = ()
CALIBRATION_HEIGHTS = (165.0, 75.0, 45.0, 28.0, 22.0)
VALIDATION_SCENES = 400
PEAK_LEARNING_RATE, REFINING_RATE = 4e-3, 1e-3
MINED_VIEWS, MINED_SCORE = 3000, 0.3
"""How many views of photographs are searched for false alarms, and from which score (before it is calibrated)."""
EMBLEMS = 1500
AVERAGE_DECAY = 0.998
REPORT_EVERY = 250
"""Steps between two validations, which also save the state."""


class Stateful(Protocol):
    """Anything of torch that can be saved and loaded."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> object: ...


@dataclass(frozen=True, slots=True)
class Options:
    """``batch`` scenes a step; ``jobs`` processes compose scenes, ``threads`` train."""

    root: Path
    out: Path
    seed: int
    scenes: int
    steps: int
    refining_scenes: int
    refining_steps: int
    batch: int
    jobs: int
    threads: int
    json: bool


# ---- train ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the optimizer: its state is kept in ``RUN/NAME.pt``; ``peak`` is the highest learning rate."""

    name: str
    steps: int
    peak: float
    seed: int


def train(
    options: Options, stage: Stage, start: DetectorNetwork, data: Composed, validation: Composed
) -> DetectorNetwork:
    """Runs the steps of the stage that are left, from the weights of ``start``, and returns the averaged network."""
    network = copy.deepcopy(start).to(memory_format=torch.channels_last)
    average = copy.deepcopy(network)
    decay = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decay, "weight_decay": 1e-2}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=stage.peak)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, stage.peak, stage.steps, pct_start=0.1)
    kept = (("network", network), ("average", average), ("optimizer", optimizer), ("schedule", schedule))
    file = options.out / f"{stage.name}.pt"
    first = _restore(file, kept)
    started = time.monotonic()
    steps = range(first, stage.steps)
    for step in tqdm(steps, initial=first, total=stage.steps, desc=stage.name, file=sys.stderr, mininterval=10):
        network.train()
        epoch, place = divmod(step * options.batch, len(data) - len(data) % options.batch)
        order = np.random.default_rng([stage.seed, epoch]).permutation(len(data))
        images, boxes, points, counts = batch_of(data, np.sort(order[place : place + options.batch]))
        torch.manual_seed(stage.seed * 1_000_003 + step)
        images, boxes, points = augment(images, boxes, points)
        loss, _ = detector_loss(network(images.contiguous(memory_format=torch.channels_last)), boxes, points, counts)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        schedule.step()
        _follow(average, network, min(AVERAGE_DECAY, (1 + step) / (10 + step)))
        if (step + 1) % REPORT_EVERY == 0 or step + 1 == stage.steps:
            state = {name: part.state_dict() for name, part in kept} | {"step": step + 1}
            torch.save(state, file.with_suffix(".new"))
            file.with_suffix(".new").replace(file)
            seconds = time.monotonic() - started
            _report(
                options,
                {"stage": stage.name, "step": step + 1, "seconds": round(seconds)},
                validation_loss(average, validation),
            )
    return average


def _restore(file: Path, parts: Sequence[tuple[str, Stateful]]) -> int:
    """Loads the state that an earlier run kept, if any, and returns the number of steps done."""
    if not file.is_file():
        return 0
    state = torch.load(file, weights_only=True)
    for name, part in parts:
        part.load_state_dict(state[name])
    return int(state["step"])


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


def _report(options: Options, where: dict[str, object], figures: dict[str, float]) -> None:
    line = where | {name: round(value, 4) for name, value in figures.items()}
    if options.json:
        print(json.dumps(line), flush=True)
    else:
        tqdm.write("  ".join(f"{name} {value}" for name, value in line.items()), file=sys.stderr)


# ---- refine -----------------------------------------------------------------------------------------------------------


def refine(options: Options, start: DetectorNetwork, crops: Path, validation: Composed) -> DetectorNetwork:
    """Goes on with scenes whose decoys are the network's own false alarms and random emblems."""
    decoys = options.out / "decoys.npy"
    if not decoys.is_file():
        photographs = load_non_face_scenes(options.root, "train")
        mined = mine_decoys(start, photographs, MINED_VIEWS, MINED_SCORE, options.seed)
        drawn = emblems(np.random.default_rng([options.seed, 3]), EMBLEMS)
        _report(options, {"stage": "mine"}, {"false_alarms": len(mined), "emblems": len(drawn)})
        np.save(decoys, np.concatenate([mined, drawn]))
    order = SceneOrder(options.root, crops, "train", options.seed + 1, decoys)
    data = kept_scenes(order, options.refining_scenes, options.jobs, options.out / "refining")
    stage = Stage("refine", options.refining_steps, REFINING_RATE, options.seed + 1)
    return train(options, stage, start, data, validation)


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
        "--root", type=Path, required=True, help="holds face_detection, ferplus, orl_faces and teachers"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run: labels, scenes, states, detector.pt"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", type=int, default=16_000, help="how many training scenes to compose")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument(
        "--refining-scenes", type=int, default=6000, help="how many scenes with mined decoys to compose"
    )
    parser.add_argument("--refining-steps", type=int, default=600)
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
        crops = crops_file(options.root, options.out, "train", options.seed)
        data = kept_scenes(
            SceneOrder(options.root, crops, "train", options.seed), options.scenes, options.jobs, options.out / "scenes"
        )
        unseen = crops_file(options.root, options.out, "validation", options.seed)
        validation = compose_scenes(
            SceneOrder(options.root, unseen, "validation", options.seed), VALIDATION_SCENES, options.jobs
        )
        torch.manual_seed(options.seed)
        stage = Stage("train", options.steps, PEAK_LEARNING_RATE, options.seed)
        network = train(options, stage, DetectorNetwork(), data, validation)
        network = refine(options, network, crops, validation)
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        return 1
    gain, shift = calibrate_scores(network.eval(), validation)
    torch.save(network.state_dict(), options.out / "detector.pt")
    _report(options, {"stage": "calibrate"}, {"gain": gain, "shift": shift})
    return 0


if __name__ == "__main__":
    sys.exit(main())
