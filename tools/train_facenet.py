"""Trains FaceNet: ``python -m tools.train_facenet --root DATA --out RUN``. Host only; read it from top to bottom.

Prepare: FER+ Train in memory with its votes, less copies, 8% held out; Caltech web faces without labels; what the teachers
say of each, once. Train: every batch is disturbed, and asks two things of one trunk. The emotion head must give the
raters' votes (soft cross-entropy) and, with ``--learn-from RUN`` (once for each), what other networks, trained before by
``tools.train_face_expert`` or with ``--size large``, read in the very same disturbed faces; and the trunk's last map must
tell, through one linear layer that is thrown away, the features that they read it from. The identity head must place
faces as the teacher does: at the teacher's own embedding in 128 dimensions (cosine), at the same distances from each other
(relational), and nearer to the same person than to others (triplet loss of Schroff et al. 2015; the teacher tells people
apart, since FER+ has no identities). Keep: the moving average of the weights. The held-out part chooses; the validation
split and ORL are never looked at here. Read out: what the device knows of a person's identity is then fitted to the middle
of the kept trunk (``tools.facenet.readout``). Resumes from ``RUN/last.pt``; more or fewer ``--epochs`` on resuming bend
the learning rate's cosine to the new end.

The defaults made the first of the runs behind the model that ships; the card names the others, and what was tried.

On a machine with other work set ``OMP_WAIT_POLICY=PASSIVE``: else two threads that wait for a shared core burn it.
"""

from __future__ import annotations

import copy
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.types import Float32Array
from tools.data.ferplus import load_split
from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.data import HELD_OUT_SEED, FaceSet, labelled_faces, unlabelled_faces
from tools.facenet.levers import IDENTITY, material_without, settings_without
from tools.facenet.losses import blended, emotion_loss, identity_loss, mixed
from tools.facenet.material import Material, epoch_order, gather, part_of, principal_directions
from tools.facenet.network import (
    SIZES,
    DeployedFaceNetwork,
    FaceNetwork,
    averaged,
    load_trained,
    standardise,
)
from tools.facenet.options import Options, parse
from tools.facenet.readout import fit_readout
from tools.facenet.schedule import follow, learning_rate_at
from tools.facenet.score import score
from tools.facenet.teaching import Lessons, Shown, Views, handicap_of, load_reader, taught_by
from tools.facenet.twin import network_of_twin
from tools.torch_machine import Machine, this_machine

FRESH, AGAIN, NEIGHBOURS = 26, 3, 3
"""Of every 32 of a batch: faces drawn anew, second views of some of them, and the teacher's neighbours of some of them."""
MIXING = 0.4
"""The parameter of the beta distribution that says how evenly the pictures of a mixed batch are mixed."""
WARM_UP_EPOCHS = 1.5
TWIN_BATCHES = 24
"""Of 256 faces, that give back its normalisation to a network out of a float32 file."""


# ---- export -----------------------------------------------------------------------------------------------------------

OUTPUT_NAMES = ("emotion", "embedding")
KEEP_FLOAT: tuple[str, ...] = ()


def load_checkpoint(path: Path) -> DeployedFaceNetwork:
    """The network of a finished run's ``deployed.pt``, ready to export."""
    kept = torch.load(path, weights_only=True)
    network = DeployedFaceNetwork(FaceNetwork(*SIZES[kept["size"]]))
    network.load_state_dict(kept["network"])
    return network.eval()


def calibration_samples(root: Path, seed: int) -> Iterator[Float32Array]:
    """(1, 1, 48, 48) standardised training faces, as they are and as bad light leaves them."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(load_split(root / "ferplus", "Train").images)
    unmoved = torch.eye(2, 3).expand(2, 2, 3)
    augment = Augmentation(AugmentationSettings(align_share=0.0), generator)
    for index in torch.randperm(len(images), generator=generator):
        face = images[index].unsqueeze(0)
        degraded = augment(face.expand(2, -1, -1), unmoved)[:1]
        for levels in (face.unsqueeze(1).float(), degraded):
            yield standardise(levels).numpy()


# ---- train ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """What an epoch works with. Where networks teach, ``views`` holds what they read, their emotions count less a
    ``handicap`` (8,), and ``echo`` is what tells their features."""

    options: Options
    machine: Machine
    material: Material
    network: FaceNetwork
    average: FaceNetwork
    optimizer: torch.optim.Optimizer
    views: Views | None
    echo: nn.Linear | None
    handicap: Tensor

    @property
    def trained(self) -> nn.ModuleList:
        """All whose weights are trained."""
        return nn.ModuleList([self.network] if self.echo is None else [self.network, self.echo])

    def shown(self, picked: Tensor, augment: Augmentation, generator: torch.Generator) -> Shown:
        """The faces at the indices ``picked`` (n,), disturbed anew or in a view that the other networks read."""
        if self.views is not None:
            return self.views.draw(picked, generator)
        return Shown(augment(self.material.images[picked], self.material.alignments[picked]))


@dataclass(frozen=True, slots=True)
class Losses:
    """Of a batch: of the emotions, of the identity and, at its weight, of what is told of the teachers' features."""

    emotion: Tensor
    identity: Tensor
    echo: Tensor


