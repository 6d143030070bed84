"""Windows for the voice network: normalised as the device would after any amount of speech, and disturbed for training.

Host side only. The device normalises a window with what it has heard of the speaker so far. Training imitates every
stage of that: from nothing but the window's own clip to a score of other clips of the same speaker in the same session.
Evaluation plays each speaker's clips as one stream through the device's own normaliser.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.normalisation import MOST_DEVIATIONS, FeaturePrior, RunningNormaliser
from ertedge.perception.speech_frames import HOP_FRAMES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.types import Float32Array
from tools.voice.features import ClipFrames
from tools.voice.layout import Layouts

Random = np.random.Generator
Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to windows in training, beside the sessions. Shares and numbers of frames or coefficients.

    ``laid_out_share`` of the windows are of speech laid out anew (``tools.voice.layout``), the others as recorded.
    """

    stranger_share: float = 0.3
    laid_out_share: float = 0.0
    clips_heard_most: int = 20
    warp_most: float = 0.12
    time_masks: int = 2
    time_mask_most: int = 30
    coefficient_masks: int = 1
    coefficient_mask_most: int = 5
    noise: float = 0.1


def population(frames: Sequence[ClipFrames]) -> FeaturePrior:
    """Mean and deviation over the frames of speech of all clips and sessions.

    The deviation is that within a speaker and session, which is what the normaliser blends it with.
    """
    groups: dict[tuple[str, int], list[Float64Array]] = defaultdict(list)
    for clip in frames:
        groups[clip.clip.speaker, clip.session].append(clip.features[clip.speech].astype(np.float64))
    spoken = [np.concatenate(parts) for parts in groups.values()]
    weights = np.asarray([len(part) for part in spoken], np.float64)
    mean = np.average([part.mean(axis=0) for part in spoken if len(part)], axis=0, weights=weights[weights > 0])
    within = np.average([part.var(axis=0) for part in spoken if len(part)], axis=0, weights=weights[weights > 0])
    return FeaturePrior(mean.astype(np.float32), np.sqrt(within).astype(np.float32))


@dataclass(frozen=True, slots=True)
class StreamWindow:
    """One window of a speaker's stream: ``features`` (300, 42) normalised; ``clip`` is an index into the clips
    given."""

    clip: int
    features: Float32Array
    speech_share: float


def stream_windows(
    frames: Sequence[ClipFrames], prior: FeaturePrior, seed: int, *, remember_speaker: bool
) -> list[StreamWindow]:
    """The windows that the device would make of each speaker's clips, played one after the other with gaps between.

    The order is random by ``seed``. With ``remember_speaker`` the normaliser lives through a speaker's clips; without,
    every clip is a stranger's.
    """
    random = np.random.default_rng(seed)
    normaliser = RunningNormaliser(prior)
    speakers = sorted({clip.clip.speaker for clip in frames})
    windows: list[StreamWindow] = []
    for speaker in speakers:
        own = [index for index, clip in enumerate(frames) if clip.clip.speaker == speaker]
        normaliser.reset()
        for index in random.permutation(own):
            if not remember_speaker:
                normaliser.reset()
            features = frames[index].features.astype(np.float32)
            speech = frames[index].speech
            for end in range(HOP_FRAMES, len(speech) + 1, HOP_FRAMES):
                normaliser.update(features[end - HOP_FRAMES : end], speech[end - HOP_FRAMES : end])
                start = end - WINDOW_FRAMES
                if start >= 0:
                    share = float(speech[start:end].mean())
                    windows.append(StreamWindow(int(index), normaliser(features[start:end]), share))
    return windows


