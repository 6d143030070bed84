"""What a camera, a room and a detector do to a face, done to whole batches at once in torch. Host only.

Geometry: the crop shifted, scaled, turned and mirrored, and often first aligned by its landmarks as the device aligns it.
Light: gamma, exposure down to near darkness, a shadow over a part. Sensor: a small face magnified, blur, noise, rounding to
grey levels. Occlusion: a rectangle. Every step is applied to a random part of the batch, from one seeded generator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """How strong: deviations and ranges per face, and the share of faces that each step touches."""

    align_share: float = 0.35
    turn_deg: float = 9.0
    scale_log: float = 0.10
    stretch_log: float = 0.04
    shift_px: float = 2.5
    light_share: float = 0.45
    gamma_log: float = 0.4
    darkest: float = 0.12
    shadow_share: float = 0.25
    small_share: float = 0.2
    smallest_px: int = 16
    noise_share: float = 0.25
    noise_levels: float = 10.0
    cutout_share: float = 0.3
    cutout_px: tuple[int, int] = (8, 20)


class Augmentation:
    """Turns (n, 48, 48) uint8 faces into (n, 1, 48, 48) float grey levels as another camera might have seen them.

    ``alignments`` (n, 2, 3) map a pixel of the aligned crop to one of the face as given; they are used on a share of them.
    """

    def __init__(self, settings: AugmentationSettings, generator: torch.Generator) -> None:
        self.settings = settings
        self._generator = generator

    def __call__(self, faces: Tensor, alignments: Tensor) -> Tensor:
        pictures = faces.unsqueeze(1).float()
        pictures = self._geometry(pictures, alignments)
        pictures = self._small(pictures)
        pictures = self._shadow(pictures)
        pictures = self._light(pictures)
        pictures = self._noise(pictures)
        pictures = self._cutout(pictures)
        return pictures.clamp(0, 255).round()

    def _uniform(self, n: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=self._generator)

    def _normal(self, n: int, deviation: float) -> Tensor:
        # Cut at two deviations: rarer poses than that are no faces to read an emotion from.
        return torch.randn(n, generator=self._generator).clamp(-2, 2) * deviation

    def _chosen(self, n: int, share: float) -> Tensor:
        """Indices of a random part of the batch."""
        return (self._uniform(n) < share).nonzero().squeeze(1)

    def _geometry(self, pictures: Tensor, alignments: Tensor) -> Tensor:
        n, size = len(pictures), pictures.shape[-1]
        options = self.settings
        angle = self._normal(n, math.radians(options.turn_deg))
        scale = self._normal(n, options.scale_log).exp()
        stretch = self._normal(n, options.stretch_log).exp()
        mirror = torch.where(self._uniform(n) < 0.5, -1.0, 1.0)
        linear = torch.stack(
            [
                torch.stack([scale * stretch * mirror * angle.cos(), -scale * angle.sin()], dim=1),
                torch.stack([scale * stretch * mirror * angle.sin(), scale * angle.cos()], dim=1),
            ],
            dim=1,
        )
        shift = torch.stack([self._normal(n, options.shift_px), self._normal(n, options.shift_px)], dim=1)
        centre = (size - 1) / 2
        # Output pixel -> jittered pixel about the centre -> (for some) pixel of the face as it was given.
        offset = shift + centre - (linear @ torch.full((2, 1), centre)).squeeze(2)
        align = (self._uniform(n) < options.align_share).float()[:, None, None]
        identity = torch.eye(2, 3).expand(n, 2, 3)
        base = align * alignments + (1 - align) * identity
        offset = (base[:, :, :2] @ offset[:, :, None]).squeeze(2) + base[:, :, 2]
        linear = base[:, :, :2] @ linear
        # grid_sample counts in [-1, 1] between the outer edges: pixel p lies at (2 p + 1) / size - 1.
        unit_offset = ((linear @ torch.full((2, 1), centre)).squeeze(2) + offset) * 2 / size + 1 / size - 1
        theta = torch.cat([linear, unit_offset[:, :, None]], dim=2)
        grid = functional.affine_grid(theta, [n, 1, size, size], align_corners=False)
        return functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="border", align_corners=False)

    def _small(self, pictures: Tensor) -> Tensor:
        """A face of few pixels, magnified; one size a batch."""
        size = pictures.shape[-1]
        chosen = self._chosen(len(pictures), self.settings.small_share)
        small = int(self._uniform(1, self.settings.smallest_px, size - 4).item())
        if len(chosen):
            down = functional.interpolate(pictures[chosen], size=(small, small), mode="bilinear", antialias=True)
            pictures[chosen] = functional.interpolate(down, size=(size, size), mode="bilinear")
        return pictures

    def _shadow(self, pictures: Tensor) -> Tensor:
        """Light from one side: a soft edge in a random direction, darker beyond it."""
        chosen = self._chosen(len(pictures), self.settings.shadow_share)
        n, size = len(chosen), pictures.shape[-1]
        if n:
            axis = torch.linspace(-1, 1, size)
            angle = self._uniform(n, 0, 2 * math.pi)[:, None, None]
            ramp = angle.cos() * axis[None, None, :] + angle.sin() * axis[None, :, None]
            edge = self._uniform(n, -0.5, 0.5)[:, None, None]
            softness = self._uniform(n, 0.05, 0.6)[:, None, None]
            depth = self._uniform(n, 0.2, 0.85)[:, None, None]
            shade = 1 - depth * torch.sigmoid((ramp - edge) / softness)
            pictures[chosen] *= shade[:, None]
        return pictures

    def _light(self, pictures: Tensor) -> Tensor:
        chosen = self._chosen(len(pictures), self.settings.light_share)
        n = len(chosen)
        if n:
            gamma = self._normal(n, self.settings.gamma_log).exp()[:, None, None, None]
            bright = self._uniform(n, math.log(self.settings.darkest), 0.4).exp()[:, None, None, None]
            lifted = self._uniform(n, -20, 30)[:, None, None, None]
            curved = 255 * (pictures[chosen] / 255).clamp(0, 1) ** gamma
            pictures[chosen] = curved * bright + lifted * bright
        return pictures

    def _noise(self, pictures: Tensor) -> Tensor:
        chosen = self._chosen(len(pictures), self.settings.noise_share)
        n = len(chosen)
        if n:
            noise = torch.randn(pictures[chosen].shape, generator=self._generator)
            # Noise follows the signal's level: a dark picture's sensor noise is small in grey levels too.
            level = pictures[chosen].mean(dim=(1, 2, 3), keepdim=True).clamp_min(8) / 128
            pictures[chosen] += noise * level * self._uniform(n, 0, self.settings.noise_levels)[:, None, None, None]
        return pictures

    def _cutout(self, pictures: Tensor) -> Tensor:
        chosen = self._chosen(len(pictures), self.settings.cutout_share)
        n, size = len(chosen), pictures.shape[-1]
        if n:
            low, high = self.settings.cutout_px
            place = torch.arange(size)
            inside = []
            for _ in range(2):
                extent = self._uniform(n, low, high)[:, None]
                start = self._uniform(n, -low / 2, size - low / 2)[:, None]
                inside.append((place >= start) & (place < start + extent))
            hole = inside[0][:, None, :, None] & inside[1][:, None, None, :]
            grey = self._uniform(n, 0, 255)[:, None, None, None]
            pictures[chosen] = torch.where(hole, grey, pictures[chosen])
        return pictures
