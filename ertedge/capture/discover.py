"""What is plugged in: cameras and a microphone, for ``--source auto`` and for ``doctor``. Floor 1. Opens nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.capture.microphone import default_input
from ertedge.capture.opencv_camera import OpencvCamera, is_url
from ertedge.capture.picamera import Picamera, list_pi_cameras
from ertedge.capture.source import VideoSource
from ertedge.capture.v4l2 import list_cameras
from ertedge.config import CameraSettings, Config
from ertedge.errors import DeviceMissingError


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device by the name that a person knows it by, and what to write in the configuration to have it."""

    name: str
    setting: str


@dataclass(frozen=True, slots=True)
class FoundDevices:
    """What is there; None where nothing is, and then the sentence that says what to do."""

    camera: FoundDevice | None
    microphone: FoundDevice | None
    camera_advice: str = ""
    microphone_advice: str = ""


def find_devices(config: Config) -> FoundDevices:
    """The camera and the microphone that the configuration asks for, if they are there.

    A network camera counts as there, since only opening it would tell.
    """
    camera = _find_camera(config.camera.device)
    try:
        microphone: FoundDevice | None = FoundDevice(default_input(config.microphone.device), config.microphone.device)
        advice = ""
    except DeviceMissingError as error:
        microphone, advice = None, str(error)
    camera_advice = "" if camera else "no camera found; plug one in, or set camera.device to its path or address"
    return FoundDevices(camera, microphone, camera_advice, advice)


def camera_for(settings: CameraSettings) -> VideoSource:
    """The source of the configured camera: ``auto`` takes the Pi camera where there is one, else the first of V4L2."""
    if settings.device == "picamera" or (settings.device == "auto" and list_pi_cameras()):
        return Picamera(settings)
    return OpencvCamera(settings.device, settings)


def _find_camera(device: str) -> FoundDevice | None:
    if is_url(device):
        return FoundDevice(OpencvCamera(device, CameraSettings()).device, device)
    if device in ("auto", "picamera") and (pi_cameras := list_pi_cameras()):
        return FoundDevice(pi_cameras[0], "picamera")
    if device == "picamera":
        return None
    for camera in list_cameras():
        if device in ("auto", str(camera.path), camera.path.name.removeprefix("video")):
            return FoundDevice(f"{camera.card} ({camera.path})", str(camera.path))
    return None
