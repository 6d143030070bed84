"""What a tuning by ``minimise`` found, beside the parameters in use. Host side only."""

from __future__ import annotations

from tools.dandelion.minimise import Tuned
from tools.dandelion.space import Parameters, Value
from tools.evaluation.report import Figure, Report


def found_report(title: str, tuned: Tuned, start: Parameters, resource: str) -> Report:
    """The loss in nats that was found with the most of the ``resource`` that any candidate got, and by which parameters;
    beside it that of ``start``, where it came so far. A parameter that is no number stands in the notes."""
    whole = [trial for trial in tuned.trials if trial.resource == tuned.resource]
    figures = [Figure("loss", tuned.loss, "nats", len(whole), "found")]
    figures += [Figure("loss", trial.loss, "nats", 1, "in use") for trial in whole if trial.parameters == start]
    figures += [
        Figure(name, float(value), "", 1, "found") for name, value in tuned.parameters.items() if _is_number(value)
    ]
    words = [f"{name}: {value}" for name, value in tuned.parameters.items() if not _is_number(value)]
    return Report(title, tuple(figures), (*words, f"{len(tuned.trials)} trainings, {tuned.spent} {resource}"))


def _is_number(value: Value) -> bool:
    return not isinstance(value, str)
