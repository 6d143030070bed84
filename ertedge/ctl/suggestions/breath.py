"""A circle that grows and shrinks with the breath, drawn in the dots of braille characters. Floor 4.

``fullness`` says how full it is at a moment of a step: empty after breathing out, full after breathing in, and as it was
while the breath is held. Muscles go the same way: tensed is full.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from ertedge.types import ActivityStep, StepKind

SMALLEST = 0.3
"""The circle of an empty breath, as a share of the full one's radius."""
QUICK_SECONDS = 1.5
"""How long muscles take to tense and to let go, whatever time the step gives to feel it."""
PACED = {
    StepKind.INHALE: "green",
    StepKind.HOLD: "yellow",
    StepKind.EXHALE: "blue",
    StepKind.TENSE: "red",
    StepKind.RELEASE: "cyan",
}
"""The steps that move the circle, and its colour then."""
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Bit of the dot in (row, column) of a braille character (Unicode U+2800 to U+28FF)."""


def fullness(steps: Sequence[ActivityStep], index: int, elapsed_seconds: float) -> float | None:
    """How full the breath is, in [0, 1], ``elapsed_seconds`` into the step; None in a step that has nothing to pace."""
    step = steps[index]
    if step.kind is StepKind.HOLD:
        before = [earlier.kind for earlier in steps[:index] if earlier.kind in (StepKind.INHALE, StepKind.EXHALE)]
        return 0.0 if before and before[-1] is StepKind.EXHALE else 1.0
    spans = {
        StepKind.INHALE: step.seconds,
        StepKind.EXHALE: step.seconds,
        StepKind.TENSE: min(step.seconds, QUICK_SECONDS),
        StepKind.RELEASE: min(step.seconds, QUICK_SECONDS),
    }
    if step.kind not in spans:
        return None
    passed = min(max(elapsed_seconds / spans[step.kind], 0.0), 1.0)
    # Slow at either end, as breath turns.
    grown = 0.5 - 0.5 * math.cos(math.pi * passed)
    return grown if step.kind in (StepKind.INHALE, StepKind.TENSE) else 1.0 - grown


class Circle:
    """A disc on exactly ``lines`` lines, centred, ``full`` in [0, 1], within the ring that a full breath reaches."""

    def __init__(self, full: float, lines: int, colour: str) -> None:
        self._full = min(max(full, 0.0), 1.0)
        self._lines = lines
        self._colour = colour

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        # Dots are about square: a character is twice as high as wide, and has four rows of two.
        largest = min(4 * self._lines, 2 * width) / 2 - 1.0
        away = self._distances(width)
        disc = _cells(away <= largest * (SMALLEST + (1 - SMALLEST) * self._full))
        ring = _cells(np.abs(away - largest) < 0.5)
        bright, dim = Style.parse(f"bold {self._colour}"), Style(dim=True)
        for inside, outline in zip(disc, ring, strict=True):
            cells = [(int(a | b), bool(a)) for a, b in zip(inside, outline, strict=True)]
            for is_disc, run in groupby(cells, key=lambda cell: cell[1]):
                text = "".join(_character(bits, is_disc, options.ascii_only) for bits, _ in run)
                yield Segment(text, bright if is_disc else dim)
            yield Segment.line()

    def _distances(self, width: int) -> NDArray[np.float64]:
        """(4 lines, 2 width): how far each dot is from the middle."""
        rows, columns = np.mgrid[0 : 4 * self._lines, 0 : 2 * width].astype(np.float64)
        return np.asarray(np.hypot(rows - (4 * self._lines - 1) / 2, columns - (2 * width - 1) / 2))


def _cells(dots: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(4 lines, 2 width) dots as (lines, width) bits of braille characters."""
    lines, width = dots.shape[0] // 4, dots.shape[1] // 2
    return np.asarray((dots.reshape(lines, 4, width, 2) * _DOTS[None, :, None, :]).sum(axis=(1, 3)))


def _character(bits: int, is_disc: bool, ascii_only: bool) -> str:
    if not bits:
        return " "
    if ascii_only:
        return "#" if is_disc else "."
    return chr(0x2800 + bits)
