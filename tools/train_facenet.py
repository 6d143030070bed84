"""Trains FaceNet: ``python -m tools.train_facenet --root DATA --out RUN``. Host only; read it from top to bottom.

Prepare: FER+ Train in memory with its votes, less copies, 8% held out; Caltech web faces without labels; what the teachers
say of each, once. Train: every batch is augmented, and asks two things of one trunk. The emotion head must give the raters'
votes (soft cross-entropy). The identity head must place faces as the teacher does: at the teacher's own embedding in 128
dimensions (cosine), at the same distances from each other (relational), and nearer to the same person than to others
(triplet loss of Schroff et al. 2015; the teacher tells people apart, since FER+ has no identities). Keep: the moving
average of the weights. The held-out part chooses; the validation split and ORL are never looked at here. Resumes from
``RUN/last.pt``; more or fewer ``--epochs`` on resuming bend the learning rate's cosine to the new end.

On a machine with other work set ``OMP_WAIT_POLICY=PASSIVE``: else two threads that wait for a shared core burn it.
"""

from __future__ import annotations

import argparse
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
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from ertedge.errors import ErtedgeError
from ertedge.perception.alignment import similarity_transform
from ertedge.types import Float32Array
from tools.data.ferplus import load_split
from tools.face_augmentation import Augmentation, AugmentationSettings
from tools.facenet_data import FaceSet, labelled_faces, unlabelled_faces
from tools.facenet_network import EMBEDDING_SIZE, FaceNetwork, standardise

FRESH, AGAIN, NEIGHBOURS = 208, 24, 24
"""Of a batch of 256: faces drawn anew, second views of some of them, and the teacher's neighbours of some of them."""
REPEATS = (1, 1, 1, 1, 1, 3, 2, 3)
"""How often a face of each class stands in an epoch: disgust, fear and contempt are rare among the data, not in life."""
UNSURE_WEIGHT = 0.6
"""The weight of a face whose raters found no majority: its votes still teach, but less."""
UNLABELLED_SHARE = 0.25
SAME_PERSON, OTHER_PERSON, MARGIN = 0.6, 0.25, 0.3
"""The teacher's cosines from which two faces are one person, and below which they are two; the margin of the triplets."""
COSINE_WEIGHT, RELATION_WEIGHT, TRIPLET_WEIGHT = 1.0, 4.0, 0.3
WARM_UP_EPOCHS = 1.5
AVERAGE_DECAY = 0.998


@dataclass(frozen=True, slots=True)
class Options:
    root: Path
    out: Path
    seed: int
    epochs: int
    learning_rate: float
    weight_decay: float
    threads: int
    json: bool


# ---- prepare ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that training reads, as tensors: labelled faces first, then unlabelled ones.

    ``targets`` (n, 128) are the teacher's embeddings in its 128 strongest directions, unit length; ``neighbours`` (n,) the
    index of each face's nearest other face for the teacher, or the face itself where none is near enough.
    """

    images: Tensor
    distribution: Tensor
    weight: Tensor
    alignments: Tensor
    targets: Tensor
    neighbours: Tensor
    repeats: Tensor
    labelled: int


def principal_directions(embeddings: Float32Array) -> Float32Array:
    """(256, 128): the directions that keep most of the embeddings' cosines (no centring: that would change the angles)."""
    _, _, directions = np.linalg.svd(embeddings, full_matrices=False)
    return np.ascontiguousarray(directions[:EMBEDDING_SIZE].T, dtype=np.float32)


def project(embeddings: Float32Array, directions: Float32Array) -> Float32Array:
    """(n, 256) -> (n, 128), unit length."""
    projected = embeddings @ directions
    return (projected / np.linalg.norm(projected, axis=1, keepdims=True)).astype(np.float32)


def nearest(targets: Tensor) -> Tensor:
    """(n,) the nearest other face by cosine, or itself when nobody passes ``SAME_PERSON`` (above 0.98 it is a copy)."""
    found = []
    for start in range(0, len(targets), 2048):
        cosine = targets[start : start + 2048] @ targets.T
        cosine[cosine > 0.98] = -1.0
        best, index = cosine.max(dim=1)
        found.append(torch.where(best > SAME_PERSON, index, torch.arange(start, start + len(best))))
    return torch.cat(found)


