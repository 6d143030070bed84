"""One training of the voice network: windows, soft labels, mixup, averaged weights; interrupted, it goes on where it was.

Host side only. ``tools.train_voice`` says who is trained on; this file says how.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.perception.normalisation import FeaturePrior
from ertedge.perception.speech_frames import FEATURES
from tools.data.voice_clips import NATIVE_LABELS
from tools.torch_machine import Machine, this_machine
from tools.voice.batches import Disturbance, Random, TrainingWindow, TrainingWindows, population
from tools.voice.encoder import HEARD
from tools.voice.features import ClipFrames
from tools.voice.network import VoiceNetwork

SAVE_EVERY_EPOCHS = 5
IMPOSSIBLE = -1e4
"""The logit of a label that a clip's collection does not have."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that was chosen, on the validation speakers of the pilot runs (see the model's card).

    ``width``, ``wide_blocks`` and ``features`` shape the network; with 40 features a frame it does not hear the pitch.
    ``taught_share`` is how much of a window's target comes from teachers, where there are any. ``heard_weight`` is what
    telling a speech encoder's hearing counts beside telling the emotion. ``mixup`` is the parameter of the beta
    distribution that mixes windows; with 0 none are mixed.
    """

    width: int = 96
    wide_blocks: int = 2
    features: int = FEATURES
    dropout: float = 0.3
    epochs: int = 200
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    smoothing: float = 0.1
    mixup: float = 0.3
    average_decay: float = 0.99
    taught_share: float = 0.7
    heard_weight: float = 4.0
    disturbance: Disturbance = field(default_factory=Disturbance)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained network (averaged weights, in evaluation mode), the population it was trained on and its speakers."""

    network: VoiceNetwork
    prior: FeaturePrior
    speakers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """Soft labels (clips, 8), which labels each clip's collection has at all (clips, 8), and weights (clips,)."""

    soft: Tensor
    possible: Tensor
    weight: Tensor

    def on(self, device: torch.device) -> Targets:
        """The same on a device."""
        return Targets(self.soft.to(device), self.possible.to(device), self.weight.to(device))


def targets_of(labelled: Sequence[tuple[int, str]], smoothing: float) -> Targets:
    """Targets of clips given as (label's index, collection).

    nEMO has no calm and no disgust: its clips say nothing of them, so they are left out of its softmax. The weights go
    half way to equal classes within a collection, since RAVDESS has half as many neutral clips as others.
    """
    known = Counter(labelled)
    possible = torch.tensor([[known[label, of] > 0 for label in range(len(NATIVE_LABELS))] for _, of in labelled])
    hard = functional.one_hot(torch.tensor([label for label, _ in labelled]), len(NATIVE_LABELS))
    soft = (1.0 - smoothing) * hard + smoothing * possible / possible.sum(1, keepdim=True)
    weight = torch.tensor([1.0 / math.sqrt(known[key]) for key in labelled])
    return Targets(soft.float(), possible, weight / weight.mean())


def fit(
    frames: Sequence[ClipFrames],
    speakers: Sequence[str],
    recipe: Recipe,
    seed: int,
    folder: Path,
    *,
    teachers: Sequence[Fitted] = (),
    machine: Machine | None = None,
) -> Fitted:
    """Train on the clips of ``speakers`` in all their sessions, or load what ``folder`` holds of that already.

    ``teachers`` must have been trained on the same speakers: nobody else may speak through them, and their inputs are
    normalised by the same population. ConfigurationError where they were not.
    """
    if any(set(teacher.speakers) != set(speakers) for teacher in teachers):
        raise ConfigurationError(["a teacher was trained on other speakers than its pupil; train it on the same"])
    chosen = [clip for clip in frames if clip.clip.speaker in set(speakers)]
    prior = population(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "final.pt").exists():
        windows = TrainingWindows(chosen, prior, recipe.disturbance)
        taught = tuple(teacher.network for teacher in teachers)
        steps = max(1, len(windows.clips) // recipe.batch)
        torch.manual_seed(seed)
        run = _Run(recipe, steps, machine or this_machine(), taught)
        _train(run, windows, seed, folder)
        _keep(run, prior, speakers, folder)
    return load_fitted(folder / "final.pt")


def load_fitted(path: Path) -> Fitted:
    """What ``fit`` left in ``final.pt``."""
    kept = torch.load(path, weights_only=True)
    network = VoiceNetwork(kept["width"], kept["wide_blocks"], kept["features"])
    network.load_state_dict(kept["network"])
    prior = FeaturePrior(kept["feature_mean"].numpy(), kept["feature_deviation"].numpy())
    return Fitted(network.eval(), prior, tuple(kept["speakers"]))


class _Run:
    """A training under way: what it was asked for, and what changes during it as one thing to save and to load."""

    def __init__(
        self, recipe: Recipe, steps_per_epoch: int, machine: Machine, teachers: Sequence[VoiceNetwork] = ()
    ) -> None:
        self.recipe = recipe
        self.steps = steps_per_epoch
        self.machine = machine
        self.teachers = [teacher.to(machine.device).as_products() for teacher in teachers]
        network = VoiceNetwork(recipe.width, recipe.wide_blocks, recipe.features, recipe.dropout)
        self.network = network.to(machine.device, memory_format=torch.channels_last)
        self.echo = nn.Linear(network.channels, HEARD).to(machine.device)
        averaging = get_ema_multi_avg_fn(recipe.average_decay)
        self.average = AveragedModel(self.network, multi_avg_fn=averaging, use_buffers=True)
        self.parameters = [*self.network.parameters(), *self.echo.parameters()]
        self.optimiser = torch.optim.AdamW(self.parameters, recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, recipe.learning_rate, total_steps=recipe.epochs * steps_per_epoch, pct_start=0.2
        )
        self.epoch = 0

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".part")
        torch.save({"epoch": self.epoch, "parts": [part.state_dict() for part in self._parts()]}, partial)
        partial.rename(path)

    def load(self, path: Path) -> None:
        kept = torch.load(path, weights_only=True)
        self.epoch = kept["epoch"]
        for part, state in zip(self._parts(), kept["parts"], strict=True):
            part.load_state_dict(state)

    def _parts(self) -> tuple[Any, ...]:
        return self.network, self.echo, self.average, self.optimiser, self.schedule


