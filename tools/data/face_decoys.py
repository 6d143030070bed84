"""Emblems: small random drawings of a few marks on a ground, such as badges, coins, buttons, icons and print. Host only.

A dark mark left and right and another below is enough to look like a face from afar, and photographs of landscapes hold few
such things while clothes and rooms are full of them. The drawings teach the detector that marks alone are no face.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ertedge.types import UInt8Array

DECOY_WIDTH, DECOY_HEIGHT = 48, 60


def emblems(rng: Generator, count: int) -> UInt8Array:
    """(count, 60, 48) uint8 random emblems."""
    return np.stack([_emblem(rng) for _ in range(count)])


def _emblem(rng: Generator) -> UInt8Array:
    """A ground of one tone, often a disc or a shield, with two to nine marks, often mirrored left to right."""
    import cv2

    image = np.full((DECOY_HEIGHT, DECOY_WIDTH), int(rng.integers(5, 250)), np.uint8)
    middle = (DECOY_WIDTH // 2, DECOY_HEIGHT // 2)
    if rng.random() < 0.5:
        axes = (int(rng.integers(14, 26)), int(rng.integers(14, 32)))
        cv2.ellipse(image, middle, axes, 0, 0, 360, int(rng.integers(5, 250)), -1, cv2.LINE_AA)
        if rng.random() < 0.5:
            cv2.ellipse(image, middle, axes, 0, 0, 360, int(rng.integers(5, 250)), int(rng.integers(1, 4)), cv2.LINE_AA)
    for _ in range(int(rng.integers(2, 10))):
        _mark(rng, image)
    if rng.random() < 0.4:
        half = DECOY_WIDTH // 2
        image[:, half:] = image[:, :half][:, ::-1]
    if rng.random() < 0.7:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.8)), dtype=np.uint8)
    return image


def _mark(rng: Generator, image: UInt8Array) -> None:
    """One blob, bar, frame or run of letters (in place)."""
    import cv2

    tone = int(rng.integers(5, 250))
    x, y = int(rng.integers(3, DECOY_WIDTH - 3)), int(rng.integers(3, DECOY_HEIGHT - 3))
    kind = rng.integers(4)
    if kind == 0:
        axes = (int(rng.integers(1, 10)), int(rng.integers(1, 8)))
        cv2.ellipse(image, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA)
    elif kind == 1:
        end = (x + int(rng.integers(-22, 23)), y + int(rng.integers(-10, 11)))
        cv2.line(image, (x, y), end, tone, int(rng.integers(1, 6)), cv2.LINE_AA)
    elif kind == 2:
        end = (x + int(rng.integers(3, 20)), y + int(rng.integers(3, 16)))
        cv2.rectangle(image, (x, y), end, tone, int(rng.choice([-1, 1, 2])))
    else:
        letters = "".join(chr(c) for c in rng.integers(65, 91, int(rng.integers(1, 7))))
        cv2.putText(image, letters, (x // 2, y), 0, float(rng.uniform(0.25, 0.8)), tone, 1, cv2.LINE_AA)
