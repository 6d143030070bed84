"""A network camera for real (motion JPEG over HTTP on loopback), and V4L2 nodes by the answers that kernels give."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ertedge.capture.buffers import LatestFrame
from ertedge.capture.opencv_camera import OpencvCamera, shown
from ertedge.capture.supervisor import Capture
from ertedge.capture.v4l2 import list_cameras
from ertedge.config import CameraSettings, SensorSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError
from ertedge.types import SensorCondition, SensorName, VideoFrame
from tests.capture.fakes import until


class NetworkCamera:
    """Serves motion JPEG of 320x240 at 25 pictures a second until it is told to stop or to go silent."""

    def __init__(self) -> None:
        self.serving = threading.Event()
        self.serving.set()
        self.speaking = threading.Event()
        self.speaking.set()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/video.mjpg"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        import cv2

        if not self.serving.is_set():
            handler.send_error(503)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        handler.end_headers()
        try:
            for number in range(2000):
                if not self.serving.is_set():
                    return
                if not self.speaking.wait(5):
                    return
                picture = np.full((240, 320, 3), (200, 60, 30), np.uint8)
                picture[:, number % 320] = 255
                jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
                handler.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                handler.wfile.write(jpeg + b"\r\n")
                time.sleep(0.04)
        except OSError:
            return

    def close(self) -> None:
        self.serving.clear()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def network_camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera()
    yield camera
    camera.close()


def test_frames_of_a_network_camera_are_bgr_stamped_and_thinned(network_camera: NetworkCamera) -> None:
    with OpencvCamera(network_camera.url, CameraSettings(width_px=160, height_px=120)) as camera:
        frames: list[VideoFrame] = []
        started = time.monotonic_ns()
        while len(frames) < 8 and time.monotonic_ns() - started < 10_000_000_000:
            if (got := camera.read(0.2)) is not None:
                assert started <= got.timestamp_ns <= time.monotonic_ns()
                frames.append(got)
    assert frames[0].image.shape == (120, 160, 3)
    blue, green, red = frames[0].image.reshape(-1, 3).mean(axis=0)
    assert blue > 150 and green < 100 and red < 80
    pauses = np.diff([frame.timestamp_ns for frame in frames[2:]]) / 1e9
    assert pauses.min() > 0.04
    assert 0.06 < np.median(pauses) < 0.25


def test_a_network_camera_that_dies_is_lost_and_found_again(network_camera: NetworkCamera) -> None:
    settings = SensorSettings(reopen_first_seconds=0.1, reopen_most_seconds=0.2)
    source = OpencvCamera(network_camera.url, CameraSettings())
    capture = Capture(SensorName.CAMERA, source, LatestFrame(), settings)
    capture.start()
    assert until(lambda: capture.status().condition is SensorCondition.RUNNING, 15)
    network_camera.serving.clear()
    gone = (SensorCondition.FAILED, SensorCondition.MISSING, SensorCondition.HANGING)
    assert until(lambda: capture.status().condition in gone, 15)
    network_camera.serving.set()
    assert until(lambda: capture.status().condition is SensorCondition.RUNNING, 15)
    assert capture.status().reopened == 1
    assert capture.stop(5)


def test_a_network_camera_that_goes_silent_is_given_up_within_its_timeout(network_camera: NetworkCamera) -> None:
    with OpencvCamera(network_camera.url, CameraSettings()) as camera:
        assert until(lambda: camera.read(0.2) is not None, 10)
        network_camera.speaking.clear()
        started = time.monotonic()
        with pytest.raises(DeviceLostError, match="stopped giving pictures"):
            while time.monotonic() - started < 10:
                camera.read(0.2)
        assert time.monotonic() - started < 5
    network_camera.speaking.set()


def test_an_address_where_nothing_answers_is_missing() -> None:
    camera = OpencvCamera("http://127.0.0.1:9/video", CameraSettings())
    with pytest.raises(DeviceMissingError, match="does not answer as a camera"):
        camera.open()
    camera.close()


def test_a_password_is_not_shown() -> None:
    assert shown("rtsp://me:secret@camera.local:554/stream?token=x") == "rtsp://camera.local:554/stream"
    assert "secret" not in OpencvCamera("rtsp://me:secret@camera.local/1", CameraSettings()).device


def test_a_node_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissingError, match="plug the camera in"):
        OpencvCamera(str(tmp_path / "video9"), CameraSettings()).open()


def test_a_node_that_is_no_camera_does_not_open(tmp_path: Path) -> None:
    (tmp_path / "video9").touch()
    with pytest.raises(DeviceBusyError, match="another program may use it"):
        OpencvCamera(str(tmp_path / "video9"), CameraSettings()).open()


def test_closing_what_never_opened_is_harmless() -> None:
    OpencvCamera("0", CameraSettings()).close()


def answer(driver: str, card: str, node: int, whole: int = 0x84A00001) -> bytes:
    """A ``struct v4l2_capability`` as the kernel fills it."""
    return struct.pack("16s32s32sIII12x", driver.encode(), card.encode(), b"usb-1", 0x60600, whole, node)


def test_only_cameras_among_the_nodes_are_listed_in_order(tmp_path: Path) -> None:
    nodes = {
        "video0": answer("uvcvideo", "HD Webcam", 0x04200001),
        "video1": answer("uvcvideo", "HD Webcam", 0x04A00000),  # its metadata
        "video2": answer("unicam", "unicam", 0x25200001),
        "video10": answer("bcm2835-codec", "bcm2835-codec-decode", 0x04204000),
        "video11": answer("v4l2 loopback", "Virtual", 0, whole=0x05200001),  # an old driver without node capabilities
        "video13": answer("bcm2835-isp", "bcm2835-isp", 0x04200001),
        "video20": answer("pispbe", "pispbe", 0x04201000),
        "video30": answer("tm6000", "slow", 0x01000001),  # read and write only
    }
    for name in (*nodes, "video-dec0", "video99"):
        (tmp_path / name).touch()

    def query(path: Path) -> bytes:
        if path.name not in nodes:
            raise PermissionError(path)
        return nodes[path.name]

    found = list_cameras(tmp_path, query)
    assert [(camera.path.name, camera.card) for camera in found] == [("video0", "HD Webcam"), ("video11", "Virtual")]


def test_a_file_that_is_no_device_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    assert list_cameras(tmp_path) == ()
