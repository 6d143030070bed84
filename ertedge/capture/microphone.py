"""The microphone through PortAudio (sounddevice), at its own rate and channels, given out as 16 kHz mono. Floor 1.

PortAudio calls back from its own thread, which only copies the block into a bounded queue; ``read`` resamples. What the
queue or the device loses is counted and shows as a gap, never as a shift of time.
"""

from __future__ import annotations

import ctypes
import logging
import time
from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, Any

from ertedge.capture.chunker import Block, SoundChunker
from ertedge.capture.source import ContextSource
from ertedge.config import MicrophoneSettings
from ertedge.errors import DeviceBusyError, DeviceLostError, DeviceMissingError
from ertedge.types import AudioChunk, Float32Array

if TYPE_CHECKING:
    import sounddevice

LATENCY_SECONDS = 0.1
"""Sound that the driver holds for us: a callback may come so late before anything is lost."""
QUEUE_SECONDS = 2.0
"""Sound that waits between the callback and ``read``."""

log = logging.getLogger(__name__)


class Microphone(ContextSource):
    """An input of PortAudio."""

    live = True

    def __init__(self, settings: MicrophoneSettings) -> None:
        self.device = "microphone" if settings.device == "default" else settings.device
        self._settings = settings
        self._stream: sounddevice.InputStream | None = None
        self._blocks: deque[Block] = deque()
        self._arrived = Condition()
        self._finished = False
        self._rate_hz = 0
        self._delivered = 0

    def open(self) -> None:
        """As ``Source.open``."""
        sound = _load_portaudio()
        name, self._rate_hz, channels = _choose_input(sound, self._settings.device)
        self._blocks.clear()
        self._finished = False
        self._delivered = 0
        try:
            self._stream = sound.InputStream(
                device=_device_argument(self._settings.device),
                samplerate=self._rate_hz,
                channels=channels,
                dtype="float32",
                blocksize=round(self._settings.chunk_seconds * self._rate_hz / 2),
                latency=LATENCY_SECONDS,
                callback=self._take_block,
                finished_callback=self._note_end,
            )
            self._stream.start()
        except sound.PortAudioError as error:
            self.close()
            raise DeviceBusyError(f"{name} does not open ({_first_line(error)}); another program may use it") from None
        self.device = name
        self._chunker = SoundChunker(self._rate_hz, self._settings.chunk_seconds)

    def read(self, timeout_seconds: float) -> AudioChunk | None:
        """As ``Source.read``."""
        end = time.monotonic() + timeout_seconds
        while True:
            if (chunk := self._chunker.take()) is not None:
                return chunk
            with self._arrived:
                self._arrived.wait_for(lambda: self._blocks or self._finished, max(0.0, end - time.monotonic()))
                block = self._blocks.popleft() if self._blocks else None
                finished = self._finished
            if block is not None:
                self._chunker.feed(block)
            elif finished:
                raise DeviceLostError(f"{self.device} went away; plug it in again, or start the sound server")
            else:
                return None

    def close(self) -> None:
        """As ``Source.close``."""
        stream, self._stream = self._stream, None
        if stream is not None:
            # ``abort`` does not wait for sound that is still to come, as ``stop`` would.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def _take_block(self, samples: Float32Array, frames: int, times: Any, status: sounddevice.CallbackFlags) -> None:
        """Called by PortAudio's thread, which must not wait: copy and go."""
        now_ns = time.monotonic_ns()
        age_seconds = times.currentTime - times.inputBufferAdcTime
        if not (times.inputBufferAdcTime > 0 and 0 <= age_seconds < 10):
            # Some drivers give no time: then the block ended now.
            age_seconds = frames / self._rate_hz
        block = Block(
            samples.copy(), self._delivered, now_ns - round(age_seconds * 1e9), now_ns, bool(status.input_overflow)
        )
        self._delivered += frames
        with self._arrived:
            self._blocks.append(block)
            # What is dropped here is missing in the count of samples, by which the chunker sees it.
            if len(self._blocks) * frames > QUEUE_SECONDS * self._rate_hz:
                self._blocks.popleft()
            self._arrived.notify()

    def _note_end(self) -> None:
        with self._arrived:
            self._finished = True
            self._arrived.notify()


def default_input(device: str) -> str:
    """The name of the input that ``device`` of the configuration means. Raises DeviceMissingError, with what to do."""
    return _choose_input(_load_portaudio(), device)[0]


def _load_portaudio() -> Any:
    """sounddevice, looking afresh at what is plugged in: PortAudio makes its list once and keeps it."""
    _silence_alsa()
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise DeviceMissingError(f"no sound: {error}; `sudo apt install libportaudio2`") from None
    try:
        if sounddevice._initialized:
            sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        raise DeviceMissingError(f"no sound: PortAudio does not start ({_first_line(error)})") from None
    return sounddevice


def _choose_input(sound: Any, device: str) -> tuple[str, int, int]:
    """Name, native rate and number of channels to open. Raises DeviceMissingError or DeviceBusyError."""
    argument = _device_argument(device)
    try:
        info = sound.query_devices(argument, "input")
    except (sound.PortAudioError, ValueError):
        advice = "plug one in, start the sound server, or set microphone.device (`python -m sounddevice` lists them)"
        missing = "no microphone found" if argument is None else f"no microphone {device!r}"
        raise DeviceMissingError(f"{missing}; {advice}") from None
    rate_hz, most = round(info["default_samplerate"]), int(info["max_input_channels"])
    # One channel where the driver mixes down itself; a bare device may give only what it has.
    for channels in dict.fromkeys((1, min(2, most), most)):
        try:
            sound.check_input_settings(argument, channels, "float32", samplerate=rate_hz)
        except sound.PortAudioError:
            continue
        return str(info["name"]), rate_hz, channels
    raise DeviceBusyError(f"{info['name']} cannot be opened at {rate_hz} Hz; another program may use it")


def _device_argument(device: str) -> str | int | None:
    """PortAudio's way to name a device: None for the default, an index, or a part of the name."""
    if device == "default":
        return None
    return int(device) if device.isdecimal() else device


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


_ALSA_HANDLER_TYPE = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


def _ignore_alsa_message(_file: bytes, _line: int, _function: bytes, _error: int, _format: bytes) -> None:
    """ALSA writes a dozen lines on standard error whenever its list of devices is made; what matters comes as an error."""


_ALSA_HANDLER = _ALSA_HANDLER_TYPE(_ignore_alsa_message)
"""Kept for as long as the process lives, since the library calls it at any time."""


def _silence_alsa() -> None:
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ALSA_HANDLER)
    except (OSError, AttributeError):
        log.debug("ALSA is not here, so it has nothing to say")
