"""The pictures of a recording, read through PyAV. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ertedge.capture.container import (
    FrameReader,
    check_size,
    fitted,
    frame_time,
    moving_pictures,
    open_container,
    to_ns,
)
from ertedge.capture.media_clock import MediaClock
from ertedge.capture.source import ContextSource, SourceEnded
from ertedge.capture.thinning import FrameThinner
from ertedge.config import CameraSettings
from ertedge.errors import RecordingError
from ertedge.types import UInt8Array, VideoFrame

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame as AvVideoFrame

CUT_SECONDS = 0.5
"""A recording that ends this much before its stated length was cut."""


class VideoTrack(ContextSource):
    """The first video stream of a file. Opened again after a close, it goes on where it is due."""

    live = False

    def __init__(self, path: Path, clock: MediaClock, zero: Fraction, settings: CameraSettings) -> None:
        """``zero`` is when the recording begins, in seconds of its container's time."""
        self.device = path.name
        self._path = path
        self._clock = clock
        self._zero = zero
        self._settings = settings
        self._container: InputContainer | None = None
        self._reader: FrameReader | None = None
        self._frames: Iterator[tuple[int, AvVideoFrame]] = iter(())
        self._next: tuple[int, AvVideoFrame] | None = None
        self._resume_ns = 0
        self._opened = False

    def open(self) -> None:
        """As ``Source.open``; raises RecordingError when not one picture can be read."""
        self._container = open_container(self._path)
        stream = moving_pictures(self._container)
        if stream is None:
            raise RecordingError(f"{self._path}: holds no moving pictures")
        check_size(str(self._path), stream.codec_context.width, stream.codec_context.height)
        self._reader = FrameReader(self._container, stream)
        begin_ns = max(self._resume_ns, self._clock.position_ns() if self._opened else 0)
        self._frames = self._wanted_frames(begin_ns)
        self._next = next(self._frames, None)
        if self._next is None and not self._opened:
            raise RecordingError(f"{self._path}: no picture in it can be read; it is cut or damaged")
        self._opened = True
        self._clock.start()

    def read(self, timeout_seconds: float) -> VideoFrame | None:
        """As ``Source.read``."""
        if self._next is None:
            raise SourceEnded(self._how_it_ended())
        media_ns, frame = self._next
        if not self._clock.wait_until(media_ns, timeout_seconds):
            return None
        image = self._to_image(frame)
        self._next = next(self._frames, None)
        self._resume_ns = media_ns + 1
        return VideoFrame(timestamp_ns=self._clock.timestamp_ns(media_ns), image=image)

    def close(self) -> None:
        """As ``Source.close``."""
        self._frames, self._next, self._reader = iter(()), None, None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _wanted_frames(self, begin_ns: int) -> Iterator[tuple[int, AvVideoFrame]]:
        """Frames from a moment of the recording on, with their moment; those without a time are left out."""
        if self._reader is None:
            return
        thinner = FrameThinner(self._settings.frames_per_second)
        for frame in self._reader.frames(self._zero + Fraction(begin_ns, 1_000_000_000)):
            time = frame_time(frame)
            if time is None:
                continue
            media_ns = to_ns(time - self._zero)
            if media_ns >= begin_ns and thinner.wants(media_ns):
                yield media_ns, frame  # type: ignore[misc]  # the stream is one of video

    def _to_image(self, frame: AvVideoFrame) -> UInt8Array:
        """(height, width, 3) BGR, upright and not larger than was asked for."""
        width, height = fitted(frame.width, frame.height, self._settings.width_px, self._settings.height_px)
        image = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
        return upright(np.asarray(image, dtype=np.uint8), frame.rotation)

    def _how_it_ended(self) -> str:
        read_seconds = self._resume_ns / 1e9
        if self._container is None or self._container.duration is None:
            stated_seconds = 0.0
        else:
            stated_seconds = self._container.duration / 1e6
        damaged = self._reader.damaged if self._reader is not None else 0
        if damaged or read_seconds < stated_seconds - CUT_SECONDS - 1 / self._settings.frames_per_second:
            return (
                f"{self.device} is over; it is cut or damaged: pictures up to {read_seconds:.1f} s of "
                f"{stated_seconds:.1f} s could be read"
            )
        return f"{self.device} is over after {read_seconds:.1f} s"


def upright(image: UInt8Array, counterclockwise_degrees: int) -> UInt8Array:
    """Turn a picture as its display matrix says (telephones record lying down); by quarters, as they all do."""
    quarters = round(counterclockwise_degrees / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image
