"""The comparison of all rows, small: every table is filled, what is finished is not made again, and regret is against
truth.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from ertedge.recommend.catalogue import load_catalogue
from tools.baselines.simple import RandomChooser
from tools.cohort.__main__ import app as cohort_app
from tools.cohort.records import load_logs
from tools.evaluate import build_app
from tools.evaluation.recommender import evaluate, rows_with_files
from tools.evaluation.recommender_cohorts import COHORTS, Oracle, read, run, write_script
from tools.evaluation.recommender_figures import Judged, figures_of
from tools.evaluation.recommender_work import NO_ATTENTION, NO_TUNING, OURS, ROWS, TUNED, code_of

pytestmark = pytest.mark.tools

FEW = ("random", "personal popularity", "EASE", OURS)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluation")


def test_every_row_is_judged_in_every_cohort_and_nothing_is_made_twice(
    out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = evaluate(out=out, rows=", ".join(FEW), people=4, weeks=1, seeds=1, train_people=12)
    first = capfd.readouterr().err
    for cohort in COHORTS:
        for row in FEW:
            of = f"{row}, {cohort.name}"
            assert report.value("gain_low", of) <= report.value("gain", of) <= report.value("gain_high", of)
            assert 0 < report.value("coverage", of) <= 1
            assert 0 <= report.value("ndcg_at_10", of) <= 1
        behind = report.value("behind_ours", f"random, {cohort.name}")
        ours, chance = (report.value("gain", f"{row}, {cohort.name}") for row in (OURS, "random"))
        assert behind == pytest.approx(ours - chance)
        assert 0 <= report.value("forecast_interval_coverage", f"{OURS}, {cohort.name}") <= 1
    assert len(report.grids) == 2 * len(COHORTS)
    assert all(len(grid.rows) == len(FEW) + 1 for grid in report.grids)
    assert "random decides for unseen people" in first
    again = evaluate(out=out, rows=", ".join(FEW), people=4, weeks=1, seeds=1, train_people=12)
    assert capfd.readouterr().err == ""
    assert [figure.value for figure in again.figures] == pytest.approx(
        [figure.value for figure in report.figures], nan_ok=True
    )


def test_json_lines_end_with_the_rows_of_the_tables(out: Path) -> None:
    arguments = [
        "recommender",
        "--out",
        str(out),
        "--rows",
        "random,personal popularity",
        "--people",
        "4",
        "--weeks",
        "1",
    ]
    found = CliRunner().invoke(
        build_app(("recommender",)), [*arguments, "--seeds", "1", "--train-people", "12", "--json"]
    )
    assert found.exit_code == 0, found.output
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert {"name", "value", "unit", "n", "of", "spread"} == set(lines[0])
    assert lines[-1]["rows"][0][""] == "random"
    assert (lines[-1]["task"], lines[-1]["dataset"]) == ("recommender", "cohorts")
    assert lines[-1].keys() >= {"task", "dataset", "model", "protocol", "rows"}


def test_rows_are_found_by_name_and_unknown_ones_refused(tmp_path: Path) -> None:
    assert set(FEW) <= set(ROWS)
    with pytest.raises(ConfigurationError, match="'luck' is no row"):
        evaluate(rows="random, luck")
    with pytest.raises(ConfigurationError, match="'mars' is no cohort"):
        evaluate(cohorts="mars")
    with pytest.raises(ConfigurationError, match="--variants"):
        evaluate(rows=NO_ATTENTION)
    (tmp_path / "tuned").mkdir()
    with pytest.raises(
        ConfigurationError, match="ertedge, no ED tuning: give --variants RUN/variants with untuned in it"
    ):
        evaluate(rows=f"{TUNED}, {NO_TUNING}", variants=tmp_path)
    assert rows_with_files("", tmp_path) == tuple(row for row in ROWS if row not in (NO_ATTENTION, NO_TUNING))
    assert TUNED not in rows_with_files("", None)


def test_the_oracle_gains_more_than_chance_and_regrets_nothing() -> None:
    activities = load_catalogue().activities()
    for cohort in COHORTS:
        oracle, chance = (
            run(who, cohort, people=6, weeks=2, seed=0, activities=activities) for who in (Oracle(), RandomChooser())
        )
        assert oracle.gain_of_people.mean() > chance.gain_of_people.mean()
        script = write_script(cohort, 4, 2, 0, activities)
        reading = read(RandomChooser(), script, activities, 0)
        assert len(reading.person) == len(reading.after)
        figures = {f.name: f.value for f in figures_of(Judged("x", "y", [oracle], [reading], [oracle]), None)}
        assert figures["regret"] == 0
        assert figures["gain"] == pytest.approx(float(oracle.gain_of_people.mean()))


def test_gain_counts_only_what_was_done() -> None:
    activities = load_catalogue().activities()
    found = run(RandomChooser(), COHORTS[0], people=4, weeks=1, seed=0, activities=activities)
    assert found.gain.sum() == pytest.approx(found.gain_of_people.sum())
    assert np.all(found.gain[found.done == 0] == 0)
    assert 0 < found.done.mean() < 1


def test_the_cohort_command_writes_logs_and_describes_itself(tmp_path: Path) -> None:
    out = tmp_path / "log.npz"
    for command in (["simulate", "--people", "3", "--weeks", "1"], ["train", "--people", "6", "--weeks", "1"]):
        found = CliRunner().invoke(cohort_app, [*command, "--out", str(out), "--json"])
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout.splitlines()[0])["name"] == "decisions_a_person"
        assert len(load_logs(out)) in (3, 6)
    described = CliRunner().invoke(cohort_app, ["describe", "--generator", "switching", "--json"])
    assert all(json.loads(line)["source"] for line in described.stdout.splitlines())


def test_only_a_change_of_code_makes_a_part_again() -> None:
    source = '"""Words."""\nSIZE = 3  # a comment\n"""More words."""\n'
    assert code_of(source) == code_of('"""Other."""\n\nSIZE = 3\n"""Words."""\n')
    assert code_of(source) != code_of(source.replace("3", "4"))
