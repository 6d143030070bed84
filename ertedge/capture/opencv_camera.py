"""USB and network cameras through OpenCV: a V4L2 index or path, or an RTSP or HTTP address. Floor 1."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ertedge.capture.container import fitted
from ertedge.capture.source import ContextSource
from ertedge.capture.thinning import FrameThinner
from ertedge.capture.v4l2 import list_cameras
from ertedge.config import CameraSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError
from ertedge.types import VideoFrame

if TYPE_CHECKING:
    import cv2

OPEN_TIMEOUT_MS = 3000
READ_TIMEOUT_MS = 1500
V4L2_TIMEOUT_SECONDS = "2"
"""How long OpenCV waits for a picture of a V4L2 device; 10 s by itself, longer than a mute or a watchdog can wait."""
STALE_NS = 1_000_000_000
"""A driver's timestamp older than this is of another clock."""


class OpencvCamera(ContextSource):
    """A camera that OpenCV reads. ``read`` takes every picture off the driver and decodes those that are wanted."""

    live = True

    def __init__(self, device: str, settings: CameraSettings) -> None:
        """``device`` is an index (``0``), a path (``/dev/video0``), ``auto`` (the first V4L2 camera), or a URL."""
        self._wanted = device
        self._settings = settings
        self._camera: cv2.VideoCapture | None = None
        self._thinner = FrameThinner(settings.frames_per_second)
        self.device = shown(device) if is_url(device) else device

    def open(self) -> None:
        """As ``Source.open``."""
        # Read once by OpenCV when its library is loaded; a later change would do nothing, and an own setting is kept.
        os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", V4L2_TIMEOUT_SECONDS)
        self._thinner = FrameThinner(self._settings.frames_per_second)
        if is_url(self._wanted):
            self._open_url(self._wanted)
        else:
            self._open_v4l2(self._find_node())

    def read(self, timeout_seconds: float) -> VideoFrame | None:
        """As ``Source.read``."""
        if self._camera is None:
            raise DeviceLostError(f"{self.device} is not open")
        end = time.monotonic() + timeout_seconds
        while True:
            if not self._camera.grab():
                raise DeviceLostError(
                    f"{self.device} stopped giving pictures; check its cable, its power and the network"
                )
            timestamp_ns = self._timestamp_ns()
            if self._thinner.wants(timestamp_ns):
                return self._decode(timestamp_ns)
            if time.monotonic() >= end:
                return None

    def close(self) -> None:
        """As ``Source.close``."""
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.release()

    def _find_node(self) -> Path:
        if self._wanted == "auto":
            cameras = list_cameras()
            if not cameras:
                raise DeviceMissingError("no camera found; plug one in, or set camera.device")
            self.device = f"{cameras[0].card} ({cameras[0].path})"
            return cameras[0].path
        return Path(f"/dev/video{self._wanted}") if self._wanted.isdecimal() else Path(self._wanted)

    def _open_v4l2(self, node: Path) -> None:
        if not node.exists():
            raise DeviceMissingError(f"{node} is not there; plug the camera in, or set camera.device")
        if not os.access(node, os.R_OK | os.W_OK):
            raise DeviceMissingError(f"{node} may not be opened; add this user to the group `video` and log in again")
        import cv2

        code = cv2.VideoWriter.fourcc(*"MJPG")
        # In this order: the driver takes size and rate for the format set before.
        parameters = [
            (cv2.CAP_PROP_FOURCC, code),
            (cv2.CAP_PROP_FRAME_WIDTH, self._settings.width_px),
            (cv2.CAP_PROP_FRAME_HEIGHT, self._settings.height_px),
            (cv2.CAP_PROP_FPS, max(15, round(self._settings.frames_per_second))),
            (cv2.CAP_PROP_BUFFERSIZE, 2),
        ]
        camera = cv2.VideoCapture(str(node.resolve()), cv2.CAP_V4L2)
        if not camera.isOpened():
            camera.release()
            raise DeviceBusyError(
                f"{node} does not open as a camera; another program may use it (see `fuser -v {node}`)"
            )
        for name, value in parameters:
            camera.set(name, value)
        self._camera = camera

    def _open_url(self, url: str) -> None:
        import cv2

        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            READ_TIMEOUT_MS,
        ]
        camera = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
        if not camera.isOpened():
            camera.release()
            raise DeviceMissingError(
                f"{self.device} does not answer as a camera; check the address, the network and the password"
            )
        self._camera = camera

    def _timestamp_ns(self) -> int:
        """When the picture was taken: by the driver's clock where that is the monotonic one (V4L2), else now."""
        import cv2

        now_ns = time.monotonic_ns()
        if self._camera is not None and not is_url(self._wanted):
            driver_ns = round(self._camera.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
            if 0 <= now_ns - driver_ns <= STALE_NS:
                return driver_ns
        return now_ns

    def _decode(self, timestamp_ns: int) -> VideoFrame | None:
        """None for a picture that came damaged, as happens now and then on USB."""
        import cv2

        if self._camera is None:
            return None
        good, image = self._camera.retrieve()
        if not good or image is None or image.ndim != 3:
            return None
        height, width = image.shape[:2]
        smaller = fitted(width, height, self._settings.width_px, self._settings.height_px)
        if smaller != (width, height):
            image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
        return VideoFrame(timestamp_ns=timestamp_ns, image=image.astype("uint8", copy=False))


def is_url(device: str) -> bool:
    """Whether a device is a network address."""
    return "://" in device


def shown(url: str) -> str:
    """The address without user name and password, as it may stand in a log."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
