"""All that FaceNet's training reads, as tensors in one order, and which of it an epoch shows. Host only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ertedge.perception.alignment import similarity_transform
from ertedge.types import Float32Array
from tools.facenet.data import FaceSet
from tools.facenet.losses import SAME_PERSON
from tools.facenet.network import EMBEDDING_SIZE

REPEATS = (1, 1, 1, 1, 1, 3, 2, 3)
"""How often a face of each class stands in an epoch: disgust, fear and contempt are rare among the data, not in life."""
UNSURE_WEIGHT = 0.6
"""The weight of a face whose raters found no majority: its votes still teach, but less."""
UNLABELLED_SHARE = 0.25


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


def part_of(material: Material, share: float, seed: int) -> tuple[Material, Tensor]:
    """A random ``share`` of the labelled and of the unlabelled faces, and their indices."""
    generator = torch.Generator().manual_seed(seed)
    counts = material.labelled, len(material.images) - material.labelled
    some = [torch.randperm(count, generator=generator)[: round(share * count)] for count in counts]
    kept = torch.cat([some[0], material.labelled + some[1]])
    targets = material.targets[kept]
    part = Material(
        images=material.images[kept],
        distribution=material.distribution[kept],
        weight=material.weight[kept],
        alignments=material.alignments[kept],
        targets=targets,
        neighbours=nearest(targets),
        repeats=material.repeats[some[0]],
        labelled=len(some[0]),
    )
    return part, kept


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
