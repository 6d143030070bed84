"""Which V4L2 devices are cameras that OpenCV can read, asked of the kernel itself. Floor 1.

A camera has several ``/dev/video`` nodes (metadata beside pictures), and a Raspberry Pi more than ten that are parts of its
image processor, so that "the first that opens" is the wrong one. ``VIDIOC_QUERYCAP`` tells them apart without starting one.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

QUERY_CAPABILITIES = 0x80685600
"""``_IOR('V', 0, struct v4l2_capability)`` of linux/videodev2.h; the structure has 104 bytes."""
CAPABILITIES = struct.Struct("16s32s32sIII12x")
"""driver, card, bus, version, capabilities of the whole device, capabilities of this node."""
VIDEO_CAPTURE = 0x00000001
VIDEO_CAPTURE_MPLANE = 0x00001000
STREAMING = 0x04000000
DEVICE_CAPABILITIES = 0x80000000
PI_PIPELINE = ("bcm2835", "unicam", "rp1-cfe", "pispbe", "rpi-", "rpivid")
"""Drivers of the Raspberry Pi's own camera pipeline; those give raw data and belong to libcamera."""

Query = Callable[[Path], bytes]


@dataclass(frozen=True, slots=True)
class V4l2Camera:
    """A node that delivers pictures: its path and the name its maker gave it."""

    path: Path
    card: str
    driver: str


def list_cameras(folder: Path = Path("/dev"), query: Query | None = None) -> tuple[V4l2Camera, ...]:
    """Every V4L2 camera, in the order of the nodes; those that may not be opened are left out."""
    nodes = [path for path in folder.glob("video*") if re.fullmatch(r"video\d+", path.name)]
    cameras = []
    for path in sorted(nodes, key=lambda node: int(node.name.removeprefix("video"))):
        try:
            camera = _camera(path, (query or _ask_kernel)(path))
        except OSError:
            continue
        if camera is not None:
            cameras.append(camera)
    return tuple(cameras)


def _ask_kernel(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        answer = bytearray(CAPABILITIES.size)
        fcntl.ioctl(descriptor, QUERY_CAPABILITIES, answer)
        return bytes(answer)
    finally:
        os.close(descriptor)


def _camera(path: Path, answer: bytes) -> V4l2Camera | None:
    driver, card, _bus, _version, whole, node = CAPABILITIES.unpack(answer)
    capabilities = node if whole & DEVICE_CAPABILITIES else whole
    name = _text(driver)
    if not capabilities & STREAMING or not capabilities & (VIDEO_CAPTURE | VIDEO_CAPTURE_MPLANE):
        return None
    if name.startswith(PI_PIPELINE):
        return None
    return V4l2Camera(path, _text(card), name)


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")