def gather(labelled: FaceSet, unlabelled: FaceSet, template: Float32Array, directions: Float32Array) -> Material:
    """Both sets as one material."""
    faces = [labelled, unlabelled]
    distribution = torch.from_numpy(np.concatenate([part.distribution for part in faces]))
    labels = np.concatenate([part.labels for part in faces])
    usable = distribution.sum(dim=1).numpy() > 0
    weight = np.where(labels >= 0, 1.0, UNSURE_WEIGHT) * usable
    targets = torch.from_numpy(np.concatenate([project(part.embeddings, directions) for part in faces]))
    # From a pixel of the aligned crop to a pixel of the face. Fitted in this direction the crop comes out a few percent
    # tighter than the device's, whose fit errs on the other side; the jitter of scale is three times as wide.
    alignments = np.stack([similarity_transform(template, points) for part in faces for points in part.landmarks])
    return Material(
        images=torch.from_numpy(np.concatenate([part.images for part in faces])),
        distribution=distribution,
        weight=torch.from_numpy(weight.astype(np.float32)),
        alignments=torch.from_numpy(alignments),
        targets=targets,
        neighbours=nearest(targets),
        repeats=torch.from_numpy(np.where(labels >= 0, np.array(REPEATS)[labels], 1)[: len(labelled)]),
        labelled=len(labelled),
    )


def epoch_order(material: Material, generator: torch.Generator) -> Tensor:
    """The faces of an epoch in random order: all labelled ones (rare classes repeated), some of the others."""
    others = len(material.images) - material.labelled
    some = material.labelled + torch.randperm(others, generator=generator)[: round(UNLABELLED_SHARE * others)]
    order = torch.cat([torch.arange(material.labelled).repeat_interleave(material.repeats), some])
    return order[torch.randperm(len(order), generator=generator)]


# ---- losses -----------------------------------------------------------------------------------------------------------


def emotion_loss(logits: Tensor, distribution: Tensor, weight: Tensor) -> Tensor:
    """Soft cross-entropy with the votes; the raters' own disagreement is the label smoothing."""
    each = -(distribution * functional.log_softmax(logits, dim=1)).sum(dim=1)
    return (each * weight).sum() / weight.sum().clamp_min(1.0)


def identity_loss(raw: Tensor, targets: Tensor) -> Tensor:
    """Cosine to the teacher, the teacher's relations between faces, and triplets that the teacher vouches for."""
    embedding = functional.normalize(raw, dim=1)
    cosine = (1 - (embedding * targets).sum(dim=1)).mean()
    ours, theirs = embedding @ embedding.T, targets @ targets.T
    relation = (ours - theirs).square().mean()
    # Squared distance of unit vectors is 2 - 2 cos. Hardest positive and negative of each anchor in the batch.
    itself = torch.eye(len(raw), dtype=torch.bool)
    positive = (theirs > SAME_PERSON) & ~itself
    negative = theirs < OTHER_PERSON
    farthest = torch.where(positive, 2 - 2 * ours, -1.0).max(dim=1).values
    closest = torch.where(negative, 2 - 2 * ours, 4.0).min(dim=1).values
    anchors = positive.any(dim=1) & negative.any(dim=1)
    triplets = functional.relu(farthest - closest + MARGIN)[anchors]
    triplet = triplets.mean() if len(triplets) else raw.sum() * 0.0
    return COSINE_WEIGHT * cosine + RELATION_WEIGHT * relation + TRIPLET_WEIGHT * triplet


# ---- export -----------------------------------------------------------------------------------------------------------

OUTPUT_NAMES = ("emotion", "embedding")
KEEP_FLOAT: tuple[str, ...] = ()


def load_checkpoint(path: Path) -> FaceNetwork:
    """The averaged network of a ``best.pt``, ready to export."""
    network = FaceNetwork()
    network.load_state_dict(torch.load(path, weights_only=True)["network"])
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


# ---- held-out score ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """On the held-out faces: accuracy and mean recall of the eight classes by majority, and the mean Spearman-like agreement
    of our cosines with the teacher's (correlation over all pairs)."""

    accuracy: float
    recall: float
    agreement: float

    @property
    def total(self) -> float:
        """What chooses: accuracy, a little of the rare classes and of the identity."""
        return self.accuracy + 0.1 * self.recall + 0.1 * self.agreement


@torch.no_grad()
def score(network: FaceNetwork, faces: FaceSet, directions: Float32Array) -> Score:
    """Scores the network on the faces as they are."""
    network.eval()
    logits, raw = [], []
    for start in range(0, len(faces), 256):
        batch = torch.from_numpy(faces.images[start : start + 256]).unsqueeze(1).float()
        emotion, identity = network(standardise(batch).contiguous(memory_format=torch.channels_last))
        logits.append(emotion)
        raw.append(identity)
    guess = torch.cat(logits).argmax(dim=1).numpy()
    known = faces.labels >= 0
    right = guess[known] == faces.labels[known]
    recalls = [right[faces.labels[known] == label].mean() for label in np.unique(faces.labels[known])]
    ours = functional.normalize(torch.cat(raw), dim=1).numpy()
    theirs = project(faces.embeddings, directions)
    pairs = np.triu_indices(len(faces), 1)
    agreement = np.corrcoef((ours @ ours.T)[pairs], (theirs @ theirs.T)[pairs])[0, 1]
    return Score(float(right.mean()), float(np.mean(recalls)), float(agreement))


