"""Runs in a file, the statistics over them, and the command line."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from tools.dandelion.__main__ import app
from tools.dandelion.ablation import worths
from tools.dandelion.bias import PLACES, BiasRun, execute
from tools.dandelion.comparison import compare, friedman, holm, signed_rank
from tools.dandelion.counting import BudgetSpentError, CountedObjective, run_counted
from tools.dandelion.functions import make_problem
from tools.dandelion.parallel import Workers
from tools.dandelion.peers import PEERS
from tools.dandelion.report import losses, markdown
from tools.dandelion.runs import Plan, Run, append, plans, read, run_all
from tools.dandelion.variants import PARTS, VARIANTS

QUICK = ("efficient_dandelion", "original_dandelion", "random_search", "differential_evolution")


def made_runs(errors: dict[str, dict[str, list[float]]]) -> list[Run]:
    return [
        Run(Plan(function, algorithm, seed, 10, 100), error, 0.1)
        for algorithm, by_function in errors.items()
        for function, values in by_function.items()
        for seed, error in enumerate(values)
    ]


def test_holm_multiplies_by_the_hypotheses_left_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_tests_see_a_difference_and_no_difference() -> None:
    low = np.linspace(0.0, 1.0, 12)
    assert signed_rank(low, low + 1.0) == pytest.approx(2.0 / 2**12)
    assert signed_rank(low, low) == 1.0
    assert friedman(np.tile([[1.0], [2.0], [3.0]], 10)) < 1e-3
    assert friedman(np.ones((3, 10))) == 1.0
    assert friedman(np.ones((2, 10))) == 1.0


def test_a_comparison_counts_ranks_wins_and_losses() -> None:
    noise = np.linspace(1.0, 1.2, 15)
    runs = made_runs(
        {
            "ours": {"f": (noise * 1e-3).tolist(), "g": (noise * 10.0).tolist(), "h": [1e-9] * 15},
            "rival": {"f": noise.tolist(), "g": noise.tolist(), "h": [0.0] * 15},
            "third": {"f": (noise * 2.0).tolist(), "g": (noise * 20.0).tolist(), "h": [1.0] * 15},
        }
    )
    found = compare(runs)
    assert found.ranks.tolist() == [[1.0, 2.0, 1.5], [2.0, 1.0, 1.5], [3.0, 3.0, 3.0]]
    verdicts = {(duel.rival, duel.function): duel.verdict for duel in found.by_function}
    assert [verdicts["rival", f] for f in "fgh"] == ["win", "loss", "tie"]
    assert [verdicts["third", f] for f in "fgh"] == ["win", "win", "win"]
    assert found.place("ours") == found.place("rival") == 1
    assert "It loses to rival on g." in losses(found)
    assert {duel.better for duel in found.by_function if duel.function != "h"} == {True, False}
    table = markdown(found)
    assert "| rival | 1.50 | 1, 1, 1 |" in table
    assert "**0.0011** (0.0011)" in table


def test_being_behind_within_chance_is_said_too() -> None:
    found = compare(made_runs({"ours": {"f": [1.0, 3.0, 5.0]}, "rival": {"f": [2.0, 1.0, 4.0]}}))
    assert found.by_function[0].verdict == "tie"
    assert "It is behind, within chance, rival on f." in losses(found)


def test_runs_are_kept_and_not_run_again(tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    wanted = plans(("sphere", "levy"), ("random_search", "original_dandelion"), 2, 5, 40)
    first = run_all(wanted, out, Workers())
    assert len(first) == 8
    lines = out.read_text().splitlines()
    out.write_text("\n".join([*lines[:5], lines[5][:20]]))  # cut in the middle of a line
    assert len(read(out)) == 5
    out.write_text("\n".join(lines[:5]) + "\n")
    again = run_all(wanted, out, Workers())
    assert [(run.plan, run.error) for run in again] == [(run.plan, run.error) for run in first]
    assert len(out.read_text().splitlines()) == 8


def test_a_file_that_holds_no_runs_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    out.write_text("what\n")
    append(Run(Plan("sphere", "tpe", 0, 5, 40), 1.0, 0.1), out)
    with pytest.raises(ConfigurationError, match="line 1 is no run"):
        read(out)


def test_unknown_optimizers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no optimizer is called 'cmaes'"):
        plans(("sphere",), ("cmaes",), 1, 5, 40)


def test_a_counted_objective_stops_its_optimizer() -> None:
    objective = CountedObjective(lambda point: float(point[0]), 2)
    assert [objective(np.array([3.0])), objective(np.array([1.0]))] == [3.0, 1.0]
    with pytest.raises(BudgetSpentError):
        objective(np.array([0.0]))
    assert objective.best == 1.0
    points = iter(np.arange(9.0, 0.0, -1.0).reshape(-1, 1))
    assert run_counted(lambda p: float(p[0]), 3, lambda objective: [objective(p) for p in points]) == 7.0


@pytest.mark.parametrize("name", QUICK)
def test_peers_stay_within_their_evaluations(name: str) -> None:
    problem = make_problem("levy", 5, 1)
    first = PEERS[name](problem, 70, 4)
    assert first == PEERS[name](problem, 70, 4)
    assert 0.0 <= first < 1e4


def test_the_worth_of_parts_is_read_from_their_absence() -> None:
    errors = {"efficient_dandelion": {"f": [1.0] * 3, "g": [1.0] * 3}}
    errors |= {name: {"f": [10.0] * 3, "g": [10.0] * 3} for name in VARIANTS}
    whole, found = worths(compare(made_runs(errors)))
    assert whole == 1.0
    assert [worth.part for worth in found] == list(PARTS)
    assert {(worth.factor, worth.harmed, worth.helped) for worth in found} == {(10.0, 2, 0)}


def run_command(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_the_benchmark_prints_its_tables(tmp_path: Path) -> None:
    arguments = ["benchmark", "--dimensions", "5", "--evaluations", "40", "--seeds", "3", "--functions", "sphere,levy"]
    arguments += ["--algorithms", ",".join(QUICK), "--out", str(tmp_path / "runs.jsonl")]
    code, table, progress = run_command(*arguments, "--markdown")
    assert code == 0
    assert "| Efficient DO |" in table
    assert "24/24 runs" in progress
    code, records, progress = run_command(*arguments, "--json")
    assert code == 0
    assert '"name": "mean_rank"' in records
    assert "runs" not in progress  # all were in the file


def test_the_bias_of_the_published_optimizer_shows() -> None:
    code, table, _ = run_command("bias", "--dimensions", "5", "--seeds", "2", "--steps", "10")
    assert code == 0
    assert table.count("\n| ") == 7


@pytest.mark.parametrize("seed", range(3))
def test_where_0_lies_matters_to_the_published_optimizer_and_not_to_the_efficient_one(seed: int) -> None:
    def at_0_and_with_the_box_moved(optimizer: str, steps: int) -> tuple[float, float]:
        first, last = (execute(BiasRun(optimizer, "sphere", p, 80.0, seed, 8, steps)) for p in (PLACES[0], PLACES[2]))
        return first, last

    published = at_0_and_with_the_box_moved("DO, authors' code", 150)
    assert published[1] > 10.0 * published[0]
    efficient = at_0_and_with_the_box_moved("Efficient DO, a fifth of the evaluations", 40)
    assert max(efficient) < 1e-6


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("--functions", "spehre"), "no function is called"),
        (("--algorithms", "gradient"), "no optimizer is called"),
        (("--backend", "dask"), "go together"),
        (("--backend", "slurm"), "must be local or dask"),
        (("--jobs", "0"), "--jobs must be positive"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_one_line(arguments: tuple[str, ...], fault: str) -> None:
    code, _, said = run_command("benchmark", *arguments)
    assert code == 2
    assert fault in said
    assert said.count("\n") == 1
