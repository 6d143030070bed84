"""A small chart of a number over time, in braille dots, as a rich renderable. Floor 4.

A braille character has two columns and four rows of dots (Unicode U+2800 to U+28FF), so a chart of five lines has twenty
levels. Time without a value stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bit of the dot in (column, row) of a braille character."""
AXIS_WIDTH = 3


class ValenceChart:
    """``points`` are (seconds before now, valence in [-1, 1]); the right edge is now, the left ``span_seconds`` ago."""

    def __init__(self, points: Sequence[tuple[float, float]], span_seconds: float, height: int = 5) -> None:
        self._points = points
        self._span_seconds = span_seconds
        self._height = height

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - AXIS_WIDTH, 8)
        cells = self._cells(width)
        axis = {0: " + ", self._height // 2: " 0 ", self._height - 1: " - "}
        for row in range(self._height):
            yield Segment(axis.get(row, "   "), Style(dim=True))
            line = "".join(chr(0x2800 + bits) if bits else " " for bits in cells[row])
            if row == self._height // 2:
                line = line.replace(" ", "·")
            yield Segment(line, Style(color="cyan"))
            yield Segment.line()

    def _cells(self, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """(height, width) braille bits: the mean valence of each dot column, joined to the one before it."""
        columns, rows = 2 * width, 4 * self._height
        sums, counts = np.zeros(columns), np.zeros(columns)
        for age, valence in self._points:
            column = columns - 1 - int(age / self._span_seconds * columns)
            if 0 <= column < columns:
                sums[column] += valence
                counts[column] += 1
        cells = np.zeros((self._height, width), dtype=np.int64)
        before: int | None = None
        for column in range(columns):
            if not counts[column]:
                continue
            level = round((1 - (sums[column] / counts[column] + 1) / 2) * (rows - 1))
            steps = range(min(before, level), max(before, level) + 1) if before is not None else (level,)
            for dot in steps:
                cells[dot // 4, column // 2] |= _DOTS[column % 2][dot % 4]
            before = level
        return cells