class TrainingWindows:
    """Draws disturbed windows from clips in all their sessions."""

    def __init__(self, frames: Sequence[ClipFrames], prior: FeaturePrior, disturbance: Disturbance) -> None:
        self._prior = prior
        self._disturbance = disturbance
        self._centre = prior.mean.astype(np.float64)
        self._sessions: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._companions: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._frames = list(frames)
        self._layouts = Layouts(self._frames)
        sums = []
        for index, clip in enumerate(self._frames):
            self._sessions[clip.clip.speaker, clip.clip.path.stem].append(index)
            self._companions[clip.clip.speaker, clip.session].append(index)
            sums.append(self._sums(clip.features, clip.speech))
        self._clip_sums = np.stack(sums)
        self.clips = tuple(self._sessions)

    def label_and_collection(self, clip: int) -> tuple[int, str]:
        """The label's index and the collection of ``clips[clip]``."""
        first = self._frames[self._sessions[self.clips[clip]][0]].clip
        return first.label_index, first.collection

    def window(self, clip: int, random: Random) -> Float32Array:
        """A random window, (300, 42), of ``clips[clip]`` in a random session."""
        return self.window_of(int(random.choice(self._sessions[self.clips[clip]])), random)

    def window_of(self, index: int, random: Random) -> Float32Array:
        """A random window of the clip and session at ``index``."""
        clip, settings = self._frames[index], self._disturbance
        laid_out = random.random() < settings.laid_out_share
        features = self._layouts.draw(index, random) if laid_out else clip.features
        span = WINDOW_FRAMES * random.uniform(1 - settings.warp_most, 1 + settings.warp_most)
        start = random.uniform(0.0, max(0.0, len(features) - span))
        rows = np.minimum((start + np.arange(WINDOW_FRAMES) * span / WINDOW_FRAMES).astype(int), len(features) - 1)
        mean, deviation = self._statistics(index, len(clip.speech) if laid_out else int(rows[-1]) + 1, random)
        x = np.clip((features[rows] - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        return self._mask(x.astype(np.float32), random)

    def _statistics(self, index: int, end: int, random: Random) -> tuple[Float64Array, Float64Array]:
        """What the normaliser would know at ``end`` after some other clips; same formula as RunningNormaliser."""
        chosen = self._frames[index]
        total = self._sums(chosen.features[:end], chosen.speech[:end])
        if random.random() >= self._disturbance.stranger_share:
            companions = self._companions[chosen.clip.speaker, chosen.session]
            heard = random.choice(companions, random.integers(1, self._disturbance.clips_heard_most + 1))
            total = total + self._clip_sums[heard].sum(axis=0)
        frames, (first, second) = total[0, 0], total[1:]
        prior_variance = np.square(self._prior.deviation.astype(np.float64))
        if frames == 0:
            return self._centre, np.sqrt(prior_variance)
        weight = frames / (frames + self._prior.prior_frames)
        mean = first / frames
        variance = np.maximum(second / frames - np.square(mean), 0.0)
        return self._centre + weight * mean, np.sqrt(weight * variance + (1.0 - weight) * prior_variance)

    def _sums(self, features: NDArray[np.float16], speech: NDArray[np.bool_]) -> Float64Array:
        """(3, 42): count, sum and sum of squares of the frames of speech about the population's mean."""
        spoken = features[speech].astype(np.float64) - self._centre
        return np.stack([np.full(len(self._centre), float(len(spoken))), spoken.sum(0), np.square(spoken).sum(0)])

    def _mask(self, x: Float32Array, random: Random) -> Float32Array:
        """SpecAugment (Park et al. 2019) on cepstra, and a little noise."""
        settings = self._disturbance
        x += random.standard_normal(x.shape, np.float32) * np.float32(settings.noise)
        for _ in range(settings.time_masks):
            size = int(random.integers(0, settings.time_mask_most + 1))
            start = int(random.integers(0, len(x) - size + 1))
            x[start : start + size] = 0.0
        for _ in range(settings.coefficient_masks):
            size = int(random.integers(0, settings.coefficient_mask_most + 1))
            start = int(random.integers(0, x.shape[1] - size + 1))
            x[:, start : start + size] = 0.0
        return x
