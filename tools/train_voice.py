"""Train the voice network, export it and measure it: ``python -m tools.train_voice --root DATA --out RUN``.

Host side only. Everything that is trained or measured lands in the run folder; started again, only what is missing is made.

- ``--protocol ship``: a network on all speakers but RAVDESS actors 1 and 2, exported to ``--models`` with its manifest
  entry. Temperature and quality are fitted on validation speakers of a second network that was trained without them.
- ``--protocol folds``: the published five subject-wise folds of RAVDESS. Of each fold's network the int8 file and its
  float32 twin are scored through the device's runtime; the out-of-fold probabilities are kept in ``folds.npz`` and their
  confusion table in the models folder.
- ``--protocol language``: trained on RAVDESS alone, scored on nEMO: other people, another language, other microphones.

The data are few (1,725 clips of 26 people), so what counts is that no two windows are alike: see
``tools.sound_degradation`` and ``tools.voice_batches``. Expect about 4 minutes a network on one core, after 8 minutes for
the features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tomlkit
import torch
import typer
from numpy.typing import NDArray

from ertedge.errors import ErtedgeError
from ertedge.inference.entry import Metric, ModelInput
from ertedge.inference.litert import LitertNetwork
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.mfcc import COEFFICIENTS
from ertedge.perception.network import Network
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.perception.voice import VoiceModel
from ertedge.perception.voice_quality import QualityWeights
from ertedge.types import Emotion, Float32Array
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, speakers_of
from tools.evaluation.metrics import confusion, fit_temperature
from tools.evaluation.report import Figure, Report, print_report
from tools.evaluation.voice import figures_of
from tools.manifest import Description, amend_entry, write_entry
from tools.quantize import export
from tools.voice_batches import stream_windows
from tools.voice_features import ClipFrames, cached_frames
from tools.voice_network import KEEP_FLOAT, OUTPUT_NAMES, VoiceNetwork
from tools.voice_quality_fit import accuracy_by_quality, fit_quality, judge_degraded, plot_quality
from tools.voice_scoring import ClipScores, hear, score
from tools.voice_training import Fitted, Recipe, fit, load_fitted

__all__ = ["KEEP_FLOAT", "OUTPUT_NAMES", "calibration_samples", "load_checkpoint", "main"]

HELD_OUT = ("ravdess/01", "ravdess/02")
"""A man and a woman that the shipped model never sees: the test of the exported file."""
VALIDATION = (*(ravdess.speaker_of(actor) for actor in ravdess.FOLDS[2]), "nemo/IC0")
"""Hyper-parameters, temperature and quality are chosen on these. The five are fold 3, whose test is thus not blind."""
SESSIONS = 7
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
TERMS = "Non-commercial research only: trained on RAVDESS and nEMO (both CC BY-NC-SA 4.0); see models/LICENSE.md"


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

    def speakers(self, without: Sequence[str] = ()) -> tuple[str, ...]:
        """All speakers but some."""
        return tuple(speaker for speaker in speakers_of(self.clips) if speaker not in without)

    def clips_of(self, speakers: Sequence[str]) -> tuple[VoiceClip, ...]:
        """The clips of some speakers."""
        return tuple(clip for clip in self.clips if clip.speaker in speakers)

    def fit(self, name: str, speakers: Sequence[str]) -> Fitted:
        """The network ``name``, trained on ``speakers`` if the run folder does not hold it yet."""
        return fit(self.frames, speakers, self.recipe, self.seed, self.out / name)


def ship(work: Work) -> Report:
    """Train, calibrate and export the model that ships."""
    inner = _exported(work, "inner", work.speakers((*HELD_OUT, *VALIDATION)))
    temperature = _temperature(work, inner)
    judged = judge_degraded(work.clips_of(VALIDATION) * 3, inner.int8, work.seed + 1)
    weights = fit_quality(judged)
    final = work.fit("final", work.speakers(HELD_OUT))
    made = export(
        final.network,
        torch.zeros(1, WINDOW_FRAMES, COEFFICIENTS),
        OUTPUT_NAMES,
        _calibration(work.frames, final, work.seed),
        work.models / "voice.tflite",
        float_out=work.out / "final" / "voice-float.tflite",
        keep_float=KEEP_FLOAT,
    )
    write_entry(work.models, _description(final, temperature, weights, work.seed))
    shipped = _model(LitertNetwork(made.path), final, temperature, weights)
    unseen = judge_degraded(work.clips_of(HELD_OUT) * 2, shipped, work.seed + 2)
    curves = {
        "validation speakers (fitted)": accuracy_by_quality(judged, weights),
        "RAVDESS 1 and 2 (unseen)": accuracy_by_quality(unseen, weights),
    }
    plot_quality(curves, work.models / "voice_quality.png")
    scores = score(hear(work.clips_of(HELD_OUT), shipped), shipped)
    figures = [Figure("temperature", temperature, "", len(VALIDATION), "validation speakers")]
    figures += [Figure("size", float(made.size_bytes), "bytes", 1, "voice.tflite")]
    figures += figures_of(scores, "actors 1 and 2", NATIVE_LABELS)
    note_in_manifest(work.models, figures[-4:], "RAVDESS actors 1 and 2, 8 classes")
    for name, points in curves.items():
        figures += [Figure("accuracy", hit, "share", n, f"{name}, quality {mean:.2f}") for mean, hit, n in points]
    return Report("voice, the model that ships", tuple(figures))


def folds(work: Work) -> Report:
    """Cross-validate over speakers, int8 and float32 through the device's runtime."""
    temperature = _temperature(work, _exported(work, "inner", work.speakers((*HELD_OUT, *VALIDATION))))
    results: dict[str, list[ClipScores]] = {"int8": [], "float32": [], "int8, stranger": []}
    tested: list[VoiceClip] = []
    for number, actors in enumerate(ravdess.FOLDS, start=1):
        test = tuple(ravdess.speaker_of(actor) for actor in actors)
        made = _exported(work, f"fold-{number}", work.speakers(test))
        clips = work.clips_of(test)
        int8 = replace(made.int8, head=_head(temperature))
        known = hear(clips, int8)
        results["int8"].append(score(known, int8))
        results["float32"].append(score(known, replace(made.float32, head=_head(temperature))))
        results["int8, stranger"].append(score(hear(clips, int8, remember_speaker=False), int8))
        tested += clips
    _keep_out_of_fold(work, tested, results["int8"])
    figures: list[Figure] = []
    for name, over_folds in results.items():
        figures += _over_folds(name, over_folds)
    note_in_manifest(
        work.models, figures[:4], "RAVDESS, mean of five folds by speaker, 8 classes, networks of the same recipe"
    )
    blind = [scores for number, scores in enumerate(results["int8"], start=1) if number != 3]
    figures += _over_folds("int8, the four folds without validation speakers", blind)
    for number, scores in enumerate(results["int8"], start=1):
        figures += figures_of(scores, f"int8, fold {number}", NATIVE_LABELS)[:2]
    return Report("voice on RAVDESS, five folds by speaker, 8 classes", tuple(figures))


