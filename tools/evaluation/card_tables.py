"""Puts the tables of a report into an evidence card, between two marks, so that a card never says other than the
command. Host side.

A card has ``<!-- tables NAME -->`` and ``<!-- end NAME -->`` on lines of their own; whatever stands between them is
replaced.
"""

from __future__ import annotations

from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.evaluation.report import Grid, Report


def write_tables(card: Path, name: str, report: Report) -> None:
    """Replace what stands between the marks ``name`` of ``card`` by the grids and notes of ``report``.

    Raises ``ConfigurationError`` when the card cannot be read or written, or lacks the marks.
    """
    begin, end = f"<!-- tables {name} -->\n", f"<!-- end {name} -->\n"
    try:
        text = card.read_text(encoding="utf-8")
        if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
            raise ConfigurationError([f"needs {begin.strip()} and {end.strip()}, each on a line of its own"], str(card))
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        card.write_text(before + begin + "\n" + markdown(report) + "\n" + end + after, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be used: {error.strerror}"], str(card)) from None


def markdown(report: Report) -> str:
    """The grids as tables and the notes as a list."""
    parts = [_table(grid) for grid in report.grids]
    parts.append("\n".join(f"- {note}" for note in report.notes) + "\n")
    return "\n".join(parts)


def _table(grid: Grid) -> str:
    lines = [" | ".join(grid.columns), "|".join("---" for _ in grid.columns), *(" | ".join(row) for row in grid.rows)]
    head = f"**{grid.title[:1].upper()}{grid.title[1:]}**"
    return "\n".join([head, "", *(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)]) + "\n"
