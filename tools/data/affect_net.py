"""AffectNet, eight expressions: photographs with the table of the first release, or pictures with one label file each. Host
only.

The table (``validation.csv``, ``training.csv``) has a header with ``subDirectory_filePath``, ``face_x``, ``face_y``,
``face_width``, ``face_height`` and ``expression``; its pictures lie under the root, in ``Manually_Annotated_Images`` or in
``Manually_Annotated/Manually_Annotated_Images``. The later release has ``val_set/images/N.jpg`` and
``val_set/annotations/N_exp.npy``. 0 neutral, 1 happiness, 2 sadness, 3 surprise, 4 fear, 5 disgust, 6 anger, 7 contempt;
8, 9 and 10 (none, uncertain, no face) carry no expression and are dropped.

Source: Mollahosseini et al. 2017, "AffectNet: A database for facial expression, valence, and arousal computing in the wild".
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.labelled_faces import FaceCollection, FaceItem, in_order, pictures_in

CODES = ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")
NO_EXPRESSION = (8, 9, 10)
TABLES = {"valid": ("validation.csv", "val.csv", "valid.csv"), "train": ("training.csv", "train.csv")}
SETS = {"valid": ("val_set", "valid_set", "."), "train": ("train_set", ".")}
PICTURE_FOLDERS = (".", "Manually_Annotated_Images", "Manually_Annotated/Manually_Annotated_Images", "images")


def load(root: Path, split: str, faults: FaultLog) -> FaceCollection:
    """The split ``Valid`` (which an empty one means) or ``Train`` of either release.

    Raises ConfigurationError when neither is there or, where faults stop, for a wrong row or label.
    """
    wanted = (split or "Valid").lower()
    wanted = "valid" if wanted == "val" else wanted
    if wanted not in TABLES:
        raise ConfigurationError([f"--split {split}: AffectNet has Train and Valid"])
    for name in TABLES[wanted]:
        if (root / name).is_file():
            items, dropped = _from_table(root, root / name, faults)
            break
    else:
        folder = next((root / n for n in SETS[wanted] if (root / n / "annotations").is_dir()), None)
        if folder is None:
            raise ConfigurationError(
                [f"no {TABLES[wanted][0]} and no {SETS[wanted][0]}/annotations under {root}; point --root at AffectNet"]
            )
        items, dropped = _from_labels(folder, faults)
    faults.settle()
    return FaceCollection(f"affectnet/{wanted}", tuple(items), in_order(set(CODES)), photographs=True, dropped=dropped)


def _from_table(root: Path, table: Path, faults: FaultLog) -> tuple[list[FaceItem], int]:
    items: list[FaceItem] = []
    dropped = 0
    faults.source = str(table)
    with table.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if not {"subDirectory_filePath", "expression"} <= set(rows.fieldnames or ()):
            raise ConfigurationError(["needs the columns subDirectory_filePath and expression"], str(table))
        for line, row in enumerate(rows, start=2):
            name = row["subDirectory_filePath"]
            try:
                label = _label(row["expression"])
                box = _box(row)
            except (TypeError, ValueError) as error:
                faults.met(f"line {line}, {name}: {error}")
                continue
            if label is None:
                dropped += 1
                continue
            places = [root / folder / name for folder in PICTURE_FOLDERS]
            items.append(FaceItem(name, label, next((p for p in places if p.is_file()), places[0]), box=box))
    return items, dropped


def _box(row: dict[str, str]) -> tuple[int, int, int, int] | None:
    """The face's box where the row has one."""
    given = [row.get(name) for name in ("face_x", "face_y", "face_width", "face_height")]
    if any(number in (None, "", "NULL") for number in given):
        return None
    left, top, width, height = (round(float(number or 0)) for number in given)
    return left, top, left + width, top + height


def _from_labels(folder: Path, faults: FaultLog) -> tuple[list[FaceItem], int]:
    items: list[FaceItem] = []
    dropped = 0
    faults.source = str(folder)
    pictures = {path.stem: path for path in pictures_in(folder / "images")} if (folder / "images").is_dir() else {}
    for path in sorted((folder / "annotations").glob("*_exp.npy")):
        stem = path.stem.removesuffix("_exp")
        try:
            label = _label(str(np.load(path, allow_pickle=False).item()))
        except (OSError, EOFError, ValueError) as error:
            faults.met(f"{path.name} is no label ({error})")
            continue
        if label is None:
            dropped += 1
        else:
            items.append(FaceItem(stem, label, pictures.get(stem, folder / "images" / f"{stem}.jpg")))
    return items, dropped


def _label(written: str) -> str | None:
    """The word for a code; None where it says that there is no expression. Raises ValueError for another."""
    code = int(float(written))
    if 0 <= code < len(CODES):
        return CODES[code]
    if code in NO_EXPRESSION:
        return None
    raise ValueError(f"the expression {code} is none of 0 to {NO_EXPRESSION[-1]}")
