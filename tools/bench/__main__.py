"""``python -m tools.bench [--json] [--only face,daemon] [--root DATA]``: the performance table. See the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.manifest import default_models_dir
from tools.bench import daemon, face, models, recommender, store, tuning, voice
from tools.evaluation.report import Figure, Report, print_report

SUBJECTS = ("face", "voice", "models", "recommender", "tuning", "store", "daemon")
DEFAULT_ROOT = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main(
    *,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
    only: Annotated[str, typer.Option(help=f"Subjects, with commas: {', '.join(SUBJECTS)}.")] = ",".join(SUBJECTS),
    root: Annotated[Path, typer.Option(help="Research data; only the RFB-320 peer needs it.")] = DEFAULT_ROOT,
    rounds: Annotated[int, typer.Option(min=10, help="Turns of each timing.")] = 200,
    seconds: Annotated[float, typer.Option(min=5, help="For how long the daemon is watched.")] = 30.0,
) -> None:
    """Measure the perception paths, the models and the daemon on this machine, one thread unless said otherwise."""
    asked = [subject.strip() for subject in only.split(",")]
    try:
        if unknown := [subject for subject in asked if subject not in SUBJECTS]:
            raise ConfigurationError([f"{name!r} is no subject; choose from {', '.join(SUBJECTS)}" for name in unknown])
        for subject in asked:
            report = _report(subject, root, rounds, seconds)
            print_report(report, as_json=json_)
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


def _report(subject: str, root: Path, rounds: int, seconds: float) -> Report:
    directory = default_models_dir()
    figures: list[Figure]
    notes: list[str] = []
    if subject == "face":
        figures, notes = face.measure(directory, root, rounds)
    elif subject == "voice":
        figures = voice.measure(directory, rounds)
    elif subject == "models":
        figures, notes = models.measure(directory, rounds)
    elif subject == "recommender":
        figures, notes = recommender.measure(directory, rounds)
    elif subject == "store":
        figures, notes = store.measure(rounds)
    elif subject == "tuning":
        figures, notes = tuning.measure(directory)
    else:
        figures = daemon.measure(seconds)
    return Report(subject, tuple(figures), tuple(notes))


if __name__ == "__main__":
    typer.run(main)
