"""The demo: no hardware, a photograph before a virtual camera and synthetic speech, through the whole real path.

Floor 1. The photograph is the astronaut of scikit-image (Eileen Collins, NASA, public domain), which its wheel carries. On a
fixed script that repeats it moves, comes closer, turns a little, darkens and leaves, all within a minute; then, for two and
a half, it is sad (``demo_expression``), long enough for something to be suggested. espeak-ng speaks meanwhile, with pauses
and in several tempers. Whoever shows its states has to say that they are a demo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.capture.demo_expression import SadFace
from ertedge.capture.espeak import Utterance, find_synthesiser
from ertedge.capture.media_clock import MediaClock, Pace
from ertedge.capture.resample import SAMPLE_RATE_HZ
from ertedge.capture.source import ContextSource, SoundSource, VideoSource
from ertedge.config import CameraSettings, MicrophoneSettings
from ertedge.errors import DeviceMissingError
from ertedge.types import AudioChunk, Float32Array, UInt8Array, VideoFrame

SCRIPT_SECONDS = 220.0
"""After this time the demo repeats."""
FACE_CENTRE = (224.0, 113.0)
"""Where the face is in the photograph of 512x512 pixels."""
AWAY_CENTRE = (160.0, 400.0)
"""A part of the photograph without a face."""
AWAY = (34.0, 41.0)
"""When the face is out of view, in seconds of the script."""
DARK = (50.0, 54.0)
"""When the light is too low."""
SAD = (60.0, 216.0)
"""When the person is sad."""
SADDENING_SECONDS = 3.0
FLOOR_NOISE = 10 ** (-65 / 20)
"""A quiet room, so that silence is not digital zero."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the virtual camera looks: centre in the photograph, magnification at 640 pixels of width, turn of the head as
    the share by which the width shrinks, roll, light (1 is as photographed), and how sad the face is, from 0 to 1."""

    x: float
    y: float
    magnification: float
    turn: float
    roll_radians: float
    light: float
    sadness: float


@dataclass(frozen=True, slots=True)
class Line:
    """What is said, and when in the script."""

    seconds: float
    utterance: Utterance


LOW = (92, 20, 45)
"""Slow, low and quiet: how the voice network knows sadness, as far as a synthetic voice can have it."""

LINES = (
    Line(2.0, Utterance("Hello. This is a demonstration, and nobody real is speaking.", 165, 50)),
    Line(8.0, Utterance("What a wonderful day! I got the job, I can hardly believe it!", 195, 75, 130)),
    Line(15.0, Utterance("I have been so tired lately. Nothing seems to help.", 115, 25, 70)),
    Line(22.0, Utterance("Stop that! I told you twice not to touch it!", 205, 45, 190)),
    Line(35.5, Utterance("I am still here, only out of the picture.", 160, 50)),
    Line(43.0, Utterance("Did you hear that? There is somebody at the door!", 210, 85, 90)),
    Line(51.0, Utterance("It is dark now, but you can hear me.", 150, 45)),
    Line(65.0, Utterance("I do not know what to say. It is all so heavy today.", *LOW)),
    Line(85.0, Utterance("I could not get anything done. I only sat at the window.", *LOW)),
    Line(106.0, Utterance("The house is so quiet now. I miss having somebody around.", *LOW)),
    Line(131.0, Utterance("Everybody else seems to manage. I am only tired.", *LOW)),
    Line(155.0, Utterance("I wanted to call my sister, and then I did not.", *LOW)),
    Line(180.0, Utterance("Maybe it will be better tomorrow. I do not know.", *LOW)),
    Line(201.0, Utterance("It is still the same. It takes so long.", *LOW)),
)


class Demo:
    """The two sources of the demo, on one clock."""

    video: VideoSource
    sound: SoundSource

    def __init__(self, camera: CameraSettings, microphone: MicrophoneSettings, pace: Pace = Pace.REAL_TIME) -> None:
        self.clock = MediaClock(pace)
        self.video = DemoCamera(self.clock, camera)
        self.sound = DemoMicrophone(self.clock, microphone)


class DemoCamera(ContextSource):
    """The photograph before a virtual camera."""

    live = False
    device = "demo picture"

    def __init__(self, clock: MediaClock, settings: CameraSettings) -> None:
        self._clock = clock
        self._settings = settings
        self._face: SadFace | None = None
        self._index = 0

    def open(self) -> None:
        """As ``Source.open``; raises DeviceMissingError without scikit-image."""
        try:
            import skimage.data
        except ImportError as error:
            raise DeviceMissingError(
                f"the demo's picture needs scikit-image ({error}); install ertedge[demo]"
            ) from None
        pictures: Any = skimage.data  # its functions carry no types
        rgb: UInt8Array = pictures.astronaut()
        self._face = SadFace(np.ascontiguousarray(rgb[:, :, ::-1]))
        self._clock.start()
        self._index = max(self._index, math.ceil(self._clock.position_ns() * self._settings.frames_per_second / 1e9))

    def read(self, timeout_seconds: float) -> VideoFrame | None:
        """As ``Source.read``."""
        if self._face is None:
            raise DeviceMissingError("the demo's picture is not open")
        media_ns = round(self._index * 1e9 / self._settings.frames_per_second)
        if not self._clock.wait_until(media_ns, timeout_seconds):
            return None
        size = (self._settings.width_px, self._settings.height_px)
        view = view_at(media_ns / 1e9)
        image = render(self._face.at(view.sadness), view, size, seed=self._index)
        self._index += 1
        return VideoFrame(timestamp_ns=self._clock.timestamp_ns(media_ns), image=image)

    def close(self) -> None:
        """As ``Source.close``."""
        self._face = None


class DemoMicrophone(ContextSource):
    """Speech made beforehand, which repeats with the script."""

    live = False
    device = "demo voice (espeak-ng)"

    def __init__(self, clock: MediaClock, settings: MicrophoneSettings) -> None:
        self._clock = clock
        self._length = round(settings.chunk_seconds * SAMPLE_RATE_HZ)
        self._speech: Float32Array | None = None
        self._position = 0

    def open(self) -> None:
        """As ``Source.open``; raises DeviceMissingError when this machine cannot speak."""
        if self._speech is None:
            self._speech = speak_script()
        self._clock.start()
        self._position = max(self._position, self._clock.position_ns() * SAMPLE_RATE_HZ // 1_000_000_000)

    def read(self, timeout_seconds: float) -> AudioChunk | None:
        """As ``Source.read``; a chunk comes when its last sample is over."""
        if self._speech is None:
            raise DeviceMissingError("the demo's voice is not open")
        first, end = self._position, self._position + self._length
        if not self._clock.wait_until(_media_ns(end), timeout_seconds):
            return None
        self._position = end
        samples = np.take(self._speech, np.arange(first, end), mode="wrap")
        return AudioChunk(self._clock.timestamp_ns(_media_ns(first)), samples, first)

    def close(self) -> None:
        """As ``Source.close``; the speech is kept, since it is nobody's."""


