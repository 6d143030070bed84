"""How sure a state may say it is, and must be to be shown: measures and writes ``models/confidence.toml``.

    python -m tools.fit_confidence --root DATA --out models

Plays recordings drawn from ``--seeds`` (``tools.recording_states``; people whom no training saw and whom no figure is
reported on: ``--people choice`` of ``tools.make_recording``) and finds the confidence that the share ``--coverage`` of
their states has at least. With ``--temper`` it first fits a temperature to states that face, voice or both carried, by
log-loss; there is one voice to fit it on, and what was fitted on it was wrong about another, so it is not asked for by
default (``fusion.md``). Run it after ``tools.measure_reliability`` and whenever a model is replaced. Host side only;
about 25 seconds a recording on one core.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import tomlkit
import typer
from tqdm import tqdm

from ertedge.affect.confidence import Carrier, Confidence
from ertedge.errors import ConfigurationError, ErtedgeError
from tools.evaluation.selective import claims, fit_temperature, least_for
from tools.make_recording import People, load_material
from tools.recording_states import States, joined, play

COVERAGE = 0.9
SEEDS = "10,11,12,13,14,15,16,17"
SECONDS = 168.0
LEAST_STATES = 50
"""Of fewer states of one carrier nothing can be said."""


def fit_states(states: States, coverage: float, *, temper: bool = False) -> dict[Carrier, Confidence]:
    """Temperature (1 unless they are to ``temper``) and least confidence of each carrier. Raises ConfigurationError
    where there are too few states of one.

    The least confidence is one for all: where confidence is true, whoever carries a state, no other choice of states
    to leave out is wrong less often at the same coverage (Chow 1970, "On optimum recognition error and reject
    tradeoff").
    """
    temperatures, confidences = {}, []
    for carrier in Carrier:
        own = states.of(carrier)
        if len(own) < LEAST_STATES:
            raise ConfigurationError([f"{len(own)} states of {carrier}; play more than these recordings with --seeds"])
        temperatures[carrier] = fit_temperature(own.probabilities, own.shown, own.right) if temper else 1.0
        confidences.append(claims(own.probabilities, own.shown, temperatures[carrier]))
    least = least_for(np.concatenate(confidences), coverage)
    return {carrier: Confidence(temperature, least) for carrier, temperature in temperatures.items()}


def write(path: Path, found: Mapping[Carrier, Confidence], counts: Mapping[Carrier, int], coverage: float) -> None:
    """Write ``confidence.toml``."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment("How sure a state may say it is, and must be to be shown, by what carried it: see fusion.md.")
    )
    document.add(tomlkit.comment("Made by: python -m tools.fit_confidence"))
    document.add("coverage", tomlkit.item(coverage))
    for carrier, confidence in found.items():
        table = tomlkit.table()
        table.comment(f"{counts[carrier]} states")
        table.add("temperature", confidence.temperature)
        table.add("least", confidence.least)
        document.add(str(carrier), table)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def main(
    *,
    root: Annotated[Path, typer.Option(help="The research data.")],
    out: Annotated[Path, typer.Option(help="The folder of the models.")] = Path("models"),
    seeds: Annotated[str, typer.Option(help="Of the recordings to choose on, by comma.")] = SEEDS,
    seconds: Annotated[float, typer.Option(help="Length of a recording.")] = SECONDS,
    coverage: Annotated[float, typer.Option(help="Share of states to be shown.", min=0.5, max=1.0)] = COVERAGE,
    temper: Annotated[bool, typer.Option("--temper", help="Fit temperatures as well.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Fit the confidence of states and write confidence.toml."""
    try:
        material = load_material(root, People.CHOICE)
        played = [int(seed) for seed in seeds.split(",")]
        shown = tqdm(played, desc="recordings", leave=False)
        states = joined([play(material, out, seed, seconds) for seed in shown])
        found = fit_states(states, coverage, temper=temper)
        counts = {carrier: len(states.of(carrier)) for carrier in Carrier}
        write(out / "confidence.toml", found, counts, coverage)
    except (ErtedgeError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if json_:
        rows = {str(c): {"temperature": f.temperature, "least": f.least, "n": counts[c]} for c, f in found.items()}
        print(json.dumps({"coverage": coverage, **rows}))
    else:
        print((out / "confidence.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
