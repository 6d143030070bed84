"""A measured section of a card: its parts, each with protocol, tables, notes and plots, and how it reads. Host only."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.evaluation.card_tables import table
from tools.evaluation.report import Grid

LINE = 125
PICTURE_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class Case:
    """What a card is measured with: ``root`` of the data, the ``models`` folder, and ``cross``, folders of further
    collections by name, where they are at hand."""

    root: Path
    models: Path
    seed: int = 0
    cross: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot that stands in the models folder beside its card. Raises ConfigurationError when it is too large to ship."""

    file: str
    caption: str
    content: bytes

    def __post_init__(self) -> None:
        if len(self.content) > PICTURE_BYTES:
            raise ConfigurationError([f"{self.file} has {len(self.content)} bytes; at most {PICTURE_BYTES} ship"])


@dataclass(frozen=True, slots=True)
class Part:
    """One subject: ``text`` is its protocol and what it rests on, in paragraphs."""

    title: str
    text: tuple[str, ...]
    grids: tuple[Grid, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """All that one command measured."""

    command: str
    parts: tuple[Part, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The plots of all parts."""
        return tuple(picture for part in self.parts for picture in part.pictures)

    def markdown(self) -> str:
        """The section as it stands in a card, below a heading of its own."""
        blocks = [
            "## Measured",
            _wrapped(f"Everything down to the next heading of this size is made by `{self.command}`."),
        ]
        for part in self.parts:
            blocks += [f"### {part.title}", *(_wrapped(paragraph) for paragraph in part.text)]
            blocks += [table(grid).strip() for grid in part.grids]
            blocks += [f"![{picture.caption}]({picture.file})" for picture in part.pictures]
            blocks += ["\n".join(_wrapped(note, "- ", "  ") for note in part.notes)] if part.notes else []
        return "\n" + "\n\n".join(blocks) + "\n\n"


Maker = Callable[[Case], Section]
"""Measures one card. Raises ErtedgeError when data or models are missing."""


def _wrapped(text: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text, LINE, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
