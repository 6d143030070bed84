"""The flow of the sensor process, whole: what it reads, what it makes of it, and where that goes. Floor 2.

::

    camera     -> buffer of one frame    -> detect, align, FaceNet              -> face prediction  -> outlet
    microphone -> ring of a few seconds  -> band-pass, speech?, MFCC, pitch, net -> voice predictions -> outlet

Two threads a modality (``path``): one that reads the device, one that perceives. They share nothing but the outlet, and the
runtimes let go of the interpreter's lock, so neither modality waits for the other.
"""

from __future__ import annotations

import threading
import time
from functools import partial

from ertedge.capture.buffers import LatestFrame, SoundRing
from ertedge.capture.choose import Sources, choose_sources
from ertedge.capture.media_clock import Pace
from ertedge.config import Config
from ertedge.sensor.flow import Outlet
from ertedge.sensor.path import ModalityPath
from ertedge.sensor.perceive import load_face, load_voice
from ertedge.types import AudioChunk, Modality, ModelInfo, SensorName, SensorStatus, VideoFrame

SAMPLE_RATE_HZ = 16_000
FAST = "?pace=fast"
"""After the path of a recording: read it as fast as it is perceived, and lose nothing."""


class SensorLoop:
    """A ``Flow`` with devices (or recordings of such) and models."""

    def __init__(
        self,
        face: ModalityPath[VideoFrame],
        voice: ModalityPath[AudioChunk],
        source: str,
        synthetic: bool,
        *,
        whole: bool = False,
    ) -> None:
        """``whole``: what is read has a beginning that neither path may miss, so both load before it begins."""
        self.source = source
        self.synthetic = synthetic
        self._face = face
        self._voice = voice
        self._whole = whole

    @classmethod
    def of(cls, config: Config, permitted: frozenset[SensorName] = frozenset()) -> SensorLoop:
        """What ``config.source`` asks for. Raises ConfigurationError or RecordingError. Opens nothing yet; only devices that
        are ``permitted`` are even asked what they are."""
        pace = Pace.FAST if config.source.endswith(FAST) else Pace.REAL_TIME
        config = config.model_copy(update={"source": config.source.removesuffix(FAST)})
        sources = choose_sources(config, pace, permitted)
        found = "demo" if sources.synthetic else "camera"
        name = found if config.source == "auto" else config.source
        face = face_path(config, sources)
        # The face loads first: a voice has three seconds of sound to wait for, which its ring keeps meanwhile.
        voice = voice_path(config, sources, after=face.loaded)
        return cls(face, voice, name, sources.synthetic, whole=config.source.startswith("replay:"))

    def start(self, outlet: Outlet, muted: frozenset[SensorName], permitted: frozenset[SensorName]) -> None:
        """As ``Flow.start``."""
        for path in (self._face, self._voice):
            path.start(outlet, path.sensor in muted, self._may_begin, permitted=path.sensor in permitted)

    def stop(self) -> bool:
        """As ``Flow.stop``."""
        voice_ended = self._voice.stop()
        return self._face.stop() and voice_ended

    def mute(self, sensor: SensorName) -> bool:
        """As ``Flow.mute``."""
        return self._path(sensor).mute()

    def unmute(self, sensor: SensorName) -> None:
        """As ``Flow.unmute``."""
        self._path(sensor).unmute()

    def permit(self, permitted: frozenset[SensorName]) -> bool:
        """As ``Flow.permit``. Both are done, whatever the first does."""
        closed = [path.permit(path.sensor in permitted) for path in (self._face, self._voice)]
        return all(closed)

    def statuses(self) -> tuple[SensorStatus, ...]:
        """As ``Flow.statuses``."""
        return (self._face.status(), self._voice.status())

    def models(self) -> tuple[ModelInfo, ...]:
        """As ``Flow.models``."""
        return self._face.models + self._voice.models

    def stall(self) -> str:
        """As ``Flow.stall``."""
        return "; ".join(filter(None, (self._face.stall(), self._voice.stall())))

    def now_ns(self) -> int:
        """As ``Flow.now_ns``."""
        return time.monotonic_ns()

    def clock_offset_ns(self) -> int:
        """As ``Flow.clock_offset_ns``."""
        return 0

    def _path(self, sensor: SensorName) -> ModalityPath[VideoFrame] | ModalityPath[AudioChunk]:
        return self._face if sensor is self._face.sensor else self._voice

    def _may_begin(self, timeout_seconds: float) -> bool:
        if not self._whole:
            return True
        return self._face.loaded.wait(timeout_seconds) and self._voice.loaded.wait(timeout_seconds)


def face_path(config: Config, sources: Sources) -> ModalityPath[VideoFrame]:
    """camera -> frame -> face prediction."""
    return ModalityPath(
        Modality.FACE,
        sources.video,
        LatestFrame(lossless=sources.lossless),
        partial(load_face, config),
        config.sensor,
        lossless=sources.lossless,
        absence=f"the {sources.name} has no picture",
    )


def voice_path(config: Config, sources: Sources, after: threading.Event) -> ModalityPath[AudioChunk]:
    """microphone -> chunk -> voice predictions."""
    return ModalityPath(
        Modality.VOICE,
        sources.sound,
        SoundRing(int(config.microphone.buffer_seconds * SAMPLE_RATE_HZ), lossless=sources.lossless),
        partial(load_voice, config),
        config.sensor,
        lossless=sources.lossless,
        absence=f"the {sources.name} has no sound",
        after=after,
    )