def language(work: Work) -> Report:
    """Train on English speech only and score on Polish."""
    trained = tuple(speaker for speaker in work.speakers() if speaker.startswith(ravdess.COLLECTION))
    made = _exported(work, "language", trained)
    clips = tuple(clip for clip in work.clips if clip.collection == nemo.COLLECTION)
    figures: list[Figure] = []
    for of, remember in (("int8", True), ("int8, stranger", False)):
        scores = score(hear(clips, made.int8, remember_speaker=remember), made.int8)
        figures += figures_of(scores, of, NATIVE_LABELS)
        six = np.isin(np.arange(len(NATIVE_LABELS)), scores.labels)
        only = replace(scores, probabilities=np.where(six, scores.probabilities, np.float32(0.0)))
        figures += figures_of(only, f"{of}, choosing among nEMO's six", NATIVE_LABELS)[:2]
    return Report("voice trained on RAVDESS alone, on nEMO", tuple(figures))


def note_in_manifest(models: Path, figures: Sequence[Figure], of: str) -> None:
    """Put UAR, accuracy and ECE beside the model that they tell of."""
    noted = [figure for figure in figures if figure.name in ("uar", "accuracy", "ece")]
    amend_entry(models, "voice", metrics=[Metric(one.name, one.value, one.unit, one.n, of) for one in noted])


