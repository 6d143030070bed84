"""Tunes the voice's recipe and the shape of its network: ``python -m tools.tune_voice --root DATA --out RUN``.

Host only. The Efficient Dandelion Optimizer with successive halving (``tools.dandelion``) looks for the least log-loss on
the validation speakers (``tools.voice.choice``: as known speakers, as strangers and in disturbed sessions, English and
Polish alike), over short trainings, each with its whole schedule. The recipe in use is the first candidate. Every shape is
as wide as the 30 million multiply-accumulates of a window allow. A training of 30 epochs takes two minutes of one core;
started again, it goes on from ``RUN/tuning.json``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from ertedge.errors import ErtedgeError
from tools.dandelion.found import found_report
from tools.dandelion.halving import Rungs
from tools.dandelion.minimise import minimise
from tools.dandelion.space import Integer, Parameters, Real, Space, Value
from tools.evaluation.report import print_report
from tools.voice.choice import validation_figures
from tools.voice.encoder import ENCODER
from tools.voice.training import Recipe, fit
from tools.voice.work import HELD_OUT, VALIDATION, Work, begin_work

WIDTHS = {1: 114, 2: 96, 3: 84, 4: 78}
"""The width of a network with so many blocks at 25 steps a second: the widest that stays below 30 million
multiply-accumulates (``VoiceNetwork``; by threes, since a third more must be a multiple of the four heads)."""
SPACE = Space(
    {
        "wide_blocks": Integer(min(WIDTHS), max(WIDTHS)),
        "learning_rate": Real(3e-4, 1e-2, log=True),
        "weight_decay": Real(5e-3, 0.5, log=True),
        "dropout": Real(0.0, 0.6),
        "mixup": Real(0.0, 1.0),
        "taught_share": Real(0.0, 1.0),
        "heard_weight": Real(0.5, 30.0, log=True),
    }
)
RUNGS = Rungs((10, 30))
"""Epochs."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What candidates are trained with and on."""

    work: Work

    def loss(self, parameters: Mapping[str, Value], epochs: int) -> float:
        """Log-loss in nats after so many epochs: the mean over the ways in which the validation speakers are asked."""
        recipe = recipe_of(self.work.recipe, parameters, epochs)
        speakers = self.work.speakers((*HELD_OUT, *VALIDATION))
        with tempfile.TemporaryDirectory(prefix="ertedge-tuning-") as folder:
            fitted = fit(self.work.frames, speakers, recipe, self.work.seed, Path(folder), machine=self.work.machine)
        figures = validation_figures(self.work, fitted, "tried")
        means = {
            name: float(np.mean([figure.value for figure in figures if figure.name == name]))
            for name in ("log_loss", "uar")
        }
        told: dict[str, Any] = {"epochs": epochs, **means, **parameters}
        rounded = {name: value if isinstance(value, int) else float(f"{value:.4g}") for name, value in told.items()}
        print(json.dumps(rounded), file=sys.stderr, flush=True)
        return means["log_loss"]


def recipe_of(recipe: Recipe, parameters: Mapping[str, Value], epochs: int) -> Recipe:
    """``recipe`` for so many epochs, with the ``parameters`` of a candidate and the width that its blocks leave room for."""
    chosen: dict[str, Any] = dict(parameters)
    return replace(recipe, epochs=epochs, width=WIDTHS[chosen["wide_blocks"]], **chosen)


def usual(recipe: Recipe) -> Parameters:
    """The recipe in use."""
    return {name: getattr(recipe, name) for name in SPACE.names()}


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ravdess/ and nemo/.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; features that a training left there are used.")],
    encoder: Annotated[Path, typer.Option(help="The speech encoder, which `make setup-tools` fetches.")] = ENCODER,
    budget: Annotated[int, typer.Option(help="Epochs, all trainings together.", min=40)] = 360,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Tune the voice's recipe and the shape of its network."""
    torch.set_num_threads(threads)
    try:
        work = begin_work(root, out, encoder, seed=seed)
        start = usual(work.recipe)
        tuned = minimise(Trials(work).loss, SPACE, budget, RUNGS, seed=seed, saved=out / "tuning.json", start=start)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print_report(found_report("the voice's recipe", tuned, start, "epochs"), as_json=json_)


if __name__ == "__main__":
    typer.run(main)
