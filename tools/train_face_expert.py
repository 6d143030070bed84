"""Trains an expert on emotions, for FaceNet to learn from: ``python -m tools.train_face_expert --root DATA --out EXPERT``.

Then ``python -m tools.train_facenet … --learn-from EXPERT``. Host only. The trunk of the identity teacher
(``tools.facenet.expert``) is trained on with the faces, votes, disturbances and held-out part of FaceNet's own training;
the held-out part chooses, and the validation split is never looked at. Resumes from ``EXPERT/last.pt``. An epoch takes 2.5
minutes of two cores with matrix tiles.
"""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor, nn
from tqdm import tqdm

from ertedge.errors import ErtedgeError
from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.data import HELD_OUT_SEED, FaceSet, labelled_faces
from tools.facenet.expert import SIZE, FaceExpert
from tools.facenet.losses import emotion_loss
from tools.facenet.material import Material, gather, principal_directions
from tools.facenet.network import standardise
from tools.facenet.schedule import follow, learning_rate_at
from tools.facenet.score import EmotionScore, emotion_score
from tools.torch_machine import Machine, Precision, this_machine

BATCH = 128
HEAD_PACE = 5.0
"""How much faster the new head learns than the trunk, which knows much already."""
WEIGHT_DECAY = 0.02
WARM_UP_EPOCHS = 0.5
LARGEST_GRADIENT = 5.0
"""The norm that a step's gradient is cut to: without batch normalisation a bad batch can undo the trunk."""


@torch.no_grad()
def score(expert: FaceExpert, faces: FaceSet, machine: Machine) -> EmotionScore:
    """Scores the expert on the faces as they are."""
    expert.eval()
    read: list[Tensor] = []
    for batch in torch.from_numpy(faces.images).unsqueeze(1).float().split(BATCH):
        with machine.autocast():
            read.append(expert(standardise(batch).to(machine.device)).float().cpu())
    return emotion_score(torch.cat(read).numpy(), faces.labels)


@dataclass(frozen=True, slots=True)
class Run:
    """What an epoch works with."""

    material: Material
    machine: Machine
    expert: FaceExpert
    average: FaceExpert
    optimizer: torch.optim.Optimizer
    epochs: int
    learning_rate: float
    seed: int


def train_epoch(epoch: int, run: Run) -> float:
    """One pass over the faces with votes; gives the mean loss. Its randomness depends on seed and epoch alone."""
    generator = torch.Generator().manual_seed(run.seed * 100_003 + epoch)
    torch.manual_seed(run.seed * 100_003 + epoch)
    augment = Augmentation(AugmentationSettings(), generator)
    voted = run.material.weight.nonzero().squeeze(1)
    order = voted[torch.randperm(len(voted), generator=generator)]
    steps = max(1, len(order) // BATCH)
    total = 0.0
    run.expert.train()
    for step in tqdm(range(steps), desc=f"epoch {epoch + 1}/{run.epochs}", mininterval=5, file=sys.stderr):
        picked = order[step * BATCH : (step + 1) * BATCH]
        pace = learning_rate_at((epoch + step / steps) / run.epochs, WARM_UP_EPOCHS / run.epochs)
        for group in run.optimizer.param_groups:
            group["lr"] = run.learning_rate * group["pace"] * pace
        faces = standardise(augment(run.material.images[picked], run.material.alignments[picked]))
        with run.machine.autocast():
            logits = run.expert(faces.to(run.machine.device))
        votes = run.material.distribution[picked].to(run.machine.device)
        loss = emotion_loss(logits.float(), votes, run.material.weight[picked].to(run.machine.device))
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(run.expert.parameters(), LARGEST_GRADIENT)
        run.optimizer.step()
        follow(run.average, run.expert, epoch * steps + step)
        total += loss.item()
    return total / steps


def optimizer_of(expert: FaceExpert) -> torch.optim.Optimizer:
    """AdamW, at a pace of its own for the new head."""
    trunk = {"params": list(expert.trunk.parameters()), "pace": 1.0}
    head = {"params": list(expert.emotion.parameters()), "pace": HEAD_PACE}
    return torch.optim.AdamW([trunk, head], weight_decay=WEIGHT_DECAY)


def train(run: Run, held_out: FaceSet, out: Path, *, as_json: bool = False) -> None:
    """Trains on from ``last.pt``, where there is one; leaves the best average in ``best.pt``."""
    first, best, last = 0, -math.inf, out / "last.pt"
    if last.is_file():
        state = torch.load(last, weights_only=True, map_location=run.machine.device)
        run.expert.load_state_dict(state["network"])
        run.average.load_state_dict(state["average"])
        run.optimizer.load_state_dict(state["optimizer"])
        first, best = state["epoch"], state["best"]
    for epoch in range(first, run.epochs):
        started = time.process_time()
        loss = train_epoch(epoch, run)
        result = score(run.average, held_out, run.machine)
        report = {"epoch": epoch + 1, "loss": round(loss, 4), **result.report()}
        report["cpu_s"] = round(time.process_time() - started)
        print(json.dumps(report) if as_json else " ".join(f"{k}={v}" for k, v in report.items()), flush=True)
        if result.total > best:
            best = result.total
            torch.save({"network": run.average.state_dict(), "size": SIZE}, out / "best.pt")
        networks = {"network": run.expert.state_dict(), "average": run.average.state_dict()}
        partial = last.with_suffix(".partial")
        torch.save({**networks, "optimizer": run.optimizer.state_dict(), "epoch": epoch + 1, "best": best}, partial)
        partial.replace(last)  # a run that is killed while it writes still resumes


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ferplus/ and teachers/.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; started again, a run goes on.")],
    epochs: Annotated[int, typer.Option(help="Passes over the faces.", min=1)] = 6,
    learning_rate: Annotated[float, typer.Option(help="The peak, of the trunk.", min=0.0)] = 5e-4,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 2,
    precision: Annotated[Precision, typer.Option(help="What training computes in.")] = "auto",
    json_: Annotated[bool, typer.Option("--json", help="One JSON object an epoch on stdout, nothing else.")] = False,
) -> None:
    """Train an expert on emotions, for FaceNet to learn from."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    out.mkdir(parents=True, exist_ok=True)
    try:
        labelled, held_out = labelled_faces(root, out, HELD_OUT_SEED)
        template, directions = labelled.landmarks.mean(axis=0), principal_directions(labelled.embeddings)
        material = gather(labelled, labelled.take(np.arange(0)), template, directions)
        machine, expert = this_machine(precision), FaceExpert(root / "teachers")
        expert = expert.to(machine.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average, optimizer = copy.deepcopy(expert), optimizer_of(expert)
        run = Run(material, machine, expert, average, optimizer, epochs, learning_rate, seed)
        train(run, held_out, out, as_json=json_)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
