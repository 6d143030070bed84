"""The contact sheet of FaceNet's evidence card: ``python -m tools.draw_face_card --root DATA --out models``. Host only.

``facenet_crops.png``: a few validation faces as they are given, and below each the crop that the device makes of it from a
640x480 frame. The plots of the card are drawn with its figures by ``python -m tools.card facenet --measure``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.errors import ErtedgeError
from ertedge.types import UInt8Array
from tools.data.face_frames import easy, load_backgrounds
from tools.data.ferplus import FerSplit, load_split, majority_labels
from tools.facenet.trials import load_detector, load_face_model, run_trials

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


def shown_faces(split: FerSplit, seed: int) -> FerSplit:
    """The same few faces of each class, so that the sheet shows every expression."""
    labels = majority_labels(split.votes)
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:5] for label in range(8)]
    return split.take(np.concatenate(chosen))


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data: ferplus/ and face_detection/.", exists=True)],
    out: Annotated[Path, typer.Option(help="Where to write the picture.")] = Path("models"),
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml.")] = None,
    seed: int = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Draw the contact sheet."""
    import cv2

    try:
        model, _ = load_face_model(models)
        detector = load_detector(models)
        few = shown_faces(load_split(root / "ferplus", "Valid"), seed)
        backgrounds = load_backgrounds(root / "face_detection" / "non_face_scenes")
        rng = np.random.default_rng(seed)
        seen = run_trials(few.images, detector, model.template, circumstance=easy, backgrounds=backgrounds, rng=rng)
        path = out / "facenet_crops.png"
        cv2.imwrite(str(path), contact_sheet(few.images[seen.index], seen.crops))
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    n = len(seen.index)
    print(json.dumps({"file": str(path), "n": n}) if json_ else f"{path}: {n} faces")


if __name__ == "__main__":
    typer.run(main)
