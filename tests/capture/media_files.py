"""Recordings made on the spot: flashes and beeps at the same moments, so that alignment can be measured."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLASH_AT = (0.5, 1.5, 2.5)
"""Seconds at which the picture turns white and a beep begins, both for 0.2 s."""


def make_recording(
    path: Path,
    *,
    seconds: float = 3.0,
    rate_hz: int = 44_100,
    frames_per_second: int = 10,
    audio_codec: str | None = "flac",
    video_codec: str | None = "libx264",
    size: tuple[int, int] = (160, 120),
    sound_delay: float = 0.0,
    options: dict[str, str] | None = None,
) -> Path:
    """A file with flashes and beeps; ``sound_delay`` shifts where the sound's own timestamps begin, its beeps with it."""
    import av

    with av.open(str(path), "w", options=options or {}) as container:
        video: Any = container.add_stream(video_codec, rate=frames_per_second) if video_codec else None
        audio: Any = container.add_stream(audio_codec, rate=rate_hz, layout="stereo") if audio_codec else None
        if video is not None:
            video.width, video.height, video.pix_fmt = *size, "yuv420p"
            for packet in _video_packets(video, seconds, frames_per_second, size):
                container.mux(packet)
        if audio is not None:
            for packet in _audio_packets(audio, seconds, rate_hz, sound_delay):
                container.mux(packet)
    return path


def _video_packets(stream: Any, seconds: float, frames_per_second: int, size: tuple[int, int]) -> Any:
    import av

    for number in range(round(seconds * frames_per_second)):
        white = is_flash(number / frames_per_second)
        picture = np.full((size[1], size[0], 3), 235 if white else 20, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = number, Fraction(1, frames_per_second)
        yield from stream.encode(frame)
    yield from stream.encode()


def _audio_packets(stream: Any, seconds: float, rate_hz: int, delay: float) -> Any:
    import av

    sound = (beeps(seconds, rate_hz) * 32_000).astype(np.int16)
    for first in range(0, sound.size, 1024):
        block = np.repeat(sound[first : first + 1024], 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
        frame.pts = first + round(delay * rate_hz)
        yield from stream.encode(frame)
    yield from stream.encode()


def is_flash(seconds: float) -> bool:
    """Whether a moment is inside a flash."""
    return any(at <= seconds + 1e-9 < at + 0.2 for at in FLASH_AT)


def beeps(seconds: float, rate_hz: int) -> NDArray[np.float64]:
    """A tone of 1 kHz during the flashes, silence else."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    on = np.any([(time >= at) & (time < at + 0.2) for at in FLASH_AT], axis=0)
    return 0.5 * np.where(on, np.cos(2 * np.pi * 1000 * time), 0.0)


def write_wav(path: Path, samples: NDArray[np.int16], rate_hz: int = 16_000) -> Path:
    """A wav file of 16 bits, mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return path
