"""The circle goes with the breath, and fits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from ertedge.ctl.suggestions.breath import PACED, Circle, fullness
from ertedge.types import ActivityStep, StepKind
from tests.ctl.suggestion_samples import STEPS


def course(index: int) -> list[float]:
    seconds = STEPS[index].seconds
    found = [fullness(STEPS, index, seconds * tenth / 10) for tenth in range(11)]
    return [one for one in found if one is not None]


def test_it_grows_with_the_in_breath_stays_and_shrinks_with_the_out_breath() -> None:
    inhale, hold, exhale, rest = (course(index) for index in range(1, 5))
    assert inhale == sorted(inhale)
    assert [inhale[0], inhale[-1]] == pytest.approx([0.0, 1.0])
    assert set(hold) == {1.0}
    assert exhale == sorted(exhale, reverse=True)
    assert [exhale[0], exhale[-1]] == pytest.approx([1.0, 0.0])
    assert set(rest) == {0.0}


def test_it_begins_and_ends_slowly_and_waits_at_the_end_of_a_late_step() -> None:
    inhale = np.diff(course(1))
    assert inhale[0] < 0.5 * inhale[5] > inhale[-1]
    assert fullness(STEPS, 1, 99.0) == 1.0
    assert fullness(STEPS, 1, -1.0) == 0.0


def test_a_step_without_breath_has_no_circle() -> None:
    assert fullness(STEPS, 0, 3.0) is None
    assert fullness((ActivityStep(StepKind.WRITE, "Write", "", 60.0),), 0, 3.0) is None


def test_muscles_tense_at_once_and_stay_so() -> None:
    steps = (ActivityStep(StepKind.TENSE, "", "", 7.0), ActivityStep(StepKind.RELEASE, "", "", 20.0))
    assert fullness(steps, 0, 2.0) == 1.0
    assert fullness(steps, 1, 0.0) == 1.0
    assert fullness(steps, 1, 2.0) == 0.0
    assert {step.kind for step in steps} < set(PACED)


def drawn(full: float, lines: int, width: int, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(file=file, width=width, force_terminal=False)
    console.print(Circle(full, lines, "green"))
    file.seek(0)
    return file.read().splitlines()


@pytest.mark.parametrize(("lines", "width"), [(5, 20), (12, 76), (24, 116), (12, 10)])
def test_it_takes_its_lines_and_no_more(lines: int, width: int) -> None:
    for full in (0.0, 0.5, 1.0):
        rows = drawn(full, lines, width)
        assert len(rows) == lines
        assert max(map(len, rows)) <= width


def test_the_fuller_the_larger() -> None:
    def dots(full: float) -> int:
        return sum((ord(each) - 0x2800).bit_count() for row in drawn(full, 12, 76) for each in row if each > "\u2800")

    sizes = [dots(full / 10) for full in range(11)]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 4 * sizes[0]


def test_without_unicode_it_is_drawn_in_ascii() -> None:
    rows = drawn(0.5, 12, 76, encoding="ascii")
    assert set("".join(rows)) == {" ", "#", "."}