@dataclass(frozen=True, slots=True)
class _Twins:
    """A trained network as the device runs it, in int8 and in float32; temperature 1."""

    fitted: Fitted
    int8: VoiceModel
    float32: VoiceModel


def _exported(work: Work, name: str, speakers: Sequence[str]) -> _Twins:
    fitted = work.fit(name, speakers)
    int8, float32 = work.out / name / "voice.tflite", work.out / name / "voice-float.tflite"
    if not (int8.exists() and float32.exists()):
        samples = _calibration(work.frames, fitted, work.seed)
        example = torch.zeros(1, WINDOW_FRAMES, COEFFICIENTS)
        export(fitted.network, example, OUTPUT_NAMES, samples, int8, float_out=float32, keep_float=KEEP_FLOAT)
    quantized, float_twin = (_model(LitertNetwork(path), fitted, 1.0, NEUTRAL_WEIGHTS) for path in (int8, float32))
    return _Twins(fitted, quantized, float_twin)


def _head(temperature: float) -> EmotionHead:
    return EmotionHead(NATIVE_LABELS, MAPPING, temperature)


def _model(network: Network, fitted: Fitted, temperature: float, weights: QualityWeights) -> VoiceModel:
    return VoiceModel(network, _head(temperature), fitted.prior, weights)


def _calibration(frames: Sequence[ClipFrames], fitted: Fitted, seed: int) -> list[Float32Array]:
    """Windows of training clips in all sessions, normalised as on the device: (1, 300, 40) each."""
    chosen = [clip for clip in frames if clip.clip.speaker in fitted.speakers]
    random = np.random.default_rng(seed)
    some = [chosen[i] for i in random.choice(len(chosen), min(len(chosen), CALIBRATION_WINDOWS), replace=False)]
    windows = stream_windows(some, fitted.prior, seed, remember_speaker=True)
    places = random.choice(len(windows), min(len(windows), CALIBRATION_WINDOWS), replace=False)
    return [windows[place].features[None] for place in places]


def _temperature(work: Work, inner: _Twins) -> float:
    """Fitted on the windows of validation speakers, which ``inner`` was not trained on."""
    heard = hear(work.clips_of(VALIDATION), inner.int8)
    scores = score(heard, inner.int8)
    usable = np.asarray([not window.reasons for one in heard for window in one.windows])
    labels: NDArray[np.int64] = scores.labels[scores.window_clip]
    return fit_temperature(scores.window_logits[usable], labels[usable])


def _over_folds(name: str, scores: Sequence[ClipScores]) -> list[Figure]:
    """Mean and standard deviation over folds of UAR, accuracy, ECE and abstention."""
    per_fold = [figures_of(one, name, NATIVE_LABELS) for one in scores]
    n = sum(len(one.labels) for one in scores)
    return [
        replace(first, value=float(np.mean(values)), spread=float(np.std(values, ddof=1)), n=n)
        for first, values in (
            (of_one[0], [figure.value for figure in of_one]) for of_one in zip(*per_fold, strict=True)
        )
    ]


