"""Reading the files of the catalogue: those shipped, and folders of more, each fault with its file and activity. Floor 1.

Files are read in layers: the shipped ones first, then each folder. A later layer adds activities and replaces those of the
same id and language; within a layer an id stands once per language. When a later layer replaces an original, translations
of an earlier layer that no longer follow it are left out, so that nobody is offered an old wording of something new.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ertedge.config import faults_of, read_toml
from ertedge.errors import ConfigurationError
from ertedge.recommend.catalogue_file import ORIGINAL_LANGUAGE, ActivitySection, CatalogueFault, CatalogueFile
from ertedge.recommend.catalogue_rules import entry_faults, translation_faults
from ertedge.types import Activity, ActivityFamily

Key = tuple[str, str]
"""Language and id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity, the file it stands in and that file's layer (0: shipped)."""

    activity: Activity
    path: str
    layer: int


def read_catalogue(paths: Sequence[Path] = ()) -> tuple[tuple[Activity, ...], tuple[CatalogueFault, ...]]:
    """The activities of the shipped files and, on top, of ``paths`` (folders or files), with every fault in any of them.

    An entry with a fault is left out of the activities.
    """
    missing: list[CatalogueFault] = []
    layers = [_shipped_files(), *(_files_under(path, missing) for path in paths)]
    activities, faults = read_layers(layers)
    return activities, (*missing, *faults)


def read_layers(layers: Sequence[Sequence[Path]]) -> tuple[tuple[Activity, ...], tuple[CatalogueFault, ...]]:
    """The same for the files of each layer, the first one lowest."""
    faults: list[CatalogueFault] = []
    entries: dict[Key, Entry] = {}
    for layer, files in enumerate(layers):
        read = [Entry(activity, str(file), layer) for file in files for activity in _read_file(file, faults)]
        faults += _stands_twice(read)
        entries.update({(entry.activity.language, entry.activity.activity_id): entry for entry in read})
    kept = [entry for entry in entries.values() if _follows_its_original(entry, entries, faults)]
    return tuple(entry.activity for entry in kept), tuple(faults)


def _shipped_files() -> list[Path]:
    """The files that come with ertedge, which is always installed as files of its own."""
    with resources.as_file(resources.files("ertedge.recommend").joinpath("data", "catalogue")) as folder:
        return sorted(folder.rglob("*.toml"))


def _files_under(path: Path, faults: list[CatalogueFault]) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(path.rglob("*.toml"))
    if not path.is_dir():
        faults.append(CatalogueFault(str(path), "", "there is no such file or folder"))
    elif not found:
        faults.append(CatalogueFault(str(path), "", "there is no .toml file in it"))
    return found


def _read_file(file: Path, faults: list[CatalogueFault]) -> Iterator[Activity]:
    name = str(file)
    try:
        document = read_toml(file)
        head = CatalogueFile.model_validate(document)
    except ConfigurationError as error:
        faults += [CatalogueFault(name, "", what) for what in error.faults]
        return
    except ValidationError as error:
        faults += [CatalogueFault(name, "", what) for what in faults_of(error, CatalogueFile)]
        if (head_of_rest := _head_of_rest(document)) is None:
            return
        head = head_of_rest
    for number, table in enumerate(head.activities, start=1):
        given = table.get("id")
        activity_id = given if isinstance(given, str) and given else f"activity {number}"
        entry, found = _read_entry(table, head.family)
        faults += [CatalogueFault(name, activity_id, what) for what in found]
        if entry is not None and not found:
            yield entry.activity(head.family, head.language)


def _head_of_rest(document: dict[str, Any]) -> CatalogueFile | None:
    """The file without its unknown keys, so that its activities are looked at all the same; None where more is wrong."""
    try:
        return CatalogueFile.model_validate({k: v for k, v in document.items() if k in CatalogueFile.model_fields})
    except ValidationError:
        return None


def _read_entry(table: dict[str, Any], family: ActivityFamily) -> tuple[ActivitySection | None, list[str]]:
    """The entry in ``table`` and every fault found in it; None where its types are too wrong to look further."""
    try:
        entry = ActivitySection.model_validate(table)
    except ValidationError as error:
        faults = faults_of(error, ActivitySection)
        try:
            rest = ActivitySection.model_validate(_without(table, error.errors()))
        except ValidationError:
            return None, faults
        return rest, faults + entry_faults(rest, family)
    return entry, entry_faults(entry, family)


def _without(table: dict[str, Any], errors: Iterable[ErrorDetails]) -> dict[str, Any]:
    """``table`` without its unknown keys and unknown words in lists, so that the rules can look at the rest of it."""
    rest = copy.deepcopy(table)
    for error in reversed(list(errors)):
        *way, last = error["loc"]
        in_list = error["type"] == "enum" and isinstance(last, int)
        if error["type"] == "extra_forbidden" or in_list:
            place: Any = rest
            for part in way:
                tag = isinstance(place, dict) and part not in place and place.get("kind") == part
                place = place if tag else place[part]
            del place[last]
    return rest


def _stands_twice(entries: Iterable[Entry]) -> Iterator[CatalogueFault]:
    first: dict[Key, Entry] = {}
    for entry in entries:
        activity = entry.activity
        earlier = first.setdefault((activity.language, activity.activity_id), entry)
        if earlier is not entry:
            what = f"id: stands twice in {activity.language}, also in {earlier.path}; give each activity its own"
            yield CatalogueFault(entry.path, activity.activity_id, what)


def _follows_its_original(entry: Entry, entries: dict[Key, Entry], faults: list[CatalogueFault]) -> bool:
    """Whether ``entry`` is an original or says what its original says. A fault, unless the original was replaced later."""
    original = entries.get((ORIGINAL_LANGUAGE, entry.activity.activity_id))
    if original is None or original is entry:
        return True
    found = translation_faults(original.activity, entry.activity)
    if entry.layer >= original.layer:
        faults += [CatalogueFault(entry.path, entry.activity.activity_id, what) for what in found]
    return not found
