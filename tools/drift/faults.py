"""Faults of a camera and a microphone, put on whole pictures and on sound. Host only.

Each changes what the device captures, before anything of ours looks at it. ``NONE`` is no fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.types import Float32Array, UInt8Array
from tools.sound_degradation import active_level, add_noise, clip_sound

PictureFault = Callable[[UInt8Array, Generator], UInt8Array]
SoundFault = Callable[[Float32Array, Generator], Float32Array]

NONE = "none"
HUM_HZ = 50.0
HARMONICS = 40
CLIPPING_DB = 30.0
MUFFLED_HZ = 1_000.0


def _grey(picture: NDArray[Any]) -> UInt8Array:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _blurred(sigma_px: float) -> PictureFault:
    def fault(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
        import cv2

        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), dtype=np.uint8)

    return fault


def _foggy(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
    """Stray light from a greasy or misted lens: a quarter of the contrast is left, the rest is a bright veil."""
    import cv2

    return _grey(0.25 * cv2.GaussianBlur(picture, (0, 0), 3.0).astype(np.float32) + 140.0)


def _over_exposed(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
    return _grey(3.0 * picture.astype(np.float32) + 60.0)


def _nearly_dark(picture: UInt8Array, random: Generator) -> UInt8Array:
    """Three hundredths of the light, and the noise of a sensor that strains."""
    noise = random.normal(0.0, 2.0, picture.shape[:2])[..., None]
    return _grey(0.03 * picture.astype(np.float32) + noise)


def _noisy(picture: UInt8Array, random: Generator) -> UInt8Array:
    return _grey(picture + random.normal(0.0, 40.0, picture.shape[:2])[..., None])


def _mirrored(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
    return np.ascontiguousarray(picture[:, ::-1])


def _turned(quarters: int) -> PictureFault:
    def fault(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
        return np.ascontiguousarray(np.rot90(picture, quarters))

    return fault


def _negative(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
    return np.asarray(255 - picture, dtype=np.uint8)


def _squeezed(picture: UInt8Array, random: Generator) -> UInt8Array:  # noqa: ARG001
    """A wide picture forced into a narrow format: everything is 1.6 times as tall as it should be."""
    import cv2

    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(picture, (round(width / 1.6), height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


PICTURE_FAULTS: Mapping[str, PictureFault] = {
    "out of focus (sigma 5 px)": _blurred(5.0),
    "out of focus (sigma 10 px)": _blurred(10.0),
    "misted lens": _foggy,
    "over-exposed": _over_exposed,
    "nearly dark": _nearly_dark,
    "noisy sensor": _noisy,
    "mirrored": _mirrored,
    "turned by 90 degrees": _turned(1),
    "turned by 180 degrees": _turned(2),
    "negative": _negative,
    "squeezed to 5/8 of its width": _squeezed,
}


def _at_rate(share: float) -> SoundFault:
    """Sound captured at one rate and taken for another: ``share`` times as long, and as much deeper."""

    def fault(samples: Float32Array, random: Generator) -> Float32Array:  # noqa: ARG001
        import soxr

        return np.asarray(soxr.resample(samples, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * share), dtype=np.float32)

    return fault


def _clipped(samples: Float32Array, random: Generator) -> Float32Array:  # noqa: ARG001
    return clip_sound(samples.astype(np.float64), CLIPPING_DB).astype(np.float32)


def _clipped_and_quiet(samples: Float32Array, random: Generator) -> Float32Array:
    """Cut in the microphone's amplifier, then turned down: no sample stands at full scale."""
    return (0.3 * _clipped(samples, random)).astype(np.float32)


def _muffled(samples: Float32Array, random: Generator) -> Float32Array:  # noqa: ARG001
    sections = butter(4, MUFFLED_HZ, btype="lowpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(sections, samples), dtype=np.float32)


def _humming(samples: Float32Array, random: Generator) -> Float32Array:
    """Mains hum with all its harmonics up to 2 kHz, as a bad earth or a dimmer gives, at the level of the speech."""
    time_s = np.arange(samples.size) / SAMPLE_RATE_HZ
    orders = np.arange(1, HARMONICS + 1)
    phases = random.uniform(0.0, 2.0 * np.pi, HARMONICS)
    hum = (np.sin(2.0 * np.pi * HUM_HZ * orders[:, None] * time_s + phases[:, None]) / np.sqrt(orders)[:, None]).sum(0)
    hum *= active_level(samples.astype(np.float64)) / np.sqrt(np.mean(hum**2))
    return np.clip(samples + hum, -1.0, 1.0).astype(np.float32)


def _hissing(samples: Float32Array, random: Generator) -> Float32Array:
    return np.clip(add_noise(samples.astype(np.float64), 0.0, 0.0, False, random), -1.0, 1.0).astype(np.float32)


def _faint(samples: Float32Array, random: Generator) -> Float32Array:  # noqa: ARG001
    """Turned down by 50 dB and kept in 16 bits."""
    return (np.round(samples * 10.0 ** (-50.0 / 20.0) * 32_767.0) / 32_767.0).astype(np.float32)


SOUND_FAULTS: Mapping[str, SoundFault] = {
    "half the rate (slow and deep)": _at_rate(2.0),
    "8/11 of the rate (deep)": _at_rate(11.0 / 8.0),
    "1.5 times the rate (fast and high)": _at_rate(1.0 / 1.5),
    "clipped at full scale": _clipped,
    "clipped, then turned down": _clipped_and_quiet,
    "muffled (nothing above 1 kHz)": _muffled,
    "hum at the level of the speech": _humming,
    "hiss at the level of the speech": _hissing,
    "50 dB too faint": _faint,
}
