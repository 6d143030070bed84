"""Tunes how FaceNet learns from other networks: ``python -m tools.tune_facenet --root DATA --out RUN …``.

Host only. The Efficient Dandelion Optimizer with successive halving (``tools.dandelion``) looks for the least log-loss on
the held-out faces of FER+ Train, over short trainings on a part of the faces, each with its whole schedule. All begin with
the network and the views of ``tools.train_facenet --begin-with … --learn-from …``; the recipe in use is the first candidate.
Started again, it goes on from ``RUN/tuning.json``.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from ertedge.errors import ErtedgeError
from tools.dandelion.found import found_report
from tools.dandelion.halving import Rungs
from tools.dandelion.minimise import minimise
from tools.dandelion.space import Parameters, Real, Space, Value
from tools.evaluation.report import print_report
from tools.facenet.network import FaceNetwork
from tools.facenet.options import Options, parse
from tools.facenet.score import score
from tools.train_facenet import Prepared, first_network, new_run, prepare, train_epoch

SPACE = Space(
    {
        "learning_rate": Real(2e-4, 8e-3, log=True),
        "weight_decay": Real(3e-3, 0.3, log=True),
        "taught_share": Real(0.3, 1.0),
        "echo": Real(0.2, 20.0, log=True),
        "balance": Real(0.0, 1.0),
    }
)
RUNGS = Rungs((2, 6))
"""Passes over the part of the faces."""


@dataclass(frozen=True, slots=True)
class Trials:
    """What candidates are trained with and on, and the network that all begin with."""

    options: Options
    prepared: Prepared
    begun: FaceNetwork

    def loss(self, parameters: Mapping[str, Value], passes: int) -> float:
        """Held-out log-loss in nats after so many passes: the mean of that over all faces and of that with the seven
        emotions weighted alike."""
        chosen: dict[str, Any] = {name: float(value) for name, value in parameters.items()}
        options = replace(self.options, epochs=passes, **chosen)
        torch.manual_seed(options.seed)
        run = new_run(options, self.prepared, copy.deepcopy(self.begun))
        for epoch in range(passes):
            train_epoch(epoch, run)
        result = score(run.average, self.prepared.held_out, self.prepared.directions, self.prepared.machine)
        told = {"passes": passes, **result.report()} | {name: float(f"{value:.4g}") for name, value in chosen.items()}
        print(json.dumps(told), file=sys.stderr, flush=True)
        return (result.emotions.log_loss + result.emotions.alike) / 2


def usual(options: Options) -> Parameters:
    """The recipe in use."""
    return {name: getattr(options, name) for name in SPACE.names()}


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ferplus/, face_detection/ and teachers/.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; views that a training left there are used.")],
    learn_from: Annotated[Path, typer.Option(help="Run folder of the network that teaches.")],
    begin_with: Annotated[Path, typer.Option(help="As of tools.train_facenet.")],
    learning_rate: Annotated[float, typer.Option(help="Of the recipe in use.")] = 1.2e-3,
    balance: Annotated[float, typer.Option(help="Of the recipe in use.")] = 0.3,
    part: Annotated[float, typer.Option(help="The share of the faces that is learnt from.", min=0.01, max=1.0)] = 0.25,
    budget: Annotated[int, typer.Option(help="Passes over that part, all trainings together.", min=8)] = 72,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 2,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")] = False,
) -> None:
    """Tune how FaceNet learns from other networks."""
    given = {"root": root, "out": out, "learn-from": learn_from, "begin-with": begin_with, "precision": "auto"}
    given |= {"part": part, "learning-rate": learning_rate, "balance": balance, "seed": seed, "threads": threads}
    options = parse([word for name, value in given.items() for word in (f"--{name}", str(value))])
    try:
        prepared = prepare(options)
        begun = first_network(options, prepared.material.images)
        start = usual(options)
        tuned = minimise(
            Trials(options, prepared, begun).loss,
            SPACE,
            budget,
            RUNGS,
            seed=seed,
            saved=out / "tuning.json",
            start=start,
        )
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    report = found_report("how FaceNet learns from other networks", tuned, start, "passes over a part of the faces")
    print_report(report, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
