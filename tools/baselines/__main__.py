"""``python -m tools.baselines tune --train-log FILE``: let validation people choose what each baseline needs chosen.

Host side only. The validation people are simulated with the training ranges of the first generator, as the log was, and
are in neither the log nor any evaluation. Every candidate decides for the same of them; the one with the highest
helpfulness gained is written to ``tuned.toml``. Exit status: 0 done, 2 bad usage, 1 anything else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.recommend.catalogue import load_catalogue
from tools.baselines.rows import GRIDS, TUNED, Choices, Material, build, candidates, load_tuned, write_tuned
from tools.cohort.records import PersonLog, load_logs
from tools.cohort.simulation import simulate
from tools.evaluation.report import Figure, Report, print_report

VALIDATION_SEED = 8_000_001
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _no_shared_options() -> None:
    """Baselines of the recommender."""


@app.command()
def tune(
    *,
    train_log: Annotated[Path, typer.Option(help="What python -m tools.cohort train wrote.")],
    out: Annotated[Path, typer.Option(help="Where the choices go.")] = TUNED,
    people: Annotated[int, typer.Option(min=2, help="Validation people.")] = 50,
    weeks: Annotated[int, typer.Option(min=1)] = 8,
    only: Annotated[str, typer.Option(help="Baselines to tune, with commas; the others keep their choices.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Try every candidate of every grid on the validation people."""
    asked = [name.strip() for name in only.split(",")] if only else list(GRIDS)
    if unknown := [name for name in asked if name not in GRIDS]:
        raise ConfigurationError([f"{name!r} is no baseline; choose from {', '.join(GRIDS)}" for name in unknown])
    material = Material(load_logs(train_log), load_catalogue().activities())
    tuned: dict[str, Choices] = dict(load_tuned(out)) if only else {}
    figures: list[Figure] = []
    for name in asked:
        scored = [(validation_gain(name, material, choices, people, weeks), choices) for choices in candidates(name)]
        best = max(range(len(scored)), key=lambda i: scored[i][0])
        tuned[name] = scored[best][1]
        for gain, choices in scored:
            figures.append(Figure("validation_gain", gain, "helpfulness", people, f"{name}: {_words(choices)}"))
        source = (
            f"Written by python -m tools.baselines tune --people {people} --weeks {weeks}: the choices with most gain."
        )
        if len(tuned) == len(GRIDS):
            write_tuned(out, {each: tuned[each] for each in GRIDS}, source)
    report = Report("Choices of the baselines", tuple(figures), (f"written to {out}",))
    print_report(report, as_json=json)


def validation_gain(name: str, material: Material, choices: Choices, people: int, weeks: int) -> float:
    """Mean helpfulness gained by a validation person."""
    chooser = build(name, material, choices)
    logs = simulate("mood", people, weeks, VALIDATION_SEED, chooser, material.activities)
    gain = sum(total_gain(log) for log in logs) / people
    print(f"{name}: {_words(choices)}: {gain:.3f}", file=sys.stderr, flush=True)
    return gain


def total_gain(log: PersonLog) -> float:
    """What a person gained: the true helpfulness of all that they did to its end."""
    return sum(one.true_helpfulness for one in log.decisions if one.suggestion.status == "completed")


def _words(choices: Choices) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in choices.items()) or "nothing to choose"


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of ``python -m tools.baselines``."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="python -m tools.baselines")
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)


if __name__ == "__main__":
    main()
