"""What every protocol of ``tools.train_voice`` starts from: clips, frames, who may be trained on, and networks as the device
runs them. Host side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from ertedge.inference.entry import Metric
from ertedge.inference.litert import LitertNetwork
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.network import Network
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.perception.voice import VoiceModel
from ertedge.perception.voice_quality import QualityWeights
from ertedge.types import Emotion, Float32Array
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, speakers_of
from tools.evaluation.report import Figure
from tools.evaluation.voice import figures_of
from tools.manifest import amend_entry
from tools.quantize import export
from tools.torch_machine import Machine, Precision, this_machine
from tools.voice.batches import stream_windows
from tools.voice.encoder import ENCODER, SpeechEncoder
from tools.voice.features import ClipFrames, cached_frames
from tools.voice.hops import HopMemory
from tools.voice.network import KEEP_FLOAT, OUTPUT_NAMES
from tools.voice.scoring import ClipScores
from tools.voice.training import Fitted, Recipe, fit

HELD_OUT = ("ravdess/01", "ravdess/02")
"""A man and a woman that the shipped model never sees: the test of the exported file."""
VALIDATION = (*(ravdess.speaker_of(actor) for actor in ravdess.FOLDS[2]), "nemo/IC0")
"""The recipe is chosen on these. The five are fold 3, whose test is thus not blind; nor is IC0's."""
SESSIONS = 7
"""In which every clip is heard: as recorded, and six synthetic ones."""
CALIBRATION_WINDOWS = 400
MAPPING = {
    "neutral": Emotion.NEUTRAL,
    "calm": Emotion.NEUTRAL,
    "happy": Emotion.HAPPINESS,
    "sad": Emotion.SADNESS,
    "angry": Emotion.ANGER,
    "fearful": Emotion.FEAR,
    "disgust": Emotion.DISGUST,
    "surprised": Emotion.SURPRISE,
}
NEUTRAL_WEIGHTS = QualityWeights(bias=0.0, speech_share=0.0, snr_per_10_db=0.0, clipped_share=0.0)


@dataclass(frozen=True, slots=True)
class Work:
    """What every protocol starts from."""

    clips: tuple[VoiceClip, ...]
    frames: list[ClipFrames]
    recipe: Recipe
    seed: int
    out: Path
    models: Path
    root: Path
    machine: Machine
    hops: HopMemory = field(default_factory=HopMemory)

    def speakers(self, without: Sequence[str] = ()) -> tuple[str, ...]:
        """All speakers but some."""
        return tuple(speaker for speaker in speakers_of(self.clips) if speaker not in without)

    def clips_of(self, speakers: Sequence[str]) -> tuple[VoiceClip, ...]:
        """The clips of some speakers."""
        return tuple(clip for clip in self.clips if clip.speaker in speakers)

    def fit(self, name: str, speakers: Sequence[str], frames: Sequence[ClipFrames] | None = None) -> Fitted:
        """The network ``name``, trained on ``speakers`` (their ``frames``, or all) unless the run folder holds it."""
        used = self.frames if frames is None else frames
        return fit(used, speakers, self.recipe, self.seed, self.out / name, machine=self.machine)

    def note(self, figures: Sequence[Figure], of: str) -> None:
        """Put UAR, accuracy and ECE beside the model that they tell of, in the manifest."""
        noted = [figure for figure in figures if figure.name in ("uar", "accuracy", "ece")]
        metrics = [Metric(one.name, one.value, one.unit, one.n, of) for one in noted]
        amend_entry(self.models, "voice", metrics=metrics)


def begin_work(
    root: Path,
    out: Path,
    encoder: Path = ENCODER,
    *,
    models: Path = Path("models"),
    recipe: Recipe | None = None,
    seed: int = 1,
    precision: Precision = "auto",
) -> Work:
    """The clips below ``root`` and their frames, out of the run folder ``out`` or made anew; ``recipe`` is the one in use
    unless given. Raises ErtedgeError where clips or encoder are missing."""
    clips = (*ravdess.load(root), *nemo.load(root))
    frames = cached_frames(clips, SESSIONS, seed, out / "features", SpeechEncoder(encoder))
    return Work(clips, frames, recipe or Recipe(), seed, out, models, root, this_machine(precision))


@dataclass(frozen=True, slots=True)
class Twins:
    """A trained network as the device runs it, in int8 and in float32; temperature 1."""

    fitted: Fitted
    int8: VoiceModel
    float32: VoiceModel


def exported(work: Work, name: str, speakers: Sequence[str]) -> Twins:
    """The network ``name`` of the run folder, trained and exported where that was not done yet."""
    return exported_as(work, name, work.fit(name, speakers))


def exported_as(work: Work, name: str, fitted: Fitted) -> Twins:
    """The same of a network that is trained."""
    int8, float32 = work.out / name / "voice.tflite", work.out / name / "voice-float.tflite"
    if not (int8.exists() and float32.exists()):
        samples = calibration_windows(work.frames, fitted, work.seed)
        example = torch.zeros(1, WINDOW_FRAMES, FEATURES)
        export(fitted.network, example, OUTPUT_NAMES, samples, int8, float_out=float32, keep_float=KEEP_FLOAT)
    quantized, float_twin = (model_of(LitertNetwork(path), fitted, 1.0, NEUTRAL_WEIGHTS) for path in (int8, float32))
    return Twins(fitted, quantized, float_twin)


def head_of(temperature: float) -> EmotionHead:
    """The voice's head at a temperature."""
    return EmotionHead(NATIVE_LABELS, MAPPING, temperature)


def model_of(network: Network, fitted: Fitted, temperature: float, weights: QualityWeights) -> VoiceModel:
    """An exported network with what the device keeps beside it."""
    return VoiceModel(network, head_of(temperature), fitted.prior, weights)


def calibration_windows(frames: Sequence[ClipFrames], fitted: Fitted, seed: int) -> list[Float32Array]:
    """Windows of training clips in all sessions, normalised as on the device: (1, 300, 42) each."""
    chosen = [clip for clip in frames if clip.clip.speaker in fitted.speakers]
    random = np.random.default_rng(seed)
    some = [chosen[i] for i in random.choice(len(chosen), min(len(chosen), CALIBRATION_WINDOWS), replace=False)]
    windows = stream_windows(some, fitted.prior, seed, remember_speaker=True)
    places = random.choice(len(windows), min(len(windows), CALIBRATION_WINDOWS), replace=False)
    return [windows[place].features[None] for place in places]


def over_folds(name: str, scores: Sequence[ClipScores]) -> list[Figure]:
    """Mean and standard deviation over folds of UAR, accuracy, ECE and abstention."""
    per_fold = [figures_of(one, name, NATIVE_LABELS) for one in scores]
    n = sum(len(one.labels) for one in scores)
    return [
        replace(first, value=float(np.mean(values)), spread=float(np.std(values, ddof=1)), n=n)
        for first, values in (
            (of_one[0], [figure.value for figure in of_one]) for of_one in zip(*per_fold, strict=True)
        )
    ]
