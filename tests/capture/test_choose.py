"""Which sources a configuration means, and what is found when it leaves the choice to the machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.capture import choose, discover
from ertedge.capture.choose import choose_sources
from ertedge.capture.demo import DemoCamera, DemoMicrophone
from ertedge.capture.discover import FoundDevice, FoundDevices, camera_for, find_devices
from ertedge.capture.media_clock import Pace
from ertedge.capture.microphone import Microphone
from ertedge.capture.opencv_camera import OpencvCamera
from ertedge.capture.picamera import Picamera
from ertedge.capture.v4l2 import V4l2Camera
from ertedge.config import CameraSettings, Config
from ertedge.errors import ConfigurationError, DeviceMissingError, RecordingError
from tests.capture.media_files import make_recording, write_wav

WEBCAM = V4l2Camera(Path("/dev/video2"), "HD Webcam", "uvcvideo")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without any device; a test plugs some in."""

    def no_input(device: str) -> str:
        raise DeviceMissingError("no microphone found; plug one in")

    monkeypatch.setattr(discover, "list_cameras", lambda: ())
    monkeypatch.setattr(discover, "list_pi_cameras", lambda: ())
    monkeypatch.setattr(discover, "default_input", no_input)
    return monkeypatch


def test_auto_without_any_device_is_the_demo(machine: pytest.MonkeyPatch) -> None:
    sources = choose_sources(Config())
    assert sources.synthetic
    assert sources.name == "demo"
    assert isinstance(sources.video, DemoCamera) and isinstance(sources.sound, DemoMicrophone)


def test_auto_with_a_microphone_alone_waits_for_the_camera_too(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(discover, "default_input", lambda device: "USB PnP Sound Device")
    sources = choose_sources(Config())
    assert not sources.synthetic and not sources.lossless
    assert isinstance(sources.video, OpencvCamera) and isinstance(sources.sound, Microphone)


def test_auto_prefers_the_pi_camera(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(discover, "list_cameras", lambda: (WEBCAM,))
    assert isinstance(choose_sources(Config()).video, OpencvCamera)
    machine.setattr(discover, "list_pi_cameras", lambda: ("Pi camera imx708",))
    assert isinstance(choose_sources(Config()).video, Picamera)


def test_camera_is_never_the_demo(machine: pytest.MonkeyPatch) -> None:
    sources = choose_sources(Config(source="camera"))
    assert not sources.synthetic
    assert isinstance(sources.video, OpencvCamera)
    assert isinstance(camera_for(CameraSettings(device="picamera")), Picamera)


def test_replay_has_the_tracks_of_the_recording(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.mkv", seconds=1.0)
    sources = choose_sources(Config(source=f"replay:{path}"), Pace.FAST)
    assert sources.video is not None and sources.sound is not None
    assert sources.lossless and not sources.synthetic
    assert sources.name == "replay of a.mkv"
    assert not choose_sources(Config(source=f"replay:{path}")).lossless
    wav = write_wav(tmp_path / "b.wav", np.zeros(1600, np.int16))
    assert choose_sources(Config(source=f"replay:{wav}")).video is None


def test_replay_of_nothing_fails_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        choose_sources(Config(source=f"replay:{tmp_path / 'none.mp4'}"))


def test_a_simulation_has_no_sources() -> None:
    with pytest.raises(ConfigurationError, match="no camera and no microphone"):
        choose_sources(Config(source="simulate:day.toml"))


def test_what_is_found_has_a_name_and_a_setting(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(discover, "list_cameras", lambda: (WEBCAM,))
    machine.setattr(discover, "default_input", lambda device: "USB PnP Sound Device")
    found = find_devices(Config())
    assert found == FoundDevices(
        FoundDevice("HD Webcam (/dev/video2)", "/dev/video2"), FoundDevice("USB PnP Sound Device", "default")
    )
    assert find_devices(Config(camera=CameraSettings(device="2"))).camera == found.camera
    assert find_devices(Config(camera=CameraSettings(device="/dev/video2"))).camera == found.camera
    other = find_devices(Config(camera=CameraSettings(device="/dev/video7")))
    assert other.camera is None
    assert "set camera.device" in other.camera_advice


def test_what_is_missing_comes_with_advice(machine: pytest.MonkeyPatch) -> None:
    found = find_devices(Config())
    assert found.camera is None and found.microphone is None
    assert "plug one in" in found.camera_advice and "plug one in" in found.microphone_advice


def test_a_network_camera_counts_as_there_and_hides_its_password(machine: pytest.MonkeyPatch) -> None:
    found = find_devices(Config(camera=CameraSettings(device="rtsp://me:secret@10.0.0.7/live")))
    assert found.camera is not None
    assert found.camera.name == "rtsp://10.0.0.7/live"


def test_nothing_is_opened_by_choosing() -> None:
    sources = choose.choose_sources(Config(source="demo"))
    assert sources.video is not None and sources.sound is not None
    sources.video.close()
    sources.sound.close()
