"""FaceNet at phone size, in torch: one residual trunk on a 48x48 grey face, an emotion head and an identity head. Host only.

Plain 3x3 convolutions, ReLU and batch normalisation fold into what int8 runtimes do best; at this size they are also as
fast as depthwise ones and train several times faster. The emotion head reads the average of the trunk's last map, the
identity head weighs the map's places itself (a global depthwise convolution), since where a feature lies tells people
apart. Neither softmax nor the L2 norm is in the graph: the device does both in float.

The device also reads who somebody is off the middle of the trunk (``tools.facenet.readout``), where the emotions have not
yet pushed it aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

EMBEDDING_SIZE = 128
WIDTHS = (16, 32, 64, 128)
"""Channels of the stem and of the three stages."""
BLOCKS = (1, 1, 2)
"""Residual blocks at 24x24, 12x12 and 6x6."""
MIDDLE_SIZE = 6
"""The side of the middle map that the identity is read from."""
SIZES = {"device": (WIDTHS, BLOCKS), "large": (tuple(2 * width for width in WIDTHS), BLOCKS)}
"""What the device runs, and the network of twice its width, with four times its arithmetic, that it may learn from."""


def convolution(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        nn.init.zeros_(self.second[1].weight)  # starts as the identity, which trains faster

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


class FaceNetwork(nn.Module):
    """(n, 1, 48, 48) standardised faces -> (n, 8) emotion logits, (n, 128) embedding before its L2 norm."""

    def __init__(self, widths: Sequence[int] = WIDTHS, blocks: Sequence[int] = BLOCKS, dropout: float = 0.3) -> None:
        super().__init__()
        layers: list[nn.Module] = [convolution(1, widths[0])]
        for inputs, outputs, count in zip(widths, widths[1:], blocks, strict=False):
            layers.append(convolution(inputs, outputs, stride=2))
            layers.extend(Residual(outputs) for _ in range(count))
        self.trunk = nn.Sequential(*layers)
        self.lower_layers, self.middle_width = 1 + sum(1 + count for count in blocks[:2]), widths[2]
        high = widths[-1]
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(high, 8)
        self.identity = nn.Sequential(
            convolution(high, 2 * EMBEDDING_SIZE, kernel=1),
            nn.Conv2d(2 * EMBEDDING_SIZE, 2 * EMBEDDING_SIZE, 6, groups=2 * EMBEDDING_SIZE, bias=False),
            nn.BatchNorm2d(2 * EMBEDDING_SIZE),
            nn.Flatten(),
            nn.Linear(2 * EMBEDDING_SIZE, EMBEDDING_SIZE),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.heads(self.trunk(x))

    def heads(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What both heads make of the trunk's last map (n, 128, 6, 6)."""
        return self.emotion(self.dropout(averaged(features))), self.identity(features)


class DeployedFaceNetwork(nn.Module):
    """What the device runs, in evaluation mode: a trained network whose identity head is joined by a linear function of the
    trunk's middle; the embedding is the sum of both. Inputs and outputs as of ``FaceNetwork``."""

    def __init__(self, trained: FaceNetwork) -> None:
        """Of the very modules of ``trained``; what it reads off the middle is for ``tools.facenet.readout`` to fit."""
        super().__init__()
        self.lower, self.upper = trained.trunk[: trained.lower_layers], trained.trunk[trained.lower_layers :]
        self.emotion, self.identity = trained.emotion, trained.identity
        self.readout = nn.Conv2d(trained.middle_width, EMBEDDING_SIZE, MIDDLE_SIZE)

    def middle(self, x: Tensor) -> Tensor:
        """(n, 1, 48, 48) standardised faces -> (n, 64, 6, 6): the trunk's middle map, 12x12, averaged in squares of four."""
        return functional.avg_pool2d(self.lower(x), 2)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 8) emotion logits, and the two (n, 128) whose sum is the embedding: the readout's and the trained head's."""
        lower = self.lower(x)
        features = self.upper(lower)
        # A convolution as large as its map: a linear layer that needs no transpose.
        read = self.readout(functional.avg_pool2d(lower, 2)).flatten(1)
        return self.emotion(averaged(features)), read, self.identity(features)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        emotion, read, trained = self.parts(x)
        return emotion, read + trained


def averaged(features: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, c), the mean over places; with keepdim the export needs no transpose."""
    return features.mean(dim=(2, 3), keepdim=True).flatten(1)


def standardise(faces: Tensor) -> Tensor:
    """(n, 1, h, w) grey levels -> zero mean and unit deviation per face, as ``ertedge.perception.face`` does it."""
    mean = faces.mean(dim=(2, 3), keepdim=True)
    deviation = faces.std(dim=(2, 3), keepdim=True, correction=0).clamp_min(8.0)
    return ((faces - mean) / deviation).clamp(-4.0, 4.0)


def load_trained(path: Path) -> FaceNetwork:
    """The averaged network of a ``best.pt``, with the head that shaped its trunk."""
    kept = torch.load(path, weights_only=True)
    network = FaceNetwork(*SIZES[kept.get("size", "device")])
    network.load_state_dict(kept["network"])
    return network.eval()
