"""What rooms, microphones, codecs and passers-by do to a voice, for training that must hear through it and for
evaluation.

Host side only. Everything is synthetic and seeded. Noise is made from the clip itself or from nothing, never from
another speaker's recording, so that no test speaker can slip into training with the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.types import Float32Array

Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Session:
    """The conditions of one sitting: whatever is said in it is heard through the same room and microphone.

    ``speed`` also moves the pitch, so that the speaker seems to be another person. ``None`` leaves a step out.
    """

    speed: float = 1.0
    gain_db: float = 0.0
    snr_db: float | None = None
    noise_slope: float = 0.0
    babble: bool = False
    room: NDArray[np.float64] | None = None
    response: NDArray[np.float64] | None = None
    band_hz: tuple[float, float] | None = None
    mu_law: bool = False
    drive_db: float | None = None


CLEAN = Session()


def random_session(random: Random) -> Session:
    """Conditions as they may be met: some other voice, some room, some microphone, noise from 0 to 35 dB."""
    telephone = random.random() < 0.15
    narrow = (random.uniform(90.0, 300.0), random.uniform(3_400.0, 7_000.0)) if random.random() < 0.35 else None
    return Session(
        speed=float(np.exp(random.uniform(np.log(0.84), np.log(1.19)))),
        gain_db=random.uniform(-12.0, 12.0),
        snr_db=random.uniform(0.0, 35.0) if random.random() < 0.75 else None,
        noise_slope=random.uniform(0.0, 2.0),
        babble=random.random() < 0.3,
        room=room_response(random) if random.random() < 0.5 else None,
        response=microphone_response(random) if random.random() < 0.6 else None,
        band_hz=(300.0, 3_400.0) if telephone else narrow,
        mu_law=telephone,
        drive_db=random.uniform(0.0, 12.0) if random.random() < 0.12 else None,
    )


def apply_session(samples: Float32Array, session: Session, random: Random) -> Float32Array:
    """``samples`` (n,) as heard in ``session``: (m,) float32, m = n / speed."""
    import soxr

    sound = samples.astype(np.float64)
    if session.speed != 1.0:
        sound = soxr.resample(sound, SAMPLE_RATE_HZ * session.speed, SAMPLE_RATE_HZ)
    if session.room is not None:
        sound = fftconvolve(sound, session.room)[: sound.size]
    if session.snr_db is not None:
        sound = add_noise(sound, session.snr_db, session.noise_slope, session.babble, random)
    if session.response is not None:
        sound = fftconvolve(sound, session.response, mode="same")
    if session.band_hz is not None:
        sections = butter(4, session.band_hz, btype="bandpass", fs=SAMPLE_RATE_HZ, output="sos")
        sound = sosfilt(sections, sound)
    sound = sound * 10.0 ** (session.gain_db / 20.0)
    if session.drive_db is not None:
        sound = clip_sound(sound, session.drive_db)
    sound = np.clip(sound, -1.0, 1.0)
    if session.mu_law:
        sound = _mu_law(sound)
    return np.ascontiguousarray(sound, dtype=np.float32)


def add_noise(
    sound: NDArray[np.float64], snr_db: float, slope: float, babble: bool, random: Random
) -> NDArray[np.float64]:
    """Add noise whose power falls with frequency as f^-slope (0 white, 1 pink, 2 brown), or babble: noise with the
    clip's own long-term spectrum, swelling at the rate of syllables. ``snr_db`` is over the clip's active part."""
    spectrum = np.fft.rfft(random.standard_normal(sound.size))
    frequencies = np.fft.rfftfreq(sound.size, 1.0 / SAMPLE_RATE_HZ)
    if babble:
        shape = np.abs(np.fft.rfft(sound))
        width = max(1, int(np.searchsorted(frequencies, 150.0)))
        spectrum = spectrum * np.convolve(shape, np.ones(width) / width, mode="same")
    else:
        spectrum = spectrum * np.maximum(frequencies, 50.0) ** (-slope / 2.0)
    noise = np.fft.irfft(spectrum, sound.size)
    if babble:
        noise = noise * _syllables(sound.size, random)
    gain = active_level(sound) / max(float(np.sqrt(np.mean(noise**2))), 1e-12)
    return sound + noise * gain * 10.0 ** (-snr_db / 20.0)


def active_level(sound: NDArray[np.float64]) -> float:
    """Root mean square over the louder half of 20 ms frames: the level of the speech, not of the pauses."""
    size = 320
    if sound.size < size:
        return float(np.sqrt(np.mean(sound**2)))
    power = np.square(sound[: sound.size // size * size]).reshape(-1, size).mean(axis=1)
    return float(np.sqrt(np.sort(power)[power.size // 2 :].mean()))


def clip_sound(sound: NDArray[np.float64], drive_db: float) -> NDArray[np.float64]:
    """Turn the loudest peak up to ``drive_db`` over full scale and cut it there."""
    peak = max(float(np.abs(sound).max()), 1e-9)
    return np.clip(sound / peak * 10.0 ** (drive_db / 20.0), -1.0, 1.0)


def room_response(random: Random) -> NDArray[np.float64]:
    """A synthetic room: direct sound, then noise that decays by 60 dB in 0.15 to 0.7 s (Polack's model)."""
    decay_s = random.uniform(0.15, 0.7)
    time_s = np.arange(int(decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tail = random.standard_normal(time_s.size) * 10.0 ** (-3.0 * time_s / decay_s)
    tail[: int(0.002 * SAMPLE_RATE_HZ)] = 0.0
    tail *= 10.0 ** (-random.uniform(0.0, 12.0) / 20.0) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return tail


def microphone_response(random: Random) -> NDArray[np.float64]:
    """A linear-phase filter of 129 taps whose response wanders smoothly by up to about 8 dB."""
    knots_db = random.uniform(-8.0, 8.0, 7)
    gain_db = np.interp(np.linspace(0.0, 6.0, 65), np.arange(7), knots_db)
    taps = np.fft.irfft(10.0 ** (gain_db / 20.0), 128)
    return np.roll(taps, 64) * np.hanning(128)


def _syllables(samples: int, random: Random) -> NDArray[np.float64]:
    knots = max(2, int(samples / SAMPLE_RATE_HZ * 8.0) + 1)
    return np.interp(np.linspace(0, knots - 1, samples), np.arange(knots), random.uniform(0.2, 1.0, knots))


def _mu_law(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """To eight bits and back by the mu-law of ITU-T G.711 (mu = 255)."""
    squeezed = np.sign(sound) * np.log1p(255.0 * np.abs(sound)) / np.log(256.0)
    squeezed = np.round(squeezed * 127.0) / 127.0
    return np.asarray(np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log(256.0)) / 255.0)
