"""From a stream of sound to frames: band-passed, as MFCC and pitch, each marked as speech or not, half a second at a
time (a hop).

Floor 1 (thought). Hops lie on a fixed grid of samples, and all work is done hop by hop, so that the frames do not
depend on how the stream was cut into chunks. The grid: hop j (from 1) ends with the last sample of its 50th frame, 240
+ 8,000 j samples after the start. Training reads its frames from here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.bandpass import BandPass
from ertedge.perception.mfcc import COEFFICIENTS, FRAME_SAMPLES, OVERLAP_SAMPLES, STEP_SAMPLES, MfccStream
from ertedge.perception.pitch import UNHEARD_OCTAVES, held, pitch
from ertedge.perception.speech import BLOCK_SAMPLES, SpeechDetector
from ertedge.perception.voice_quality import clipped_samples
from ertedge.types import Float32Array

HOP_FRAMES = 50
HOP_SAMPLES = HOP_FRAMES * STEP_SAMPLES
FEATURES = COEFFICIENTS + 2
"""What a frame is to the voice network: its cepstra, the pitch in octaves above 100 Hz, held where there is none, and how
clearly there is one."""
SPEECH_LEAST = 0.5
"""A frame with at least this probability of speech is speech."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Half a second: ``features`` (50, 42) and ``power`` (50,) float32, ``speech`` (50,) bool; of every second frame
    the pitch, ``octaves`` above 100 Hz and ``likeness`` (25,) float32 (see ``pitch``).

    ``clipped`` counts its 8,000 samples at full scale; ``end_offset`` counts the samples of the push up to and with its
    last one.
    """

    features: Float32Array
    power: Float32Array
    speech: NDArray[np.bool_]
    octaves: Float32Array
    likeness: Float32Array
    clipped: int
    end_offset: int

    @property
    def cepstra(self) -> Float32Array:
        """(50, 40): the features but for the pitch."""
        return self.features[:, :COEFFICIENTS]


class FrameStream:
    """The first half of the voice path. Knows nothing of gaps; whoever feeds it calls ``reset``."""

    def __init__(self, detector: SpeechDetector) -> None:
        self._detector = detector
        self._bandpass = BandPass()
        self._mfcc = MfccStream()
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next sample is the first after silence."""
        self._bandpass.reset()
        self._mfcc.reset()
        self._detector.reset()
        self._samples = 0
        self._hop_end = OVERLAP_SAMPLES + HOP_SAMPLES
        self._clipped = 0
        self._unheard: list[NDArray[np.float64]] = []
        self._unpitched: list[NDArray[np.float64]] = []
        self._held_octaves = UNHEARD_OCTAVES
        # Probabilities of the blocks that frames to come may lie in, and the number of the first of them.
        self._speech: list[float] = []
        self._first_block = 0

    def push(self, samples: Float32Array) -> Iterator[Hop]:
        """The hops that end within ``samples``, (n,) finite float32 at 16 kHz. Run it to its end."""
        taken = 0
        while taken < samples.size:
            piece = samples[taken : taken + self._hop_end - self._samples]
            taken += piece.size
            self._take(piece)
            if self._samples == self._hop_end:
                yield self._finish_hop(taken)

    def _take(self, samples: Float32Array) -> None:
        self._clipped += clipped_samples(samples)
        filtered = self._bandpass(samples)
        self._mfcc.push(filtered)
        self._unheard.append(filtered)
        self._unpitched.append(filtered)
        self._samples += samples.size

    def _finish_hop(self, end_offset: int) -> Hop:
        cepstra, power = self._mfcc.pull()
        octaves, likeness = self._track_pitch()
        melody = held(octaves, likeness, self._held_octaves)
        self._held_octaves = float(melody[-1])
        # The pitch comes every second frame.
        features = np.column_stack((cepstra, np.repeat(melody, 2), np.repeat(likeness, 2)))
        hop = Hop(features, power, self._listen(), octaves, likeness, self._clipped, end_offset)
        self._clipped = 0
        self._hop_end += HOP_SAMPLES
        return hop

    def _track_pitch(self) -> tuple[Float32Array, Float32Array]:
        """The pitch over this hop, which shares its last 240 samples with the next, as the frames do."""
        signal = np.concatenate(self._unpitched)
        self._unpitched = [signal[HOP_SAMPLES:]]
        return pitch(signal)

    def _listen(self) -> NDArray[np.bool_]:
        """Run the detector over the blocks complete by the end of this hop: whether each of its 50 frames is speech.

        A frame belongs to the block that its centre is in; the last frames of a hop, whose block is not complete yet,
        to the block before.
        """
        signal = np.concatenate(self._unheard)
        whole = signal.size - signal.size % BLOCK_SAMPLES
        for start in range(0, whole, BLOCK_SAMPLES):
            self._speech.append(self._detector(signal[start : start + BLOCK_SAMPLES]))
        self._unheard = [signal[whole:]]
        hop_start = self._hop_end - OVERLAP_SAMPLES - HOP_SAMPLES
        centres = hop_start + FRAME_SAMPLES // 2 + STEP_SAMPLES * np.arange(HOP_FRAMES)
        index = np.minimum(centres // BLOCK_SAMPLES - self._first_block, len(self._speech) - 1)
        speech = np.asarray(self._speech)[index] >= SPEECH_LEAST
        self._first_block += len(self._speech) - 1
        self._speech = self._speech[-1:]
        return speech
