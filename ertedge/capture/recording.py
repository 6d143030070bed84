"""Replay: a recording in place of a camera and a microphone, with picture and sound exactly aligned.

Floor 1. Reads what PyAV reads (mp4, mkv, wav, flac and more) and folders of pictures. Both tracks share one ``MediaClock``
and one zero, so that what was recorded together carries the same timestamp.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from ertedge.capture.container import check_size, moving_pictures, open_container, stream_start
from ertedge.capture.media_clock import MediaClock, Pace
from ertedge.capture.picture_folder import PictureFolder
from ertedge.capture.picture_size import SUFFIXES
from ertedge.capture.sound_track import SoundTrack
from ertedge.capture.source import SoundSource, VideoSource
from ertedge.capture.video_track import VideoTrack
from ertedge.config import CameraSettings, MicrophoneSettings
from ertedge.errors import RecordingError


class Recording:
    """A recording on disk: ``video`` and ``sound`` are its tracks, None where it has none.

    Frames come at most at ``camera.frames_per_second`` and are scaled down to fit ``camera``'s size. Read fast, the
    timestamps are those of a reading in real time that began at ``start_ns``.
    """

    video: VideoSource | None
    sound: SoundSource | None

    def __init__(
        self,
        path: Path,
        pace: Pace = Pace.REAL_TIME,
        *,
        camera: CameraSettings | None = None,
        microphone: MicrophoneSettings | None = None,
        start_ns: int | None = None,
    ) -> None:
        """Looks at the file and closes it again. Raises RecordingError when nothing in it can be read."""
        self.path = path
        camera = camera or CameraSettings()
        microphone = microphone or MicrophoneSettings()
        self.clock = MediaClock(pace, start_ns=start_ns)
        if path.is_dir():
            self.video = PictureFolder(path, self.clock, camera)
            self.sound = None
            return
        if path.suffix.lower() in SUFFIXES:
            raise RecordingError(f"{path}: is a single picture; put it in a folder and replay the folder")
        zero, has_video, has_sound = _probe(path)
        self.video = VideoTrack(path, self.clock, zero, camera) if has_video else None
        self.sound = SoundTrack(path, self.clock, zero, microphone) if has_sound else None


def _probe(path: Path) -> tuple[Fraction, bool, bool]:
    """When the recording begins in its container's time, and whether it has pictures and sound."""
    with open_container(path) as container:
        video = moving_pictures(container)
        if video is not None:
            check_size(str(path), video.codec_context.width, video.codec_context.height)
        sound = next(iter(container.streams.audio), None)
        starts = [stream_start(stream) for stream in (video, sound) if stream is not None]
    if not starts:
        raise RecordingError(f"{path}: holds neither moving pictures nor sound")
    return min(starts), video is not None, sound is not None