def batch_loss(run: Run, picked: Tensor, shown: Shown, generator: torch.Generator) -> Losses:
    """What the faces ``picked`` (n,), as they are ``shown``, ask of the network. A mixed batch shows nobody, so that it asks
    for emotions alone."""
    device = run.machine.device
    inputs = standardise(shown.pictures)
    distribution, weight = run.material.distribution[picked], run.material.weight[picked]
    if shown.logits is not None:
        distribution, weight = blended(
            distribution, weight, taught_by(shown.logits, run.handicap), run.options.taught_share
        )
    mixing = float(torch.rand(1, generator=generator)) < run.options.mixed_batches
    if mixing:
        share = torch.distributions.Beta(MIXING, MIXING).sample((len(picked),))
        inputs, distribution, weight = mixed(inputs, distribution, weight, torch.maximum(share, 1 - share))
    inputs = inputs.contiguous(memory_format=torch.channels_last).to(device)
    with run.machine.autocast():
        features = run.network.trunk(inputs)
        logits, raw = run.network.heads(features)
        told = run.echo(averaged(features)) if run.echo is not None else None
    emotion = emotion_loss(logits.float(), distribution.to(device), weight.to(device))
    identity = echo = emotion.new_zeros(())
    if mixing:
        return Losses(emotion, identity, echo)
    if IDENTITY not in run.options.without:
        identity = identity_loss(raw.float(), run.material.targets[picked].to(device), run.options.ranking)
    if told is not None and shown.features is not None:
        echo = run.options.echo * functional.mse_loss(told.float(), shown.features.to(device))
    return Losses(emotion, identity, echo)


