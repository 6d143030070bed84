"""How fast a network of the faces learns, and the moving average of its weights that is kept. Host only."""

from __future__ import annotations

import math

import torch
from torch import nn

AVERAGE_DECAY = 0.998


def learning_rate_at(progress: float, warm_up: float) -> float:
    """Linear warm-up, then a half cosine to one percent; a share of the peak. ``progress`` in [0, 1]."""
    if progress < warm_up:
        return progress / warm_up
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int) -> None:
    """Moves the averaged weights a little towards the trained ones; faster at the start."""
    decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    for ours, theirs in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if ours.dtype.is_floating_point:
            ours.lerp_(theirs, 1 - decay)
        else:
            ours.copy_(theirs)
