"""The extended Cohn-Kanade set as 48-pixel crops: a folder an emotion, files named by subject and frame. Host only.

``ROOT/EMOTION/S010_004_00000017.png`` with anger, contempt, disgust, fear, happy, sadness, surprise (and neutral where
somebody added it). Three frames of a sequence are nearly one picture, so intervals draw subjects, not pictures. Contempt is
a class among FaceNet's native labels and counts as disgust among the canonical seven, which leaves six.

Source: Lucey et al. 2010, "The Extended Cohn-Kanade Dataset (CK+)".
"""

from __future__ import annotations

import re
from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.labelled_faces import LABEL_OF_WORD, FaceCollection, FaceItem, in_order, pictures_in

NAME = re.compile(r"(S\d{3})(?!\d)", re.IGNORECASE)


def load(root: Path, split: str, faults: FaultLog) -> FaceCollection:
    """Every crop under ``root`` (or ``CK+48`` or ``ckplus`` in it). There are no splits, so ``split`` must be empty or all.

    Raises ConfigurationError when there are none or, where faults stop, for a name that is not of the scheme.
    """
    if split.lower() not in ("", "all"):
        raise ConfigurationError([f"--split {split}: CK+ has no splits; leave it out"])
    candidates = (root, root / "CK+48", root / "ckplus", root / "CK+")
    folder = next((f for f in candidates if any((f / word).is_dir() for word in LABEL_OF_WORD)), None)
    if folder is None:
        raise ConfigurationError([f"no folder of an emotion (anger, disgust, ...) under {root}; point --root at CK+48"])
    faults.source = str(folder)
    items: list[FaceItem] = []
    for emotion in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = LABEL_OF_WORD.get(emotion.name.lower())
        for path in pictures_in(emotion):
            match = NAME.match(path.name)
            if label is None:
                faults.met(f"{emotion.name} is no emotion of CK+")
                break
            if match is None:
                faults.met(f"{emotion.name}/{path.name}: not a CK+ name, which begins with a subject such as S010")
            else:
                items.append(FaceItem(f"{emotion.name}/{path.name}", label, path, subject=match[1].upper()))
    faults.settle()
    return FaceCollection("ckplus", tuple(items), in_order({item.label for item in items}))
