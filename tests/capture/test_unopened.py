"""What the kernel lists, read without opening any device."""

from __future__ import annotations

import builtins
import os
from pathlib import Path

import pytest

from ertedge.capture import discover, unopened
from ertedge.capture.choose import choose_sources
from ertedge.capture.opencv_camera import OpencvCamera
from ertedge.capture.picamera import Picamera
from ertedge.config import CameraSettings, Config, MicrophoneSettings
from ertedge.types import SensorName

NOTHING: frozenset[SensorName] = frozenset()


class Machine:
    """A machine whose lists of devices are folders; its nodes are files that nobody may open."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.video_class, self.devices, self.sound = folder / "class", folder / "dev", folder / "dev" / "snd"
        for each in (self.video_class, self.sound):
            each.mkdir(parents=True)
        self._patch = monkeypatch
        listed, listed_pi, microphone = unopened.listed_cameras, unopened.lists_pi_camera, unopened.lists_microphone
        monkeypatch.setattr(discover, "listed_cameras", lambda: listed(self.video_class, self.devices))
        monkeypatch.setattr(discover, "lists_pi_camera", lambda: listed_pi(self.video_class, self.devices))
        monkeypatch.setattr(discover, "lists_microphone", lambda: microphone(self.sound))

    def plug(self, node: str, card: str, index: int = 0, *, listed_only: bool = False) -> None:
        (self.video_class / node).mkdir()
        (self.video_class / node / "name").write_text(f"{card}\n", encoding="utf-8")
        (self.video_class / node / "index").write_text(f"{index}\n", encoding="utf-8")
        if not listed_only:
            self.node(self.devices / node)

    def node(self, path: Path) -> None:
        path.write_bytes(b"")

    def install_picamera2(self) -> None:
        self._patch.setattr(unopened, "find_spec", lambda name: object())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Asking a device itself, or opening its node, fails the test."""

    def asked(*_: object) -> object:
        raise AssertionError("a device was asked before anybody agreed")

    for name in ("list_cameras", "list_pi_cameras", "default_input"):
        monkeypatch.setattr(discover, name, asked)
    opened, low_level = builtins.open, os.open

    def guarded(path: object, *arguments: object, **named: object) -> object:
        assert "/dev/" not in str(path), f"{path} was opened"
        return opened(path, *arguments, **named)  # type: ignore[call-overload]

    def guarded_low_level(path: str, flags: int, mode: int = 0o777) -> int:
        assert "/dev/" not in str(path), f"{path} was opened"
        return low_level(path, flags, mode)

    monkeypatch.setattr(builtins, "open", guarded)
    monkeypatch.setattr(os, "open", guarded_low_level)
    return Machine(tmp_path, monkeypatch)


def test_with_nothing_listed_auto_is_the_demo(machine: Machine) -> None:
    assert choose_sources(Config(), permitted=NOTHING).synthetic
    found = discover.find_devices(Config(), NOTHING)
    assert found.camera is None and found.microphone is None
    assert "plug one in" in found.camera_advice and "plug one in" in found.microphone_advice


def test_a_listed_camera_is_waited_for_and_not_asked(machine: Machine) -> None:
    machine.plug("video1", "HD Webcam", 1)
    machine.plug("video0", "HD Webcam", 0)
    sources = choose_sources(Config(), permitted=NOTHING)
    assert not sources.synthetic
    assert isinstance(sources.video, OpencvCamera)
    found = discover.find_devices(Config(), NOTHING)
    assert found.camera is not None
    assert found.camera.name == f"HD Webcam ({machine.devices / 'video0'})"


def test_a_node_that_the_container_does_not_have_is_none(machine: Machine) -> None:
    machine.plug("video0", "the host's webcam", listed_only=True)
    assert choose_sources(Config(), permitted=NOTHING).synthetic


def test_the_pipeline_of_a_pi_is_no_usb_camera(machine: Machine) -> None:
    machine.plug("video10", "bcm2835-codec-decode")
    machine.plug("video19", "pispbe-input")
    assert choose_sources(Config(), permitted=NOTHING).synthetic


@pytest.mark.parametrize("receiver", ["unicam-image", "rp1-cfe-csi2_ch0"])
def test_a_receiver_says_that_a_pi_camera_is_there_if_it_can_be_read(machine: Machine, receiver: str) -> None:
    machine.plug("video0", receiver)
    assert choose_sources(Config(), permitted=NOTHING).synthetic
    machine.install_picamera2()
    sources = choose_sources(Config(), permitted=NOTHING)
    assert isinstance(sources.video, Picamera)


def test_a_node_that_captures_is_a_microphone(machine: Machine) -> None:
    machine.node(machine.sound / "pcmC0D0p")
    assert choose_sources(Config(), permitted=NOTHING).synthetic
    machine.node(machine.sound / "pcmC1D0c")
    assert not choose_sources(Config(), permitted=NOTHING).synthetic
    named = discover.find_devices(Config(microphone=MicrophoneSettings(device="USB PnP")), NOTHING)
    assert named.microphone is not None and named.microphone.name == "USB PnP"


def test_the_camera_is_asked_only_where_the_camera_is_permitted(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.plug("video0", "HD Webcam")
    monkeypatch.setattr(discover, "default_input", lambda device: "USB PnP Sound Device")
    found = discover.find_devices(Config(), frozenset({SensorName.MICROPHONE}))
    assert found.camera is not None and found.camera.name.startswith("HD Webcam")
    assert found.microphone is not None and found.microphone.name == "USB PnP Sound Device"


def test_a_network_camera_needs_no_list(machine: Machine) -> None:
    config = Config(camera=CameraSettings(device="rtsp://me:secret@10.0.0.7/live"))
    assert discover.find_devices(config, NOTHING).camera is not None
    assert not choose_sources(config, permitted=NOTHING).synthetic
