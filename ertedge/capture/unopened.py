"""What seems to be plugged in, from the names that the kernel lists: not one device is opened, not even to ask it. Floor 1.

For the time before anybody has agreed to be seen or heard. It knows less than ``discover``: a node may turn out to be no
camera, and a microphone of a sound server is not seen; whoever agrees, and whoever names a source, gets the whole answer.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from ertedge.capture.v4l2 import PI_PIPELINE, V4l2Camera

VIDEO_CLASS = Path("/sys/class/video4linux")
SOUND_NODES = Path("/dev/snd")
DEVICES = Path("/dev")
PI_RECEIVERS = ("unicam", "rp1-cfe")
"""What the kernel calls the nodes of a camera on the CSI connector; without a camera there, it makes none."""


def listed_cameras(video_class: Path = VIDEO_CLASS, devices: Path = DEVICES) -> tuple[V4l2Camera, ...]:
    """Nodes that look like USB cameras, in their order: the first of each device, without the Pi's own pipeline."""
    return tuple(
        V4l2Camera(devices / name, card, "")
        for name, card, index in _nodes(video_class, devices)
        if index == 0 and not card.startswith(PI_PIPELINE)
    )


def lists_pi_camera(video_class: Path = VIDEO_CLASS, devices: Path = DEVICES) -> bool:
    """Whether a camera on the CSI connector seems to be there, and what it is read with is installed."""
    receivers = [card for _, card, _ in _nodes(video_class, devices) if card.startswith(PI_RECEIVERS)]
    return bool(receivers) and find_spec("picamera2") is not None


def lists_microphone(nodes: Path = SOUND_NODES) -> bool:
    """Whether the sound system has a node that captures (``pcmC1D0c``)."""
    return any(re.fullmatch(r"pcmC\d+D\d+c", path.name) for path in _entries(nodes))


def _nodes(video_class: Path, devices: Path) -> list[tuple[str, str, int]]:
    """Name, card and index of every video node that is there, by number. A container lists nodes that it does not have."""
    found = []
    for path in _entries(video_class):
        if not re.fullmatch(r"video\d+", path.name) or not (devices / path.name).exists():
            continue
        card, index = _read(path / "name"), _read(path / "index")
        found.append((path.name, card or path.name, int(index) if index.isdecimal() else 0))
    return sorted(found, key=lambda node: int(node[0].removeprefix("video")))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
