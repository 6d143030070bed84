"""Train the voice network, export it and measure it: ``python -m tools.train_voice --root DATA --out RUN``.

Host side only. Everything that is trained or measured lands in the run folder; started again, only what is missing is
made. Begin with ``ship``: it trains the networks of the folds too, since temperature and quality are fitted on what
these say, and writes the entry anew, beside which the other protocols then note their figures.

- ``--protocol folds``: the published five subject-wise folds of RAVDESS. Of each fold's network the int8 file and its
  float32 twin are scored through the device's runtime; what was said out of fold, as of the next three, is kept in the
  models folder (``tools.voice.unseen``), and its confusion table.
- ``--protocol loso``: nEMO, each speaker by a network that does not know them; five of the six are those of the folds.
- ``--protocol language``: trained on RAVDESS alone, scored on nEMO: other people, another language, other microphones.
- ``--protocol random``: a random split of RAVDESS, which leaks the speakers; to be set beside figures of that kind.
- ``--protocol choose``: variants of the recipe on the validation speakers; the ablations of the card.
- ``--protocol ship``: a network on all speakers but RAVDESS actors 1 and 2, exported to ``--models`` with its entry.

The data are few (1,725 clips of 26 people), so what counts is that no two windows are alike (``tools.sound_degradation``,
``tools.voice.batches``), and that a network learns from what has heard more: the hearing of a speech encoder
(``tools.voice.encoder``), and an expert who reads emotions in it and knows the same speakers (``tools.voice.expert``).
Features take 12 minutes of one core once, then a network 12 to 16, where the other core trains another; 2 GB each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer

from ertedge.errors import ErtedgeError
from ertedge.inference.entry import ModelInput
from ertedge.inference.litert import LitertNetwork
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.perception.voice_quality import QualityWeights
from ertedge.types import Float32Array
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.report import Figure, Report, print_report
from tools.evaluation.voice import figures_of
from tools.manifest import Description, write_entry
from tools.quantize import export
from tools.torch_machine import Precision
from tools.voice.batches import stream_windows
from tools.voice.calibration import fit_clip_temperature
from tools.voice.choice import check_names, choose
from tools.voice.encoder import ENCODER
from tools.voice.features import cached_frames
from tools.voice.network import KEEP_FLOAT, OUTPUT_NAMES, VoiceNetwork
from tools.voice.protocols import cross_validation, folds, language, leaky, loso, network_of, out_of_fold
from tools.voice.quality_fit import JudgedWindow, accuracy_by_quality, fit_quality, judge_degraded, plot_quality
from tools.voice.scoring import hear, score
from tools.voice.training import Fitted, Recipe, load_fitted
from tools.voice.work import HELD_OUT, MAPPING, Work, begin_work, calibration_windows, model_of

__all__ = ["KEEP_FLOAT", "OUTPUT_NAMES", "calibration_samples", "load_checkpoint", "main"]

TERMS = "Non-commercial research only: trained on RAVDESS and nEMO (both CC BY-NC-SA 4.0); see models/LICENSE.md"


def ship(work: Work) -> Report:
    """Train, calibrate and export the model that ships. Actors 1 and 2 are its test and nothing else; what the folds'
    networks said of them is left out of the calibration."""
    temperature = fit_clip_temperature(list(out_of_fold(work).values()), without=HELD_OUT)
    judged = _judged_out_of_fold(work)
    weights = fit_quality(judged)
    final = work.fit("final", work.speakers(HELD_OUT))
    made = export(
        final.network,
        torch.zeros(1, WINDOW_FRAMES, FEATURES),
        OUTPUT_NAMES,
        calibration_windows(work.frames, final, work.seed),
        work.models / "voice.tflite",
        float_out=work.out / "final" / "voice-float.tflite",
        keep_float=KEEP_FLOAT,
    )
    write_entry(work.models, _description(final, temperature, weights, work.seed))
    shipped = model_of(LitertNetwork(made.path), final, temperature, weights)
    unseen = judge_degraded(work.clips_of(HELD_OUT) * 2, shipped, work.seed + 2)
    curves = {
        "out of fold (fitted)": accuracy_by_quality(judged, weights),
        "RAVDESS 1 and 2 (unseen)": accuracy_by_quality(unseen, weights),
    }
    plot_quality(curves, work.models / "voice_quality.png")
    scores = score(hear(work.clips_of(HELD_OUT), shipped, memory=work.hops), shipped)
    figures = [Figure("temperature", temperature, "", len(work.clips), "out of fold, without actors 1 and 2")]
    figures += [Figure("size", float(made.size_bytes), "bytes", 1, "voice.tflite")]
    figures += figures_of(scores, "actors 1 and 2", NATIVE_LABELS)
    work.note(figures[-4:], "RAVDESS actors 1 and 2, 8 classes")
    for name, points in curves.items():
        figures += [Figure("accuracy", hit, "share", n, f"{name}, quality {mean:.2f}") for mean, hit, n in points]
    return Report("voice, the model that ships", tuple(figures))


def _judged_out_of_fold(work: Work) -> list[JudgedWindow]:
    """Every second clip of everybody but actors 1 and 2, degraded and judged by the network that does not know the
    speaker."""
    judged: list[JudgedWindow] = []
    for fold in cross_validation(work):
        speakers = [speaker for speaker in (*fold.actors, *fold.nemo) if speaker not in HELD_OUT]
        judged += judge_degraded(work.clips_of(speakers)[::2], network_of(work, fold).int8, work.seed + 1)
    return judged


def _description(fitted: Fitted, temperature: float, weights: QualityWeights, seed: int) -> Description:
    return Description(
        name="voice",
        version="3.0.0",
        description="Speech emotion from three seconds of MFCC and pitch: convolutions over time, attentive pooling",
        file="voice.tflite",
        input=ModelInput("features", (1, WINDOW_FRAMES, FEATURES), "NTF", "int8", sample_rate_hz=SAMPLE_RATE_HZ),
        outputs=OUTPUT_NAMES,
        provenance=f"Trained from scratch on the speakers {', '.join(fitted.speakers)}, and on what the encoder of "
        "smart-turn-v3.2-cpu (BSD-2-Clause) hears in them; no other speaker was heard by the network",
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
    """(1, 300, 42) windows of every sixth training clip as recorded, for ``python -m tools.quantize voice``."""
    import tempfile

    from tools.voice.batches import population

    clips = [clip for clip in (*ravdess.load(root), *nemo.load(root)) if clip.speaker not in HELD_OUT][::6]
    with tempfile.TemporaryDirectory() as folder:
        frames = cached_frames(clips, 1, seed, Path(folder))
    for window in stream_windows(frames, population(frames), seed, remember_speaker=True):
        yield window.features[None]


Protocol = Literal["ship", "folds", "loso", "language", "random", "choose"]
PROTOCOLS: dict[str, Callable[[Work], Report]] = {
    "ship": ship,
    "folds": folds,
    "loso": loso,
    "language": language,
    "random": leaky,
}


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ravdess/ and nemo/.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; started again, a run goes on.")] = Path("runs/voice"),
    encoder: Annotated[Path, typer.Option(help="The speech encoder, which `make setup-tools` fetches.")] = ENCODER,
    models: Annotated[Path, typer.Option(help="Where the model that ships goes.")] = Path("models"),
    protocol: Annotated[Protocol, typer.Option(help="What to do.")] = "ship",
    only: Annotated[str, typer.Option(help="Of --protocol choose: variants by name, with commas; all if empty.")] = "",
    epochs: Annotated[int, typer.Option(help="Epochs of each network.", min=2)] = Recipe().epochs,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 1,
    precision: Annotated[Precision, typer.Option(help="What training computes in.")] = "auto",
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Train the voice network, export it and measure it."""
    torch.set_num_threads(threads)
    try:
        names = tuple(name.strip() for name in only.split(",") if name.strip())
        check_names(names)  # before the features, which take their time
        recipe = replace(Recipe(), epochs=epochs)
        work = begin_work(root, out, encoder, models=models, recipe=recipe, seed=seed, precision=precision)
        report = choose(work, names) if protocol == "choose" else PROTOCOLS[protocol](work)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print_report(report, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
