"""Experience sampling with m-Path: how 18 people felt at 10 beeps a day and in the evening, for 10 days. Host side only.

``beeps.csv`` as published with the R package ``mpathr`` (its ``example_data``): a row a beep, answered or not, with seven
sliders from 0 to 100, and for answered beeps the place, the company and how long the answer took to begin. The stamps count
seconds as if local time were UTC (the beeps then lie between 7 and 23 o'clock), so they are read as local time.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError

SLIDERS = ("happy", "sad", "angry", "relaxed", "anxious", "energetic", "tired")
ALONE = "Alone"
DAY_SECONDS = 86_400
FAULTS_SHOWN = 10

_Row = tuple[str, int, int, float, bool, tuple[float, ...], float, float]


@dataclass(frozen=True, slots=True)
class Beeps:
    """All main beeps of all people, sorted by person and time; every field has a row a beep (the evening form is left out).

    ``person`` numbers people from 0, ``day`` and ``number`` count from 1, ``hour`` is the local time of day in [0, 24).
    ``sliders`` is (n, 7) in the order of ``SLIDERS``, NaN where not answered; ``delay_minutes`` is from the beep to the
    first answer, NaN likewise; ``alone`` is 1, 0, or NaN where not answered.
    """

    person: NDArray[np.int64]
    day: NDArray[np.int64]
    number: NDArray[np.int64]
    hour: NDArray[np.float64]
    answered: NDArray[np.bool_]
    sliders: NDArray[np.float64]
    delay_minutes: NDArray[np.float64]
    alone: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.person)

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.person.max()) + 1 if len(self) else 0


def load_beeps(root: Path) -> Beeps:
    """The beeps under ``root`` or ``root/mpath_esm``.

    Raises ``ConfigurationError`` when the file is missing, or with the lines that are not of its layout.
    """
    places = (root / "beeps.csv", root / "mpath_esm" / "beeps.csv")
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise ConfigurationError([f"no beeps.csv under {root} or {root / 'mpath_esm'}; point --root at the data"])
    rows: list[_Row] = []
    faults: list[str] = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                if row["questionnaire"] == "main_questionnaire":
                    rows.append(_beep(row))
            except (KeyError, ValueError, TypeError) as error:
                faults.append(f"line {line} is not of the layout of m-Path's beeps ({error!r})")
    if faults or not rows:
        raise ConfigurationError(faults[:FAULTS_SHOWN] or ["no beep in it"], str(path))
    return _columns(rows)


def _beep(row: dict[str, str]) -> _Row:
    answered = row["answered"]
    if answered not in ("True", "False", "TRUE", "FALSE"):
        raise ValueError(f"answered: {answered}")
    sliders = tuple(_number(row[f"slider_{name}"]) for name in SLIDERS)
    if any(value < 0 or value > 100 for value in sliders):
        raise ValueError(f"sliders outside 0 to 100: {sliders}")
    company = row["company_string"]
    alone = float(company == ALONE) if company else float("nan")
    hour = float(row["sent"]) % DAY_SECONDS / 3600
    whole = answered.upper() == "TRUE" and not any(math.isnan(value) for value in sliders)
    return (
        row["participant"],
        int(row["day_n"]),
        int(row["obs_n_day"]),
        hour,
        whole,
        sliders,
        _number(row["delay_start_min"]),
        alone,
    )


def _number(text: str) -> float:
    return float(text) if text not in ("", "NA") else float("nan")


def _columns(rows: list[_Row]) -> Beeps:
    names = list(dict.fromkeys(row[0] for row in rows))
    ordered = sorted(rows, key=lambda row: (names.index(row[0]), row[1], row[2]))
    person, day, number, hour, answered, sliders, delay, alone = zip(*ordered, strict=True)
    return Beeps(
        person=np.array([names.index(name) for name in person]),
        day=np.array(day),
        number=np.array(number),
        hour=np.array(hour),
        answered=np.array(answered),
        sliders=np.array(sliders, dtype=np.float64),
        delay_minutes=np.array(delay),
        alone=np.array(alone),
    )
