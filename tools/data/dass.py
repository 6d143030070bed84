"""Answers of 39,700 people to anxiety items of the DASS-42, as scores of the DASS-21 anxiety scale. Host side only.

``dass42_anxiety_items.csv.gz``: a row a person, a column an item (``Q2`` is the second of the 42), answers 1 to 4. The
DASS-21 took over seven of the fourteen anxiety items of the DASS-42 (Lovibond and Lovibond 1995, Manual for the Depression
Anxiety Stress Scales): 2, 4, 20, 25, 28, 40 and 41. The file lacks item 4, so the score is prorated from the six that are
there. The people answered a questionnaire on the internet of their own accord, and are more burdened than a population.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError

FILE = "dass42_anxiety_items.csv.gz"
SHORT_FORM_ITEMS = ("Q2", "Q4", "Q20", "Q25", "Q28", "Q40", "Q41")
"""The anxiety items that the DASS-21 shares with the DASS-42, by their number in the latter."""
ANSWERS = (1, 4)


def load_anxiety_scores(root: Path) -> NDArray[np.float64]:
    """DASS-21 anxiety scores (n,), 0 to 42, prorated over the shared items of the file under ``root`` or ``root/dass``.

    Raises ``ConfigurationError`` when the file is missing or a line is not of its layout.
    """
    return load_anxiety_items(root).mean(axis=1) * len(SHORT_FORM_ITEMS) * 2


def load_anxiety_items(root: Path) -> NDArray[np.float64]:
    """Answers (n, items), each 0 to 3, to those of the DASS-21's anxiety items that are there. Raises as above."""
    path = next((p for p in (root / FILE, root / "dass" / FILE) if p.is_file()), None)
    if path is None:
        raise ConfigurationError([f"no {FILE} under {root} or {root / 'dass'}; point --root at the data"])
    try:
        with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            shared = [header.index(item) for item in SHORT_FORM_ITEMS if item in header]
            if not shared:
                raise ConfigurationError([f"no column of {', '.join(SHORT_FORM_ITEMS)}"], str(path))
            answers = [_answers(row, shared, line) for line, row in enumerate(rows, start=2)]
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        raise ConfigurationError([str(error)], str(path)) from None
    if not answers:
        raise ConfigurationError(["no person in it"], str(path))
    return np.array(answers, dtype=np.float64) - ANSWERS[0]


def _answers(row: list[str], places: list[int], line: int) -> list[int]:
    try:
        answers = [int(row[place]) for place in places]
    except (ValueError, IndexError):
        raise ValueError(f"line {line} is not of the layout of the DASS-42 answers") from None
    if not all(ANSWERS[0] <= answer <= ANSWERS[1] for answer in answers):
        raise ValueError(f"line {line}: an answer is outside {ANSWERS[0]} to {ANSWERS[1]}")
    return answers
