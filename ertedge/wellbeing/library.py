"""The questionnaires of a device: those shipped and those of a configured folder, each with its scoring. Floor 1.

``NAME.json`` is a FHIR R4 ``Questionnaire`` (``fhir``), in one language a file; ``ID.toml`` in the same folder is the
scoring of the questionnaire of that id (``scoring_file``), in all of its languages. A folder's questionnaires come on top of
the shipped ones and take the place of those of the same id and language. Everything that is wrong is reported at once. A
``Library`` never changes after it is made.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ertedge.config import read_toml
from ertedge.errors import ConfigurationError, NotFoundError
from ertedge.types.assessments import Questionnaire, Scoring
from ertedge.wellbeing.fhir import read_questionnaire
from ertedge.wellbeing.scoring_file import ORIGINAL_LANGUAGE, ScoringFile, read_scoring, scoring_faults, scoring_of

FILE_BYTES_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire in one language with its scoring."""

    questionnaire: Questionnaire
    scoring: Scoring


class Library:
    """Instruments by id and language. Where a language lacks one, English stands in, and else the only one there is."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._by_id: dict[str, dict[str, Instrument]] = {}
        for each in instruments:
            questionnaire = each.questionnaire
            self._by_id.setdefault(questionnaire.questionnaire_id, {})[questionnaire.language] = each

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all questionnaires, sorted."""
        return tuple(sorted(self._by_id))

    def languages(self, questionnaire_id: str) -> tuple[str, ...]:
        """The languages that a questionnaire is there in, sorted."""
        return tuple(sorted(self._by_id.get(questionnaire_id, ())))

    def all(self, language: str = ORIGINAL_LANGUAGE) -> tuple[Instrument, ...]:
        """One of each questionnaire, by id, in ``language`` where it is there."""
        return tuple(self.get(questionnaire_id, language) for questionnaire_id in self.ids)

    def get(self, questionnaire_id: str, language: str = ORIGINAL_LANGUAGE) -> Instrument:
        """A questionnaire, in ``language`` where it is there. Raises ``NotFoundError`` with what may have been meant."""
        found = self._by_id.get(questionnaire_id)
        if found is None:
            close = difflib.get_close_matches(questionnaire_id, self._by_id, n=1, cutoff=0.5)
            meant = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(self.ids)}"
            raise NotFoundError(f"there is no questionnaire {questionnaire_id[:80]!r}{meant}")
        return found.get(language) or found.get(ORIGINAL_LANGUAGE) or found[min(found)]


def load_library(folders: Sequence[Path] = ()) -> Library:
    """The shipped questionnaires with those of ``folders`` on top. Raises ``ConfigurationError`` with every fault."""
    instruments, faults = read_library(folders)
    if faults:
        raise ConfigurationError(faults)
    return Library(instruments)


def read_library(folders: Sequence[Path] = ()) -> tuple[tuple[Instrument, ...], tuple[str, ...]]:
    """The same, with the faults beside what could be read."""
    faults: list[str] = []
    instruments: list[Instrument] = []
    with resources.as_file(resources.files("ertedge.wellbeing").joinpath("data", "questionnaires")) as shipped:
        for folder in (shipped, *folders):
            instruments += _read_folder(folder, faults)
    return tuple(instruments), tuple(faults)


def _read_folder(folder: Path, faults: list[str]) -> Iterator[Instrument]:
    if not folder.is_dir():
        faults.append(f"{folder}: there is no such folder")
        return
    questionnaires = [*_questionnaires(sorted(folder.glob("*.json")), faults)]
    if not questionnaires and not faults:
        faults.append(f"{folder}: there is no .json file with a questionnaire in it")
    scorings = dict(_scorings(sorted(folder.glob("*.toml")), faults))
    seen: dict[tuple[str, str], Path] = {}
    for path, questionnaire in questionnaires:
        key = (questionnaire.questionnaire_id, questionnaire.language)
        if key in seen:
            faults.append(f"{path}: id: {key[0]} stands twice in {key[1]}, also in {seen[key]}")
            continue
        seen[key] = path
        yield from _instrument(path, questionnaire, scorings, faults)
    faults += _translation_faults(questionnaires)
    known = {questionnaire.questionnaire_id for _, questionnaire in questionnaires}
    for name, (path, _) in scorings.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            meant = f"; did you mean {close[0]}?" if close else ""
            faults.append(f"{path}: questionnaire: no questionnaire {name!r} can be read in this folder{meant}")


def _questionnaires(files: Iterable[Path], faults: list[str]) -> Iterator[tuple[Path, Questionnaire]]:
    for path in files:
        document = _read_json(path, faults)
        if document is None:
            continue
        questionnaire, found = read_questionnaire(document)
        faults += [f"{path}: {what}" for what in found]
        if questionnaire is not None:
            yield path, questionnaire


def _read_json(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > FILE_BYTES_MOST:
            faults.append(f"{path}: has more than {FILE_BYTES_MOST} bytes, which no questionnaire needs")
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}: cannot be read: {error}")
        return None
    except (ValueError, RecursionError) as error:
        faults.append(f"{path}: is not JSON: {error}")
        return None
    if not isinstance(document, dict):
        faults.append(f"{path}: is no FHIR resource; a Questionnaire is a JSON object")
        return None
    return document


def _scorings(files: Iterable[Path], faults: list[str]) -> Iterator[tuple[str, tuple[Path, ScoringFile]]]:
    for path in files:
        try:
            scoring, found = read_scoring(read_toml(path))
        except ConfigurationError as error:
            scoring, found = None, list(error.faults)
        faults += [f"{path}: {what}" for what in found]
        if scoring is not None and scoring.questionnaire != path.stem:
            faults.append(
                f"{path}: questionnaire: is {scoring.questionnaire!r}; name the file {scoring.questionnaire}.toml"
            )
        if scoring is not None:
            yield scoring.questionnaire, (path, scoring)


def _instrument(
    path: Path, questionnaire: Questionnaire, scorings: dict[str, tuple[Path, ScoringFile]], faults: list[str]
) -> Iterator[Instrument]:
    if questionnaire.questionnaire_id not in scorings:
        faults.append(f"{path}: has no scoring; write {path.parent / questionnaire.questionnaire_id}.toml")
        return
    scoring_path, scoring = scorings[questionnaire.questionnaire_id]
    found = scoring_faults(scoring, questionnaire)
    faults += [text for what in found if (text := f"{scoring_path}: {what}") not in faults]
    if not found:
        yield Instrument(questionnaire, scoring_of(scoring, questionnaire))


def _translation_faults(questionnaires: Sequence[tuple[Path, Questionnaire]]) -> Iterator[str]:
    """All languages of a questionnaire ask the same, so that answers in one can be scored and compared with another's."""
    first: dict[str, tuple[Path, Questionnaire]] = {}
    for path, questionnaire in questionnaires:
        original_path, original = first.setdefault(questionnaire.questionnaire_id, (path, questionnaire))
        if _shape(questionnaire) != _shape(original):
            yield f"{path}: item: its items, answers or what they count differ from {original_path.name}"
        if questionnaire.version != original.version:
            yield f"{path}: version: is {questionnaire.version!r}, but {original.version!r} in {original_path.name}"


def _shape(questionnaire: Questionnaire) -> tuple[object, ...]:
    return tuple((item.link_id, tuple((c.code, c.value) for c in item.choices)) for item in questionnaire.items)
