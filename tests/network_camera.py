"""A network camera on loopback that shows a face, and tells how often and whether it is being looked through."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

WIDTH_PX, HEIGHT_PX = 640, 480


class FaceCamera:
    """Motion JPEG of one photograph, 20 pictures a second. ``opened`` counts who ever looked, ``open`` who does now."""

    def __init__(self) -> None:
        self.opened = 0
        self.open = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._jpeg = _photograph()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.serve(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/face.mjpg"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.opened += 1
            self.open += 1
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            handler.end_headers()
            head = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(self._jpeg)
            while not self._closing.is_set():
                handler.wfile.write(head + self._jpeg + b"\r\n")
                time.sleep(0.05)
        except OSError:
            return
        finally:
            with self._lock:
                self.open -= 1

    def close(self) -> None:
        self._closing.set()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def face_camera() -> Iterator[FaceCamera]:
    """A camera, as long as this lasts."""
    camera = FaceCamera()
    try:
        yield camera
    finally:
        camera.close()


def _photograph() -> bytes:
    """The photograph of the built-in demo (NASA, public domain), as a camera would deliver it."""
    from skimage import data

    picture = cv2.cvtColor(data.astronaut()[:, 56:456], cv2.COLOR_RGB2BGR)
    frame = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    frame[:, 120:520] = picture[:HEIGHT_PX]
    return bytes(cv2.imencode(".jpg", frame)[1].tobytes())
