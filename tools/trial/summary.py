"""A trial's result and a power table as the house's reports: a table for a person, figures for a program. Host side only."""

from __future__ import annotations

from collections.abc import Sequence

from tools.evaluation.report import Figure, Grid, Report
from tools.trial.effects import Estimate
from tools.trial.power import PowerAssumptions, PowerRow
from tools.trial.results import TrialResult

MARK = "SIMULATED, no finding: "


def summary(result: TrialResult, written: str) -> Report:
    """The primary result, each way of taking what is missing, and reliable change."""
    mark = MARK if result.data.simulated else ""
    figures: list[Figure] = [
        Figure("randomised", float(result.flow.randomised), "people", result.flow.randomised),
        Figure("asked", float(result.flow.assessed), "people", result.flow.assessed),
    ]
    grids: list[Grid] = []
    for comparison in result.comparisons:
        of = f"{result.data.experimental} against {comparison.control}"
        figures += _estimate("difference", comparison.primary.difference, "points", of)
        figures += _estimate("hedges_g", comparison.g, "standard deviations", of)
        figures += _estimate("hedges_g_plain", comparison.raw_g, "standard deviations", of)
        figures.append(Figure("p", comparison.primary.difference.p, "share", comparison.primary.difference.n, of))
        for variant in comparison.variants[1:]:
            figures += _estimate("difference", variant.difference, "points", f"{of}, {variant.name.lower()}")
        if comparison.tipping is not None and comparison.tipping.point is not None:
            figures.append(
                Figure("tipping_point", comparison.tipping.point, "points", comparison.primary.difference.n, of)
            )
        for change in comparison.changes:
            figures += _estimate("rate_difference", change.difference, "share", f"{of}, {change.name.lower()}")
        rows = [
            (each.name, _text(each.difference), _p(each.difference.p), str(each.difference.n))
            for each in comparison.variants
        ]
        title = f"{mark}{result.scale.title}, {of}: g = {_text(comparison.g, 2)}"
        grids.append(Grid(title, ("", "difference (95% interval)", "p", "n"), tuple(rows)))
    title = f"{mark}{result.data.protocol.title}"
    return Report(title, tuple(figures), (f"the report is {written}",), tuple(grids))


def power_report(rows: Sequence[PowerRow], assumed: PowerAssumptions) -> Report:
    """The power of each size and effect."""
    figures = tuple(
        Figure("power", row.power, "share", row.trials, f"{row.people} people, effect {row.effect:g}", row.error)
        for row in rows
    )
    effects = list(dict.fromkeys(row.effect for row in rows))
    sizes = list(dict.fromkeys(row.people for row in rows))
    by_place = {(row.people, row.effect): row for row in rows}
    cells = tuple(
        (str(size), *(f"{by_place[size, effect].power:.3f} ± {by_place[size, effect].error:.3f}" for effect in effects))
        for size in sizes
    )
    heads = ("people", *(f"g = {effect:g}" for effect in effects))
    notes = (
        f"SIMULATED: {rows[0].trials} trials a cell, baseline and post correlate {assumed.correlation:g}, {assumed.lost:.0%}"
        " are lost; ± is the Monte Carlo standard error. At g = 0 it is the share of false findings, which should be 0.05.",
    )
    return Report("Power of the primary analysis", figures, notes, (Grid("Power, two-sided 5%", heads, cells),))


def _estimate(name: str, estimate: Estimate, unit: str, of: str) -> list[Figure]:
    return [
        Figure(name, estimate.value, unit, estimate.n, of),
        Figure(f"{name}_low", estimate.low, unit, estimate.n, of),
        Figure(f"{name}_high", estimate.high, unit, estimate.n, of),
    ]


def _text(estimate: Estimate, digits: int = 1) -> str:
    return f"{estimate.value:+.{digits}f} ({estimate.low:+.{digits}f} to {estimate.high:+.{digits}f})"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