# ---- train ------------------------------------------------------------------------------------------------------------


def learning_rate_at(progress: float, warm_up: float) -> float:
    """Linear warm-up, then a half cosine to one percent; a share of the peak. ``progress`` in [0, 1]."""
    if progress < warm_up:
        return progress / warm_up
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


@torch.no_grad()
def follow(average: FaceNetwork, network: FaceNetwork, step: int) -> None:
    """Moves the averaged weights a little towards the trained ones; faster at the start."""
    decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    for ours, theirs in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if ours.dtype.is_floating_point:
            ours.lerp_(theirs, 1 - decay)
        else:
            ours.copy_(theirs)


def train_epoch(
    epoch: int,
    *,
    network: FaceNetwork,
    average: FaceNetwork,
    optimizer: torch.optim.Optimizer,
    material: Material,
    options: Options,
) -> tuple[float, float]:
    """One pass; gives the mean emotion and identity loss. Its randomness depends on seed and epoch alone."""
    generator = torch.Generator().manual_seed(options.seed * 100_003 + epoch)
    torch.manual_seed(options.seed * 100_003 + epoch)
    augment = Augmentation(AugmentationSettings(), generator)
    order = epoch_order(material, generator)
    steps = len(order) // FRESH
    sums = [0.0, 0.0]
    network.train()
    for step in tqdm(range(steps), desc=f"epoch {epoch + 1}/{options.epochs}", mininterval=5, file=sys.stderr):
        fresh = order[step * FRESH : (step + 1) * FRESH]
        picked = torch.cat([fresh, fresh[:AGAIN], material.neighbours[fresh[AGAIN : AGAIN + NEIGHBOURS]]])
        pictures = augment(material.images[picked], material.alignments[picked])
        inputs = standardise(pictures).contiguous(memory_format=torch.channels_last)
        share = (epoch + step / steps) / options.epochs
        for group in optimizer.param_groups:
            group["lr"] = options.learning_rate * learning_rate_at(share, WARM_UP_EPOCHS / options.epochs)
        logits, raw = network(inputs)
        emotion = emotion_loss(logits, material.distribution[picked], material.weight[picked])
        identity = identity_loss(raw, material.targets[picked])
        optimizer.zero_grad(set_to_none=True)
        (emotion + identity).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        follow(average, network, epoch * steps + step)
        sums[0] += emotion.item()
        sums[1] += identity.item()
    return sums[0] / steps, sums[1] / steps


def train(options: Options) -> None:
    """Prepares, resumes if there is something to resume, trains, and leaves ``best.pt`` with all that export needs."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    labelled, held_out = labelled_faces(options.root, options.out, options.seed)
    template = labelled.landmarks.mean(axis=0)
    directions = principal_directions(labelled.embeddings)
    material = gather(labelled, unlabelled_faces(options.root, options.out), template, directions)

    network = FaceNetwork().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network)
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    others = [weight for weight in network.parameters() if weight.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": options.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=options.learning_rate,
    )
    first, best = 0, 0.0
    last = options.out / "last.pt"
    if last.is_file():
        state = torch.load(last, weights_only=True)
        network.load_state_dict(state["network"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        first, best = state["epoch"], state["best"]
    for epoch in range(first, options.epochs):
        started = time.process_time()
        losses = train_epoch(
            epoch, network=network, average=average, optimizer=optimizer, material=material, options=options
        )
        result = score(average, held_out, directions)
        report = {
            "epoch": epoch + 1,
            "emotion_loss": round(losses[0], 4),
            "identity_loss": round(losses[1], 4),
            "held_out_accuracy": round(result.accuracy, 4),
            "held_out_recall": round(result.recall, 4),
            "teacher_agreement": round(result.agreement, 4),
            "cpu_s": round(time.process_time() - started, 1),
        }
        print(json.dumps(report) if options.json else " ".join(f"{k}={v}" for k, v in report.items()), flush=True)
        if result.total > best:
            best = result.total
            torch.save({"network": average.state_dict(), "template": template.tolist()}, options.out / "best.pt")
        state = {"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict()}
        partial = last.with_suffix(".partial")
        torch.save({**state, "epoch": epoch + 1, "best": best}, partial)
        partial.replace(last)  # a run that is killed while it writes still resumes


def parse(arguments: list[str] | None = None) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train_facenet", description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="folder with ferplus/, face_detection/ and teachers/")
    parser.add_argument("--out", type=Path, required=True, help="run folder: caches, last.pt, best.pt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=34)
    parser.add_argument("--learning-rate", type=float, default=2.5e-3)
    parser.add_argument("--weight-decay", type=float, default=0.03)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object an epoch on stdout")
    return Options(**vars(parser.parse_args(arguments)))


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
