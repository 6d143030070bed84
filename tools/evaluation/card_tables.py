"""Puts the tables of a report into an evidence card, between two marks, so that a card never says other than the
command. Host side.

A card has ``<!-- tables NAME -->`` and ``<!-- end NAME -->`` on lines of their own; whatever stands between them is
replaced.
"""

from __future__ import annotations

from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.cards.marks import replaced, tables
from tools.evaluation.report import Grid, Report


def write_tables(card: Path, name: str, report: Report) -> None:
    """Replace what stands between the marks ``name`` of ``card`` by the grids and notes of ``report``.

    Raises ``ConfigurationError`` when the card cannot be read or written, or lacks the marks.
    """
    text = replaced(card, tables(name), "\n" + markdown(report) + "\n")
    try:
        card.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written ({error.strerror})"], str(card)) from None


def markdown(report: Report) -> str:
    """The grids as tables and the notes as a list."""
    parts = [table(grid) for grid in report.grids]
    parts.append("\n".join(f"- {note}" for note in report.notes) + "\n")
    return "\n".join(parts)


def table(grid: Grid) -> str:
    """A grid as a table below its title, if it has one."""
    rows = (grid.columns, tuple("---" for _ in grid.columns), *grid.rows)
    lines = [f"|{'|'.join(row)}|" if row[0] == "---" else f"| {' | '.join(row)} |" for row in rows]
    head = [f"**{grid.title[:1].upper()}{grid.title[1:]}**", ""] if grid.title else []
    return "\n".join([*head, *lines]) + "\n"
