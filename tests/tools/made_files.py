"""Small invented pictures and sounds for the tests of loaders and of what is scored with them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import soundfile


def picture(path: Path, side: int = 48, seed: int = 0) -> Path:
    """Square grey noise at ``path``, whose ending says which format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 255, (side, side)).astype(np.uint8))
    return path


def sound(path: Path, seconds: float = 0.2, rate_hz: int = 16_000, channels: int = 1) -> Path:
    """A tone of 220 Hz at ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate_hz)) / rate_hz)
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate_hz)
    return path
