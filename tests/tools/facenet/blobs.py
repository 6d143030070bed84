"""Pictures for networks that no face is needed for."""

from __future__ import annotations

import torch
from torch.nn import functional


def smooth_faces(n: int, seed: int) -> torch.Tensor:
    """(n, 48, 48) uint8: blobs, which a shift changes little, as it does faces."""
    coarse = torch.randint(0, 255, (n, 1, 5, 5), generator=torch.Generator().manual_seed(seed)).float()
    return functional.interpolate(coarse, size=(48, 48), mode="bicubic").clamp(0, 255).squeeze(1).to(torch.uint8)
