"""A scenario played: paced, muted, repeated, and without loss when it is read as fast as possible."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from ertedge.sensor.flow import Flow, PromptedFlow, silences
from ertedge.sensor.scenario import Scenario
from ertedge.sensor.simulation import Simulation
from ertedge.sensor.synthesis import NS_PER_SECOND, moments
from ertedge.types import EMOTIONS, Emotion, Modality, Reason, SensorCondition, SensorName
from tests.sensor.fakes import RecordingOutlet, until

NOBODY: frozenset[SensorName] = frozenset()


class Stage:
    def __init__(self) -> None:
        self.outlet = RecordingOutlet()
        self.played: list[Simulation] = []

    def play(self, *events: dict[str, Any], muted: frozenset[SensorName] = NOBODY, **keys: Any) -> Simulation:
        segments = [{"emotion": "fear", "seconds": 6.0}]
        scenario = Scenario.model_validate({"segments": segments, "events": events, "seed": 3, **keys})
        simulation = Simulation(scenario, "test")
        self.played.append(simulation)
        simulation.start(self.outlet, muted, frozenset())
        return simulation


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    assert {simulation.stop() for simulation in made.played} <= {True}


def ended(simulation: Simulation) -> bool:
    return all(status.condition is SensorCondition.ENDED for status in simulation.statuses())


def test_it_is_a_flow_that_is_marked_synthetic(stage: Stage) -> None:
    flow: Flow = stage.play(speed=0.0)
    assert flow.synthetic
    assert flow.source == "simulate:test"
    assert flow.models() == ()


def test_read_fast_everything_comes_in_order_and_at_its_distance(stage: Stage) -> None:
    simulation = stage.play(speed=0.0)
    assert until(lambda: ended(simulation))
    got = stage.outlet.predictions
    expected = [moment.prediction for moment in moments(simulation._scenario) if moment.prediction]
    assert [one.timestamp_ns - got[0].timestamp_ns for one in got] == [one.timestamp_ns for one in expected]
    for one, other in zip(got, expected, strict=True):
        assert one.probabilities is not None
        assert other.probabilities is not None
        np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_read_fast_it_waits_for_room_and_that_is_no_stall(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.sensor.simulation.STALL_SECONDS", 0.4)
    stage.outlet.has_room = False
    simulation = stage.play(speed=0.0)
    time.sleep(0.8)
    assert stage.outlet.predictions == []
    assert simulation.stall() == ""
    stage.outlet.has_room = True
    assert until(lambda: ended(simulation))
    assert len(stage.outlet.predictions) == 66


def test_in_real_time_a_prediction_comes_at_its_timestamp(stage: Stage) -> None:
    stage.play()
    lateness = []
    for count in range(1, 8):
        assert until(lambda count=count: len(stage.outlet.predictions) >= count)  # type: ignore[misc]
        lateness.append(time.monotonic_ns() - stage.outlet.predictions[count - 1].timestamp_ns)
    assert min(lateness) >= 0
    assert float(np.median(lateness)) < 0.1 * NS_PER_SECOND


def test_ten_times_as_fast_the_timestamps_keep_the_scenarios_distances(stage: Stage) -> None:
    begin = time.monotonic()
    simulation = stage.play(speed=10.0)
    assert until(lambda: ended(simulation))
    assert 0.5 < time.monotonic() - begin < 2.0
    got = stage.outlet.predictions
    assert got[-1].timestamp_ns - got[0].timestamp_ns == round(5.9 * NS_PER_SECOND)


def test_a_muted_modality_says_nothing_and_the_other_goes_on_as_if_nothing_were(stage: Stage) -> None:
    muted = stage.play(speed=0.0, muted=frozenset({SensorName.CAMERA}))
    assert until(lambda: ended(muted) or muted.statuses()[1].condition is SensorCondition.ENDED)
    assert {one.modality for one in stage.outlet.predictions} == {Modality.VOICE}
    assert muted.statuses()[0].condition is SensorCondition.MUTED
    assert [one.reasons for one in silences(muted)] == [(Reason.MUTED,), (Reason.NO_SENSOR,)]
    muted.unmute(SensorName.CAMERA)
    assert ended(muted)


def test_mute_and_unmute_while_it_plays(stage: Stage) -> None:
    simulation = stage.play()
    assert until(lambda: len(stage.outlet.predictions) > 2)
    assert simulation.mute(SensorName.CAMERA)
    time.sleep(0.05)
    count = len(stage.outlet.predictions)
    time.sleep(0.4)
    assert len(stage.outlet.predictions) == count
    simulation.unmute(SensorName.CAMERA)
    assert until(lambda: len(stage.outlet.predictions) > count)


def test_failures_and_clock_jumps_are_reported_at_once(stage: Stage) -> None:
    simulation = stage.play(
        {"kind": "failure", "sensor": "camera", "condition": "busy", "at_seconds": 1.0, "seconds": 60.0},
        {"kind": "clock_jump", "at_seconds": 2.0, "by_seconds": 60.0},
        speed=4.0,
    )
    assert until(lambda: simulation.statuses()[0].condition is SensorCondition.BUSY)
    assert simulation.statuses()[1].condition is SensorCondition.RUNNING
    assert [one.reasons for one in silences(simulation)] == [(Reason.NO_SENSOR,)]
    assert until(lambda: simulation.clock_offset_ns() == 60 * NS_PER_SECOND)
    assert stage.outlet.reports == 3
    assert until(lambda: ended(simulation))
    assert stage.outlet.reports == 4


def test_it_repeats_and_the_clock_goes_on_from_where_it_was(stage: Stage) -> None:
    simulation = stage.play({"kind": "clock_jump", "at_seconds": 1.0, "by_seconds": 60.0}, speed=60.0, repeat=True)
    assert until(lambda: simulation.clock_offset_ns() == 180 * NS_PER_SECOND)
    span = stage.outlet.predictions[-1].timestamp_ns - stage.outlet.predictions[0].timestamp_ns
    assert span > 12 * NS_PER_SECOND
    assert not ended(simulation)


def test_faster_than_anybody_watches_nothing_is_lost(stage: Stage) -> None:
    stage.outlet.has_room = False
    simulation = stage.play(speed=5_000.0)
    time.sleep(0.3)
    assert stage.outlet.predictions == []
    stage.outlet.has_room = True
    assert until(lambda: ended(simulation))
    assert len(stage.outlet.predictions) == 66
    assert simulation.now_ns() == stage.outlet.predictions[-1].timestamp_ns


def test_the_wall_clock_shows_the_moment_at_which_the_scenario_begins(stage: Stage) -> None:
    jump = {"kind": "clock_jump", "at_seconds": 1.0, "by_seconds": 60.0}
    simulation = stage.play(jump, starts_at="Wednesday 10:00", speed=3.0)
    begin = datetime.fromtimestamp((time.time_ns() + simulation.clock_offset_ns()) / NS_PER_SECOND)
    assert begin.strftime("%A %H:%M") == "Wednesday 10:00"
    before = simulation.clock_offset_ns()
    assert until(lambda: simulation.clock_offset_ns() == before + 60 * NS_PER_SECOND)


def test_a_thread_that_stands_still_is_admitted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.sensor.simulation.STALL_SECONDS", 0.3)
    monkeypatch.setattr(stage.outlet, "publish", lambda prediction: time.sleep(1.0))
    simulation = stage.play()
    assert until(lambda: "stood still" in simulation.stall())


def test_the_person_shows_what_they_are_prompted_to(stage: Stage) -> None:
    simulation = stage.play(speed=1.0)
    flow: PromptedFlow = simulation
    flow.prompt(Emotion.DISGUST)
    begin = len(stage.outlet.predictions)
    assert until(lambda: len(stage.outlet.predictions) >= begin + 8)
    shown = stage.outlet.predictions[-1].probabilities
    assert shown is not None
    assert EMOTIONS[int(shown.argmax())] is Emotion.DISGUST
    flow.prompt(None)
    begin = len(stage.outlet.predictions)
    assert until(lambda: len(stage.outlet.predictions) >= begin + 8)
    shown = stage.outlet.predictions[-1].probabilities
    assert shown is not None
    assert EMOTIONS[int(shown.argmax())] is Emotion.FEAR