def _train(run: _Run, windows: TrainingWindows, seed: int, folder: Path) -> None:
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists():
        run.load(checkpoint)
    labelled = [windows.label_and_collection(clip) for clip in range(len(windows.clips))]
    targets = targets_of(labelled, run.recipe.smoothing).on(run.machine.device)
    with tqdm(total=run.recipe.epochs, initial=run.epoch, desc=folder.name, unit="epoch") as progress:
        while run.epoch < run.recipe.epochs:
            loss = _epoch(run, windows, targets, seed)
            run.epoch += 1
            progress.update()
            progress.set_postfix(loss=f"{loss:.3f}")
            if run.epoch % SAVE_EVERY_EPOCHS == 0:
                run.save(checkpoint)


def _keep(run: _Run, prior: FeaturePrior, speakers: Sequence[str], folder: Path) -> None:
    """Write ``final.pt``: the averaged weights, on the processor, with all that reading them takes."""
    final = {
        "width": run.recipe.width,
        "wide_blocks": run.recipe.wide_blocks,
        "features": run.recipe.features,
        "network": run.average.module.cpu().state_dict(),
        "feature_mean": torch.from_numpy(prior.mean),
        "feature_deviation": torch.from_numpy(prior.deviation),
        "speakers": list(speakers),
    }
    torch.save(final, folder / "final.part")
    (folder / "final.part").rename(folder / "final.pt")


def _epoch(run: _Run, windows: TrainingWindows, targets: Targets, seed: int) -> float:
    # Seeded by the epoch, so that a training that was interrupted draws what it would have drawn.
    random = np.random.default_rng([seed, run.epoch])
    torch.manual_seed(seed * 1_000 + run.epoch)
    run.network.train()
    order = random.permutation(len(windows.clips))
    batch, total = run.recipe.batch, 0.0
    for step in range(run.steps):
        chosen = order[step * batch : (step + 1) * batch]
        drawn = [windows.window(int(clip), random) for clip in chosen]
        loss = _loss(run, drawn, targets, torch.from_numpy(chosen).to(run.machine.device), random)
        run.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(run.parameters, 2.0)
        run.optimiser.step()
        run.schedule.step()
        run.average.update_parameters(run.network)
        total += loss.item()
    return total / run.steps


def _loss(run: _Run, drawn: Sequence[TrainingWindow], targets: Targets, chosen: Tensor, random: Random) -> Tensor:
    """Cross entropy under mixup (Zhang et al. 2018) of windows and their soft labels, which are partly what teachers say
    of the same mixed windows (Hinton et al. 2015; all at temperature 1, since mixing softens enough); and how far the
    network's map, through one linear layer, is from what the speech encoder heard (Romero et al. 2015, "FitNets")."""
    x = torch.from_numpy(np.stack([one.features for one in drawn])).to(run.machine.device)
    soft, possible, weight = targets.soft[chosen], targets.possible[chosen], targets.weight[chosen]
    other, share = (part.to(x.device) for part in partners(run.recipe.mixup, len(x), random))
    x = _mixed(x, other, share)
    soft = _mixed(soft, other, share)
    possible = possible | possible[other]
    weight = _mixed(weight, other, share)
    heard = [one.heard for one in drawn if one.heard is not None]
    expert = [one.expert for one in drawn if one.expert is not None]
    said = [_mixed(torch.from_numpy(np.stack(expert)).to(x.device), other, share)] if expert else []
    with run.machine.autocast():
        mapped = run.network.map(x)
        logits = run.network.read(mapped).float().masked_fill(~possible, IMPOSSIBLE)
        with torch.no_grad():
            said += [t(x).float().masked_fill(~possible, IMPOSSIBLE).softmax(1) for t in run.teachers]
        if said:
            taught = torch.stack(said).mean(0)
            soft = (1.0 - run.recipe.taught_share) * soft + run.recipe.taught_share * taught
        echoed = run.echo(mapped.squeeze(-1).transpose(1, 2)).float() if heard else None
    loss = -(weight * (soft * torch.log_softmax(logits, 1)).sum(1)).mean()
    if echoed is None:
        return loss
    target = _mixed(torch.from_numpy(np.stack(heard)).to(x.device), other, share)
    return loss + run.recipe.heard_weight * functional.mse_loss(echoed, target)


def partners(mixup: float, n: int, random: Random) -> tuple[Tensor, Tensor]:
    """With whom each of n windows is mixed, (n,) indices, and its own share (n,), at least a half; with a ``mixup`` of 0
    each is with itself alone."""
    if mixup == 0.0:
        return torch.arange(n), torch.ones(n)
    draw = torch.from_numpy(random.beta(mixup, mixup, n).astype(np.float32))
    return torch.from_numpy(random.permutation(n)), torch.maximum(draw, 1.0 - draw)


def _mixed(x: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """``share`` (batch,) of ``x`` (batch, ...), the rest of what stands at ``other`` in it."""
    share = share.view(-1, *(1,) * (x.dim() - 1))
    return share * x + (1.0 - share) * x[other]
