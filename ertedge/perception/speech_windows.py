"""From a stream of sound to windows of features: three seconds every half second, as the voice network sees them.

Floor 1 (thought). A window is the last six hops, normalised with what is known of the speaker at its end; no frame is
computed twice, and no window spans a gap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ertedge.errors import PerceptionError
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.normalisation import FeaturePrior, RunningNormaliser
from ertedge.perception.speech import SpeechDetector
from ertedge.perception.speech_frames import HOP_FRAMES, HOP_SAMPLES, FrameStream, Hop
from ertedge.perception.voice_quality import QualityWeights, WindowConditions, quality, signal_to_noise_db
from ertedge.perception.voice_statistics import voice_statistics
from ertedge.types import AudioChunk, Float32Array, Reason, SpeechWindow

WINDOW_HOPS = 6
WINDOW_FRAMES = WINDOW_HOPS * HOP_FRAMES
_NS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class VoiceLimits:
    """Beyond these a window is not worth a prediction. Shares are of the window."""

    speech_share_least: float = 0.25
    snr_least_db: float = 3.0
    clipped_share_most: float = 0.05


DEFAULT_LIMITS = VoiceLimits()


class SpeechWindows:
    """One stream's windows. Feed it chunks in order; it notices gaps by itself and counts them in ``gaps``."""

    def __init__(
        self,
        detector: SpeechDetector,
        prior: FeaturePrior,
        weights: QualityWeights,
        limits: VoiceLimits = DEFAULT_LIMITS,
    ) -> None:
        self.gaps = 0
        self._frames = FrameStream(detector)
        self._normaliser = RunningNormaliser(prior)
        self._weights = weights
        self._limits = limits
        self._hops: deque[Hop] = deque(maxlen=WINDOW_HOPS)
        self._next_sample: int | None = None

    def process(self, chunk: AudioChunk) -> list[SpeechWindow]:
        """The windows that end within ``chunk``, oldest first.

        A chunk that does not follow on the last one, or that says samples were lost, begins a new window: filter,
        detector and buffers are reset; what was learnt of the speaker stays. Raises PerceptionError for a chunk of
        another rate, of another shape or with samples that are not finite; such a chunk is left out as if it had been
        lost, and the stream goes on with the next.
        """
        if fault := _fault_of(chunk):
            self._break()
            raise PerceptionError(fault)
        if self._next_sample is not None and (chunk.lost_samples > 0 or chunk.first_sample != self._next_sample):
            self._break()
        self._next_sample = chunk.first_sample + chunk.samples.size
        windows: list[SpeechWindow] = []
        for hop in self._frames.push(chunk.samples):
            end_ns = chunk.timestamp_ns + hop.end_offset * _NS_PER_SECOND // SAMPLE_RATE_HZ
            if (window := self.take(hop, end_ns)) is not None:
                windows.append(window)
        return windows

    def take(self, hop: Hop, end_ns: int) -> SpeechWindow | None:
        """The window that ends with ``hop``, which follows on the last one and ends at ``end_ns``; None until there are
        enough hops for one."""
        self._normaliser.update(hop.features, hop.speech)
        self._hops.append(hop)
        return self._window(end_ns) if len(self._hops) == WINDOW_HOPS else None

    def begin_anew(self) -> None:
        """What comes does not follow on what was: an empty window; what was learnt of the speaker stays."""
        self._empty()

    def forget_speaker(self) -> None:
        """Somebody else speaks now: begin with the population's mean and variance and with an empty window."""
        self._normaliser.reset()
        self._empty()

    def _break(self) -> None:
        self.gaps += 1
        self._empty()

    def _empty(self) -> None:
        self._frames.reset()
        self._hops.clear()
        self._next_sample = None

    def _window(self, end_ns: int) -> SpeechWindow:
        conditions = conditions_of(tuple(self._hops))
        features = np.concatenate([hop.features for hop in self._hops])
        reasons = self._reasons(conditions)
        return SpeechWindow(
            timestamp_ns=end_ns,
            features=self._normaliser(features),
            speech_share=conditions.speech_share,
            quality=quality(conditions, self._weights),
            reasons=reasons,
            statistics=None if reasons else statistics_of(tuple(self._hops)),
        )

    def _reasons(self, conditions: WindowConditions) -> tuple[Reason, ...]:
        if conditions.speech_share < self._limits.speech_share_least:
            return (Reason.NO_SPEECH,)
        noisy = conditions.snr_db < self._limits.snr_least_db
        if noisy or conditions.clipped_share > self._limits.clipped_share_most:
            return (Reason.LOW_QUALITY,)
        return ()


def statistics_of(hops: Sequence[Hop]) -> Float32Array:
    """The statistics of the window that these hops make (see ``voice_statistics``)."""
    return voice_statistics(
        np.concatenate([hop.cepstra for hop in hops]),
        np.concatenate([hop.speech for hop in hops]),
        np.concatenate([hop.octaves for hop in hops]),
        np.concatenate([hop.likeness for hop in hops]),
    )


def conditions_of(hops: Sequence[Hop]) -> WindowConditions:
    """What is measured of the window that these hops make."""
    speech = np.concatenate([hop.speech for hop in hops])
    return WindowConditions(
        speech_share=float(speech.mean()),
        snr_db=signal_to_noise_db(np.concatenate([hop.power for hop in hops]), speech),
        clipped_share=sum(hop.clipped for hop in hops) / (len(hops) * HOP_SAMPLES),
    )


def _fault_of(chunk: AudioChunk) -> str:
    if chunk.sample_rate_hz != SAMPLE_RATE_HZ:
        return f"sound at {chunk.sample_rate_hz} Hz; resample it to {SAMPLE_RATE_HZ} Hz"
    if chunk.samples.ndim != 1:
        return f"sound of shape {chunk.samples.shape}; mix it down to one channel"
    if not np.isfinite(chunk.samples).all():
        return "sound with samples that are no finite numbers; the device or its driver is at fault"
    return ""
