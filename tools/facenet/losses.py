"""What the training of FaceNet asks for: the raters' votes, what other networks read, the teacher's faces. Host only."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SAME_PERSON, OTHER_PERSON, MARGIN = 0.6, 0.25, 0.3
"""The teacher's cosines from which two faces are one person, and below which they are two; the margin of the triplets."""
COSINE_WEIGHT, RELATION_WEIGHT, TRIPLET_WEIGHT = 1.0, 4.0, 0.3
RANKING_TEMPERATURE = 0.07


def emotion_loss(logits: Tensor, distribution: Tensor, weight: Tensor) -> Tensor:
    """Soft cross-entropy with the votes; the raters' own disagreement is the label smoothing."""
    each = -(distribution * functional.log_softmax(logits, dim=1)).sum(dim=1)
    return (each * weight).sum() / weight.sum().clamp_min(1.0)


def blended(distribution: Tensor, weight: Tensor, taught: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Targets (n, 8) and weights (n,) of faces that other networks read as ``taught`` (n, 8): of a face with votes the
    given share comes from them, of one without all (Hinton et al. 2015, at a temperature of one: votes are soft already)."""
    voted = (weight > 0)[:, None]
    targets = torch.where(voted, (1 - share) * distribution + share * taught, taught)
    return targets, torch.where(voted[:, 0], weight, 1.0)


def mixed(pictures: Tensor, distribution: Tensor, weight: Tensor, share: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Each picture (n, 1, h, w) with the one that stands opposite in the batch, ``share`` (n,) of itself (mixup, Zhang et
    al. 2018); the votes likewise. A face without votes leaves its partner's votes at the partner's share."""
    other = torch.arange(len(pictures) - 1, -1, -1)
    own, theirs = share * weight, (1 - share) * weight[other]
    total = (own + theirs).clamp_min(1e-6)
    votes = (own[:, None] * distribution + theirs[:, None] * distribution[other]) / total[:, None]
    return (
        share[:, None, None, None] * pictures + (1 - share[:, None, None, None]) * pictures[other],
        votes,
        own + theirs,
    )


def identity_loss(raw: Tensor, targets: Tensor, ranking_weight: float = 0.0) -> Tensor:
    """Of embeddings (n, 128) before their norm: cosine to the teacher's ``targets``, the teacher's relations between faces,
    triplets that the teacher vouches for and, at a weight, the teacher's ranking of the batch.

    The ranking (relational distillation by softmax, Peng et al. 2019) counts near faces, which decide who is who, more than
    the mean of squares does.
    """
    embedding = functional.normalize(raw, dim=1)
    cosine = (1 - (embedding * targets).sum(dim=1)).mean()
    ours, theirs = embedding @ embedding.T, targets @ targets.T
    relation = (ours - theirs).square().mean()
    # Squared distance of unit vectors is 2 - 2 cos. Hardest positive and negative of each anchor in the batch.
    itself = torch.eye(len(raw), dtype=torch.bool, device=raw.device)
    positive = (theirs > SAME_PERSON) & ~itself
    negative = theirs < OTHER_PERSON
    farthest = torch.where(positive, 2 - 2 * ours, -1.0).max(dim=1).values
    closest = torch.where(negative, 2 - 2 * ours, 4.0).min(dim=1).values
    anchors = positive.any(dim=1) & negative.any(dim=1)
    triplets = functional.relu(farthest - closest + MARGIN)[anchors]
    triplet = triplets.mean() if len(triplets) else raw.sum() * 0.0
    loss = COSINE_WEIGHT * cosine + RELATION_WEIGHT * relation + TRIPLET_WEIGHT * triplet
    if ranking_weight:
        likeness = functional.log_softmax(embedding @ targets.T / RANKING_TEMPERATURE, dim=1)
        wanted = functional.log_softmax(theirs / RANKING_TEMPERATURE, dim=1)
        loss = loss + ranking_weight * functional.kl_div(likeness, wanted, reduction="batchmean", log_target=True)
    return loss
