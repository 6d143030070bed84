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
from tools.voice.expert import Expert
from tools.voice.features import ClipFrames, heard_in

STEP_FRAMES = 4
"""Frames of 10 ms in a step of the encoder's hearing, and of the voice network's deepest layers."""

Random = np.random.Generator
Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to windows in training, beside the sessions. Shares and numbers of frames or coefficients."""

    stranger_share: float = 0.3
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
class TrainingWindow:
    """``features`` (300, 42), normalised and disturbed, and ``heard`` (75, 768) float32: what the speech encoder heard at
    every fourth frame, less its mean over what this speaker says in this session, in deviations; ``expert`` (8,) what the
    expert says of the whole clip in this session. Both None where the encoder was not asked."""

    features: Float32Array
    heard: Float32Array | None
    expert: Float32Array | None


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


class Hearing:
    """What the speech encoder heard in clips, comparable from speaker to speaker and from session to session."""

    def __init__(self, frames: Sequence[ClipFrames]) -> None:
        """Every one of ``frames`` must have been heard."""
        groups: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, clip in enumerate(frames):
            groups[clip.clip.speaker, clip.session].append(index)
        self._heard = [heard_in(clip) for clip in frames]
        self._mean = np.zeros((len(frames), self._heard[0].shape[1]), np.float32)
        squares = []
        for group in groups.values():
            spoken = np.concatenate([self._heard[index][_spoken_steps(frames[index])] for index in group])
            spoken = spoken.astype(np.float32)
            self._mean[group] = spoken.mean(axis=0)
            squares.append(spoken.var(axis=0))
        self._deviation = np.sqrt(np.mean(squares, axis=0))

    def at(self, index: int, rows: NDArray[np.int_]) -> Float32Array:
        """(rows, 768): what was heard at these frames of clip ``index``."""
        heard = self._heard[index]
        steps = np.minimum(rows // STEP_FRAMES, len(heard) - 1)
        scaled = (heard[steps].astype(np.float32) - self._mean[index]) / self._deviation
        return np.clip(scaled, -MOST_DEVIATIONS, MOST_DEVIATIONS)


def _spoken_steps(clip: ClipFrames) -> NDArray[np.int_]:
    """The steps whose first frame is speech; all, where none is."""
    steps = np.minimum(np.flatnonzero(clip.speech[::STEP_FRAMES]), len(heard_in(clip)) - 1)
    return steps if len(steps) else np.arange(len(heard_in(clip)))


class TrainingWindows:
    """Draws disturbed windows from clips in all their sessions."""

    def __init__(self, frames: Sequence[ClipFrames], prior: FeaturePrior, disturbance: Disturbance) -> None:
        self._prior = prior
        self._disturbance = disturbance
        self._centre = prior.mean.astype(np.float64)
        self._sessions: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._companions: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._frames = list(frames)
        encoded = all(clip.heard is not None for clip in self._frames)
        self._hearing = Hearing(self._frames) if encoded else None
        self._expert = Expert(self._frames)(self._frames) if encoded else None
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

    def window(self, clip: int, random: Random) -> TrainingWindow:
        """A random window of ``clips[clip]`` in a random session."""
        return self.window_of(int(random.choice(self._sessions[self.clips[clip]])), random)

    def window_of(self, index: int, random: Random) -> TrainingWindow:
        """A random window of the clip and session at ``index``."""
        features, settings = self._frames[index].features, self._disturbance
        span = WINDOW_FRAMES * random.uniform(1 - settings.warp_most, 1 + settings.warp_most)
        start = random.uniform(0.0, max(0.0, len(features) - span))
        rows = np.minimum((start + np.arange(WINDOW_FRAMES) * span / WINDOW_FRAMES).astype(int), len(features) - 1)
        mean, deviation = self._statistics(index, int(rows[-1]) + 1, random)
        x = np.clip((features[rows] - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        heard = self._hearing.at(index, rows[::STEP_FRAMES]) if self._hearing else None
        expert = self._expert[index] if self._expert is not None else None
        return TrainingWindow(self._mask(x.astype(np.float32), random), heard, expert)

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