def speak_script() -> Float32Array:
    """(3520000,) float32: the sound of the script at 16 kHz. Raises DeviceMissingError.

    The same in every process, and spoken once in each: espeak-ng's flutter goes on from where it was.
    """
    synthesise = find_synthesiser()
    sound = np.random.default_rng(0).standard_normal(round(SCRIPT_SECONDS * SAMPLE_RATE_HZ), np.float32)
    sound *= FLOOR_NOISE
    for line in LINES:
        speech = synthesise(line.utterance)
        start = round(line.seconds * SAMPLE_RATE_HZ)
        room = sound[start : start + speech.size]
        room += speech[: room.size]
    return np.clip(sound, -1.0, 1.0, out=sound)


def view_at(seconds: float) -> View:
    """Where the virtual camera looks at a moment: slow sines whose periods share no multiple, and the script's events."""
    moment = seconds % SCRIPT_SECONDS
    away = _ramp(moment, *AWAY)
    dark = _ramp(moment, *DARK)
    sad = _ramp(moment, *SAD, change_seconds=SADDENING_SECONDS)
    near = 0.5 + 0.5 * math.sin(2 * math.pi * seconds / 23.0)
    return View(
        x=FACE_CENTRE[0]
        + 22 * math.sin(2 * math.pi * seconds / 11.0) * (1 - away)
        + away * (AWAY_CENTRE[0] - FACE_CENTRE[0]),
        y=FACE_CENTRE[1] + 9 * math.sin(2 * math.pi * seconds / 7.0) + away * (AWAY_CENTRE[1] - FACE_CENTRE[1]),
        magnification=(1.5 + 0.8 * near) * (1 - away) + 2.6 * away,
        turn=0.16 * max(0.0, math.sin(2 * math.pi * seconds / 13.0)),
        roll_radians=math.radians(7.0) * math.sin(2 * math.pi * seconds / 9.0),
        light=(0.95 + 0.12 * math.sin(2 * math.pi * seconds / 17.0)) * (1 - 0.93 * dark),
        sadness=sad,
    )


def render(photograph: UInt8Array, view: View, size: tuple[int, int], seed: int) -> UInt8Array:
    """(height, width, 3) BGR: the photograph as the virtual camera sees it, with a little sensor noise."""
    import cv2

    width, height = size
    scale = view.magnification * width / 640
    cosine, sine = scale * math.cos(view.roll_radians), scale * math.sin(view.roll_radians)
    # Turning shrinks the width and shears a little, which is what an affine map can show of a turn.
    narrow = 1 - view.turn
    matrix = np.array([[cosine * narrow, -sine, 0.0], [sine * narrow + 0.25 * scale * view.turn, cosine, 0.0]])
    centre = matrix[:, :2] @ np.array([view.x, view.y])
    matrix[:, 2] = np.array([width / 2, height * 0.45]) - centre
    image = cv2.warpAffine(
        photograph, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    lit = cv2.convertScaleAbs(image, alpha=view.light)
    # One picture of noise, shifted from frame to frame: to draw a new one each time would take longer than all the rest.
    shifts = np.random.default_rng(seed).integers(0, 64, 2)
    grain = _grain(height, width)[shifts[0] : shifts[0] + height, shifts[1] : shifts[1] + width]
    return np.asarray(cv2.add(lit, cv2.merge((grain, grain, grain)), dtype=cv2.CV_8U), dtype=np.uint8)


@cache
def _grain(height: int, width: int) -> NDArray[np.int16]:
    """(height + 64, width + 64) noise of a sensor, in grey levels."""
    return np.random.default_rng(0).integers(-4, 5, (height + 64, width + 64), dtype=np.int16)


def _ramp(moment: float, begin: float, end: float, change_seconds: float = 1.0) -> float:
    """0 outside of the span, 1 inside, with a smooth change of ``change_seconds`` at either end."""
    share = min(1.0, max(0.0, moment - begin) / change_seconds, max(0.0, end - moment) / change_seconds)
    return share * share * (3 - 2 * share)


def _media_ns(sample: int) -> int:
    return sample * 1_000_000_000 // SAMPLE_RATE_HZ
