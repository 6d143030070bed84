"""What a speech encoder that has heard many voices and languages hears in a clip, for the voice network to learn from.

Host side only; nothing of the encoder ships. It is the encoder of Whisper tiny (Radford et al. 2022), trained on by the
makers of Smart Turn v3.2 (BSD-2-Clause) to tell from the prosody of 23 languages whether somebody has finished speaking, in
int8 as ``smart-turn-v3.2-cpu.onnx`` in the Python package ``pipecat-ai`` 1.14.0. Read are the outputs of its first two
blocks of attention, 50 times a second: in these, emotions of unknown speakers are told best (see the card of the voice).
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx.utils import Extractor

from ertedge.errors import ConfigurationError
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.types import Float32Array

ENCODER = Path(sys.prefix) / "share" / "smart-turn-v3.2-cpu.onnx"
"""Where `make setup-tools` puts the file."""
ENCODER_SHA256 = "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"
INPUT, BLOCKS = "input_features", ("add_146", "add_268")
"""Names in the file: the spectrogram, and what leaves the first and the second block."""
WIDTH = 384
HEARD = WIDTH * len(BLOCKS)
"""Numbers that a step of the encoder's hearing has."""
STEPS_PER_SECOND = 25
"""Half of the encoder's rate: two of its steps are one here, as often as the voice network's deepest layers look."""

_WINDOW_SAMPLES, _STEP_SAMPLES, _BANDS = 400, 160, 80
_INPUT_SAMPLES = 8 * SAMPLE_RATE_HZ
_STEP = SAMPLE_RATE_HZ // STEPS_PER_SECOND
_LEVELS = 8.0
"""Orders of magnitude between the loudest and the faintest that is told apart."""


class SpeechEncoder:
    """The encoder's first two blocks."""

    def __init__(self, path: Path = ENCODER, *, digest: str = ENCODER_SHA256) -> None:
        """ConfigurationError where ``path`` is not the file of that ``digest`` (SHA-256)."""
        if not path.is_file():
            raise ConfigurationError([f"{path}: there is no such file; `make setup-tools` fetches the encoder"])
        data = path.read_bytes()
        if sha256(data).hexdigest() != digest:
            raise ConfigurationError([f"{path} is not the encoder that is meant; `make setup-tools` fetches it"])
        model = Extractor(onnx.load_from_string(data)).extract_model([INPUT], list(BLOCKS))
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def __call__(self, samples: Float32Array) -> NDArray[np.float16]:
        """``samples`` at 16 kHz -> (steps, 768): step k is of the 40 ms from sample 640 k on; the last may be begun."""
        size = -(-max(1, samples.size) // _STEP) * _STEP
        whole = np.pad(samples, (0, size - samples.size))
        parts = [self._part(whole[start : start + _INPUT_SAMPLES]) for start in range(0, size, _INPUT_SAMPLES)]
        return np.concatenate(parts)

    def _part(self, samples: Float32Array) -> NDArray[np.float16]:
        """At most eight seconds, which the encoder wants at the end of its input."""
        sound = np.pad(samples, (_INPUT_SAMPLES - samples.size, 0))
        outputs = self._session.run(list(BLOCKS), {INPUT: log_mel(sound)[None]})
        heard = np.concatenate([output[0] for output in outputs], axis=1)
        pairs = heard.reshape(-1, 2, HEARD).mean(axis=1)
        return pairs[-(samples.size // _STEP) :].astype(np.float16)


def log_mel(samples: Float32Array) -> Float32Array:
    """(80, samples / 160): Whisper's spectrogram of ``samples`` at unit variance; frame i is centred on sample 160 i."""
    scaled = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    around = np.pad(scaled, _WINDOW_SAMPLES // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, _WINDOW_SAMPLES)[::_STEP_SAMPLES][:-1]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW_SAMPLES + 1)[:-1])))
    levels = np.log10(np.maximum(_mel_bands() @ power.T, 1e-10))
    return ((np.maximum(levels, levels.max() - _LEVELS) + 4.0) / 4.0).astype(np.float32)


def _mel_bands() -> NDArray[np.float64]:
    """(80, 201): triangles of equal area on Slaney's scale (linear to 1 kHz, then logarithmic), from 0 to 8 kHz."""
    linear, knee, ratio = 200.0 / 3.0, 15.0, np.log(6.4) / 27.0
    top = knee + np.log(SAMPLE_RATE_HZ / 2 / 1000.0) / ratio
    mels = np.linspace(0.0, top, _BANDS + 2)
    edges = np.where(mels < knee, mels * linear, 1000.0 * np.exp(ratio * (mels - knee)))
    frequencies = np.fft.rfftfreq(_WINDOW_SAMPLES, 1.0 / SAMPLE_RATE_HZ)
    rising = (frequencies - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequencies) / np.diff(edges)[1:, None]
    return np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]
