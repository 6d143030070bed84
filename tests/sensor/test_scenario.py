"""Scenario files: what they mean by default, and every fault in them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError
from ertedge.sensor.scenario import ClockJump, Failure, load_scenario, shipped_scenarios
from ertedge.types import Emotion, SensorCondition, SensorName

DAY_SECONDS = 86_400
HARD = {Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR}
LEAST = '[[segments]]\nemotion = "anger"\nseconds = 5\n'


def written(directory: Path, text: str) -> str:
    path = directory / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as raised:
        load_scenario(text)
    return raised.value.faults


def test_the_shipped_scenarios_are_right_and_show_everything() -> None:
    assert "day" in shipped_scenarios()
    for name in shipped_scenarios():
        load_scenario(name)
    day = load_scenario("day")
    kinds = {event.kind for event in day.events}
    assert kinds == {
        "failure", "absence", "second_person", "turned_away", "darkness", "silence", "loud_room", "clock_jump",
    }  # fmt: skip
    assert {segment.emotion for segment in day.segments} == set(Emotion) - {Emotion.UNKNOWN}
    assert {event.sensor for event in day.events if isinstance(event, Failure)} == set(SensorName)
    assert sum(event.by_seconds for event in day.events if isinstance(event, ClockJump)) == 0


def test_the_shipped_week_is_a_week_with_nights_and_hard_stretches() -> None:
    week = load_scenario("week")
    assert week.seconds == 7 * DAY_SECONDS
    assert week.starts_at == "Monday 07:00"
    assert week.seconds / week.speed < 30
    begin = 7 * 3600
    for day in range(7):
        asleep = day * DAY_SECONDS + 20 * 3600 - begin + 4 * 3600
        at_night = [asleep + hour * 3600 for hour in range(7) if asleep + hour * 3600 < week.seconds]
        assert all(any(event.kind == "absence" and event.holds(time) for event in week.events) for time in at_night)
    hard = [segment for segment in week.segments if segment.emotion in HARD and segment.intensity >= 0.7]
    assert {segment.emotion for segment in hard} == HARD
    assert all(120 < segment.seconds < 1200 for segment in hard)
    assert any(segment.emotion is Emotion.HAPPINESS for segment in week.segments)


def test_what_comes_too_seldom_to_be_heard_is_a_fault() -> None:
    assert faults("week?speed=20") == (
        "something comes only every 30 s of the scenario, which at a speed of 20 counts as silence; play it at 30 or faster",
    )
    assert load_scenario("week?speed=60").speed == 60
    assert load_scenario("week?speed=0").speed == 0


def test_a_beginning_is_a_day_and_a_time(tmp_path: Path) -> None:
    def with_start(text: str) -> str:
        return written(tmp_path, f'starts_at = "{text}"\n{LEAST}')

    assert load_scenario(with_start("Sunday 23:59")).starts_at == "Sunday 23:59"
    assert faults(with_start("Tusday 07:00")) == (
        "starts_at: 'Tusday 07:00' is no day and time; write it as Tuesday 07:00 (got 'Tusday 07:00')",
    )
    for wrong in ("Monday", "07:00", "Monday 7:00", "Monday 24:00", "Monday 07:00 "):
        (fault,) = faults(with_start(wrong))
        assert "is no day and time; write it as Monday 07:00" in fault


def test_a_file_needs_little(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, LEAST))
    assert (scenario.seconds, scenario.seed, scenario.speed, scenario.repeat) == (5, 0, 1, False)


def test_values_can_be_replaced_after_a_question_mark(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, LEAST) + "?speed=0&seed=12")
    assert (scenario.speed, scenario.seed) == (0, 12)
    assert faults("day?sped=2&seed=x&repeat=1") == (
        "sped: cannot be replaced; after the question mark go speed and seed",
        "seed: 'x' is no number of type int",
        "repeat: cannot be replaced; after the question mark go speed and seed",
    )
    assert faults("day?speed=-1") == ("speed: should be greater than or equal to 0 (got -1.0)",)


def test_a_scenario_that_is_not_there_names_those_that_are() -> None:
    (fault,) = faults("dya")
    assert "one of: day" in fault


def test_every_fault_is_found_at_once_with_what_was_meant(tmp_path: Path) -> None:
    text = """
sed = 3
speed = "2"
[face]
noisse = 0.1
[[segments]]
emotion = "hapiness"
seconds = 3
intensty = 0.1
[[segments]]
emotion = "fear"
[[segments]]
emotion = "unknown"
seconds = 1
[[segments]]
emotion = "fear"
seconds = 1
transition_seconds = 2
[[events]]
kind = "darknes"
at_seconds = 1
[[events]]
kind = "darkness"
at_seconds = 1
seconds = 2
ligth = 3
[[events]]
kind = "failure"
sensor = "camra"
at_seconds = -1
seconds = 2
condition = "muted"
"""
    found = faults(written(tmp_path, text))
    for expected in (
        "sed: unknown key; did you mean seed?",
        "speed: should be a valid number (got '2')",
        "face.noisse: unknown key; did you mean noise?",
        "segments.0.intensty: unknown key; did you mean intensity?",
        "segments.1.seconds: is missing",
        "events.1.ligth: unknown key; did you mean light?",
        "events.2.at_seconds: should be greater than or equal to 0 (got -1)",
    ):
        assert expected in found
    for beginning, end in (
        ("segments.0.emotion: 'hapiness' is none of", "did you mean happiness?"),
        ("segments.2.emotion: unknown is what the device says", ""),
        ("segments.3: a transition of 2 s does not fit into 1 s", ""),
        ("events.0: 'darknes' is none of", "did you mean darkness?"),
        ("events.2.sensor: 'camra' is none of", "did you mean camera?"),
        ("events.2.condition: muted is no failure", ""),
    ):
        assert [fault for fault in found if fault.startswith(beginning) and end in fault], (beginning, found)
    assert len(found) == 13


def test_an_empty_scenario_and_an_event_after_the_end_are_faults(tmp_path: Path) -> None:
    assert faults(written(tmp_path, "segments = []")) == (
        "segments: there is none; a scenario needs at least one (got [])",
    )
    late = LEAST + '[[events]]\nkind = "silence"\nat_seconds = 5\nseconds = 1\n'
    (fault,) = faults(written(tmp_path, late))
    assert "never happens: silence at 5" in fault


def test_what_is_no_toml_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(written(tmp_path, "segments = ["))
    assert fault.startswith("is not TOML")


def test_a_failure_may_be_of_any_kind_that_is_one(tmp_path: Path) -> None:
    event = '[[events]]\nkind = "failure"\nsensor = "camera"\ncondition = "hanging"\nat_seconds = 1\nseconds = 1\n'
    (failure,) = load_scenario(written(tmp_path, LEAST + event)).events
    assert isinstance(failure, Failure)
    assert failure.condition is SensorCondition.HANGING


def test_what_cannot_be_shown_is_no_mistake(tmp_path: Path) -> None:
    (fault,) = faults(written(tmp_path, LEAST + '[face]\nmistaken = { fear = "unknown" }\n'))
    assert "face.mistaken" in fault
    assert "abstains" in fault
