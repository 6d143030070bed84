"""A small simulated trial through the daemon's code: whole, resumable, the same again, and called what it is."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.trial.assumptions import Assumptions, load_assumptions
from tools.trial.dataset import load_trial
from tools.trial.people import Severity, answers
from tools.trial.simulate import (
    DEVICES,
    TrialSettings,
    notes_of,
    protocol_text,
    recruit,
    seal_of_trial,
    settings_of,
    simulate_trial,
)
from tools.trial.verification import verify_allocations

pytestmark = pytest.mark.tools

SMALL = TrialSettings(people=4, weeks=3, seed=5)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trial")
    simulate_trial(SMALL, out)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_everybody_who_was_asked_is_counted_and_allocated_as_sealed(trial: Path) -> None:
    data = load_trial([trial / DEVICES])
    candidates = recruit(SMALL)
    assert data.devices == len(candidates)
    assert data.simulated
    not_enrolled = sum(int(float(row["count"] or 0)) for row in data.tables["flow"] if row["step"] == "not_enrolled")
    assert not_enrolled == len(candidates) - SMALL.people
    found = verify_allocations(data)
    assert (found.checked, found.faults) == (SMALL.people, ())
    assert sum(data.adherence("offered")) > 0
    assert sum(data.adherence("completed")) > 0
    assert not np.isnan(data.scores(data.protocol.primary, "baseline")).any()


def test_a_run_that_was_broken_off_goes_on_and_gives_the_same(trial: Path) -> None:
    enrolled = next(each for each in recruit(SMALL) if each.slot is not None)
    folder = trial / DEVICES / f"{enrolled.number:04d}"
    before = contents(folder)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    told: list[str] = []
    simulate_trial(SMALL, trial, tell=told.append)
    assert contents(folder) == before
    assert told[-1] == f"{len(recruit(SMALL))} of {len(recruit(SMALL))} people"


def test_another_trial_does_not_go_into_the_same_folder(trial: Path) -> None:
    assert settings_of(trial) == SMALL
    with pytest.raises(ConfigurationError, match="has another simulated trial"):
        simulate_trial(TrialSettings(people=4, weeks=3, seed=6), trial)


def test_a_waiting_list_is_offered_nothing(tmp_path: Path) -> None:
    settings = TrialSettings(people=4, weeks=3, seed=5, control="waiting_list")
    simulate_trial(settings, tmp_path)
    data = load_trial([tmp_path / DEVICES])
    offered = data.adherence("offered")
    assert offered[data.arms == "waiting"].sum() == 0
    assert offered[data.arms == "personal"].sum() > 0


def test_a_device_says_that_its_people_are_simulated(trial: Path) -> None:
    for about in (trial / DEVICES).glob("*/study.json"):
        assert json.loads(about.read_text())["simulated"] is True
    assert any("an assumption" in note or "assumed" in note.lower() for note in notes_of(SMALL))
    assert "null scenario" in notes_of(TrialSettings(effect=0.0))[0]


def test_who_is_asked_follows_from_the_seed_and_fills_the_slots_in_order() -> None:
    candidates = recruit(SMALL)
    assert candidates == recruit(SMALL)
    assert candidates != recruit(TrialSettings(people=4, weeks=3, seed=6))
    assert sum(each.slot is not None for each in candidates) == SMALL.people
    assert seal_of_trial(SMALL) == seal_of_trial(SMALL)
    assert "waiting_list" in protocol_text(TrialSettings(control="waiting_list"))


def test_the_effect_is_the_assumption_and_nothing_else() -> None:
    assumed, _ = load_assumptions()
    still = Severity(np.zeros(3), np.zeros(3), assumed)
    helped = Severity(np.zeros(3), np.zeros(3), assumed, gained=assumed.effect_gain)
    difference = still.at(56) - helped.at(56)
    assert difference == pytest.approx(np.full(3, assumed.effect_most * (1 - np.exp(-1))))
    null = assumed.with_effect(0.0)
    assert Severity(np.zeros(3), np.zeros(3), null, gained=99.0).at(56) == pytest.approx(
        np.full(3, null.natural_change)
    )
    assert Severity(np.zeros(3), np.zeros(3), assumed, gained=-5.0).at(0) == pytest.approx(np.zeros(3))


def test_answers_add_up_and_fit_the_items() -> None:
    rng = np.random.default_rng(1)
    for raw in ((0, 7, 21), (3, 20, 11)):
        found = answers(np.array(raw), rng)
        assert found.sum(axis=1).tolist() == list(raw)
        assert found.max() <= 3


def test_every_assumption_says_what_it_means_and_where_it_comes_from(tmp_path: Path) -> None:
    values, listed = load_assumptions()
    assert {each.name for each in listed} == set(Assumptions.__dataclass_fields__)
    assert all(each.meaning and each.source for each in listed)
    assert values.effect_most > 0
    path = tmp_path / "assumptions.toml"
    path.write_text('[effect_most]\nvalue = 1.0\nmeaning = "x"\nsource = "y"\n[luck]\nvalue = 1.0\n')
    with pytest.raises(ConfigurationError) as caught:
        load_assumptions(path)
    assert "[drift] is missing" in str(caught.value)
    assert "[luck] is not known" in str(caught.value)


def test_an_export_of_somebody_who_did_not_enrol_has_no_row_of_them(trial: Path) -> None:
    refused = next(each for each in recruit(SMALL) if each.slot is None)
    folder = trial / DEVICES / f"{refused.number:04d}"
    with (folder / "participants.csv").open() as file:
        assert list(csv.DictReader(file)) == []
    with (folder / "flow.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 1
