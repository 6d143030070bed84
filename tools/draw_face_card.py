"""The figures of FaceNet's evidence card: ``python -m tools.draw_face_card --root DATA --out models``. Host only.

``facenet_crops.png``: a few validation faces as they are given, and below each the crop that the device makes of it from a
640x480 frame. ``facenet_quality.png``: accuracy by bins of quality on validation faces shown under hard circumstances.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.errors import ErtedgeError
from ertedge.types import UInt8Array
from tools.data.face_frames import easy, hard, load_backgrounds
from tools.data.ferplus import FerSplit, load_split, majority_labels
from tools.evaluation.face import QUALITY_BINS, frame_trials, qualities
from tools.face_trials import load_detector, load_face_model, run_trials

COLUMNS = 14
GAP_PX = 6


def contact_sheet(given: UInt8Array, made: UInt8Array) -> UInt8Array:
    """(n, 48, 48) given and detector-made crops -> two rows for each ``COLUMNS`` faces, the given one above."""
    rows = []
    for start in range(0, len(given) - COLUMNS + 1, COLUMNS):
        part = slice(start, start + COLUMNS)
        rows += [np.hstack(list(given[part])), np.hstack(list(made[part]))]
        rows.append(np.full((GAP_PX, rows[0].shape[1]), 255, dtype=np.uint8))
    return np.vstack(rows[:-1])


def quality_plot(values: NDArray[np.float64], right: NDArray[np.bool_], limit: float, path: Path) -> None:
    """Accuracy with its standard error in equally filled bins of quality."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bins = np.array_split(np.argsort(values, kind="stable"), QUALITY_BINS)
    centres = [float(values[part].mean()) for part in bins]
    shares = [float(right[part].mean()) for part in bins]
    errors = [float(np.sqrt(share * (1 - share) / len(part))) for share, part in zip(shares, bins, strict=True)]
    figure, axes = pyplot.subplots(figsize=(4.2, 2.8), dpi=100)
    axes.errorbar(centres, shares, yerr=errors, marker="o", color="#22577a", capsize=3)
    axes.axvline(limit, color="#999999", linestyle="--", linewidth=1)
    axes.text(limit, 0.02, " not read below", color="#666666", fontsize=7)
    axes.set_xlabel("quality of the face")
    axes.set_ylabel("accuracy, 8 classes")
    axes.set_ylim(0, 1)
    axes.set_xlim(0, 1)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def shown_faces(split: FerSplit, seed: int) -> FerSplit:
    """The same few faces of each class, so that the sheet shows every expression."""
    labels = majority_labels(split.votes)
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:5] for label in range(8)]
    return split.take(np.concatenate(chosen))


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data: ferplus/ and face_detection/.", exists=True)],
    out: Annotated[Path, typer.Option(help="Where to write the two pictures.")] = Path("models"),
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml.")] = None,
    seed: int = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Draw the contact sheet and the quality plot."""
    import cv2

    try:
        model, entry = load_face_model(models)
        detector = load_detector(models)
        split = load_split(root / "ferplus", "Valid")
        backgrounds = load_backgrounds(root / "face_detection" / "non_face_scenes")
        few = shown_faces(split, seed)
        rng = np.random.default_rng(seed)
        seen = run_trials(few.images, detector, model.template, circumstance=easy, backgrounds=backgrounds, rng=rng)
        cv2.imwrite(str(out / "facenet_crops.png"), contact_sheet(few.images[seen.index], seen.crops))
        usable = split.take(majority_labels(split.votes) >= 0)
        trials, scored = frame_trials(model, detector, usable, hard, pictures=backgrounds, seed=seed)
        right = scored.predicted == scored.labels
        limit = entry.parameter("quality_limit")
        quality_plot(qualities(model, trials), right, limit, out / "facenet_quality.png")
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for name, n in (("facenet_crops.png", len(seen.index)), ("facenet_quality.png", len(trials.index))):
        print(json.dumps({"file": str(out / name), "n": n}) if json_ else f"{out / name}: {n} faces")


if __name__ == "__main__":
    typer.run(main)
