"""The Pi camera's code held to the real picamera2: every name that it uses exists in the source distribution.

libcamera runs on a Pi only, so the package's source is read, not run. ``make setup`` keeps its source distribution in
``share/`` of the virtual environment; under CI it must be there. A second set of tests drives ``Picamera`` with a stand-in
whose methods have exactly the signatures that the first set checks.
"""

from __future__ import annotations

import ast
import inspect
import os
import sys
import tarfile
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from ertedge.capture import picamera
from ertedge.capture.picamera import Picamera, list_pi_cameras, to_monotonic
from ertedge.config import CameraSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError

VERSION = "0.3.38"
ARCHIVE = Path(sys.prefix) / "share" / f"picamera2-{VERSION}.tar.gz"
RECEIVERS = {
    "Picamera2": "Picamera2",
    "camera": "Picamera2",
    "self._camera": "Picamera2",
    "request": "CompletedRequest",
}
"""How ``picamera.py`` calls the objects of picamera2, and their classes."""


@dataclass(frozen=True)
class Call:
    """One call of the package in our code."""

    owner: str
    method: str
    positional: int
    keywords: tuple[str, ...]


@pytest.fixture(scope="module")
def package() -> dict[str, ast.Module]:
    """The modules of the real picamera2 by file name."""
    if not ARCHIVE.is_file():
        message = f"{ARCHIVE} is not there; `make setup` fetches it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    modules = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive.getmembers():
            parts = Path(member.name).parts
            if len(parts) == 3 and parts[1] == "picamera2" and parts[2].endswith(".py"):
                file = archive.extractfile(member)
                assert file is not None
                modules[parts[2]] = ast.parse(file.read())
    return modules


@pytest.fixture(scope="module")
def classes(package: dict[str, ast.Module]) -> dict[str, ast.ClassDef]:
    nodes = [node for module in package.values() for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    return {node.name: node for node in nodes}


@pytest.fixture(scope="module")
def ours() -> ast.Module:
    return ast.parse(inspect.getsource(picamera))


def calls_of(module: ast.Module) -> Iterator[Call]:
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        keywords = tuple(keyword.arg for keyword in node.keywords if keyword.arg is not None)
        if isinstance(node.func, ast.Name) and node.func.id == "Picamera2":
            yield Call("Picamera2", "__init__", len(node.args), keywords)
        elif isinstance(node.func, ast.Attribute) and (owner := RECEIVERS.get(ast.unparse(node.func.value))):
            yield Call(owner, node.func.attr, len(node.args), keywords)


def method_of(classes: dict[str, ast.ClassDef], call: Call) -> ast.FunctionDef:
    found = [
        node for node in classes[call.owner].body if isinstance(node, ast.FunctionDef) and node.name == call.method
    ]
    assert found, f"{call.owner} of picamera2 {VERSION} has no method {call.method}"
    return found[-1]  # overloads stand before the implementation


def test_the_calls_that_are_looked_for_are_found(ours: ast.Module) -> None:
    found = {(call.owner, call.method) for call in calls_of(ours)}
    assert found == {
        ("Picamera2", "__init__"),
        ("Picamera2", "global_camera_info"),
        ("Picamera2", "create_video_configuration"),
        ("Picamera2", "configure"),
        ("Picamera2", "start"),
        ("Picamera2", "capture_request"),
        ("Picamera2", "wait"),
        ("Picamera2", "cancel_all_and_flush"),
        ("Picamera2", "close"),
        ("CompletedRequest", "make_array"),
        ("CompletedRequest", "get_metadata"),
        ("CompletedRequest", "release"),
    }


def test_every_method_and_argument_exists(ours: ast.Module, classes: dict[str, ast.ClassDef]) -> None:
    for call in calls_of(ours):
        method = method_of(classes, call)
        names = [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)]
        static = any(ast.unparse(decorator) == "staticmethod" for decorator in method.decorator_list)
        names = names if static else names[1:]
        allowed = {*names, *(argument.arg for argument in method.args.kwonlyargs)}
        assert set(call.keywords) <= allowed, call
        assert call.positional <= len(names), call
        needed = names[call.positional : len(names) - len(method.args.defaults)]
        assert set(needed) <= set(call.keywords), call


