"""Photographs and the boxes of their faces: a folder of pictures and a list with one face a line, the form in which the
test set of CMU and MIT is passed on. Host only.

A line is ``name x1 y1 x2 y2`` (pixels; left, top, right, bottom); a name may hold spaces. A picture of the folder
without a line has no faces. Blank lines and lines that begin with ``#`` say nothing.

Source: Rowley, Baluja and Kanade 1998, "Neural network-based face detection", whose test set it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array
from tools.data.faults import FaultLog
from tools.data.labelled_faces import PICTURES

FIELDS = 5
LISTS = frozenset({".txt", ".lst", ".list", ".dat", ""})
"""How the file that lists the faces may end."""


@dataclass(frozen=True, slots=True)
class Photograph:
    """One picture; ``boxes`` (n, 4) left, top, right, bottom of its faces."""

    path: Path
    boxes: Float32Array


def load_photographs(root: Path, annotations: Path | None, faults: FaultLog) -> tuple[Photograph, ...]:
    """Every picture under ``root``, in order of name, with its faces. Without ``annotations`` the only text file under
    ``root`` whose first line is of the form is the list.

    Raises ConfigurationError when there is no list, or none to choose, and, where faults stop, for a wrong line and for a
    line whose picture is missing.
    """
    table = annotations or _find_list(root)
    faults.source = str(table)
    pictures = sorted(path for path in root.rglob("*") if path.suffix.lower() in PICTURES)
    by_name = {str(path.relative_to(root)): path for path in pictures}
    for path in pictures:
        by_name.setdefault(path.name, path)
    boxes: dict[Path, list[list[float]]] = defaultdict(list)
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read ({error})"], str(table)) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _parse(line)
        if found is None:
            faults.met(f"line {number}: not a name and left, top, right, bottom")
        elif found[0] not in by_name:
            faults.met(f"line {number}: {found[0]} is missing")
        else:
            boxes[by_name[found[0]]].append(found[1])
    faults.settle()
    if not pictures:
        raise ConfigurationError([f"no pictures ({', '.join(sorted(PICTURES))}) under {root}"])
    return tuple(Photograph(path, np.array(boxes[path], np.float32).reshape(-1, 4)) for path in pictures)


def _parse(line: str) -> tuple[str, list[float]] | None:
    """The name and the four numbers; None where the line is of another form."""
    parts = line.rsplit(None, FIELDS - 1)
    try:
        box = [float(part) for part in parts[1:]]
    except ValueError:
        return None
    if len(parts) != FIELDS or not np.isfinite(box).all() or box[2] <= box[0] or box[3] <= box[1]:
        return None
    return parts[0].strip(), box


def _find_list(root: Path) -> Path:
    tables = []
    for path in sorted(root.rglob("*")) if root.is_dir() else []:
        if path.suffix.lower() not in LISTS or not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            first = next((line for line in file if line.strip() and not line.lstrip().startswith("#")), "")
        if _parse(first) is not None:
            tables.append(path)
    if len(tables) != 1:
        what = ", ".join(path.name for path in tables) or "none"
        raise ConfigurationError(
            [f"{root} needs one text file of lines 'name x1 y1 x2 y2', found {what}; name it with --annotations"]
        )
    return tables[0]
