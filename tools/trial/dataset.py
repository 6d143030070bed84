"""What a study's export says, read for an analysis: one folder a device, put together. Host side only.

The columns and their types are those of the export's own dictionary; what does not fit is a ``ConfigurationError`` that
names the file and the line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types.study import OutcomeScale, StudyProtocol
from ertedge.wellbeing.study.export import FORMAT, INTEGER, NUMBER, columns_of
from ertedge.wellbeing.study.protocol import read_protocol

Array = NDArray[np.float64]
Value = str | float | None
TABLES = ("participants", "outcomes", "adherence", "adverse_events", "flow", "slots")
STUDY_FILE, PROTOCOL_FILE = "study.json", "protocol.toml"


@dataclass(frozen=True, slots=True)
class ScaleFacts:
    """What the questionnaire's scoring says of an outcome. ``change_points`` is the least reliable change (to be exceeded
    where ``strictly_more``); None where none is published."""

    outcome: OutcomeScale
    title: str
    most: int
    higher_is_better: bool
    bands: tuple[tuple[str, int, int], ...]
    change_points: float | None
    strictly_more: bool
    change_source: str

    @property
    def sign(self) -> float:
        """What turns a difference of scores into a benefit: -1 where a lower score is better."""
        return 1.0 if self.higher_is_better else -1.0


@dataclass(frozen=True)
class TrialData:
    """A trial. ``tables`` are rows by table; ``devices`` is how many exports it was put together from."""

    protocol: StudyProtocol
    protocol_text: str
    about: dict[str, Any]
    tables: dict[str, list[dict[str, Value]]]
    devices: int

    @property
    def simulated(self) -> bool:
        """Whether its people are not real."""
        return bool(self.about["simulated"])

    @cached_property
    def people(self) -> list[str]:
        """The pseudonyms of the participants, sorted."""
        return sorted(str(row["pseudonym"]) for row in self.tables["participants"])

    @cached_property
    def _rows_of_people(self) -> dict[str, dict[str, Value]]:
        return {str(row["pseudonym"]): row for row in self.tables["participants"]}

    def column(self, name: str) -> list[Value]:
        """A column of the participants, in the order of ``people``."""
        return [self._rows_of_people[person][name] for person in self.people]

    @cached_property
    def arms(self) -> NDArray[np.str_]:
        """(n,) the group of each participant."""
        return np.array(self.column("arm"), dtype=np.str_)

    @cached_property
    def strata(self) -> NDArray[np.str_]:
        """(n,) the stratum of each participant."""
        return np.array(self.column("stratum"), dtype=np.str_)

    @cached_property
    def experimental(self) -> str:
        """The arm that is compared with the others."""
        return next(arm.name for arm in self.protocol.arms if arm.kind == "experimental")

    @cached_property
    def controls(self) -> tuple[str, ...]:
        """The other arms, in the protocol's order."""
        return tuple(arm.name for arm in self.protocol.arms if arm.name != self.experimental)

    def scores(self, outcome: OutcomeScale, time_point: str) -> Array:
        """(n,) the scores at a time point, NaN where they are missing."""
        found = {
            str(row["pseudonym"]): row["score"]
            for row in self.tables["outcomes"]
            if (row["questionnaire"], row["scale"], row["time_point"])
            == (outcome.questionnaire_id, outcome.scale_id, time_point)
        }
        return np.array([np.nan if (value := found.get(person)) is None else float(value) for person in self.people])

    def adherence(self, name: str) -> Array:
        """(n,) a count of what was done."""
        found = {str(row["pseudonym"]): row[name] for row in self.tables["adherence"]}
        return np.array([float(found.get(person) or 0) for person in self.people])

    def scale(self, outcome: OutcomeScale) -> ScaleFacts:
        """What is known of an outcome's scale. Raises ``ConfigurationError``."""
        for each in self.about["scales"]:
            if (each["questionnaire"], each["scale"]) == (outcome.questionnaire_id, outcome.scale_id):
                change = each["reliable_change"]
                return ScaleFacts(
                    outcome,
                    each["title"],
                    each["most"],
                    each["higher_is_better"],
                    tuple((band["title"], band["low"], band["high"]) for band in each["bands"]),
                    change and change["points"],
                    bool(change and change["strictly_more"]),
                    change["source"] if change else "",
                )
        raise ConfigurationError([f"{STUDY_FILE} says nothing of {outcome}"])


def load_trial(folders: Sequence[Path]) -> TrialData:
    """The exports in ``folders`` as one trial: each is an export, or has exports in it.

    Raises ``ConfigurationError`` with everything that is wrong: no export, another study, another protocol, somebody twice.
    """
    exports = [export for folder in folders for export in _exports(folder)]
    if not exports:
        where = ", ".join(map(str, folders))
        raise ConfigurationError([f"{where}: no {STUDY_FILE}; `ertedge-ctl study export --out DIR` writes an export"])
    text = _text(exports[0] / PROTOCOL_FILE)
    protocol = read_protocol(text, str(exports[0] / PROTOCOL_FILE))
    abouts = [_about(export) for export in exports]
    faults = [
        f"{export}: is of another study or protocol than {exports[0]}"
        for export, about in zip(exports, abouts, strict=True)
        if about["protocol_digest"] != protocol.digest
    ]
    faults += [
        f"{export}: its groups may not be read yet; end the study first, or wait until it is over for everybody"
        for export, about in zip(exports, abouts, strict=True)
        if not about["arms_shown"]
    ]
    if faults:
        raise ConfigurationError(faults)
    tables = {name: [row for export in exports for row in read_table(export, name, protocol)] for name in TABLES}
    people = [str(row["pseudonym"]) for row in tables["participants"]]
    if len(set(people)) < len(people):
        raise ConfigurationError(["somebody stands in two exports; leave one of the two out"])
    merged = {**abouts[0], "simulated": any(about["simulated"] for about in abouts)}
    # One for each device; of one trial they are the same, unless a device found a fault.
    seals = {json.dumps(seal): seal for about in abouts for seal in about.get("seals", [about["seal"]]) if seal}
    merged["seals"] = list(seals.values())
    merged["commitments"] = sorted(
        {each for about in abouts for each in about.get("commitments", [about["commitment"]])}
    )
    return TrialData(protocol, text, merged, tables, len(exports))


def read_table(folder: Path, name: str, protocol: StudyProtocol) -> list[dict[str, Value]]:
    """A table of an export, each value in its type. Raises ``ConfigurationError`` with the line."""
    columns = {column.name: column for column in columns_of(name, protocol)}
    path = folder / f"{name}.csv"
    rows: list[dict[str, Value]] = []
    for number, row in enumerate(csv.DictReader(_text(path).splitlines()), start=2):
        if set(row) != set(columns) or None in row.values():
            raise ConfigurationError([f"line {number}: its columns are not those of {name}"], str(path))
        try:
            rows.append({key: _value(columns[key].type, value) for key, value in row.items()})
        except ValueError as error:
            raise ConfigurationError([f"line {number}: {error}"], str(path)) from None
    return rows


def _exports(folder: Path) -> Iterable[Path]:
    if (folder / STUDY_FILE).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"**/{STUDY_FILE}"))


def _about(export: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(export / STUDY_FILE))
    except ValueError as error:
        raise ConfigurationError([f"is not JSON: {error}"], str(export / STUDY_FILE)) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ConfigurationError([f"is of another format than {FORMAT}"], str(export / STUDY_FILE))
    return found


def _value(kind: str, text: str) -> Value:
    if text == "" and kind in (INTEGER, NUMBER):
        return None
    return float(text) if kind in (INTEGER, NUMBER) else text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None
