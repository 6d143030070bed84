"""The loaders of the research data, and the fit: it finds what was planted in simulated beeps."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from tools.cohort.__main__ import app
from tools.cohort.figures import load_figures, severity_quantiles, write_figures
from tools.cohort.fit import Fit, estimate, fit, person_beeps
from tools.data.dass import FILE, load_anxiety_scores
from tools.data.mpath_esm import SLIDERS, Beeps, load_beeps

HEADER = (
    "participant,questionnaire,sent,start,obs_n,day_n,obs_n_day,answered,"
    + ",".join(f"slider_{name}" for name in SLIDERS)
    + ",company_string,delay_start_min\n"
)
ANSWERED = "2,main_questionnaire,1713973386.0,,6,1,6,True,72,7,4,61,3,69,66,Alone,25.1\n"
MISSED = "2,main_questionnaire,1713978724.0,,7,1,7,False,,,,,,,,,\n"
EVENING = "2,evening_questionnaire,1713996603.0,,11,1,11,True,,,,,,,,,0.2\n"


def planted(people: int, days: int, transition: np.ndarray, seed: int) -> Beeps:
    """Beeps of a VAR(1) with unit innovations, of which a third is missed."""
    rng = np.random.default_rng(seed)
    size = len(SLIDERS)
    number = np.tile(np.arange(1, 11), people * days)
    day = np.tile(np.repeat(np.arange(1, days + 1), 10), people)
    person = np.repeat(np.arange(people), 10 * days)
    sliders = np.empty((len(number), size))
    centre = 50 + 5 * rng.standard_normal((people, size))
    state = np.zeros(size)
    for i in range(len(number)):
        shock = rng.standard_normal(size)
        state = 5 * shock if number[i] == 1 else transition @ state + 4 * shock
        sliders[i] = centre[person[i]] + state
    answered = rng.random(len(number)) < 0.7
    sliders[~answered] = np.nan
    delay = np.where(answered, np.exp(1.0 + 0.5 * rng.standard_normal(len(number))), np.nan)
    alone = np.where(answered, (rng.random(len(number)) < 0.4).astype(float), np.nan)
    hour = np.asarray(7.5 + 1.5 * (number - 1), dtype=np.float64)
    return Beeps(person, day, number, hour, answered, sliders, delay, alone)


def test_the_fit_finds_what_was_planted() -> None:
    rng = np.random.default_rng(1)
    transition = np.diag(np.linspace(0.2, 0.5, 7)) + 0.05 * rng.standard_normal((7, 7))
    found = fit(planted(30, 12, transition, 2), seed=0, resamples=20)
    assert np.abs(found.value.transition - transition).max() < 0.09
    assert np.abs(found.value.inertia - np.diag(transition)).max() < 0.12
    assert np.allclose(np.sqrt(np.diag(found.value.innovation_covariance)), 4, atol=0.3)
    assert np.allclose(np.sqrt(np.diag(found.value.between_covariance)), 5, atol=2)
    assert np.allclose(found.value.answered, 0.7, atol=0.05)
    assert np.allclose(found.value.delay_minutes, np.e, atol=0.3)
    assert found.value.delay_log_sd[0] == pytest.approx(0.5, abs=0.05)
    assert np.all(found.value.scale_sd < 0.1)
    assert (found.people, found.answers) == (30, int(planted(30, 12, transition, 2).answered.sum()))


def test_intervals_hold_the_estimate_and_shrink_with_people() -> None:
    transition = 0.3 * np.eye(7)
    few, many = (fit(planted(people, 8, transition, 3), resamples=40) for people in (5, 40))
    for found in (few, many):
        assert np.all(found.low.mean <= found.value.mean)
        assert np.all(found.value.mean <= found.high.mean)

    def width(found: Fit) -> float:
        return float((found.high.mean - found.low.mean).mean())

    assert width(many) < width(few)


def test_nothing_is_carried_over_a_night_or_a_missed_beep() -> None:
    beeps = planted(1, 2, 0.3 * np.eye(7), 4)
    part = person_beeps(beeps, 0)
    expected = sum(
        bool(beeps.answered[i] and beeps.answered[i + 1] and beeps.day[i] == beeps.day[i + 1])
        for i in range(len(beeps) - 1)
    )
    assert len(part.before) == expected < beeps.answered.sum() - 1
    assert len(estimate([part, part]).mean) == len(SLIDERS)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="3 are needed"):
        fit(planted(2, 10, 0.3 * np.eye(7), 5))


def test_beeps_are_read_from_either_folder_without_the_evening(tmp_path: Path) -> None:
    (tmp_path / "mpath_esm").mkdir()
    (tmp_path / "mpath_esm" / "beeps.csv").write_text(HEADER + MISSED + ANSWERED + EVENING, encoding="utf-8")
    beeps = load_beeps(tmp_path)
    assert beeps.number.tolist() == [6, 7]
    assert beeps.answered.tolist() == [True, False]
    assert beeps.sliders[0].tolist() == [72, 7, 4, 61, 3, 69, 66]
    assert beeps.alone[0] == 1
    assert np.isnan(beeps.alone[1])
    assert beeps.hour[0] == pytest.approx(15.72, abs=0.01)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (ANSWERED.replace("72", "172"), "line 2.*outside 0 to 100"),
        (ANSWERED.replace("True", "perhaps"), "line 2.*answered"),
        ("", "no beep"),
    ],
)
def test_a_wrong_beep_is_named(tmp_path: Path, row: str, what: str) -> None:
    (tmp_path / "beeps.csv").write_text(HEADER + row, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=what):
        load_beeps(tmp_path)


def test_missing_data_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"beeps\.csv"):
        load_beeps(tmp_path)
    with pytest.raises(ConfigurationError, match="dass"):
        load_anxiety_scores(tmp_path)


def write_answers(folder: Path, text: str) -> None:
    with gzip.open(folder / FILE, "wt", encoding="utf-8") as file:
        file.write(text)


def test_only_items_of_the_short_form_count_and_the_missing_one_is_prorated(tmp_path: Path) -> None:
    write_answers(tmp_path, "Q2,Q7,Q20,Q25,Q28,Q40,Q41\n1,4,1,1,1,1,1\n4,1,4,4,4,4,4\n2,1,2,2,1,1,1\n")
    assert load_anxiety_scores(tmp_path).tolist() == [0.0, 42.0, 7.0]


@pytest.mark.parametrize("row", ["1,5", "1", "1,x"])
def test_a_wrong_answer_is_named(tmp_path: Path, row: str) -> None:
    write_answers(tmp_path, f"Q2,Q20\n1,2\n{row}\n")
    with pytest.raises(ConfigurationError, match="line 3"):
        load_anxiety_scores(tmp_path)


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = fit(planted(5, 8, 0.3 * np.eye(7), 6), resamples=20)
    scores = np.arange(43.0)
    write_figures(tmp_path / "figures.toml", found, scores)
    read = load_figures(tmp_path / "figures.toml")
    assert np.allclose(read.dynamics.transition, found.value.transition, atol=1e-3)
    assert np.allclose(read.severity, severity_quantiles(scores), atol=0.1)


def test_figures_that_are_missing_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"tools\.cohort fit"):
        load_figures(tmp_path / "none.toml")


def test_the_kept_figures_are_those_of_the_data(data_root: Path) -> None:
    kept = load_figures()
    fresh = fit(load_beeps(data_root), resamples=20).value
    assert np.allclose(kept.dynamics.transition, fresh.transition, atol=1e-3)
    assert np.allclose(kept.dynamics.mean, fresh.mean, atol=0.1)
    assert np.allclose(kept.dynamics.innovation_covariance, fresh.innovation_covariance, atol=0.1)
    assert np.allclose(kept.severity, severity_quantiles(load_anxiety_scores(data_root)), atol=0.1)


def test_the_command_prints_every_figure_with_its_interval(data_root: Path, tmp_path: Path) -> None:
    arguments = [
        "fit",
        "--root",
        str(data_root),
        "--out",
        str(tmp_path / "figures.toml"),
        "--resamples",
        "20",
        "--json",
    ]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    by_name = {(line["name"], line["of"]): line["value"] for line in lines[:-1]}
    for name in ("inertia", "mean", "within_sd"):
        assert by_name[f"{name}_low", "sad"] <= by_name[name, "sad"] <= by_name[f"{name}_high", "sad"]
    assert ("transition", "sad on happy") in by_name
    assert by_name["answered", "7 to 10 h"] == pytest.approx(0.62, abs=0.01)
    assert lines[-1]["rows"][0]["figure"] == "mean"
    assert load_figures(tmp_path / "figures.toml").severity[-1] == 42
