"""Speech from espeak-ng, for the demo: the program where it is installed, else the library of the espeakng-loader wheel.

Floor 1. Both give the same 22,050 Hz sound; the wheel lets a bare machine speak without any system package.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ertedge.capture.resample import MonoResampler
from ertedge.errors import DeviceMissingError
from ertedge.types import Float32Array

PROGRAM_SECONDS = 10.0
SYNCHRONOUS = 2
"""AUDIO_OUTPUT_SYNCHRONOUS of speak_lib.h: the callback gets the sound, and speaking returns when all is made."""
UTF8 = 1
PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3}
"""espeak_PARAMETER of speak_lib.h."""

Synthesiser = Callable[["Utterance"], Float32Array]
"""An utterance to (n,) float32 at 16 kHz."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence and how it is said: words a minute, pitch from 0 to 99, loudness from 0 to 200."""

    text: str
    words_per_minute: int = 165
    pitch: int = 50
    loudness: int = 100


def find_synthesiser() -> Synthesiser:
    """The way to speak that this machine has. Raises DeviceMissingError when it has none."""
    if (program := shutil.which("espeak-ng")) is not None:
        return lambda utterance: _by_program(program, utterance)
    return _by_library()


def _by_program(program: str, utterance: Utterance) -> Float32Array:
    command = [program, "-v", "en-us", "--stdout", "-s", str(utterance.words_per_minute), "-p", str(utterance.pitch)]
    command += ["-a", str(utterance.loudness), "--", utterance.text]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=PROGRAM_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise DeviceMissingError(f"{program} does not speak ({error}); the demo shows the picture only") from None
    wave = done.stdout
    begin = wave.find(b"data", 36) + 8
    if not wave.startswith(b"RIFF") or begin < 44:
        raise DeviceMissingError(f"{program} gave no sound; the demo shows the picture only")
    # The lengths in the header of a stream are not true (so that the wave module refuses it): all that is there is read.
    raw = wave[begin : begin + (len(wave) - begin) // 2 * 2]
    return _at_16_khz(np.frombuffer(raw, "<i2"), int.from_bytes(wave[24:28], "little"))


def _by_library() -> Synthesiser:
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        rate_hz = library.espeak_Initialize(SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        message = (
            f"no espeak-ng here ({error}); `apt install espeak-ng` or `pip install espeakng-loader` lets the demo speak"
        )
        raise DeviceMissingError(message) from None
    if rate_hz <= 0:
        raise DeviceMissingError("espeak-ng does not start; the demo shows the picture only")
    library.espeak_SetVoiceByName(b"en-us")
    return lambda utterance: _speak_by_library(library, rate_hz, utterance)


def _speak_by_library(library: ctypes.CDLL, rate_hz: int, utterance: Utterance) -> Float32Array:
    parts: list[Float32Array] = []
    callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            parts.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32))
        return 0

    callback = callback_type(collect)
    library.espeak_SetSynthCallback(callback)
    values = {
        "rate": utterance.words_per_minute,
        "volume": utterance.loudness,
        "pitch": utterance.pitch,
    }
    for name, value in values.items():
        library.espeak_SetParameter(PARAMETERS[name], value, 0)
    text = utterance.text.encode() + b"\0"
    library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 1, 0, UTF8, None, None)
    library.espeak_Synchronize()
    if not parts:
        raise DeviceMissingError("espeak-ng gave no sound; the demo shows the picture only")
    return _at_16_khz(np.concatenate(parts), rate_hz)


def _at_16_khz(samples: np.typing.NDArray[np.generic], rate_hz: int) -> Float32Array:
    return MonoResampler(rate_hz).feed(samples.astype(np.float32) / np.float32(32768.0), last=True)
