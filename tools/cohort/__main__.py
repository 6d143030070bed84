"""``python -m tools.cohort simulate|train|fit|describe``: see the package.

Exit status: 0 done; 2 bad usage or a file that cannot be used; 1 anything else.
"""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.recommend.catalogue import load_catalogue
from ertedge.types import Activity
from tools.baselines.simple import RandomChooser
from tools.cohort.figures import FIGURES, write_figures
from tools.cohort.fit import BLOCK_EDGES, Array, Dynamics, Fit, fit
from tools.cohort.parameters import Draw, GeneratorName, load_parameters
from tools.cohort.records import PersonLog, save_logs
from tools.cohort.simulation import simulate
from tools.cohort.training import training_logs
from tools.data.dass import load_anxiety_scores
from tools.data.mpath_esm import SLIDERS, load_beeps
from tools.evaluation.report import Figure, Grid, Report, print_report

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Simulated people, openly."
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")]
Out = Annotated[Path, typer.Option(help="Where the logs go (.npz).")]
Root = Annotated[Path, typer.Option(help="The folder of research data.")]
Catalogue = Annotated[Path | None, typer.Option(help="A folder of more activity files.")]
PEOPLE = Annotated[int, typer.Option(min=1)]
WEEKS = Annotated[int, typer.Option(min=1, max=104)]


@app.command("simulate")
def simulate_command(
    *,
    out: Out,
    people: PEOPLE = 100,
    weeks: WEEKS = 8,
    generator: GeneratorName = GeneratorName.MOOD,
    draw: Annotated[Draw, typer.Option(help="From which ranges the parameters come.")] = Draw.TRAINING,
    seed: int = 1,
    catalogue: Catalogue = None,
    json: Json = False,
) -> None:
    """Simulate people to whom chance chooses, and write their logs."""
    activities = _activities(catalogue)
    logs = simulate(
        generator, people, weeks, seed, RandomChooser(), activities, draw=draw, progress=partial(_tell, generator)
    )
    _finish(f"{generator} cohort, {draw} ranges", logs, out, as_json=json)


@app.command()
def train(
    *,
    out: Out,
    people: PEOPLE = 900,
    weeks: WEEKS = 8,
    seed: int = 1,
    catalogue: Catalogue = None,
    json: Json = False,
) -> None:
    """Write the logs that the recommender and the baselines learn from: several policies, many worlds."""
    logs = training_logs(people, weeks, seed, _activities(catalogue), _tell)
    _finish("training cohort", logs, out, as_json=json)


@app.command("fit")
def fit_command(
    *,
    root: Root,
    out: Annotated[Path | None, typer.Option(help=f"Write the figures here, say to {FIGURES.name}.")] = None,
    resamples: Annotated[int, typer.Option(min=20, help="Bootstrap samples of people.")] = 300,
    seed: int = 0,
    json: Json = False,
) -> None:
    """Fit the dynamics of affect, the responses and the severity to the research data."""
    found = fit(load_beeps(root), seed=seed, resamples=resamples)
    scores = load_anxiety_scores(root)
    if out is not None:
        write_figures(out, found, scores)
    print_report(fit_report(found, scores), as_json=json)


@app.command()
def describe(*, generator: GeneratorName = GeneratorName.MOOD, json: Json = False) -> None:
    """List every assumption of a generator with its ranges and its source."""
    parameters = load_parameters(generator)
    if json:
        for parameter in parameters:
            entry = {name: getattr(parameter, name) for name in ("name", "training", "shifted", "meaning", "source")}
            print(json_module.dumps(entry))
        return
    table = Table(title=f"What the {generator} generator assumes", title_justify="left")
    for column in ("parameter", "training", "shifted", "meaning", "source"):
        table.add_column(column)
    for parameter in parameters:
        shifted = "" if parameter.shifted is None else "{:g} to {:g}".format(*parameter.shifted)
        training = "{:g} to {:g}".format(*parameter.training)
        table.add_row(parameter.name, training, shifted, parameter.meaning, parameter.source)
    Console().print(table)


def fit_report(found: Fit, scores: Array) -> Report:
    """The fitted figures, each with the ends of its interval."""
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for field in fields(Dynamics):
        value, low, high = (np.atleast_1d(getattr(part, field.name)) for part in (found.value, found.low, found.high))
        for place in np.ndindex(value.shape):
            of = _place_name(value.shape, place) if value.size > 1 else ""
            ends = tuple(float(source[place]) for source in (value, low, high))
            figures += [
                Figure(field.name + suffix, end, "", found.people, of)
                for suffix, end in zip(("", "_low", "_high"), ends, strict=True)
            ]
            rows.append((field.name, of, *(f"{end:.4g}" for end in ends)))
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        quantile = float(np.quantile(scores, share))
        figures.append(Figure("anxiety_score", quantile, "points", len(scores), f"quantile {share}"))
        rows.append(("anxiety_score", f"quantile {share}", f"{quantile:.4g}", "", ""))
    notes = (
        f"{found.people} people, {found.answers} answered beeps, {found.pairs} pairs of neighbouring answers. Low and high "
        "end the 95% interval of a bootstrap over people. Units are those of Dynamics in tools/cohort/fit.py.",
    )
    title = "Affect dynamics of mpath_esm, severity of dass"
    grid = Grid(title, ("figure", "of", "value", "low", "high"), tuple(rows))
    return Report(title, tuple(figures), notes, (grid,))


def _place_name(shape: tuple[int, ...], place: tuple[int, ...]) -> str:
    """``happy``, ``sad on angry`` in a matrix (the second of the beep before), or a part of the day."""
    return " on ".join(
        SLIDERS[i] if size == len(SLIDERS) else f"{BLOCK_EDGES[i]:g} to {BLOCK_EDGES[i + 1]:g} h"
        for size, i in zip(shape, place, strict=True)
    )


def _activities(catalogue: Path | None) -> tuple[Activity, ...]:
    return load_catalogue((catalogue,) if catalogue else ()).activities()


def _tell(part: str, done: int) -> None:
    if done % 25 == 0:
        print(f"{part}: {done} people", file=sys.stderr)


def _finish(title: str, logs: Sequence[PersonLog], out: Path, *, as_json: bool) -> None:
    save_logs(out, logs)
    decisions = [decision for log in logs for decision in log.decisions]
    done = np.array([decision.suggestion.status == "completed" for decision in decisions])
    ratings = np.array([decision.suggestion.helpfulness for decision in decisions])
    true = np.array([decision.true_helpfulness for decision in decisions])
    figures = (
        Figure("decisions_a_person", len(decisions) / len(logs), "decisions", len(logs)),
        Figure("done", float(done.mean()), "share", len(decisions)),
        Figure("rated", float((ratings > 0).mean()), "share", len(decisions)),
        Figure("helped", float((ratings[ratings > 0] >= 4).mean()), "share", int((ratings > 0).sum())),
        Figure("gain_a_person", float((true * done).sum() / len(logs)), "helpfulness", len(logs)),
    )
    print_report(Report(title, figures, (f"written to {out}",)), as_json=as_json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of ``python -m tools.cohort``."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="python -m tools.cohort")
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)


if __name__ == "__main__":
    main()
