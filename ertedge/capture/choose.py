"""From ``--source`` and the configuration to the sources to read. Floor 1.

``simulate:`` is not here: it makes predictions and has neither pictures nor sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ertedge.capture.demo import Demo
from ertedge.capture.discover import ALL_SENSORS, camera_for, find_devices
from ertedge.capture.media_clock import Pace
from ertedge.capture.microphone import Microphone
from ertedge.capture.recording import Recording
from ertedge.capture.source import SoundSource, VideoSource
from ertedge.config import Config
from ertedge.errors import ConfigurationError
from ertedge.types import SensorName


@dataclass(frozen=True, slots=True)
class Sources:
    """What to read. ``name`` is for people; ``synthetic`` is True when nobody real is before the device.

    ``video`` and ``sound`` are unopened; None where there is none to expect. ``lossless`` says that the buffers have to
    wait for the reader, since a recording is read as fast as possible.
    """

    name: str
    synthetic: bool
    lossless: bool
    video: VideoSource | None
    sound: SoundSource | None


def choose_sources(
    config: Config, pace: Pace = Pace.REAL_TIME, permitted: frozenset[SensorName] = ALL_SENSORS
) -> Sources:
    """The sources that ``config.source`` asks for: auto, demo, camera or replay:PATH; ``pace`` is for recordings.

    ``auto`` is the camera and the microphone where either is there, both being waited for, and else the demo. Only devices
    that are ``permitted`` are asked what they are; of the others it is enough that the kernel lists them. Raises
    RecordingError for a recording that cannot be read, ConfigurationError for a source that is none of these.
    """
    kind, _, argument = config.source.partition(":")
    if kind == "auto":
        found = find_devices(config, permitted)
        kind = "camera" if found.camera is not None or found.microphone is not None else "demo"
    if kind == "camera":
        camera = camera_for(config.camera, SensorName.CAMERA in permitted)
        return Sources("camera and microphone", False, False, camera, Microphone(config.microphone))
    if kind == "demo":
        demo = Demo(config.camera, config.microphone)
        return Sources("demo", True, False, demo.video, demo.sound)
    if kind == "replay" and argument:
        path = Path(argument).expanduser()
        recording = Recording(path, pace, camera=config.camera, microphone=config.microphone)
        return Sources(f"replay of {path.name}", False, pace is Pace.FAST, recording.video, recording.sound)
    raise ConfigurationError(
        [f"source: {config.source!r} has no camera and no microphone; use auto, demo, camera or replay:PATH"]
    )
