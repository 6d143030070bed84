"""CREMA-D's human votes: what viewers, listeners and both said of 7,442 acted clips. No media. Host side only.

``tabulatedVotes.csv`` of the official release: a row a clip and way of rating, with vote counts for A D F H N S; the first
digit of the row's number tells the way: 1 voice only, 2 face only, 3 both. The intended emotion stands in the clip's name.

Source: Cao et al. 2014, "CREMA-D: Crowd-sourced emotional multimodal actors dataset", IEEE Trans. Affect. Comput. 5:377-390.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Emotion, Modality

VOTED = {
    "N": Emotion.NEUTRAL,
    "H": Emotion.HAPPINESS,
    "S": Emotion.SADNESS,
    "A": Emotion.ANGER,
    "F": Emotion.FEAR,
    "D": Emotion.DISGUST,
}
INTENDED = {"NEU": "N", "HAP": "H", "SAD": "S", "ANG": "A", "FEA": "F", "DIS": "D"}
WAYS = {"1": Modality.VOICE, "2": Modality.FACE}


def load_votes(root: Path) -> dict[Modality, NDArray[np.float64]]:
    """Votes of people who only heard and who only saw, each (7, 7): rows the intended emotion, columns the voted one, both
    in the order of ``EMOTIONS``. Surprise was neither acted nor offered: its row and column are zero.

    Raises ``ConfigurationError`` when the file is missing or a row is not of its layout.
    """
    path = next(
        (p for p in (root / "tabulatedVotes.csv", root / "crema_d" / "tabulatedVotes.csv") if p.is_file()), None
    )
    if path is None:
        raise ConfigurationError(
            [f"no tabulatedVotes.csv under {root} or {root / 'crema_d'}; point --root at the data"]
        )
    votes = {modality: np.zeros((len(EMOTIONS), len(EMOTIONS))) for modality in WAYS.values()}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                modality = WAYS.get(row[""][0])
                intended = VOTED[INTENDED[row["fileName"].split("_")[2]]]
                counts = {voted: int(row[letter]) for letter, voted in VOTED.items()}
            except (KeyError, IndexError, ValueError) as error:
                raise ConfigurationError([f"a row is not of CREMA-D's layout ({error!r})"], str(path)) from None
            if modality is not None:
                for voted, count in counts.items():
                    votes[modality][EMOTIONS.index(intended), EMOTIONS.index(voted)] += count
    return votes
