"""Pictures of one head each, shown to the device's face path: as a camera would see them, or cut as they are. Host only."""

from __future__ import annotations

import numpy as np

from ertedge.perception.face import CROP_SIZE
from ertedge.types import UInt8Array
from tools.data.face_frames import HEIGHT, WIDTH

SMALL_SIDE = 240
"""A picture smaller than this is a crop of a head, not a camera's frame; it is shown to the detector inside of one."""
SHOWN_HEIGHT = 340


def middle_square(image: UInt8Array) -> UInt8Array:
    """The largest square in the middle of a (h, w, 3) picture as a (48, 48) grey crop."""
    import cv2

    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    grey = cv2.cvtColor(image[top : top + side, left : left + side], cv2.COLOR_BGR2GRAY)
    flags = cv2.INTER_AREA if side > CROP_SIZE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (CROP_SIZE, CROP_SIZE), interpolation=flags), dtype=np.uint8)


def as_frame(image: UInt8Array) -> UInt8Array:
    """A picture as a camera would show it: a crop of a head stands before a wall of its median grey level."""
    import cv2

    height, width = image.shape[:2]
    if min(height, width) >= SMALL_SIDE:
        return image
    scale = min(SHOWN_HEIGHT / height, 0.9 * WIDTH / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    shown = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    frame = np.full((HEIGHT, WIDTH, 3), np.median(image), dtype=np.uint8)
    top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
    frame[top : top + size[1], left : left + size[0]] = shown
    return frame
