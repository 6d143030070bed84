"""The voice path, sound in and prediction out, for each window of three seconds that ends every half second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import load_manifest
from ertedge.perception.network import Network
from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.voice import VoiceModel, VoicePerception
from ertedge.types import AudioChunk, Float32Array
from tools.bench import FLOAT32
from tools.bench.timing import in_turn, percentile_figures, ratio_figure, repeated
from tools.evaluation.report import Figure

SAMPLE_RATE_HZ = 16_000
CHUNK_SAMPLES = 1_600


def speech_like(seconds: float, seed: int) -> Float32Array:
    """(n,) float32: a buzz at the pitch of a voice, loud and soft four times a second as syllables are, with some noise.

    It exercises every step; what the network says of it is of no interest here.
    """
    random = np.random.default_rng(seed)
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    pitch_hz = 130 + 20 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    buzz = sum(np.sin(k * phase) / k for k in range(1, 25))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * t)
    return (0.1 * buzz * syllables + 0.002 * random.standard_normal(t.size)).astype(np.float32)


class _AlwaysSpeech:
    """Silero's verdict costs what it costs, but is overruled: every window is to go the whole way to the network."""

    def __init__(self) -> None:
        self._silero = SileroSpeechDetector()

    def __call__(self, block: NDArray[np.float64], /) -> float:
        self._silero(block)
        return 1.0

    def reset(self) -> None:
        self._silero.reset()


def _half_seconds(model: VoiceModel) -> Iterator[int]:
    """Feeds an endless voice, half a second a step; gives the number of predictions so far."""
    perception = VoicePerception(model, _AlwaysSpeech())
    sound = speech_like(30.0, seed=1)
    position = predictions = 0
    while True:
        for _ in range(SAMPLE_RATE_HZ // 2 // CHUNK_SAMPLES):
            samples = np.take(sound, range(position, position + CHUNK_SAMPLES), mode="wrap")
            chunk = AudioChunk(position * 1_000_000_000 // SAMPLE_RATE_HZ, samples, first_sample=position)
            predictions += len(perception.process(chunk))
            position += CHUNK_SAMPLES
        yield predictions


def measure(models: Path, rounds: int) -> list[Figure]:
    """p50 and p99 per window with the int8 file, and with its float twin where there is one."""
    manifest = load_manifest(models)
    entry = manifest.entry("voice")
    networks: dict[str, Network] = {"int8": manifest.open_network("voice")}
    twin = FLOAT32 / entry.file
    if twin.is_file():
        networks["float32"] = LitertNetwork(twin, 1, entry.outputs)
    streams = {kind: _half_seconds(VoiceModel.of(network, entry)) for kind, network in networks.items()}
    times = in_turn({kind: repeated(next, stream) for kind, stream in streams.items()}, rounds, warm_up=8)
    figures = [figure for kind in times for figure in percentile_figures("voice_path_per_window", times[kind], kind)]
    if "float32" in times:
        figures.append(ratio_figure("voice_path_float_over_int8", times["int8"], times["float32"]))
    return figures
