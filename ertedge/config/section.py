"""The base of every section of a TOML file, and what is wrong with a document of one, in sentences with suggestions.

Floor 0: imports nothing of ertedge but the errors.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from ertedge.errors import ConfigurationError


class Section(BaseModel):
    """Base of every section: unknown keys are faults, numbers are not made from strings, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def read_toml(path: Path) -> dict[str, Any]:
    """The document at ``path``. Raises ``ConfigurationError`` when it cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigurationError(["there is no such file"], str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"is not TOML: {error}"], str(path)) from None


def faults_of(error: ValidationError, root: type[Section]) -> list[str]:
    """Every fault that pydantic found in a document of ``root``, each with where it is and a suggestion for unknown keys."""
    return [_sentence(fault, root) for fault in error.errors()]


def _sentence(fault: ErrorDetails, root: type[Section]) -> str:
    where = ".".join(str(part) for part in _written(fault["loc"], root))
    if fault["type"] == "extra_forbidden":
        section = _section_at(fault["loc"][:-1], root)
        return f"{where}: unknown key{_did_you_mean(str(fault['loc'][-1]), section)}"
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if fault["type"] == "missing":
        return f"{where}: is missing"
    if fault["type"] == "union_tag_not_found":
        return f"{where}: kind is missing"
    if expected := re.findall("'([^']*)'", str(fault.get("ctx", {}).get(_EXPECTED.get(fault["type"], ""), ""))):
        given = fault["input"].get("kind") if isinstance(fault["input"], Mapping) else fault["input"]
        close = difflib.get_close_matches(str(given), expected, n=1, cutoff=0.5)
        meant = f"; did you mean {close[0]}?" if close else ""
        return f"{where}: {given!r} is none of {', '.join(expected)}{meant}"
    if isinstance(fault["input"], Mapping):  # of a section as a whole, which would bury the sentence
        return f"{where}: {message}" if where else message
    return f"{where}: {message} (got {fault['input']!r})"


_EXPECTED = {"enum": "expected", "literal_error": "expected", "union_tag_invalid": "expected_tags"}
"""Where pydantic keeps the words that would have been right, for each fault in which a word is wrong."""


def _written(location: tuple[str | int, ...], root: type[Section]) -> tuple[str | int, ...]:
    """``location`` as it stands in the file: without the tags by which pydantic tells the kinds of a list's sections."""
    return tuple(
        part
        for index, part in enumerate(location)
        if not (
            index and isinstance(location[index - 1], int) and _tagged(_annotation(location[: index - 1], root), part)
        )
    )


def _section_at(location: tuple[str | int, ...], root: type[Section]) -> type[Section] | None:
    found = _annotation(location, root)
    return found if isinstance(found, type) and issubclass(found, Section) else None


def _annotation(location: tuple[str | int, ...], root: type[Section]) -> Any:
    """The type expected at ``location``; None where that is no longer one."""
    current: Any = root
    for part in location:
        if isinstance(part, int):
            current = next(iter(get_args(current)), None)
        elif isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(part)
            current = field.annotation if field else None
        else:
            current = next((kind for kind in _kinds(current) if part in _tags(kind)), None)
    return current


def _tagged(items: Any, part: str | int) -> bool:
    return any(part in _tags(kind) for kind in _kinds(next(iter(get_args(items)), None)))


def _kinds(union: Any) -> list[type[Section]]:
    """The sections of ``Annotated[A | B, ...]``."""
    inner = get_args(union)[0] if get_origin(union) is Annotated else union
    return [kind for kind in get_args(inner) if isinstance(kind, type) and issubclass(kind, Section)]


def _tags(section: type[Section]) -> tuple[str, ...]:
    """The values of ``kind`` that tell ``section`` from its siblings."""
    field = section.model_fields.get("kind")
    return tuple(str(value) for value in get_args(field.annotation)) if field else ()


def _did_you_mean(key: str, section: type[Section] | None) -> str:
    if section is None:
        return ""
    close = difflib.get_close_matches(key, section.model_fields, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known keys: {', '.join(section.model_fields)}"
