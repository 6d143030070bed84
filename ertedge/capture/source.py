"""What every camera, microphone and recording looks like from outside: open, read, close.

Floor 1. A source belongs to one thread (the supervisor's), does nothing until it is opened, and can be opened again after
it was closed. It stamps each record with the monotonic clock at capture. The two protocols differ in the record alone.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self, TypeVar

from ertedge.types import AudioChunk, VideoFrame

Record_co = TypeVar("Record_co", covariant=True)


class SourceEnded(Exception):  # noqa: N818 - an ending is no error, as StopIteration is none
    """There is nothing more to read: a recording is over. ``str(ended)`` is a sentence for a person."""


class Source(Protocol[Record_co]):
    """Anything that gives records of one kind, one at a time."""

    @property
    def device(self) -> str:
        """What a person would call it: ``/dev/video0``, ``USB PnP Sound Device``, the name of a file."""

    @property
    def live(self) -> bool:
        """True for a device, whose silence is a fault; False for a recording or a demo, which may pause."""

    def open(self) -> None:
        """Take the device. Raises DeviceMissingError, DeviceBusyError, DeviceLostError or RecordingError."""

    def read(self, timeout_seconds: float) -> Record_co | None:
        """The next record, or None when there was none within the timeout.

        Raises DeviceLostError when the device went away, RecordingError when a recording cannot be read on, and
        SourceEnded when there is nothing more to come.
        """

    def close(self) -> None:
        """Give the device back. May be called at any time, also when it never opened. Raises nothing."""


class VideoSource(Source[VideoFrame], Protocol):
    """A camera, or what stands in for one."""


class SoundSource(Source[AudioChunk], Protocol):
    """A microphone, or what stands in for one."""


class ContextSource:
    """Gives a source ``with``: opened on entry, closed on exit."""

    def open(self) -> None:
        """As ``Source.open``."""
        raise NotImplementedError

    def close(self) -> None:
        """As ``Source.close``."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
