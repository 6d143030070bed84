"""What is plugged in: cameras and a microphone, for ``--source auto`` and for ``doctor``. Floor 1.

A device is asked what it is only where it is among those that are ``permitted``; of the others only the names that the
kernel lists are read, since nothing is opened before somebody has agreed to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.capture.microphone import default_input
from ertedge.capture.opencv_camera import OpencvCamera, is_url
from ertedge.capture.picamera import Picamera, list_pi_cameras
from ertedge.capture.source import VideoSource
from ertedge.capture.unopened import listed_cameras, lists_microphone, lists_pi_camera
from ertedge.capture.v4l2 import list_cameras
from ertedge.config import CameraSettings, Config
from ertedge.errors import DeviceMissingError
from ertedge.types import SensorName

ALL_SENSORS = frozenset(SensorName)


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


def find_devices(config: Config, permitted: frozenset[SensorName] = ALL_SENSORS) -> FoundDevices:
    """The camera and the microphone that the configuration asks for, if they are there.

    A network camera counts as there, since only opening it would tell.
    """
    camera = _find_camera(config.camera.device, SensorName.CAMERA in permitted)
    microphone, advice = _find_microphone(config.microphone.device, SensorName.MICROPHONE in permitted)
    camera_advice = "" if camera else "no camera found; plug one in, or set camera.device to its path or address"
    return FoundDevices(camera, microphone, camera_advice, advice)


def camera_for(settings: CameraSettings, permitted: bool = True) -> VideoSource:
    """The source of the configured camera: ``auto`` takes the Pi camera where there is one, else the first of V4L2."""
    if settings.device == "picamera" or (settings.device == "auto" and _has_pi_camera(permitted)):
        return Picamera(settings)
    return OpencvCamera(settings.device, settings)


def _has_pi_camera(permitted: bool) -> bool:
    return bool(list_pi_cameras()) if permitted else lists_pi_camera()


def _find_camera(device: str, permitted: bool) -> FoundDevice | None:
    if is_url(device):
        return FoundDevice(OpencvCamera(device, CameraSettings()).device, device)
    if device in ("auto", "picamera") and _has_pi_camera(permitted):
        return FoundDevice(list_pi_cameras()[0] if permitted else "Pi camera", "picamera")
    if device == "picamera":
        return None
    for camera in list_cameras() if permitted else listed_cameras():
        if device in ("auto", str(camera.path), camera.path.name.removeprefix("video")):
            return FoundDevice(f"{camera.card} ({camera.path})", str(camera.path))
    return None


def _find_microphone(device: str, permitted: bool) -> tuple[FoundDevice | None, str]:
    """The microphone, and where there is none, what to do."""
    try:
        if permitted:
            return FoundDevice(default_input(device), device), ""
    except DeviceMissingError as error:
        return None, str(error)
    if lists_microphone():
        return FoundDevice("microphone" if device == "default" else device, device), ""
    return None, "no microphone found; plug one in, or set microphone.device"
