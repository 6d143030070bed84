"""``python -m tools.dandelion benchmark | ablation | bias``: how the Dandelion optimizers compare, as tables.

Host side only. Runs are kept in the file that ``--out`` names and not run again, so an interrupted comparison continues.
Progress goes to stderr. ``--json`` prints one JSON object a line and nothing else; the tables are markdown. Exit status: 0
done, 2 bad usage, 1 anything else with one line on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from tools.dandelion import ablation as parts
from tools.dandelion import bias as origin
from tools.dandelion import stopping
from tools.dandelion.comparison import compare
from tools.dandelion.functions import REPORTED, check_names
from tools.dandelion.parallel import Backend, Workers
from tools.dandelion.peers import PEERS
from tools.dandelion.report import figures, markdown
from tools.dandelion.runs import plans, run_all
from tools.dandelion.variants import VARIANTS
from tools.evaluation.report import Figure, Report, json_lines

ALL_FUNCTIONS, ALL_PEERS = ",".join(REPORTED), ",".join(PEERS)

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Dimensions = Annotated[int, typer.Option(min=4, help="Coordinates of every function.")]
Evaluations = Annotated[int, typer.Option(min=20, help="The budget of every run.")]
Seeds = Annotated[int, typer.Option(min=2, help="Runs of every optimizer on every function.")]
Functions = Annotated[str, typer.Option(help="Names with commas; all reported ones by default.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="The tables as markdown (also the default).")]
Jobs = Annotated[int, typer.Option(help="Local processes; -1 for one a core.")]
BackendOption = Annotated[str, typer.Option(help="local, or dask for many machines.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of the dask scheduler, such as tcp://HOST:8786.")]
Out = Annotated[Path | None, typer.Option(help="File of finished runs, continued where it exists.")]


@app.callback()
def _about() -> None:
    """How the Dandelion optimizers compare."""


@app.command()
def benchmark(
    *,
    dimensions: Dimensions = 30,
    evaluations: Evaluations = 300,
    seeds: Seeds = 15,
    functions: Functions = ALL_FUNCTIONS,
    algorithms: Annotated[str, typer.Option(help="Names with commas; the first is tested.")] = ALL_PEERS,
    json_: Json = False,
    markdown_: Markdown = False,
    jobs: Jobs = 1,
    backend: BackendOption = "local",
    scheduler: Scheduler = None,
    out: Out = None,
) -> None:
    """Efficient DO against its peers at equal evaluations. TPE takes nearly all of the time, with the square of them."""
    with _errors_reported():
        wanted = plans(check_names(_split(functions)), _split(algorithms), seeds, dimensions, evaluations)
        with Workers(jobs, _backend(backend), scheduler) as workers:
            found = compare(run_all(wanted, out, workers))
        _show(json_, markdown_, figures(found, "benchmark"), markdown(found))


@app.command()
def ablation(
    *,
    dimensions: Dimensions = 30,
    evaluations: Evaluations = 300,
    seeds: Seeds = 15,
    functions: Functions = ALL_FUNCTIONS,
    epochs: Annotated[int, typer.Option(min=100, help="Budget of the early-stopping part.")] = 1000,
    curves: Annotated[int, typer.Option(min=2, help="Learning curves of the early-stopping part.")] = 30,
    json_: Json = False,
    markdown_: Markdown = False,
    jobs: Jobs = 1,
    backend: BackendOption = "local",
    scheduler: Scheduler = None,
    out: Out = None,
) -> None:
    """Each part of Efficient DO switched off in turn, early stopping on made learning curves included."""
    with _errors_reported():
        names = ("efficient_dandelion", *VARIANTS)
        wanted = plans(check_names(_split(functions)), names, seeds, dimensions, evaluations)
        with Workers(jobs, _backend(backend), scheduler) as workers:
            found = compare(run_all(wanted, out, workers))
            losses = parts.measure_stopping(epochs, curves, workers, tuple(stopping.TUNERS))
        report = figures(found, "ablation")
        stopped = [
            Figure("true_loss", float(np.mean(values)), "loss", curves, tuner, float(np.std(values)))
            for tuner, values in losses.items()
        ]
        tables = parts.markdown(found) + "\n" + parts.stopping_markdown(losses, epochs)
        _show(json_, markdown_, Report(report.title, (*report.figures, *stopped), report.notes), tables)


@app.command()
def bias(
    *,
    dimensions: Dimensions = 30,
    seeds: Seeds = 30,
    steps: Annotated[int, typer.Option(min=2, help="Steps of 30 evaluations.")] = 500,
    share: Annotated[float, typer.Option(min=0.0, max=0.5, help="The shift, as a share of the range.")] = 0.4,
    json_: Json = False,
    markdown_: Markdown = False,
    jobs: Jobs = 1,
) -> None:
    """The same landscape with its optimum at 0, moved away, and moved with the box: does the origin matter?"""
    with _errors_reported():
        with Workers(jobs) as workers:
            found = origin.measure(share, dimensions, steps, seeds, workers)
        rows = [
            Figure("mean_error", mean, "value", seeds, f"{row.optimizer} on {row.landscape}, {place}")
            for row in found
            for place, mean in zip(origin.PLACES, row.means, strict=True)
        ]
        _show(json_, markdown_, Report("bias", tuple(rows)), origin.markdown(found, share))


def _show(as_json: bool, as_markdown: bool, report: Report, tables: str) -> None:
    if as_json and as_markdown:
        raise ConfigurationError(["choose one of --json and --markdown"])
    print(json_lines(report) if as_json else tables)


def _split(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))


def _backend(name: str) -> Backend:
    if name == "local":
        return "local"
    if name == "dask":
        return "dask"
    raise ConfigurationError([f"--backend must be local or dask, got {name!r}"])


@contextmanager
def _errors_reported() -> Iterator[None]:
    try:
        yield
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


if __name__ == "__main__":
    app(prog_name="python -m tools.dandelion")
