"""RAF-DB, seven basic expressions: the official list and its pictures, aligned or as the whole photographs. Host only.

``EmoLabel/list_patition_label.txt`` has ``train_00001.jpg 5`` a line; 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness,
6 anger, 7 neutral. ``Image/aligned/train_00001_aligned.jpg`` are crops of 100 pixels, ``Image/original/train_00001.jpg``
whole photographs. The list or the pictures may also lie directly under the root.

Source: Li et al. 2017, "Reliable crowdsourcing and deep locality-preserving learning for expression recognition in the
wild".
"""

from __future__ import annotations

from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.labelled_faces import PICTURES, FaceCollection, FaceItem, in_order

CODES = ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
LISTS = ("list_patition_label.txt", "list_partition_label.txt")
SPLITS = ("train", "test")


def load(root: Path, split: str, faults: FaultLog, *, photographs: bool = False) -> FaceCollection:
    """The split ``Train`` or ``Test`` (which an empty one means): the aligned crops where there are any and ``photographs``
    is not asked for, else the whole photographs. Raises ConfigurationError when the list is missing or, where faults stop,
    for a wrong line."""
    wanted = (split or "Test").lower()
    if wanted not in SPLITS:
        raise ConfigurationError([f"--split {split}: RAF-DB has Train and Test"])
    table = next((path for name in LISTS for path in sorted(root.rglob(name))), None) if root.is_dir() else None
    if table is None:
        raise ConfigurationError([f"no {LISTS[0]} under {root}; point --root at RAF-DB's folder (basic)"])
    folders = {kind: _folder(root, kind) for kind in ("aligned", "original")}
    aligned = folders["aligned"] is not None and not photographs
    home = folders["aligned"] if aligned else folders["original"] or table.parent
    items: list[FaceItem] = []
    faults.source = str(table)
    for number, line in enumerate(table.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        fields = line.split()
        if not fields or not fields[0].startswith(f"{wanted}_"):
            continue
        if len(fields) != 2 or not fields[1].isdigit() or not 1 <= int(fields[1]) <= len(CODES):
            faults.met(f"line {number}: not a picture's name and a number of 1 to {len(CODES)}")
            continue
        name = Path(fields[0])
        plain = name.stem.removesuffix("_aligned")
        shown = f"{plain}_aligned{name.suffix}" if aligned else f"{plain}{name.suffix}"
        items.append(FaceItem(shown, CODES[int(fields[1]) - 1], _existing((home or root) / shown)))
    faults.settle()
    of = f"rafdb/{wanted}, {'aligned' if aligned else 'original'}"
    return FaceCollection(of, tuple(items), in_order(set(CODES)), photographs=not aligned)


def _folder(root: Path, kind: str) -> Path | None:
    return next((path for path in sorted(root.rglob(kind)) if path.is_dir()), None)


def _existing(path: Path) -> Path:
    """The path, or that with the ending that the file has: some copies keep png under names listed as jpg."""
    others = (path.with_suffix(ending) for ending in sorted(PICTURES))
    return path if path.is_file() else next((other for other in others if other.is_file()), path)
