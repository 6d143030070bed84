"""A scale's scores over time as a picture of characters, with its bands drawn. Floor 4.

Each score is a dot of the braille characters (four in a line's height), joined to the one before; a line of points marks
where a band begins, with its lowest score to the left and its name to the right. The picture is as high as it takes to tell
the bands apart, and ends a little above where the highest band begins, or at the highest score. It tells the same without
colour, and in ASCII where the terminal has no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from ertedge.types.assessments import Scale

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bit of the dot in (column, row) of a braille character (Unicode U+2800 to U+28FF)."""
DOTS_A_LINE = 4
LEFT_WIDTH = 4
"""The score where a band begins, and a space."""
NAME_WIDTH = 17
WIDTH_LEAST = 12
HEIGHT_LEAST, HEIGHT_MOST = 7, 22
Point = tuple[float, int]
"""Where along the span, in [0, 1], and the score."""


class BandChart:
    """``points`` are (share of the span from its beginning, score) of ``scale``, in the order of time."""

    def __init__(self, scale: Scale, points: Sequence[Point]) -> None:
        self._scale = scale
        self._points = points
        self._highest = _highest(scale, points)
        self._height = HEIGHT_LEAST if scale.bands else HEIGHT_LEAST - 2
        while self._height < HEIGHT_MOST and len(self._marks()[0]) < len(scale.bands):
            self._height += 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        named = NAME_WIDTH if self._scale.bands else 0
        width = max(options.max_width - LEFT_WIDTH - named - 1, WIDTH_LEAST)
        cells = self._cells(width)
        marks, names = self._marks()
        dim = Style(dim=True)
        for row in range(self._height):
            yield Segment(f"{marks.get(row, ''):>{LEFT_WIDTH - 1}} ", dim)
            empty = ("." if options.ascii_only else "┈") if row in marks else " "
            for bits in groupby(cells[row].tolist(), key=bool):
                yield _run(list(bits[1]), empty, drawn=bits[0], ascii_only=options.ascii_only)
            if named:
                yield Segment(f" {names.get(row, ''):<{named}}".rstrip(), dim)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(LEFT_WIDTH + WIDTH_LEAST + NAME_WIDTH + 1, options.max_width)

    def _level(self, score: float) -> int:
        """The row of dots of a score, from the top."""
        rows = DOTS_A_LINE * self._height
        return round((1.0 - min(score, self._highest) / self._highest) * (rows - 1))

    def _cells(self, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """(height, width) braille bits: a dot a score, thick enough to be seen, and a line from each to the next."""
        cells = np.zeros((self._height, width), dtype=np.int64)
        columns = 2 * width

        def draw(column: int, level: int) -> None:
            cells[level // DOTS_A_LINE, column // 2] |= _DOTS[column % 2][level % DOTS_A_LINE]

        places = [(min(columns - 1, round(at * (columns - 1))), self._level(score)) for at, score in self._points]
        for column, level in places:
            for beside in (column, column ^ 1):
                draw(beside, level)
                draw(beside, level ^ 1)
        for (column, level), (next_column, next_level) in pairwise(places):
            steps = max(abs(next_column - column), abs(next_level - level), 1)
            for share in np.linspace(0.0, 1.0, steps + 1):
                draw(round(column + share * (next_column - column)), round(level + share * (next_level - level)))
        return cells

    def _marks(self) -> tuple[dict[int, int], dict[int, str]]:
        """Where bands begin, by the line: the lowest score, and the name, which stands within the band. Without bands, the
        ends of the scale."""
        if not self._scale.bands:
            return {0: self._scale.most, self._height - 1: 0}, {}
        marks: dict[int, int] = {}
        names: dict[int, str] = {}
        above = -1
        for band in reversed(self._scale.bands):
            line = self._level(band.low) // DOTS_A_LINE
            marks.setdefault(line, band.low)
            names.setdefault((above + 1 + line) // 2, band.title)
            above = line
        return marks, names


def _highest(scale: Scale, points: Sequence[Point]) -> int:
    """The score at the top of the picture."""
    if not scale.bands:
        return scale.most
    last = scale.bands[-1]
    return max(last.low + (last.high - last.low) // 4, *(score for _, score in points), 1)


def _run(bits: list[int], empty: str, *, drawn: bool, ascii_only: bool) -> Segment:
    if not drawn:
        return Segment(empty * len(bits), Style(dim=True))
    return Segment("*" * len(bits) if ascii_only else "".join(chr(0x2800 + each) for each in bits), Style(color="cyan"))
