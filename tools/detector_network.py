"""The face detector's network and its loss, for training on a host; the device runs the exported file.

Anchor-free and single-stage, after CenterNet (Zhou et al. 2019) and YuNet (Wu et al. 2023): a depthwise-separable trunk on
grey 320x240, three maps of stride 8, 16 and 32 for small, middle and large faces, and per map three outputs: a score logit,
the distances to the box's four sides, and the offsets of five points. Sigmoid and decoding stay outside of the graph, and
the three outputs are separate tensors, because one int8 scale would not suit them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)
GRIDS = ((30, 40), (15, 20), (8, 10))
"""Rows and columns of the three maps."""
UNIT = 4.0
"""Distances and offsets are in units of ``UNIT * stride`` pixels, so that all maps have outputs of one size."""
SIZE_RANGES = ((0.0, 44.0), (36.0, 100.0), (82.0, 1e9))
"""Square root of the face box's area, in pixels, for which each map is responsible; they overlap, so that no face falls
between two."""


def _conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs))


class Separable(nn.Module):
    """Depthwise then pointwise convolution, each with batch norm and ReLU6; a residual where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__()
        self.depthwise = _conv_bn(inputs, inputs, kernel, stride, groups=inputs)
        self.pointwise = _conv_bn(inputs, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""
        y = F.relu6(self.depthwise(x))
        y = F.relu6(self.pointwise(y))
        return x + y if self.residual else y


class Head(nn.Module):
    """One map's three outputs."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = Separable(channels, channels)
        self.score = nn.Conv2d(channels, 1, 1)
        self.box = nn.Conv2d(channels, 4, 1)
        self.points = nn.Conv2d(channels, 10, 1)
        nn.init.constant_(self.score.bias, -4.0)  # type: ignore[arg-type]
        nn.init.constant_(self.box.bias, 0.4)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, channels, h, w) -> score (n, h, w, 1), box (n, h, w, 4), points (n, h, w, 10)."""
        x = self.mix(x)
        outputs = (self.score(x), self.box(x), self.points(x))
        score, box, points = (y.permute(0, 2, 3, 1) for y in outputs)
        return score, box, points


class DetectorNetwork(nn.Module):
    """(n, 1, 240, 320) grey in [-1, 1] -> nine maps, (score, box, points) for each stride, all (n, h, w, channels)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv_bn(1, 12, 3, 2)
        self.to_8 = nn.Sequential(
            Separable(12, 24, 2), Separable(24, 24), Separable(24, 48, 2), Separable(48, 48), Separable(48, 48)
        )
        self.to_16 = nn.Sequential(Separable(48, 96, 2), Separable(96, 96), Separable(96, 96))
        self.to_32 = nn.Sequential(Separable(96, 128, 2), Separable(128, 128, kernel=5), Separable(128, 128, kernel=5))
        self.lateral = nn.ModuleList([_conv_bn(48, 48, 1), _conv_bn(96, 48, 1), _conv_bn(128, 64, 1)])
        self.heads = nn.ModuleList([Head(48), Head(48), Head(64)])

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """See the class."""
        at_8 = self.to_8(F.relu6(self.stem(x)))
        at_16 = self.to_16(at_8)
        at_32 = self.to_32(at_16)
        map_16 = self.lateral[1](at_16)
        map_8 = self.lateral[0](at_8) + F.interpolate(map_16, scale_factor=2.0, mode="bilinear")
        maps = (F.relu6(map_8), F.relu6(map_16), F.relu6(self.lateral[2](at_32)))
        return tuple(output for head, features in zip(self.heads, maps, strict=True) for output in head(features))


@dataclass(frozen=True, slots=True)
class Targets:
    """What one map should say: ``score`` (n, h, w) in [0, 1]; and for the k cells that answer for a face: ``cells`` (k, 3)
    picture, row, column; ``boxes`` (k, 4) and ``points`` (k, 10) in units; ``sizes`` (k,) of the face in units."""

    score: Tensor
    cells: Tensor
    boxes: Tensor
    points: Tensor
    sizes: Tensor


def make_targets(boxes: Tensor, points: Tensor, counts: Tensor, level: int) -> Targets:
    """Targets of one map from padded labels: boxes (n, m, 4), points (n, m, 5, 2) in pixels, counts (n,) of faces.

    The score falls off as a Gaussian around the face's centre, and is one at the nearest cell however small the face.
    """
    stride, (rows, columns) = STRIDES[level], GRIDS[level]
    unit = UNIT * stride
    low, high = SIZE_RANGES[level]
    extent = (boxes[..., 2:] - boxes[..., :2]).clamp(min=1e-3)
    size = extent.prod(-1).sqrt()
    mine = (torch.arange(boxes.shape[1])[None] < counts[:, None]) & (size >= low) & (size < high)
    picture, face = mine.nonzero(as_tuple=True)
    x = (torch.arange(columns) + 0.5) * stride
    y = (torch.arange(rows) + 0.5) * stride
    centre = (boxes[..., :2] + boxes[..., 2:])[picture, face] / 2
    sigma = (0.11 * size[picture, face]).clamp(min=0.45 * stride)
    dx = (x[None, :] - centre[:, :1]) / sigma[:, None]
    dy = (y[None, :] - centre[:, 1:]) / sigma[:, None]
    bump = torch.exp(-0.5 * (dy[:, :, None] ** 2 + dx[:, None, :] ** 2))
    bump = bump / bump.amax(dim=(1, 2), keepdim=True).clamp(min=1e-9)
    score = torch.zeros(len(boxes), rows, columns)
    score.scatter_reduce_(0, picture[:, None, None].expand_as(bump), bump, "amax")
    which, row, column = (bump > 0.45).nonzero(as_tuple=True)
    here = torch.stack([x[column], y[row]], dim=1)
    box = boxes[picture, face][which]
    distances = torch.cat([here - box[:, :2], box[:, 2:] - here], dim=1) / unit
    offsets = (points[picture, face][which] - here[:, None]).flatten(1) / unit
    cells = torch.stack([picture[which], row, column], dim=1)
    return Targets(score, cells, distances, offsets, size[picture, face][which] / unit)


def detector_loss(outputs: tuple[Tensor, ...], boxes: Tensor, points: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """The loss and its three parts (score, box, points), detached.

    Score: quality focal loss (Li et al. 2020, eq. 5) with the Gaussian as soft label. Box: 1 - IoU plus L1, points: L1, both
    relative to the face's size, so that a small face counts as much as a large one.
    """
    parts = torch.zeros(3)
    faces = counts.sum().clamp(min=1)
    for level in range(len(STRIDES)):
        score, box, point = outputs[3 * level : 3 * level + 3]
        with torch.no_grad():
            target = make_targets(boxes, points, counts, level)
        logit = score[..., 0]
        error = (target.score - logit.sigmoid()).abs().square()
        focal = (error * F.binary_cross_entropy_with_logits(logit, target.score, reduction="none")).sum() / faces
        index = target.cells.unbind(1)
        answer, offset = box[index], point[index]
        answers = max(len(answer), 1)
        overlap = _iou(answer, target.boxes)
        side = ((answer - target.boxes).abs().mean(1) / target.sizes).sum() / answers
        box_loss = (1 - overlap).sum() / answers + side
        point_loss = ((offset - target.points).abs().mean(1) / target.sizes).sum() / answers
        parts = parts + torch.stack([focal, box_loss, point_loss])
    loss = (parts * torch.tensor([1.0, 0.5, 3.0])).sum()
    return loss, parts.detach()


def _iou(a: Tensor, b: Tensor) -> Tensor:
    """IoU of boxes given as distances (k, 4) from one common point to left, top, right and bottom."""
    a = a.clamp(min=1e-4)
    shared = torch.minimum(a, b)
    inner = (shared[:, 0] + shared[:, 2]).clamp(min=0) * (shared[:, 1] + shared[:, 3]).clamp(min=0)
    area_a = (a[:, 0] + a[:, 2]) * (a[:, 1] + a[:, 3])
    area_b = (b[:, 0] + b[:, 2]) * (b[:, 1] + b[:, 3])
    return inner / (area_a + area_b - inner).clamp(min=1e-6)
