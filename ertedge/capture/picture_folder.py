"""A folder of pictures as a recording without sound. Floor 1."""

from __future__ import annotations

import re
from pathlib import Path

from ertedge.capture.container import check_size, fitted
from ertedge.capture.media_clock import MediaClock
from ertedge.capture.picture_size import SUFFIXES, picture_size
from ertedge.capture.source import ContextSource, SourceEnded
from ertedge.config import CameraSettings
from ertedge.errors import RecordingError
from ertedge.types import UInt8Array, VideoFrame


class PictureFolder(ContextSource):
    """The pictures of a folder in the order of their names (``2.png`` before ``10.png``), at the camera's frame rate.

    A picture that cannot be read leaves its moment empty and is told of at the end.
    """

    live = False

    def __init__(self, folder: Path, clock: MediaClock, settings: CameraSettings) -> None:
        """Raises RecordingError when the folder holds no picture, or one too large to decode."""
        self.device = folder.name
        self._folder = folder
        self._clock = clock
        self._settings = settings
        self._paths = sorted((p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES), key=_natural_order)
        self._index = 0
        self._unreadable: list[str] = []
        if not self._paths:
            kinds = ", ".join(sorted(SUFFIXES))
            raise RecordingError(f"{folder}: no pictures in it; give a folder with {kinds} files")
        for path in self._paths:
            if size := picture_size(path):
                check_size(str(path), *size)

    def open(self) -> None:
        """As ``Source.open``. Opened again after a close, it goes on where it is due."""
        if self._index:
            due = -(-self._clock.position_ns() * self._settings.frames_per_second // 1_000_000_000)
            self._index = max(self._index, int(due))
        self._clock.start()

    def read(self, timeout_seconds: float) -> VideoFrame | None:
        """As ``Source.read``."""
        if self._index >= len(self._paths):
            if len(self._unreadable) == len(self._paths):
                raise RecordingError(f"{self._folder}: none of its {len(self._paths)} pictures can be read")
            raise SourceEnded(self._how_it_ended())
        media_ns = round(self._index * 1e9 / self._settings.frames_per_second)
        if not self._clock.wait_until(media_ns, timeout_seconds):
            return None
        path = self._paths[self._index]
        self._index += 1
        image = self._load(path)
        if image is None:
            self._unreadable.append(path.name)
            return None
        return VideoFrame(timestamp_ns=self._clock.timestamp_ns(media_ns), image=image)

    def close(self) -> None:
        """As ``Source.close``."""

    def _load(self, path: Path) -> UInt8Array | None:
        """(height, width, 3) BGR, not larger than was asked for; None when it cannot be decoded."""
        import cv2

        # The size is looked at again: the file may be another by now, and a file without a known header is not decoded.
        try:
            if (size := picture_size(path)) is None:
                return None
            check_size(str(path), *size)
            image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            return None
        if image is None:
            return None
        height, width = image.shape[:2]
        smaller = fitted(width, height, self._settings.width_px, self._settings.height_px)
        if smaller != (width, height):
            image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        return image.astype("uint8", copy=False)

    def _how_it_ended(self) -> str:
        text = f"the {len(self._paths)} pictures of {self.device} are over"
        if self._unreadable:
            text += f"; {len(self._unreadable)} could not be read, the first is {self._unreadable[0]}"
        return text


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Numbers inside a name are compared as numbers."""
    parts = re.findall(r"\d+|\D+", path.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.suffix
