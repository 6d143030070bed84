"""FER2013 with its own labels, as the table of the challenge or as folders of pictures. Host only.

``fer2013.csv``: ``emotion,pixels,Usage``, 48x48 grey levels in a string; 0 angry, 1 disgust, 2 fear, 3 happy, 4 sad,
5 surprise, 6 neutral; Usage is Training, PublicTest (here Valid) or PrivateTest (here Test). Folders:
``train|test/EMOTION/*.png|jpg``.

Source: Goodfellow et al. 2013, "Challenges in representation learning: A report on three machine learning contests".
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.ferplus import FACE_SIZE
from tools.data.labelled_faces import LABEL_OF_WORD, FaceCollection, FaceItem, in_order, pictures_in

CODES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
USAGE = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}
TABLES = ("fer2013.csv", "icml_face_data.csv")


def load(root: Path, split: str, faults: FaultLog) -> FaceCollection:
    """The split ``Train``, ``Valid`` or ``Test`` (which an empty one means) of the table or the folders under ``root``.

    Raises ConfigurationError when neither is there or, where faults stop, for what could not be read.
    """
    wanted = (split or "Test").lower()
    if wanted not in USAGE:
        raise ConfigurationError([f"--split {split}: FER2013 has Train, Valid and Test"])
    for folder in (root, root / "fer2013", root / "FER2013"):
        table = folder if folder.is_file() else next((folder / n for n in TABLES if (folder / n).is_file()), None)
        if table is not None:
            return _from_table(table, wanted, faults)
        if (folder / wanted).is_dir():
            return _from_folders(folder / wanted, wanted, faults)
    raise ConfigurationError([f"no fer2013.csv and no folder {wanted}/EMOTION under {root}; point --root at FER2013"])


def _from_table(table: Path, split: str, faults: FaultLog) -> FaceCollection:
    items: list[FaceItem] = []
    faults.source = str(table)
    with table.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        columns = [name.strip() for name in next(rows, [])]
        if not {"emotion", "pixels", "Usage"} <= set(columns):
            raise ConfigurationError(["needs the columns emotion, pixels and Usage"], str(table))
        at_emotion, at_pixels, at_usage = (columns.index(name) for name in ("emotion", "pixels", "Usage"))
        for line, row in enumerate(rows, start=2):
            if len(row) != len(columns):
                faults.met(f"line {line}: {len(row)} columns instead of {len(columns)}")
            elif row[at_usage].strip() == USAGE[split]:
                try:
                    items.append(_item(line, row[at_emotion], row[at_pixels]))
                except ValueError as error:
                    faults.met(f"line {line}: {error}")
    faults.settle()
    return FaceCollection(f"fer2013/{USAGE[split]}", tuple(items), in_order(set(CODES)))


def _item(line: int, emotion: str, pixels: str) -> FaceItem:
    code, levels = int(emotion), [int(level) for level in pixels.split()]
    if not 0 <= code < len(CODES):
        raise ValueError(f"the emotion {code} is none of 0 to {len(CODES) - 1}")
    if len(levels) != FACE_SIZE**2 or not 0 <= min(levels) <= max(levels) <= 255:
        raise ValueError(f"needs {FACE_SIZE**2} grey levels of 0 to 255, found {len(levels)} numbers")
    return FaceItem(f"line {line}", CODES[code], pixels=np.array(levels, np.uint8).reshape(FACE_SIZE, FACE_SIZE))


def _from_folders(folder: Path, split: str, faults: FaultLog) -> FaceCollection:
    items: list[FaceItem] = []
    faults.source = str(folder)
    for emotion in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = LABEL_OF_WORD.get(emotion.name.lower())
        if label is None:
            faults.met(f"{emotion.name} is no emotion of FER2013")
            continue
        items += [FaceItem(f"{emotion.name}/{path.name}", label, path) for path in pictures_in(emotion)]
    faults.settle()
    return FaceCollection(f"fer2013/{split}", tuple(items), in_order(set(CODES)))