def train_epoch(epoch: int, run: Run) -> NDArray[np.float64]:
    """One pass; gives the means of the three losses. Its randomness depends on seed and epoch alone."""
    options, material = run.options, run.material
    generator = torch.Generator().manual_seed(options.seed * 100_003 + epoch)
    torch.manual_seed(options.seed * 100_003 + epoch)
    augment = Augmentation(settings_without(options.without), generator)
    order = epoch_order(material, generator)
    new, again, near = (count * options.batch // 32 for count in (FRESH, AGAIN, NEIGHBOURS))
    steps = len(order) // new
    sums = np.zeros(3)
    run.network.train()
    for step in tqdm(range(steps), desc=f"epoch {epoch + 1}/{options.epochs}", mininterval=5, file=sys.stderr):
        fresh = order[step * new : (step + 1) * new]
        picked = torch.cat([fresh, fresh[:again], material.neighbours[fresh[again : again + near]]])
        share = (epoch + step / steps) / options.epochs
        for group in run.optimizer.param_groups:
            group["lr"] = options.learning_rate * learning_rate_at(share, WARM_UP_EPOCHS / options.epochs)
        losses = batch_loss(run, picked, run.shown(picked, augment, generator), generator)
        run.optimizer.zero_grad(set_to_none=True)
        (losses.emotion + losses.identity + losses.echo).backward()  # type: ignore[no-untyped-call]
        run.optimizer.step()
        follow(run.average, run.network, epoch * steps + step)
        sums += losses.emotion.item(), losses.identity.item(), losses.echo.item()
    return sums / steps


def first_network(options: Options, images: Tensor) -> FaceNetwork:
    """What training begins with; ``images`` (n, 48, 48) uint8 are training faces. Raises ConfigurationError where
    ``begin_with`` is missing or of another size."""
    if options.begin_with is None:
        return FaceNetwork(*SIZES[options.size])
    if not options.begin_with.is_file():
        raise ConfigurationError([f"{options.begin_with} is missing; --begin-with takes the best.pt of a run"])
    exported = options.begin_with.suffix == ".tflite"
    size = "device" if exported else torch.load(options.begin_with, weights_only=True, mmap=True).get("size", "device")
    if size != options.size:
        raise ConfigurationError([f"{options.begin_with} is of the size {size}: say --size {size}"])
    if exported:
        return network_of_twin(options.begin_with, as_they_are_shown(images, options.seed))
    return load_trained(options.begin_with)


def as_they_are_shown(images: Tensor, seed: int) -> Iterator[Tensor]:
    """Batches of faces disturbed as in training, standardised."""
    generator = torch.Generator().manual_seed(seed)
    augment = Augmentation(AugmentationSettings(align_share=0.0), generator)
    for picked in torch.randperm(len(images), generator=generator)[: TWIN_BATCHES * 256].split(256):
        yield standardise(augment(images[picked], torch.eye(2, 3).expand(len(picked), 2, 3)))


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a training reads: the faces to learn from and the ``views`` of them that other networks read, the held-out
    ones, the teacher's strongest ``directions`` (256, 128) and the mean landmarks (5, 2), the device's ``template``."""

    machine: Machine
    material: Material
    views: Views | None
    held_out: FaceSet
    directions: Float32Array
    template: Float32Array


def prepare(options: Options) -> Prepared:
    """Loads the faces, and has them read by the teachers and by the networks that teach, unless the run folder knows."""
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    machine = this_machine(options.precision)
    labelled, held_out = labelled_faces(options.root, options.out, HELD_OUT_SEED)
    template = labelled.landmarks.mean(axis=0)
    directions = principal_directions(labelled.embeddings)
    whole = gather(labelled, unlabelled_faces(options.root, options.out), template, directions)
    material = material_without(whole, options.without)
    views = views_of(options, material, machine)
    if options.part < 1.0:
        material, kept = part_of(material, options.part, HELD_OUT_SEED)
        views = views and views.of(kept)
    return Prepared(machine, material, views, held_out, directions, template)


def new_run(options: Options, prepared: Prepared, begun: FaceNetwork) -> Run:
    """A run at its start, of the network ``begun``."""
    machine, views = prepared.machine, prepared.views
    network = begun.to(machine.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    echo = None
    if views is not None and options.echo:
        echo = nn.Linear(network.emotion.in_features, views.features.shape[2]).to(machine.device)
    weights = [*network.parameters(), *(echo.parameters() if echo is not None else ())]
    decayed = [weight for weight in weights if weight.ndim > 1]
    others = [weight for weight in weights if weight.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": options.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=options.learning_rate,
    )
    handicap = handicap_of(prepared.material, options.balance)
    return Run(options, machine, prepared.material, network, copy.deepcopy(network), optimizer, views, echo, handicap)


def resume(run: Run, last: Path) -> tuple[int, float]:
    """Goes on from ``last.pt``; gives how many epochs are done and the best score so far. Raises ConfigurationError where
    another kind of run left it."""
    state = torch.load(last, weights_only=True, map_location=run.machine.device)
    try:
        run.trained.load_state_dict(state["trained"])
        run.average.load_state_dict(state["average"])
        run.optimizer.load_state_dict(state["optimizer"])
        return state["epoch"], state["best"]
    except (KeyError, RuntimeError, ValueError) as error:
        raise ConfigurationError(
            [f"{last} was left by a run of another size or another way to learn: give --out another folder"]
        ) from error


def train(options: Options) -> None:
    """Prepares, resumes if there is something to resume, trains, and leaves ``deployed.pt`` with all that export needs."""
    torch.manual_seed(options.seed)
    prepared = prepare(options)
    last = options.out / "last.pt"
    resumed = last.is_file()
    begun = FaceNetwork(*SIZES[options.size]) if resumed else first_network(options, prepared.material.images)
    run = new_run(options, prepared, begun)
    first, best = 0, -math.inf
    if resumed:
        first, best = resume(run, last)
    for epoch in range(first, options.epochs):
        started = time.process_time()
        losses = train_epoch(epoch, run)
        result = score(run.average, prepared.held_out, prepared.directions, prepared.machine)
        report = {
            "epoch": epoch + 1,
            "emotion_loss": round(float(losses[0]), 4),
            "identity_loss": round(float(losses[1]), 4),
            "echo_loss": round(float(losses[2]), 4),
            **result.report(),
            "cpu_s": round(time.process_time() - started, 1),
        }
        print(json.dumps(report) if options.json else " ".join(f"{k}={v}" for k, v in report.items()), flush=True)
        if result.total > best:
            best = result.total
            kept = {"network": run.average.state_dict(), "size": options.size, "template": prepared.template.tolist()}
            torch.save(kept, options.out / "best.pt")
        networks = {"trained": run.trained.state_dict(), "average": run.average.state_dict()}
        partial = last.with_suffix(".partial")
        torch.save({**networks, "optimizer": run.optimizer.state_dict(), "epoch": epoch + 1, "best": best}, partial)
        partial.replace(last)  # a run that is killed while it writes still resumes
    deploy(options, prepared.material)


def views_of(options: Options, material: Material, machine: Machine) -> Views | None:
    """What the networks that teach read in the faces, kept in the run folder; None where none teaches."""
    if not options.learn_from:
        return None
    readers = [load_reader(run, options.root / "teachers", machine) for run in options.learn_from]
    settings = settings_without(options.without)
    return Lessons(material, readers, machine, settings, options.seed, options.out / "views").views(options.views)


def deploy(options: Options, material: Material) -> None:
    """Fit the identity to the trunk of ``best.pt``, let its emotions lean and write ``deployed.pt``."""
    kept = torch.load(options.out / "best.pt", weights_only=True)
    network = DeployedFaceNetwork(load_trained(options.out / "best.pt"))
    if options.lean:
        network.emotion.bias.data -= handicap_of(material, options.lean)
    fit_readout(network, material, options.seed)
    torch.save({**kept, "network": network.state_dict()}, options.out / "deployed.pt")


def main() -> int:
    """Entry point; 0 done, 1 anything else with one line on stderr."""
    try:
        train(parse())
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
