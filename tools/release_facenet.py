"""From a finished run to the shipped FaceNet: ``python -m tools.release_facenet --root DATA --run RUN --out models``.

Host only. Exports ``deployed.pt`` to int8 (and, where asked, its float32 twin); fits the temperature and the quality on the
part of FER+ Train that training held out, through the exported file and the shipped detector, which must be in ``--out``
before; writes the manifest entry. The validation split is not looked at here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from scipy.optimize import minimize

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.entry import Metric, ModelInput
from ertedge.inference.litert import LitertNetwork
from ertedge.perception.face_quality import FaceConditions
from ertedge.perception.network import Network
from ertedge.types import Emotion, Float32Array, UInt8Array
from tools.data.face_frames import hard, load_backgrounds
from tools.data.ferplus import EMOTION_LABELS
from tools.evaluation import metrics
from tools.facenet.data import FaceSet, labelled_faces
from tools.facenet.trials import Trials, load_detector, read_crops, run_trials
from tools.manifest import Description, write_entry
from tools.quantize import export
from tools.train_facenet import OUTPUT_NAMES, calibration_samples, load_checkpoint

SAMPLES = 400
FILE = "facenet.tflite"
ROUNDS = 2
"""How often each held-out face is shown under hard circumstances."""
SHRINKAGE = 1e-3
LIMITS = {"dark_level": 8.0, "turn_limit": 1.2, "companion_size": 0.6}
"""``ertedge.perception.face.FaceLimits``. Chosen on the held-out faces: below 8 grey levels their
accuracy breaks down, and heads rolled further than 36 degrees are hardly found."""
MISFIT_BEYOND = 1.25
"""OFF_POSE begins this much beyond the landmarks' misfit of nearly all (99.5%) held-out faces: further than the detector's
points go on the faces that FaceNet was measured on."""
MISFIT = [field.name for field in fields(FaceConditions)].index("misfit")
COIN_TOSS = 0.5
"""A face that FaceNet is expected to read wrong this often is not read."""
MAPPING = {label: Emotion(label) for label in EMOTION_LABELS if label != "contempt"} | {"contempt": Emotion.DISGUST}
"""Contempt is rare (0.4% of FER+), and among the seven disgust is the other emotion of rejection."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """``temperature`` of the logits; ``quality`` (9,) bias and coefficients as in ``FaceQualityWeights``. A face is not read
    below ``quality_limit`` nor above ``misfit_limit``. ``expected`` accuracy under the best conditions; ``found`` share of
    faces detected."""

    temperature: float
    quality: NDArray[np.float64]
    quality_limit: float
    misfit_limit: float
    expected: float
    found: float


def finished(run: Path) -> Path:
    """The run's ``deployed.pt``. Raises ConfigurationError where training did not come to its end."""
    checkpoint = run / "deployed.pt"
    if not checkpoint.is_file():
        raise ConfigurationError(
            [f"{checkpoint} is missing: end the run first (python -m tools.train_facenet, --epochs N to end it at N)"]
        )
    return checkpoint


def template_of(checkpoint: Path) -> Float32Array:
    """(5, 2) mean landmarks of the training faces, in crop pixels."""
    return np.asarray(torch.load(checkpoint, weights_only=True)["template"], dtype=np.float32)