def test_the_names_that_are_imported_are_offered(ours: ast.Module, package: dict[str, ast.Module]) -> None:
    wanted = {
        alias.name
        for node in ast.walk(ours)
        if isinstance(node, ast.ImportFrom) and node.module == "picamera2"
        for alias in node.names
    }
    offered = {
        alias.asname or alias.name
        for node in ast.walk(package["__init__.py"])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert wanted - {"Job"} <= offered  # Job is imported for the type checker alone
    assert "Job" in wanted


def test_stream_keys_formats_and_controls_exist(
    ours: ast.Module, package: dict[str, ast.Module], classes: dict[str, ast.ClassDef]
) -> None:
    fields = {
        target.id: ast.literal_eval(node.value)
        for node in classes["StreamConfiguration"].body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == "_ALLOWED_FIELDS"
    }
    streams = [node for node in ast.walk(ours) if isinstance(node, ast.Dict)]
    keys = {ast.literal_eval(key) for stream in streams for key in stream.keys if key is not None}
    controls = {key for key in keys if key[0].isupper()}
    assert controls == {"FrameDurationLimits"}
    assert keys - controls == {"size", "format"}
    assert keys - controls <= set(fields["_ALLOWED_FIELDS"])
    texts = {
        node.value
        for module in package.values()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {"RGB888", "YUV420", "main", "lores", "SensorTimestamp", "Model", "Id", *controls} <= texts


def test_memory_order_of_rgb888_is_blue_first(package: dict[str, ast.Module]) -> None:
    tables = [
        ast.literal_eval(node.value)
        for node in ast.walk(package["request.py"])
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "FORMAT_TABLE" for target in node.targets)
    ]
    assert tables and all(table["RGB888"] == "BGR" for table in tables)


def test_the_stand_in_has_the_signatures_of_the_real_package(classes: dict[str, ast.ClassDef]) -> None:
    for owner, fake in (("Picamera2", FakePicamera2), ("CompletedRequest", FakeRequest)):
        for name, member in vars(fake).items():
            if not inspect.isfunction(member) and not isinstance(member, staticmethod):
                continue
            if name.startswith("_"):
                continue
            function = member.__func__ if isinstance(member, staticmethod) else member
            real = method_of(classes, Call(owner, name, 0, ()))
            assert [a.arg for a in real.args.args] == list(inspect.signature(function).parameters), name


class FakeRequest:
    """A completed request with what the real one would hold."""

    def __init__(self, sensor_timestamp_ns: int) -> None:
        self.released = 0
        self._timestamp_ns = sensor_timestamp_ns

    def make_array(self, name):  # type: ignore[no-untyped-def]
        if name == "main":
            image = np.zeros((480, 640, 3), np.uint8)
            image[..., 0] = 200
            return image
        planes = np.zeros((360, 384), np.uint8)  # 320 wide, rows padded to 384
        planes[:240, :320] = 77
        planes[:, 320:] = 255
        return planes

    def get_metadata(self):  # type: ignore[no-untyped-def]
        return {"SensorTimestamp": self._timestamp_ns}

    def release(self):  # type: ignore[no-untyped-def]
        self.released += 1


class FakeJob:
    """What ``capture_request(wait=False)`` gives."""


class FakePicamera2:
    """picamera2 with one camera and a hand to turn its pictures off."""

    cameras: ClassVar[list[dict[str, object]]] = [
        {"Model": "imx708", "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a", "Num": 0}
    ]
    busy = False
    delivers = True
    last: FakePicamera2 | None = None

    def __init__(self, camera_num: int = 0) -> None:
        if self.busy:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        type(self).last = self
        self.jobs = 0
        self.closed = False
        self.flushed = False
        self.configuration: dict[str, object] = {}
        self.requests: list[FakeRequest] = []

    @staticmethod
    def global_camera_info():  # type: ignore[no-untyped-def]
        return FakePicamera2.cameras

    def create_video_configuration(  # type: ignore[no-untyped-def]
        self,
        main,
        lores=None,
        raw=None,
        transform=None,
        colour_space=None,
        buffer_count=6,
        controls=None,
        display="main",
        encode="main",
        queue=True,
        sensor=None,
        use_case="video",
    ):
        return {"main": main, "lores": lores, "controls": controls, "queue": queue, "buffer_count": buffer_count}

    def configure(self, camera_config=None):  # type: ignore[no-untyped-def]
        self.configuration = camera_config

    def start(self, config=None, show_preview=False):  # type: ignore[no-untyped-def]
        pass

    def capture_request(self, wait=None, signal_function=None, flush=None):  # type: ignore[no-untyped-def]
        assert wait is False
        self.jobs += 1
        return FakeJob()

    def wait(self, job, timeout=None):  # type: ignore[no-untyped-def]
        if not self.delivers:
            time.sleep(timeout)
            raise TimeoutError
        self.requests.append(FakeRequest(time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 30_000_000))
        return self.requests[-1]

    def cancel_all_and_flush(self):  # type: ignore[no-untyped-def]
        self.flushed = True

    def close(self):  # type: ignore[no-untyped-def]
        self.closed = True


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakePicamera2]:
    module = types.ModuleType("picamera2")
    module.Picamera2 = FakePicamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)
    monkeypatch.setattr(FakePicamera2, "busy", False)
    monkeypatch.setattr(FakePicamera2, "delivers", True)
    return FakePicamera2


