"""Clips heard as the device would hear them: chunk by chunk through the streaming voice path, one stream a speaker.

Host side only; used by training and evaluation. The clips of a speaker follow one another in a seeded random order with a
gap between them, so that filter, detector and window begin anew with each clip, while the running normalisation keeps what
it learnt of the speaker (as it would on a device that this person talks to) or, as a stranger, forgets it before each clip.
A clip's probabilities are the mean over its windows, weighted by their speech share; windows on which the device would
abstain count only where a clip has no others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.speech import SileroSpeechDetector, SpeechDetector
from ertedge.perception.speech_frames import Hop
from ertedge.perception.speech_windows import SpeechWindows
from ertedge.perception.voice import VoiceModel
from ertedge.types import AudioChunk, Float32Array, SpeechWindow
from tools.data.voice_clips import VoiceClip, read_clip, speakers_of
from tools.voice.features import whole_hops
from tools.voice.hops import HopMemory

CHUNK_SAMPLES = 1_600
"""A tenth of a second, as the microphone delivers by default."""
GAP_SAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class HeardClip:
    """A clip with the windows that the device makes of it, at least one."""

    clip: VoiceClip
    windows: tuple[SpeechWindow, ...]

    @property
    def abstains(self) -> bool:
        """Whether the device would say nothing about the whole clip."""
        return all(window.reasons for window in self.windows)


def hear(
    clips: Sequence[VoiceClip],
    model: VoiceModel,
    *,
    remember_speaker: bool = True,
    seed: int = 0,
    detector: SpeechDetector | None = None,
    alter: Callable[[Float32Array], Float32Array] | None = None,
    memory: HopMemory | None = None,
) -> list[HeardClip]:
    """The windows of every clip, in the order of ``clips``. Of ``model`` only the population and the quality are used.
    ``alter`` is what happens to the sound (n,) of each clip on its way, such as noise. With a ``memory`` the hops come from
    there, as the real detector heard them, and the windows are the same."""
    windows = SpeechWindows(detector or SileroSpeechDetector(), model.prior, model.quality)
    random = np.random.default_rng(seed)
    heard: dict[VoiceClip, HeardClip] = {}
    with tqdm(total=len(clips), desc="hearing", unit="clip", leave=False) as progress:
        for speaker in speakers_of(clips):
            windows.forget_speaker()
            own = [clip for clip in clips if clip.speaker == speaker]
            position = 0
            for index in random.permutation(len(own)):
                if not remember_speaker:
                    windows.forget_speaker()
                if memory is not None:
                    made = _replay(windows, memory.of(own[index]))
                else:
                    sound = read_clip(own[index])
                    samples = whole_hops(sound if alter is None else alter(sound))
                    made = _stream(windows, samples, position)
                    position += samples.size + GAP_SAMPLES
                heard[own[index]] = HeardClip(own[index], tuple(made))
                progress.update()
    return [heard[clip] for clip in clips]


def _stream(windows: SpeechWindows, samples: Float32Array, position: int) -> list[SpeechWindow]:
    made: list[SpeechWindow] = []
    for start in range(0, samples.size, CHUNK_SAMPLES):
        piece = samples[start : start + CHUNK_SAMPLES]
        made += windows.process(AudioChunk((position + start) * 62_500, piece, position + start))
    return made


def _replay(windows: SpeechWindows, hops: Sequence[Hop]) -> list[SpeechWindow]:
    windows.begin_anew()
    made = (windows.take(hop, round(1e9 * hop.end_offset / SAMPLE_RATE_HZ)) for hop in hops)
    return [window for window in made if window is not None]


@dataclass(frozen=True, slots=True)
class ClipScores:
    """What a model says of n clips in m windows.

    Of the clips: ``probabilities`` (n, labels), ``labels`` (n,) true indices, ``quality`` (n,) the mean over a clip's
    windows, ``abstained`` (n,). Of the windows: ``window_clip`` (m,) the clip's index, ``window_logits`` (m, labels),
    ``window_quality`` (m,).
    """

    probabilities: Float32Array
    labels: NDArray[np.int64]
    quality: Float32Array
    abstained: NDArray[np.bool_]
    window_clip: NDArray[np.int64]
    window_logits: Float32Array
    window_quality: Float32Array


def score(heard: Sequence[HeardClip], model: VoiceModel) -> ClipScores:
    """Ask ``model`` about every window of clips that were heard with it (or with a twin of the same population)."""
    probabilities: list[Float32Array] = []
    window_logits: list[Float32Array] = []
    for one in heard:
        logits = np.stack([model.logits(window) for window in one.windows])
        window_logits.append(logits)
        probabilities.append(_of_clip(model.head.native(logits), one))
    counts = [len(one.windows) for one in heard]
    return ClipScores(
        probabilities=np.stack(probabilities),
        labels=np.asarray([one.clip.label_index for one in heard], np.int64),
        quality=np.asarray([np.mean([w.quality for w in one.windows]) for one in heard], np.float32),
        abstained=np.asarray([one.abstains for one in heard]),
        window_clip=np.repeat(np.arange(len(heard)), counts),
        window_logits=np.concatenate(window_logits),
        window_quality=np.asarray([w.quality for one in heard for w in one.windows], np.float32),
    )


def _of_clip(probabilities: Float32Array, heard: HeardClip) -> Float32Array:
    """(windows, labels) -> (labels,)."""
    return np.asarray(window_weights(heard) @ probabilities, np.float32)


def window_weights(heard: HeardClip) -> NDArray[np.float64]:
    """(windows,) how much each window counts for the clip, adding up to 1: its share of speech, or nothing where the device
    would abstain on it and not on all."""
    weights = np.asarray(
        [window.speech_share + 1e-3 if heard.abstains or not window.reasons else 0.0 for window in heard.windows],
        np.float64,
    )
    return weights / weights.sum()
