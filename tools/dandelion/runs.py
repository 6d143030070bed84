"""Runs of optimizers on problems, kept one a line in a file so that a comparison can be stopped and resumed. Host side only.

A run is one optimizer on one problem with one seed. The file holds one JSON object a line; a run that is in it is not run
again, so whoever changes an optimizer deletes its lines, or names another file.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.dandelion.functions import make_problem
from tools.dandelion.parallel import Workers
from tools.dandelion.peers import PEERS, Peer
from tools.dandelion.variants import VARIANTS

ALGORITHMS: dict[str, Peer] = {**PEERS, **VARIANTS}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run is: which optimizer, on which function, with which seed and budget."""

    function: str
    algorithm: str
    seed: int
    dimensions: int
    evaluations: int


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: ``error`` is the best value found less the least there is (0); ``seconds`` is wall time."""

    plan: Plan
    error: float
    seconds: float


def plans(
    functions: Sequence[str], algorithms: Sequence[str], seeds: int, dimensions: int, evaluations: int
) -> list[Plan]:
    """Every combination, seed by seed, so that an interrupted comparison has whole seeds."""
    unknown = [name for name in algorithms if name not in ALGORITHMS]
    if unknown:
        raise ConfigurationError([f"no optimizer is called {n!r}; there are {', '.join(ALGORITHMS)}" for n in unknown])
    return [
        Plan(function, algorithm, seed, dimensions, evaluations)
        for seed in range(seeds)
        for function in functions
        for algorithm in algorithms
    ]


def run_all(wanted: Sequence[Plan], out: Path | None, workers: Workers) -> list[Run]:
    """Run what ``out`` does not hold yet, writing each run to it as it ends and the progress to stderr."""
    done = read(out) if out is not None and out.exists() else {}
    missing = [plan for plan in wanted if plan not in done]
    if missing and len(missing) < len(wanted):
        print(f"{len(wanted) - len(missing)} of {len(wanted)} runs are in {out}", file=sys.stderr)
    started = time.monotonic()
    for count, (_, run) in enumerate(workers.map(execute, missing), start=1):
        done[run.plan] = run
        if out is not None:
            append(run, out)
        _show_progress(count, len(missing), time.monotonic() - started)
    return [done[plan] for plan in wanted]


def execute(plan: Plan) -> Run:
    """Run one plan."""
    problem = make_problem(plan.function, plan.dimensions, plan.seed)
    started = time.perf_counter()
    error = ALGORITHMS[plan.algorithm](problem, plan.evaluations, plan.seed)
    return Run(plan, error, time.perf_counter() - started)


def append(run: Run, out: Path) -> None:
    """Add the run to the file as a line."""
    with out.open("a") as file:
        file.write(json.dumps({**asdict(run.plan), "error": run.error, "seconds": round(run.seconds, 4)}) + "\n")


def read(out: Path) -> dict[Plan, Run]:
    """The runs of a file. A last line that was cut by an interruption is left out.

    Raises ``ConfigurationError`` where another line is no run.
    """
    runs: dict[Plan, Run] = {}
    lines = out.read_text().splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            run = _from_record(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                continue
            raise ConfigurationError([f"line {number} is no run: {error}"], str(out)) from error
        runs[run.plan] = run
    return runs


def _from_record(record: Mapping[str, object]) -> Run:
    plan = Plan(
        str(record["function"]),
        str(record["algorithm"]),
        int(str(record["seed"])),
        int(str(record["dimensions"])),
        int(str(record["evaluations"])),
    )
    error = float(str(record["error"]))
    if math.isnan(error):
        raise ValueError("the error is not a number")
    return Run(plan, error, float(str(record["seconds"])))


def _show_progress(count: int, total: int, elapsed: float) -> None:
    left = elapsed / count * (total - count)
    end = "\n" if count == total else "\r"
    print(f"{count}/{total} runs, {elapsed:.0f} s, about {left:.0f} s left   ", end=end, file=sys.stderr, flush=True)
