"""Opening files with sound and moving pictures through PyAV, with errors that say what is wrong. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ertedge.errors import RecordingError

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.frame import VideoFrame as AvVideoFrame
    from av.video.stream import VideoStream

MOST_SIDE_PX = 8192
MOST_PIXELS = 36_000_000
"""An 8K picture; anything larger is refused before it is decoded, since it would take a small device's memory."""


def open_container(path: Path) -> InputContainer:
    """Open a recording. Raises RecordingError that says what is wrong with the file."""
    if not path.exists():
        raise RecordingError(
            f"{path}: no such file; give replay: the path of an mp4, mkv, wav or flac, or a folder of pictures"
        )
    if path.is_file() and path.stat().st_size == 0:
        raise RecordingError(f"{path}: the file is empty; record it again")
    try:
        import av
    except ImportError as error:
        message = f"{path}: recordings need PyAV ({error}); install ertedge[replay]"
        raise RecordingError(message) from None
    try:
        return av.open(str(path))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        message = f"{path}: cannot be read as a recording ({_plain(error)}); it is cut, damaged or of another kind"
        raise RecordingError(message) from None


def moving_pictures(container: InputContainer) -> VideoStream | None:
    """The first video stream that is no cover picture of a sound file."""
    from av.stream import Disposition

    return next((s for s in container.streams.video if not s.disposition & Disposition.attached_pic), None)


def check_size(name: str, width: int, height: int) -> None:
    """Raises RecordingError for a picture too large to decode safely, or without a size."""
    if width <= 0 or height <= 0:
        raise RecordingError(f"{name}: the picture has no size; the file is damaged")
    if max(width, height) > MOST_SIDE_PX or width * height > MOST_PIXELS:
        raise RecordingError(
            f"{name}: {width}x{height} pixels; at most {MOST_SIDE_PX} a side and {MOST_PIXELS // 1_000_000} million in all "
            "are read; scale it down"
        )


def fitted(width: int, height: int, width_most: int, height_most: int) -> tuple[int, int]:
    """The size that fits into the given one with the same proportions; never larger than it was."""
    scale = min(1.0, width_most / width, height_most / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def to_ns(time: Fraction) -> int:
    """Exact seconds to integer nanoseconds."""
    return round(time * 1_000_000_000)


def stream_start(stream: VideoStream | AudioStream) -> Fraction:
    """When a stream begins, in seconds of its container's time."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base


def frame_time(frame: AvVideoFrame | AudioFrame) -> Fraction | None:
    """When a frame is shown or heard, in seconds of its container's time; None if the file does not say."""
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base


class FrameReader:
    """Decodes one stream from a moment on, over damaged parts, and counts them."""

    def __init__(self, container: InputContainer, stream: VideoStream | AudioStream) -> None:
        self._container = container
        self._stream = stream
        self.damaged = 0
        """Packets that could not be decoded, and one for a file that broke off."""

    def frames(self, begin: Fraction) -> Iterator[AvVideoFrame | AudioFrame]:
        """Every frame that can be decoded, starting at or shortly before ``begin`` (seconds of the container's time)."""
        import av

        if begin > stream_start(self._stream) and self._stream.time_base is not None:
            self._container.seek(int(begin / self._stream.time_base), stream=self._stream)
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except StopIteration:
                return
            except av.error.EOFError:
                return
            except (av.error.InvalidDataError, av.error.PatchWelcomeError):
                self.damaged += 1
                continue
            except (av.error.FFmpegError, OSError):
                self.damaged += 1
                return
            yield from frames  # type: ignore[misc]  # a video or audio stream gives its own kind only


def _plain(error: Exception) -> str:
    """What went wrong, without the error number and the path that FFmpeg adds."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]