def _keep_out_of_fold(work: Work, clips: Sequence[VoiceClip], scores: Sequence[ClipScores]) -> None:
    """``folds.npz`` in the run folder; the confusion table, 8 x 8 counts, in the models folder."""
    probabilities = np.concatenate([one.probabilities for one in scores])
    labels = np.concatenate([one.labels for one in scores])
    names = [str(clip.path.relative_to(clip.path.parents[1])) for clip in clips]
    np.savez(work.out / "folds.npz", probabilities=probabilities, labels=labels, names=names)
    counts = confusion(probabilities.argmax(axis=1), labels, len(NATIVE_LABELS))
    document = tomlkit.document()
    document.add(tomlkit.comment("RAVDESS, five folds by speaker, int8 through the device's runtime; each clip once."))
    document.add(tomlkit.comment("Rows: the true label. Columns: the label with the highest probability. Clips."))
    document.add(tomlkit.comment("Made by: python -m tools.train_voice --protocol folds"))
    document["labels"] = list(NATIVE_LABELS)
    rows = tomlkit.array().multiline(True)
    for row in counts.tolist():
        rows.append(row)
    document["counts"] = rows
    (work.models / "voice_confusion.toml").write_text(tomlkit.dumps(document), encoding="utf-8")


def _description(fitted: Fitted, temperature: float, weights: QualityWeights, seed: int) -> Description:
    return Description(
        name="voice",
        version="1.0.0",
        description="Speech emotion from three seconds of MFCC: convolutions over time, attentive statistics pooling",
        file="voice.tflite",
        input=ModelInput("mfcc", (1, WINDOW_FRAMES, COEFFICIENTS), "NTF", "int8", sample_rate_hz=SAMPLE_RATE_HZ),
        outputs=OUTPUT_NAMES,
        provenance=f"Trained from scratch on the speakers {', '.join(fitted.speakers)}; no other speaker was seen",
        terms=TERMS,
        command=f"python -m tools.train_voice --root DATA --out RUN --protocol ship --seed {seed}",
        labels=NATIVE_LABELS,
        mapping=MAPPING,
        temperature=temperature,
        parameters={
            "feature_mean": fitted.prior.mean,
            "feature_deviation": fitted.prior.deviation,
            "prior_frames": fitted.prior.prior_frames,
            "most_frames": fitted.prior.most_frames,
            "quality": (weights.bias, weights.speech_share, weights.snr_per_10_db, weights.clipped_share),
        },
    )


def load_checkpoint(path: Path) -> VoiceNetwork:
    """The network of a ``final.pt``, for ``python -m tools.quantize voice``."""
    return load_fitted(path).network


def calibration_samples(root: Path, seed: int) -> Iterator[Float32Array]:
    """(1, 300, 40) windows of every sixth training clip as recorded, for ``python -m tools.quantize voice``."""
    import tempfile

    from tools.voice_batches import population

    clips = [clip for clip in (*ravdess.load(root), *nemo.load(root)) if clip.speaker not in HELD_OUT][::6]
    with tempfile.TemporaryDirectory() as folder:
        frames = cached_frames(clips, 1, seed, Path(folder))
    for window in stream_windows(frames, population(frames), seed, remember_speaker=True):
        yield window.features[None]


PROTOCOLS: dict[str, Callable[[Work], Report]] = {"ship": ship, "folds": folds, "language": language}


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ravdess/ and nemo/.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; started again, a run goes on.")] = Path("runs/voice"),
    models: Annotated[Path, typer.Option(help="Where the model that ships goes.")] = Path("models"),
    protocol: Annotated[Literal["ship", "folds", "language"], typer.Option(help="What to do.")] = "ship",
    epochs: Annotated[int, typer.Option(help="Epochs of each network.", min=2)] = Recipe().epochs,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Train the voice network, export it and measure it."""
    torch.set_num_threads(threads)
    try:
        clips = (*ravdess.load(root), *nemo.load(root))
        frames = cached_frames(clips, SESSIONS, seed, out / "features")
        work = Work(clips, frames, replace(Recipe(), epochs=epochs), seed, out, models, root)
        report = PROTOCOLS[protocol](work)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print_report(report, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
