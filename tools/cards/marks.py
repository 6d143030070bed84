"""The marked parts of a card, and whether a measured one still speaks of the files that are there. Host only; no evaluation.

A measured section begins with one line for each file that it was measured on (with the temperature of the file's entry of
the manifest, which moves every probability), one for each picture that was drawn with it, and one for its own text:

    <!-- measured facenet.tflite SHA256 temperature 0.689 -->
    <!-- drawn facenet_reliability.png SHA256 -->
    <!-- text SHA256 -->
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import Manifest

_STAMP = re.compile(r"<!-- (measured|drawn|text) (.*) -->\n")


@dataclass(frozen=True, slots=True)
class Marks:
    """The two lines, each on its own, between which a generated part stands."""

    begin: str
    end: str


FILES = Marks("<!-- files -->\n", "<!-- end files -->\n")
FIGURES = Marks("<!-- figures -->\n", "<!-- end figures -->\n")


def tables(name: str) -> Marks:
    """The marks of a report's tables in a card that has several."""
    return Marks(f"<!-- tables {name} -->\n", f"<!-- end {name} -->\n")


def split_at(path: Path, marks: Marks) -> tuple[str, str, str]:
    """What stands before, between and after the marks. Raises ConfigurationError when the card or its marks are missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be read ({error.strerror})"], str(path)) from None
    begin, end = marks.begin, marks.end
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ConfigurationError([f"needs {begin.strip()} and {end.strip()}, each on a line of its own"], str(path))
    before, rest = text.split(begin)
    between, after = rest.split(end)
    return before, between, after


def replaced(path: Path, marks: Marks, between: str) -> str:
    """The card with ``between`` in place of what stands between the marks. Raises as ``split_at``."""
    before, _, after = split_at(path, marks)
    return before + marks.begin + between + marks.end + after


def digest_of(folder: Path, file: str) -> str:
    """SHA-256 of a file. Raises ConfigurationError when it cannot be read."""
    try:
        return hashlib.sha256((folder / file).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError([f"{file} cannot be read ({error.strerror})"], str(folder)) from None


def states(manifest: Manifest, files: Sequence[str]) -> tuple[str, ...]:
    """Each file's name and digest as it is now, and the temperature of its entry where it has one. Raises
    ConfigurationError when a file cannot be read."""
    return tuple(_state(manifest, file) for file in files)


def stamped(manifest: Manifest, measured: Sequence[str], drawn: Sequence[str], text: str) -> str:
    """``text`` of a section, that begins with no stamp, below the stamps of what it was measured on, which are ``states``,
    and of the pictures drawn, as they are now. Raises ConfigurationError when a picture cannot be read."""
    lines = [f"<!-- measured {state} -->\n" for state in measured]
    lines += [f"<!-- drawn {file} {digest_of(manifest.directory, file)} -->\n" for file in drawn]
    return "".join([*lines, f"<!-- text {hashlib.sha256(text.encode()).hexdigest()} -->\n", text])


def stale(manifest: Manifest, section: str, measured: Sequence[str]) -> tuple[str, ...]:
    """In what a section disagrees with the files that are there now; ``measured`` are those that it must be of. Raises
    ConfigurationError when one cannot be read."""
    stamps, text = _stamps(section)
    faults = []
    told = {state.split(" ")[0]: state for kind, state in stamps if kind == "measured"}
    faults += [f"its figures are of no {file}" for file in measured if file not in told]
    faults += [f"its figures were measured on another {file}" for file in told if told[file] != _state(manifest, file)]
    for kind, state in stamps:
        if kind == "drawn" and state != f"{state.split(' ')[0]} {digest_of(manifest.directory, state.split(' ')[0])}":
            faults.append(f"{state.split(' ')[0]} was not drawn with its figures")
    if ("text", hashlib.sha256(text.encode()).hexdigest()) not in stamps:
        faults.append("its figures were changed by hand")
    return tuple(faults)


def _stamps(section: str) -> tuple[list[tuple[str, str]], str]:
    """The stamps at the head of a section, and its text."""
    stamps = []
    while (found := _STAMP.match(section)) is not None:
        stamps.append((found[1], found[2]))
        section = section[found.end() :]
    return stamps, section


def _state(manifest: Manifest, file: str) -> str:
    """A file's name and digest, and the temperature of its entry where it has one."""
    state = f"{file} {digest_of(manifest.directory, file)}"
    temperatures = [entry.temperature for entry in manifest.models if entry.file == file]
    return f"{state} temperature {temperatures[0]!r}" if temperatures else state
