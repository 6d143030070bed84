"""The Raspberry Pi's camera through picamera2: the main stream for the crop, the small one for the detector. Floor 1.

picamera2 and libcamera come with the system's packages, so they are imported only when the camera is opened.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import numpy as np

from ertedge.capture.source import ContextSource
from ertedge.config import CameraSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError
from ertedge.types import UInt8Array, VideoFrame

if TYPE_CHECKING:
    from picamera2 import CompletedRequest, Job, Picamera2

LUMA_WIDTH_PX, LUMA_HEIGHT_PX = 320, 240
"""The detector's input."""
BUFFERS = 4
"""Pictures in flight: fewer drop frames while one is copied, more take memory of the camera's pool."""


class Picamera(ContextSource):
    """The first camera on the CSI connector."""

    live = True

    def __init__(self, settings: CameraSettings) -> None:
        self.device = "Pi camera"
        self._settings = settings
        self._camera: Picamera2 | None = None
        self._job: Job[CompletedRequest] | None = None
        # Both streams show the same view, so a main stream of other proportions would squeeze the faces in the small one.
        same_shape = settings.width_px * LUMA_HEIGHT_PX == settings.height_px * LUMA_WIDTH_PX
        self._has_luma = same_shape and settings.width_px >= LUMA_WIDTH_PX

    def open(self) -> None:
        """As ``Source.open``."""
        try:
            from picamera2 import Picamera2
        except ImportError as error:
            message = f"the Pi camera needs picamera2 ({error}); `sudo apt install python3-picamera2`"
            raise DeviceMissingError(message) from None
        cameras = list_pi_cameras()
        if not cameras:
            raise DeviceMissingError("no camera on the CSI connector; check the ribbon cable, then restart the device")
        try:
            # Sorted by picamera2 so that cameras on USB come last: the first is on the connector.
            camera = Picamera2(0)
        except RuntimeError as error:
            message = f"the Pi camera does not open ({error}); another program may use it"
            raise DeviceBusyError(message) from error
        try:
            self._start(camera)
        except RuntimeError as error:
            camera.close()
            raise DeviceLostError(f"the Pi camera does not start ({error})") from error
        self.device = cameras[0]
        self._camera = camera

    def read(self, timeout_seconds: float) -> VideoFrame | None:
        """As ``Source.read``."""
        if self._camera is None:
            raise DeviceLostError(f"{self.device} is not open")
        try:
            # A job that is not done within the timeout stays in the queue; asking again would make a second one.
            if self._job is None:
                self._job = self._camera.capture_request(wait=False)
            request = self._camera.wait(self._job, timeout=timeout_seconds)
        except TimeoutError:
            return None
        except RuntimeError as error:
            raise DeviceLostError(f"{self.device} stopped ({error})") from error
        self._job = None
        try:
            return self._to_frame(request)
        finally:
            request.release()

    def close(self) -> None:
        """As ``Source.close``."""
        camera, self._camera, self._job = self._camera, None, None
        if camera is None:
            return
        try:
            # A job that waits for a picture would stand before the one that stops, for ever if the cable is out.
            camera.cancel_all_and_flush()
            camera.close()
        except RuntimeError as error:
            logging.getLogger(__name__).debug("the Pi camera did not close cleanly: %s", error)

    def _start(self, camera: Picamera2) -> None:
        period_us = round(1e6 / self._settings.frames_per_second)
        size = (self._settings.width_px // 2 * 2, self._settings.height_px // 2 * 2)
        luma = {"size": (LUMA_WIDTH_PX, LUMA_HEIGHT_PX), "format": "YUV420"} if self._has_luma else None
        configuration = camera.create_video_configuration(
            # libcamera names formats by the order in a little-endian word: its RGB888 lies in memory as blue, green, red.
            main={"size": size, "format": "RGB888"},
            lores=luma,
            buffer_count=BUFFERS,
            # Without a queue a request is for a frame that begins after it, so no stale one is read.
            queue=False,
            controls={"FrameDurationLimits": (period_us, period_us)},
        )
        camera.configure(configuration)
        camera.start()

    def _to_frame(self, request: CompletedRequest) -> VideoFrame:
        image: UInt8Array = request.make_array("main")
        luma: UInt8Array | None = None
        if self._has_luma:
            # The Y plane stands above the two colour planes, its rows padded to the hardware's stride.
            planes = request.make_array("lores")
            luma = np.ascontiguousarray(planes[:LUMA_HEIGHT_PX, :LUMA_WIDTH_PX])
        boot_time_ns = int(request.get_metadata()["SensorTimestamp"])
        return VideoFrame(timestamp_ns=to_monotonic(boot_time_ns), image=image, luma=luma)


def to_monotonic(boot_time_ns: int) -> int:
    """CLOCK_BOOTTIME, by which libcamera stamps frames, to the monotonic clock; they differ by the time spent suspended."""
    return boot_time_ns - (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns())


def list_pi_cameras() -> tuple[str, ...]:
    """The cameras on the CSI connector by their sensor's model; empty where picamera2 is not installed.

    libcamera also knows USB cameras, which are left to OpenCV: their streams have other formats.
    """
    try:
        from picamera2 import Picamera2
    except ImportError:
        return ()
    cameras = Picamera2.global_camera_info()
    return tuple(f"Pi camera {camera['Model']}" for camera in cameras if "/usb" not in camera["Id"])
