"""What other networks read in the faces that FaceNet learns from. Host only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ertedge.errors import ConfigurationError
from tools.facenet.expert import SIZE, load_expert
from tools.facenet.material import Material
from tools.facenet.network import load_trained
from tools.torch_machine import Machine

Reader = Callable[[Tensor], Tensor]
"""What reads emotions: standardised faces (n, 1, 48, 48) -> logits (n, 8)."""


def load_reader(run: Path, teachers: Path, machine: Machine) -> Reader:
    """The network that a run folder holds, as a reader of emotions: an expert, or a FaceNet of any size. Raises
    ConfigurationError where the folder holds none."""
    path = run / "best.pt"
    if not path.is_file():
        raise ConfigurationError([f"{path} is missing: train the network that is to teach first"])
    if torch.load(path, weights_only=True, mmap=True).get("size") == SIZE:
        return load_expert(path, teachers).to(machine.device)
    network = load_trained(path).to(machine.device)
    return lambda faces: network(faces)[0]


@torch.no_grad()
def taught_by(readers: Sequence[Reader], pictures: Tensor, machine: Machine, handicap: Tensor | float = 0.0) -> Tensor:
    """(n, 8): the mean of what the readers read in standardised ``pictures`` (n, 1, 48, 48), each logit less its
    ``handicap`` (8,)."""
    with machine.autocast():
        read = [(reader(pictures).float() - handicap).softmax(dim=1) for reader in readers]
    return torch.stack(read).mean(dim=0)


def handicap_of(material: Material, balance: float) -> Tensor:
    """(8,) what a class's logit has ahead by being frequent in the votes, times ``balance``: taken off it whole, at a
    balance of 1, a network reads as if all classes were equally frequent (Menon et al. 2021, "Long-tail learning via logit
    adjustment")."""
    votes = material.distribution[material.weight > 0]
    return balance * votes.mean(dim=0).clamp_min(1e-3).log()
