"""Tables of a comparison as markdown, and its figures as JSON lines. Host side only."""

from __future__ import annotations

import numpy as np

from tools.dandelion.comparison import LEVEL, SOLVED, Comparison
from tools.evaluation.report import Figure, Report

LABELS = {
    "efficient_dandelion": "Efficient DO",
    "original_dandelion": "DO (2022)",
    "random_search": "random",
    "differential_evolution": "DE",
    "cma_es": "CMA-ES",
    "tpe": "TPE",
}


def label(algorithm: str) -> str:
    """The optimizer's name in a table."""
    return LABELS.get(algorithm, algorithm.replace("_", " "))


def markdown(comparison: Comparison) -> str:
    """Ranks, then median errors by function, then where the first optimizer loses."""
    c = comparison
    head = (
        f"{len(c.functions)} shifted and rotated functions, {c.dimensions} dimensions, {c.evaluations} evaluations, "
        f"{c.seeds} seeds. Friedman p = {c.friedman_p:.2g}."
    )
    return "\n\n".join([head, _ranks(c), _errors(c), "\n".join(losses(c))]) + "\n"


def _ranks(c: Comparison) -> str:
    first = label(c.algorithms[0])
    lines = [
        f"| optimizer | mean rank | {first} against it: wins, ties, losses | overall p (Holm) | seconds a run |",
        "|---|---:|---:|---:|---:|",
    ]
    for index in np.argsort(c.mean_ranks, kind="stable").tolist():
        name = c.algorithms[index]
        against, p = "", ""
        if index:
            verdicts = [duel.verdict for duel in c.by_function if duel.rival == name]
            against = ", ".join(str(verdicts.count(v)) for v in ("win", "tie", "loss"))
            p = f"{next(duel.p for duel in c.overall if duel.rival == name):.2g}"
        lines.append(f"| {label(name)} | {c.mean_ranks[index]:.2f} | {against} | {p} | {c.seconds[index]:.2f} |")
    return "\n".join(lines)


def _errors(c: Comparison) -> str:
    """Median (mean) error; the least median of a row in bold, a rival's with its sign where the test sees a difference."""
    verdicts = {(duel.rival, duel.function): duel.verdict for duel in c.by_function}
    signs = {"win": " +", "loss": " -", "tie": " ="}
    lines = ["| function | " + " | ".join(label(a) for a in c.algorithms) + " |"]
    lines.append("|---|" + "---:|" * len(c.algorithms))
    medians, means = np.median(c.errors, axis=2), c.errors.mean(axis=2)
    for f, function in enumerate(c.functions):
        cells = []
        for a, algorithm in enumerate(c.algorithms):
            median = f"{medians[a, f]:.3g}"
            if medians[a, f] == medians[:, f].min():
                median = f"**{median}**"
            cells.append(f"{median} ({means[a, f]:.3g}){signs[verdicts[algorithm, function]] if a else ''}")
        lines.append(f"| {function.replace('_', ' ')} | " + " | ".join(cells) + " |")
    lines.append("")
    lines.append(
        f"Median error (mean error); least median in bold; 0 is at most {SOLVED:g}. +, =, -: {label(c.algorithms[0])} is "
        f"better, not distinguishable, worse (signed-rank over seeds, Holm over the table, level {LEVEL})."
    )
    return "\n".join(lines)


def losses(c: Comparison) -> list[str]:
    """Sentences on where the first optimizer is behind."""
    first = label(c.algorithms[0])
    sure = [d for d in c.by_function if d.verdict == "loss"]
    behind = [d for d in c.by_function if d.better is False and d.verdict == "tie"]
    lines = [f"{first} is in place {c.place(c.algorithms[0])} of {len(c.algorithms)} by mean rank."]
    for kind, duels in (("It loses to", sure), ("It is behind, within chance,", behind)):
        by_rival: dict[str, list[str]] = {}
        for duel in duels:
            by_rival.setdefault(label(duel.rival), []).append(duel.function.replace("_", " "))
        lines += [f"{kind} {rival} on {', '.join(names)}." for rival, names in by_rival.items()]
    if not sure:
        lines.append("It loses nowhere beyond chance.")
    return lines


def figures(comparison: Comparison, title: str) -> Report:
    """The same as figures: mean rank, time and overall p by optimizer, median and mean error by function."""
    c = comparison
    found = [Figure("friedman_p", c.friedman_p, "probability", len(c.functions))]
    for a, name in enumerate(c.algorithms):
        found.append(Figure("mean_rank", float(c.mean_ranks[a]), "rank", len(c.functions), name))
        found.append(Figure("seconds", float(c.seconds[a]), "s", len(c.functions) * c.seeds, name))
        for f, function in enumerate(c.functions):
            errors, of = c.errors[a, f], f"{name} on {function}"
            found.append(Figure("median_error", float(np.median(errors)), "value", c.seeds, of))
            found.append(Figure("mean_error", float(errors.mean()), "value", c.seeds, of, float(errors.std())))
    for duel in (*c.overall, *c.by_function):
        of = f"{duel.rival} on {duel.function}" if duel.function else duel.rival
        found.append(Figure("holm_p", duel.p, "probability", c.seeds if duel.function else len(c.functions), of))
    return Report(title, tuple(found), tuple(losses(c)))
