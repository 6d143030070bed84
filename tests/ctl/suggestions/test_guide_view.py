"""The screen of a guidance fits, moves with time, and stands still while it is paused."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from ertedge.core.suggestions.guide import events
from ertedge.ctl.suggestions.guide_view import DOING, RATINGS, GuideView, minutes_and_seconds, rating_screen
from ertedge.types import Activity, ActivityStep, StepKind
from tests.ctl.suggestion_samples import STEPS, activity


def lines_of(picture: RenderableType, width: int = 80, height: int = 24) -> list[str]:
    file = io.StringIO()
    Console(width=width, height=height, file=file).print(picture)
    return file.getvalue().splitlines()


def view_at(index: int, made: Activity | None = None) -> GuideView:
    view = GuideView(made or activity())
    view.take(list(events(view.activity, 0.0))[index], 100.0)
    return view


LONG = activity(
    steps=(ActivityStep(StepKind.WRITE, "Write it down " * 9, "Whatever comes is right. " * 60, 300.0), *STEPS)
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 20)])
@pytest.mark.parametrize("view", [view_at(0), view_at(1), view_at(4), view_at(0, LONG)], ids=str)
def test_it_fits(view: GuideView, width: int, height: int) -> None:
    rows = lines_of(view.render(101.0, height), width, height)
    assert len(rows) <= height
    assert max(map(len, rows)) <= width


def test_nothing_jumps_from_step_to_step() -> None:
    found = set()
    for index in range(5):
        rows = lines_of(view_at(index).render(100.5))
        found.add((len(rows), next(number for number, row in enumerate(rows) if "1:02" in row)))
    assert len(found) == 1


def test_it_says_what_to_do_how_long_and_what_comes() -> None:
    text = "\n".join(lines_of(view_at(1).render(101.5)))
    assert "In, softly" in text
    assert "breathe in  3 s" in text
    assert "Breathe in." in text
    assert "next: Rest" in text
    assert "0:21" in text
    last = "\n".join(lines_of(view_at(12).render(100.0)))
    assert "this is the last step" in last


def test_reading_and_a_journaling_prompt_stand_in_the_middle() -> None:
    made = replace(LONG, journaling_prompt="What was good today?")
    assert "Find a way to sit." in "\n".join(lines_of(view_at(0).render(100.0)))
    short = replace(made, steps=(replace(made.steps[0], say="Write."),))
    assert "What was good today?" in "\n".join(lines_of(view_at(0, short).render(100.0)))


def test_it_moves_with_time_and_waits_for_the_next_step() -> None:
    view = view_at(1)
    assert view.position(100.0) == 20.0
    assert view.position(102.5) == 22.5
    assert view.position(300.0) == 24.0
    assert lines_of(view.render(100.2)) != lines_of(view.render(102.0))


def test_paused_it_stands_still_and_goes_on_where_it_was() -> None:
    view = view_at(1)
    assert view.pause(103.0) == 23.0
    assert view.position(500.0) == 23.0
    text = "\n".join(lines_of(view.render(500.0)))
    assert "paused" in text
    assert "space goes on" in text
    view.take(next(iter(events(view.activity, 23.0))), 500.0)
    assert view.paused_position is None
    assert view.position(500.5) == 23.5
    assert "breathe in  1 s" in "\n".join(lines_of(view.render(500.0)))


def test_before_the_first_step_and_in_trouble() -> None:
    view = GuideView(activity())
    assert "One moment." in "\n".join(lines_of(view.render(1.0)))
    assert view.position(5.0) == 0.0
    view = view_at(1)
    view.trouble = "the daemon does not answer"
    assert "the daemon does not answer" in "\n".join(lines_of(view.render(100.0)))


def test_every_kind_of_step_has_words() -> None:
    assert set(DOING) == set(StepKind)


def test_the_rating_screen_says_what_each_key_says() -> None:
    text = "\n".join(lines_of(rating_screen(activity())))
    for rating, words in RATINGS.items():
        assert f"{rating}   {words}" in text
    assert list(RATINGS) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (9.9, "0:09"), (60, "1:00"), (754.2, "12:34"), (-1, "0:00")]
)
def test_minutes_and_seconds(seconds: float, text: str) -> None:
    assert minutes_and_seconds(seconds) == text
