"""What other networks read in the faces that FaceNet learns from: once for each of a few views of every face. Host only.

A network that teaches may cost many times what FaceNet costs, and a patient student (Beyer et al. 2022) would ask it of the
same faces in every epoch. So every face is disturbed a few times, the teachers read those views once, and the epochs draw
from them. What they read is kept in a folder: another run on the same faces starts with it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array
from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.expert import SIZE, load_expert
from tools.facenet.material import Material
from tools.facenet.network import averaged, load_trained, standardise
from tools.torch_machine import Machine

BATCH = 256
MOST_DEVIATIONS = 6.0
"""What a feature is cut to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network makes of n faces: emotion ``logits`` (n, 8), and the ``features`` (n, c) that they are read from."""

    logits: Tensor
    features: Tensor


@dataclass(frozen=True, slots=True)
class Reader:
    """A network that reads standardised faces (n, 1, 48, 48); ``digest`` names its weights."""

    read: Callable[[Tensor], Reading]
    digest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Faces as they are shown: ``pictures`` (n, 1, 48, 48) in grey levels and, where networks teach, the ``logits``
    (n, readers, 8) and the ``features`` (n, c) that they read there, those in deviations from the mean of all faces."""

    pictures: Tensor
    logits: Tensor | None = None
    features: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Views:
    """Every face in a few views: ``pictures`` (views, n, 48, 48) uint8 grey levels, ``logits`` (views, n, readers, 8) and
    ``features`` (views, n, c) float16 of what was read there."""

    pictures: Tensor
    logits: Tensor
    features: Tensor

    def of(self, kept: Tensor) -> Views:
        """The views of the faces at the indices ``kept`` alone."""
        return Views(self.pictures[:, kept], self.logits[:, kept], self.features[:, kept])

    def draw(self, picked: Tensor, generator: torch.Generator) -> Shown:
        """The faces at the indices ``picked`` (n,), each in a view drawn by chance, half of them mirrored."""
        view = torch.randint(len(self.pictures), picked.shape, generator=generator)
        mirrored = torch.rand(len(picked), generator=generator) < 0.5
        pictures = self.pictures[view, picked]
        pictures = torch.where(mirrored[:, None, None], pictures.flip(2), pictures)
        return Shown(
            pictures.unsqueeze(1).float(), self.logits[view, picked].float(), self.features[view, picked].float()
        )


def load_reader(run: Path, teachers: Path, machine: Machine) -> Reader:
    """The network that a run folder holds, as a reader of emotions: an expert, or a FaceNet of any size. Raises
    ConfigurationError where the folder holds none."""
    path = run / "best.pt"
    if not path.is_file():
        raise ConfigurationError([f"{path} is missing: train the network that is to teach first"])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if torch.load(path, weights_only=True, mmap=True).get("size") == SIZE:
        expert = load_expert(path, teachers).to(machine.device)

        def read_by_expert(faces: Tensor) -> Reading:
            features = expert.features(faces)
            return Reading(expert.emotion(features), features)

        return Reader(read_by_expert, digest)
    network = load_trained(path).to(machine.device)

    def read_by_facenet(faces: Tensor) -> Reading:
        features = averaged(network.trunk(faces))
        return Reading(network.emotion(features), features)

    return Reader(read_by_facenet, digest)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is to be shown to ``readers``: the faces of a ``material``, disturbed by ``settings`` and ``seed``. What they
    read is kept in ``folder``, and taken from there where faces, readers, settings and seed are the same."""

    material: Material
    readers: Sequence[Reader]
    machine: Machine
    settings: AugmentationSettings
    seed: int
    folder: Path

    def views(self, count: int) -> Views:
        """``count`` views of every face, and what was read in them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = self._key()
        parts = [self._view(number, key) for number in range(count)]
        pictures, logits, features = (np.stack(each) for each in zip(*parts, strict=True))
        mean = features.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
        deviation = features.std(axis=(0, 1), dtype=np.float64).astype(np.float32) + 1e-6
        scaled = np.clip((features - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        return Views(torch.from_numpy(pictures), torch.from_numpy(logits), torch.from_numpy(scaled.astype(np.float16)))

    def _key(self) -> str:
        key = hashlib.sha256(self.material.images.numpy().tobytes())
        key.update(self.material.alignments.numpy().tobytes())
        key.update(repr((astuple(self.settings), [reader.digest for reader in self.readers], self.seed)).encode())
        return key.hexdigest()

    def _view(self, number: int, key: str) -> tuple[UInt8Array, Float32Array, Float32Array]:
        """Pictures, logits and features of one view."""
        kept = self.folder / f"view_{number}.npz"
        if kept.is_file():
            with np.load(kept) as stored:
                if str(stored["key"]) == key:
                    return stored["pictures"], stored["logits"], stored["features"]
        pictures, logits, features = self._made(number)
        partial = kept.with_suffix(".partial.npz")
        np.savez(partial, key=key, pictures=pictures, logits=logits, features=features)
        partial.replace(kept)
        return pictures, logits, features

    @torch.no_grad()
    def _made(self, number: int) -> tuple[UInt8Array, Float32Array, Float32Array]:
        augment = Augmentation(self.settings, torch.Generator().manual_seed(self.seed * 100_003 + number))
        pictures, logits, features = [], [], []
        batches = torch.arange(len(self.material.images)).split(BATCH)
        for picked in tqdm(batches, desc=f"view {number + 1}", mininterval=5, file=sys.stderr):
            disturbed = augment(self.material.images[picked], self.material.alignments[picked])
            inputs = standardise(disturbed).contiguous(memory_format=torch.channels_last).to(self.machine.device)
            with self.machine.autocast():
                read = [reader.read(inputs) for reader in self.readers]
            pictures.append(disturbed.squeeze(1).to(torch.uint8))
            logits.append(torch.stack([one.logits.float().cpu() for one in read], dim=1))
            features.append(torch.cat([one.features.float().cpu() for one in read], dim=1))
        return torch.cat(pictures).numpy(), torch.cat(logits).numpy(), torch.cat(features).numpy()


def taught_by(logits: Tensor, handicap: Tensor | float = 0.0) -> Tensor:
    """(n, 8): the mean of what the readers say by their ``logits`` (n, readers, 8), each less its ``handicap`` (8,)."""
    return (logits - handicap).softmax(dim=2).mean(dim=1)


def handicap_of(material: Material, balance: float) -> Tensor:
    """(8,) what a class's logit has ahead by being frequent in the votes, times ``balance``: taken off it whole, at a
    balance of 1, a network reads as if all classes were equally frequent (Menon et al. 2021, "Long-tail learning via logit
    adjustment")."""
    votes = material.distribution[material.weight > 0]
    return balance * votes.mean(dim=0).clamp_min(1e-3).log()