def fit_quality(conditions: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(1 + k,) bias and coefficients of the logistic model of ``right`` (m,) on ``conditions`` (m, k), none positive.

    Maximum likelihood with a little shrinkage; the sign is a bound of the optimization (L-BFGS-B), so that quality cannot
    rise with a fault that happened to go along with easy faces.
    """
    inputs = np.column_stack([np.ones(len(right)), conditions])
    target = right.astype(np.float64)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = inputs @ weights
        probability = 1 / (1 + np.exp(-score))
        penalty = SHRINKAGE * np.concatenate([[0.0], weights[1:]])
        value = float(np.mean(np.logaddexp(0, score) - target * score) + 0.5 * penalty @ weights)
        return value, inputs.T @ (probability - target) / len(target) + penalty

    bounds = [(None, None)] + [(None, 0.0)] * conditions.shape[1]
    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x, dtype=np.float64)


def hard_trials(
    faces: FaceSet, models: Path, template: Float32Array, backgrounds: tuple[UInt8Array, ...], seed: int
) -> list[Trials]:
    """The held-out faces under hard circumstances, ``ROUNDS`` times."""
    detector = load_detector(models)
    rng = np.random.default_rng(seed)
    return [
        run_trials(faces.images, detector, template, circumstance=hard, backgrounds=backgrounds, rng=rng)
        for _ in range(ROUNDS)
    ]


def calibrate(network: Network, faces: FaceSet, trials: list[Trials]) -> Calibration:
    """Temperature from the given crops, quality from the trials; ``faces`` must all have a majority label."""
    temperature = metrics.fit_temperature(read_crops(network, faces.images)[0], faces.labels)
    conditions = np.concatenate([each.conditions for each in trials])
    right = [read_crops(network, each.crops)[0].argmax(axis=1) == faces.labels[each.index] for each in trials]
    weights = fit_quality(conditions, np.concatenate(right))
    best = float(1 / (1 + np.exp(-weights[0])))
    return Calibration(
        temperature=temperature,
        quality=weights,
        quality_limit=COIN_TOSS / best,
        misfit_limit=MISFIT_BEYOND * float(np.percentile(conditions[:, MISFIT], 99.5)),
        expected=best,
        found=float(np.mean([each.coverage for each in trials])),
    )


def describe(template: Float32Array, calibration: Calibration, held_out: int) -> Description:
    """The manifest entry."""
    return Description(
        name="facenet",
        version="1.4",
        description=(
            "Emotion logits (8 classes of FER+) and a 128-d face embedding (before its L2 norm) of an aligned 48x48 grey "
            "face, standardised to zero mean and unit deviation (least deviation 8 grey levels, cut at 4 deviations)."
        ),
        file=FILE,
        input=ModelInput(name="face", shape=(1, 1, 48, 48), layout="NCHW", dtype="int8", colour="none"),
        outputs=OUTPUT_NAMES,
        provenance=(
            "Trained from scratch on FER+ Train (FER2013 pictures, soft votes of ten raters) less copies of FER+ Valid, and "
            "on Caltech Web Faces without labels; embedding fitted to face-reidentification-retail-0095, faces aligned "
            "by landmarks-regression-retail-0009 (both Apache-2.0); emotions learnt also from what the former's trunk, "
            "trained on with the same votes, reads, and from the features that it reads it from."
        ),
        terms="Non-commercial research use, as the FER2013 and Caltech Web Faces pictures that it was trained on.",
        command=(
            "python -m tools.train_facenet --root DATA --out FIRST && "
            "python -m tools.train_face_expert --root DATA --out EXPERT && "
            "python -m tools.train_facenet --root DATA --out SECOND --begin-with FIRST/best.pt --learn-from EXPERT "
            "--balance 0.3 --epochs 36 --learning-rate 1.2e-3 --precision auto && "
            "python -m tools.train_facenet --root DATA --out RUN --begin-with SECOND/best.pt --learn-from EXPERT "
            "--balance 0.3 --lean 0.2 --epochs 50 --learning-rate 1.2e-3 --precision auto && "
            "python -m tools.release_facenet --root DATA --run RUN --out models"
        ),
        labels=EMOTION_LABELS,
        mapping=MAPPING,
        temperature=calibration.temperature,
        parameters={
            "template": template,
            "quality": calibration.quality,
            "quality_limit": calibration.quality_limit,
            "misfit_limit": calibration.misfit_limit,
            **LIMITS,
        },
        metrics=(
            Metric("temperature", calibration.temperature, "ratio", held_out, "FER2013Train, held-out part"),
            Metric("expected_accuracy", calibration.expected, "share", held_out, "held-out part, best conditions"),
        ),
    )


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data: ferplus/, face_detection/, teachers/.", exists=True)],
    run: Annotated[Path, typer.Option(help="The folder that the trainer wrote; deployed.pt is taken.", exists=True)],
    out: Annotated[Path, typer.Option(help="The folder of manifest.toml, with the detector in it.")] = Path("models"),
    float_out: Annotated[Path | None, typer.Option(help="Where to write the float32 twin, if at all.")] = None,
    seed: Annotated[int, typer.Option(help="As in training, since it chose the held-out part.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Export, calibrate on the held-out faces, write the manifest entry."""
    try:
        checkpoint = finished(run)
        samples = islice(calibration_samples(root, seed), SAMPLES)
        example = torch.zeros(1, 1, 48, 48)
        made = export(load_checkpoint(checkpoint), example, OUTPUT_NAMES, samples, out / FILE, float_out=float_out)
        held_out = labelled_faces(root, run, seed)[1]
        usable = held_out.take(np.flatnonzero(held_out.labels >= 0))
        template = template_of(checkpoint)
        backgrounds = load_backgrounds(root / "face_detection" / "non_face_scenes")
        network = LitertNetwork(out / FILE, outputs=OUTPUT_NAMES)
        calibration = calibrate(network, usable, hard_trials(usable, out, template, backgrounds, seed))
        entry = write_entry(out, describe(template, calibration, len(usable)))
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    summary: dict[str, object] = {f"{d.output}_int8_error": round(d.relative_error, 4) for d in made.differences}
    summary |= {"size_bytes": made.size_bytes, "macs": entry.macs, "temperature": round(calibration.temperature, 4)}
    summary |= {"misfit_limit": round(calibration.misfit_limit, 4)}
    summary |= {"quality_limit": round(calibration.quality_limit, 4), "coverage": round(calibration.found, 4)}
    summary |= {"quality": [round(float(value), 4) for value in calibration.quality]}
    print(json.dumps(summary) if json_ else "  ".join(f"{name} {value}" for name, value in summary.items()))


if __name__ == "__main__":
    typer.run(main)