def test_a_frame_has_both_streams_and_the_monotonic_clock(fake: type[FakePicamera2]) -> None:
    with Picamera(CameraSettings()) as camera:
        before_ns = time.monotonic_ns()
        frame = camera.read(0.2)
        assert camera.device == "Pi camera imx708"
    assert frame is not None
    assert frame.image.shape == (480, 640, 3)
    assert frame.luma is not None and frame.luma.shape == (240, 320)
    assert (frame.luma == 77).all()
    assert frame.luma.flags.c_contiguous
    assert -5_000_000 < frame.timestamp_ns - (before_ns - 30_000_000) < 500_000_000
    assert fake.last is not None
    assert [request.released for request in fake.last.requests] == [1]
    assert fake.last.flushed and fake.last.closed
    assert fake.last.configuration["controls"] == {"FrameDurationLimits": (100_000, 100_000)}


def test_a_wide_main_stream_goes_without_the_small_one(fake: type[FakePicamera2]) -> None:
    with Picamera(CameraSettings(width_px=1280, height_px=720)) as camera:
        frame = camera.read(0.2)
    assert frame is not None and frame.luma is None
    assert fake.last is not None and fake.last.configuration["lores"] is None


def test_a_camera_that_is_slow_is_asked_once(fake: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePicamera2, "delivers", False)
    with Picamera(CameraSettings()) as camera:
        assert camera.read(0.01) is None
        assert camera.read(0.01) is None
        assert fake.last is not None and fake.last.jobs == 1


def test_errors_say_what_to_do(fake: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Picamera(CameraSettings())
    with pytest.raises(DeviceLostError, match="not open"):
        camera.read(0.01)
    monkeypatch.setattr(FakePicamera2, "busy", True)
    with pytest.raises(DeviceBusyError, match="another program may use it"):
        camera.open()
    monkeypatch.setattr(FakePicamera2, "cameras", [])
    with pytest.raises(DeviceMissingError, match="check the ribbon cable"):
        camera.open()
    camera.close()


def test_a_usb_camera_is_no_pi_camera(fake: type[FakePicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    usb = {"Model": "HD Webcam", "Id": "/base/soc/usb@7e980000-1:1.0-046d:0825", "Num": 0}
    monkeypatch.setattr(FakePicamera2, "cameras", [usb])
    assert list_pi_cameras() == ()


def test_without_picamera2_the_advice_is_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    assert list_pi_cameras() == ()
    with pytest.raises(DeviceMissingError, match="apt install python3-picamera2"):
        Picamera(CameraSettings()).open()


def test_boot_time_to_monotonic() -> None:
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    assert abs(to_monotonic(now) - time.monotonic_ns()) < 50_000_000
