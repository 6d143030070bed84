"""The voice's quality, fitted: how often the model is right about a window, given its speech share, SNR and clipping.

Host side only. Clips of speakers that the model was not trained on are made noisy, clipped and sparse at random; a logistic
model of "the leading label is the true one" with the signs that sense demands becomes the quality.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from ertedge.perception.normalisation import RunningNormaliser
from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.speech_frames import FrameStream
from ertedge.perception.speech_windows import WINDOW_HOPS, conditions_of
from ertedge.perception.voice import VoiceModel
from ertedge.perception.voice_quality import CLIPPED_MOST, QualityWeights, WindowConditions, quality
from ertedge.types import Float32Array, SpeechWindow
from tools.data.voice_clips import VoiceClip, read_clip
from tools.sound_degradation import Random, add_noise, clip_sound
from tools.voice.features import whole_hops


@dataclass(frozen=True, slots=True)
class JudgedWindow:
    """A window of a degraded clip: its conditions, its logits (labels,) and its clip's true label."""

    conditions: WindowConditions
    logits: Float32Array
    label: int

    @property
    def right(self) -> bool:
        """Whether the leading label is the true one."""
        return int(self.logits.argmax()) == self.label


def judge_degraded(clips: Sequence[VoiceClip], model: VoiceModel, seed: int) -> list[JudgedWindow]:
    """Every window of every clip, each clip degraded in its own way. The normaliser knows the speaker's other clips."""
    random = np.random.default_rng(seed)
    stream = FrameStream(SileroSpeechDetector())
    normaliser = RunningNormaliser(model.prior)
    judged: list[JudgedWindow] = []
    speaker = ""
    for clip in tqdm(clips, desc="degraded", unit="clip", leave=False):
        if clip.speaker != speaker:
            normaliser.reset()
            speaker = clip.speaker
        stream.reset()
        hops = list(stream.push(_degrade(whole_hops(read_clip(clip)), random)))
        for last, hop in enumerate(hops):
            normaliser.update(hop.features, hop.speech)
            recent = hops[max(0, last + 1 - WINDOW_HOPS) : last + 1]
            if len(recent) == WINDOW_HOPS:
                conditions = conditions_of(recent)
                features = normaliser(np.concatenate([one.features for one in recent]))
                logits = model.logits(SpeechWindow(0, features, conditions.speech_share, 0.0))
                judged.append(JudgedWindow(conditions, logits, clip.label_index))
    return judged


def _degrade(samples: Float32Array, random: Random) -> Float32Array:
    """Noise of -5 to 40 dB, in a third of the clips clipping by up to 24 dB, in a third a part put to silence."""
    sound = samples.astype(np.float64)
    if random.random() < 1 / 3:
        kept = int(sound.size * random.uniform(0.3, 0.8))
        start = int(random.integers(0, sound.size - kept))
        mask = np.zeros(sound.size)
        mask[start : start + kept] = 1.0
        sound = sound * mask
    if random.random() < 1 / 3:
        sound = clip_sound(sound, random.uniform(0.0, 24.0))
    noisy = add_noise(sound, random.uniform(-5.0, 40.0), random.uniform(0.0, 2.0), random.random() < 0.3, random)
    return np.clip(noisy, -1.0, 1.0).astype(np.float32)


def fit_quality(judged: Sequence[JudgedWindow]) -> QualityWeights:
    """Maximum likelihood of right and wrong, lightly regularised, with signs bounded."""
    x = np.asarray([_row(one.conditions) for one in judged])
    right = np.asarray([one.right for one in judged], np.float64)

    def loss(weights: NDArray[np.float64]) -> float:
        score = x @ weights
        return float(np.mean(np.logaddexp(0.0, score) - right * score) + 1e-4 * np.sum(weights[1:] ** 2))

    bounds = ((None, None), (0.0, None), (0.0, None), (None, 0.0))
    found = minimize(loss, np.asarray([-1.0, 0.5, 0.5, -0.5]), bounds=bounds, method="L-BFGS-B")
    return QualityWeights(*(float(weight) for weight in found.x))


def _row(conditions: WindowConditions) -> tuple[float, float, float, float]:
    clipped = min(conditions.clipped_share, CLIPPED_MOST) / CLIPPED_MOST
    return 1.0, conditions.speech_share, conditions.snr_db / 10.0, clipped


def accuracy_by_quality(
    judged: Sequence[JudgedWindow], weights: QualityWeights, groups: int = 5
) -> list[tuple[float, float, int]]:
    """(mean quality, accuracy, windows) of groups of equal size, from the worst quality to the best."""
    values = np.asarray([quality(one.conditions, weights) for one in judged])
    right = np.asarray([one.right for one in judged])
    parts = np.array_split(np.argsort(values), groups)
    return [(float(values[part].mean()), float(right[part].mean()), len(part)) for part in parts]


def plot_quality(curves: dict[str, list[tuple[float, float, int]]], path: Path) -> None:
    """Accuracy over quality, one line a name, as a small picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.2, 3.0), dpi=100)
    for name, points in curves.items():
        axes.plot([point[0] for point in points], [point[1] for point in points], marker="o", label=name)
    axes.set_xlabel("quality of the window")
    axes.set_ylabel("accuracy, 8 classes")
    axes.set_ylim(0.0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
