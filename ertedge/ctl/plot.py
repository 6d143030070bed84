"""Numbers as pictures of characters, as rich renderables: a chart over time in braille dots, and a bar. Floor 4.

A braille character has two columns and four rows of dots (Unicode U+2800 to U+28FF), so a chart of five lines has twenty
levels. Time without a value stays empty. Both tell the same without colour, and in ASCII where the terminal has no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bit of the dot in (column, row) of a braille character."""
AXIS_WIDTH = 3
WIDTH_LEAST = 8
ZERO = "·"


class ValenceChart:
    """``points`` are (seconds before now, valence in [-1, 1]); the right edge is now, the left ``span_seconds`` ago.

    Points at most ``gap_seconds`` apart are joined; longer than that, nothing was known.
    """

    def __init__(
        self, points: Sequence[tuple[float, float]], span_seconds: float, *, height: int = 5, gap_seconds: float = 3.0
    ) -> None:
        self._points = points
        self._span_seconds = span_seconds
        self._height = height
        self._gap_seconds = gap_seconds

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - AXIS_WIDTH, WIDTH_LEAST)
        cells = self._cells(width)
        axis = {0: " + ", self._height // 2: " 0 ", self._height - 1: " - "}
        for row in range(self._height):
            yield Segment(axis.get(row, "   "), Style(dim=True))
            for drawn, bits in groupby(cells[row].tolist(), key=bool):
                yield _run(list(bits), drawn, zero=row == self._height // 2, ascii_only=options.ascii_only)
            yield Segment.line()

    def _cells(self, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """(height, width) braille bits: the mean valence of each dot column, joined to the one before it."""
        columns, rows = 2 * width, 4 * self._height
        cells = np.zeros((self._height, width), dtype=np.int64)

        def draw(column: int, first: int, last: int) -> None:
            for dot in range(min(first, last), max(first, last) + 1):
                cells[dot // 4, column // 2] |= _DOTS[column % 2][dot % 4]

        levels = self._levels(columns, rows)
        for column, level in levels:
            draw(column, level, level)
        gap_columns = max(1, round(self._gap_seconds / self._span_seconds * columns))
        for (column, level), (next_column, next_level) in pairwise(levels):
            length = next_column - column
            if length <= gap_columns:
                path = np.rint(np.linspace(level, next_level, length + 1)).astype(int).tolist()
                for step in range(length):
                    draw(column + step + 1, path[step], path[step + 1])
        return cells

    def _levels(self, columns: int, rows: int) -> list[tuple[int, int]]:
        """(column, row) of the dots that stand for values, oldest first."""
        sums, counts = np.zeros(columns), np.zeros(columns)
        for age, valence in self._points:
            column = columns - 1 - int(age / self._span_seconds * columns)
            if age >= 0 and 0 <= column < columns:
                sums[column] += valence
                counts[column] += 1
        return [
            (int(column), round((1 - (float(np.clip(sums[column] / counts[column], -1, 1)) + 1) / 2) * (rows - 1)))
            for column in np.flatnonzero(counts)
        ]


def _run(bits: list[int], drawn: bool, *, zero: bool, ascii_only: bool) -> Segment:
    if drawn:
        return Segment("*" * len(bits) if ascii_only else "".join(chr(0x2800 + b) for b in bits), Style(color="cyan"))
    empty = ("." if ascii_only else ZERO) if zero else " "
    return Segment(empty * len(bits), Style(dim=True))


class Meter:
    """A share in [0, 1] as a bar: heavy for what is there, light for the rest. ``style`` colours the heavy part."""

    def __init__(self, share: float, style: str = "") -> None:
        self._share = min(max(share, 0.0), 1.0)
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        halves = round(2 * width * self._share)
        if options.ascii_only:
            heavy, middle, light = "=", "-", "-"
        else:
            heavy, middle, light = "━", "╾", "─"
        yield Segment(heavy * (halves // 2), console.get_style(self._style or "none"))
        if halves % 2:
            yield Segment(middle, console.get_style(self._style or "none"))
        yield Segment(light * (width - halves // 2 - halves % 2), Style(dim=True))
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(4, options.max_width)


class Lines:
    """``text`` wrapped on exactly ``count`` lines, so that what stands below never moves; what is too long ends in an
    ellipsis."""

    def __init__(self, text: Text, count: int) -> None:
        self._text = text
        self._count = count

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        lines = list(self._text.wrap(console, width))
        if len(lines) > self._count:
            last = lines[self._count - 1]
            last.append(" …")
            last.truncate(width, overflow="ellipsis")
        for index in range(self._count):
            line = lines[index] if index < len(lines) else Text()
            line.rstrip()
            yield from line.render(console)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, options.max_width)
