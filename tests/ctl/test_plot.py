"""The chart: known points in known dots, nothing where nothing was known."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from ertedge.ctl.plot import AXIS_WIDTH, Lines, Meter, ValenceChart


def drawn(renderable: RenderableType, width: int = 23) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    lines = console.render_lines(renderable, console.options, pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


def dots(lines: list[str]) -> set[tuple[int, int]]:
    """(column, row) of every dot, both from the top left."""
    places = {0: (0, 0), 1: (0, 1), 2: (0, 2), 3: (1, 0), 4: (1, 1), 5: (1, 2), 6: (0, 3), 7: (1, 3)}
    found = set()
    for y, line in enumerate(lines):
        for x, character in enumerate(line[AXIS_WIDTH:]):
            for bit, (dx, dy) in places.items():
                if 0x2800 <= ord(character) <= 0x28FF and (ord(character) - 0x2800) >> bit & 1:
                    found.add((2 * x + dx, 4 * y + dy))
    return found


def test_every_line_has_the_width_and_the_axis() -> None:
    lines = drawn(ValenceChart([(0.0, 0.3)], 10, height=5))
    assert [len(line) for line in lines] == [23] * 5
    assert [line[:AXIS_WIDTH] for line in lines] == [" + ", "   ", " 0 ", "   ", " - "]


def test_known_points_lie_on_known_dots() -> None:
    # 20 characters are 40 columns of dots, 5 lines are 20 rows; 10 seconds, so 4 columns a second.
    points = [(9.9, 1.0), (5.1, -1.0), (0.0, 0.0)]
    found = dots(drawn(ValenceChart(points, 10, height=5, gap_seconds=1.0)))
    assert found == {(0, 0), (19, 19), (39, 10)}


def test_a_jump_is_joined_without_holes() -> None:
    points = [(10 - (column + 0.5) / 4, -1.0 if column < 20 else 1.0) for column in range(40)]
    found = dots(drawn(ValenceChart(points, 10, height=5)))
    assert {row for _, row in found} == set(range(20))
    assert {column for column, _ in found} == set(range(40))
    assert {row for column, row in found if column < 20} == {19}


def test_sparse_points_are_joined_and_a_gap_stays_empty() -> None:
    points = [(9.9, 0.5), (8.9, 0.5), (2.1, 0.5), (1.1, 0.5)]
    found = dots(drawn(ValenceChart(points, 10, height=5, gap_seconds=2.0)))
    columns = {column for column, _ in found}
    assert columns == set(range(0, 5)) | set(range(31, 36))


def test_points_outside_of_the_time_shown_are_not_drawn() -> None:
    assert not dots(drawn(ValenceChart([(10.1, 0.5), (-0.5, 0.5)], 10)))
    assert not dots(drawn(ValenceChart([], 10)))


def test_a_value_out_of_range_stays_on_the_chart() -> None:
    assert dots(drawn(ValenceChart([(0.0, 1.7)], 10))) == {(39, 0)}


def test_ascii_terminals_see_the_chart_too() -> None:
    console = Console(width=23, file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), color_system=None)
    lines = console.render_lines(ValenceChart([(0.0, 1.0)], 10), console.options, pad=False)
    text = "\n".join("".join(segment.text for segment in line) for line in lines)
    assert text.isascii()
    assert "*" in text.splitlines()[0]


@pytest.mark.parametrize(("share", "bar"), [(0, "─" * 10), (0.55, "━━━━━╾────"), (1, "━" * 10), (2, "━" * 10)])
def test_a_meter_says_its_share_without_colour(share: float, bar: str) -> None:
    assert drawn(Meter(share), width=10) == [bar]


def test_lines_are_always_as_many_as_said() -> None:
    assert drawn(Lines(Text("one"), 2), width=10) == ["one", ""]
    assert drawn(Lines(Text("one two three"), 2), width=10) == ["one two", "three"]
    cut = drawn(Lines(Text("one two three four five six"), 2), width=10)
    assert len(cut) == 2
    assert cut[1].endswith("…")
    assert max(map(len, cut)) <= 10
