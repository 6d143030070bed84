"""From runs and readings to figures with their intervals, and to the tables that a person reads. Host side only.

Users are pooled over seeds, and every interval is the middle 95% of a bootstrap over users; the spread is the standard
deviation over seeds. Differences are paired: the same user, on the same days, with the same chance, under two choosers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.evaluation.ranking import Interval, bootstrap
from tools.evaluation.recommender_cohorts import ASKED_AFTER, Reading, Run
from tools.evaluation.report import Figure, Grid

Array = NDArray[np.float64]

CURVE = ((1, 5), (6, 10), (11, 20), (21, 50), (51, 100))
"""Decisions by their number, from 1: the cold-start curve."""
FORECAST_BINS = 10
INTERVAL_WIDTH = 1.96


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of one cohort: a run and a reading for each seed, and the oracle's run of the same seeds."""

    row: str
    cohort: str
    runs: Sequence[Run]
    readings: Sequence[Reading]
    oracle: Sequence[Run]

    @property
    def gains(self) -> Array:
        """(users of all seeds,) helpfulness gained."""
        return np.concatenate([run.gain_of_people for run in self.runs])

    @property
    def regrets(self) -> Array:
        """(users,) what the oracle gained more."""
        return np.concatenate([run.gain_of_people for run in self.oracle]) - self.gains


def figures_of(judged: Judged, ours: Judged | None) -> tuple[Figure, ...]:
    """All figures of a row in a cohort."""
    of = f"{judged.row}, {judged.cohort}"
    by_seed = [float(run.gain_of_people.mean()) for run in judged.runs]
    spread = float(np.std(by_seed, ddof=1)) if len(by_seed) > 1 else None
    found = with_ends("gain", bootstrap(judged.gains), "helpfulness", of, spread)
    found += with_ends("regret", bootstrap(judged.regrets), "helpfulness", of)
    if ours is not None and ours.row != judged.row:
        found += with_ends("behind_ours", bootstrap(ours.gains - judged.gains), "helpfulness", of)
    for low, high in CURVE:
        found += with_ends(
            f"gain_of_decisions_{low}_to_{high}", _gain_between(judged.runs, low, high), "helpfulness", of
        )
    found += [
        Figure("coverage", _coverage(judged.runs), "share", int(judged.runs[0].activities[0]), of),
        Figure("activities_a_user", _activities_a_user(judged.runs), "activities", len(judged.gains), of),
        Figure(
            "done", float(np.concatenate([run.done for run in judged.runs]).mean()), "share", _decisions(judged), of
        ),
    ]
    return tuple(found + _reading_figures(judged, of))


def with_ends(name: str, interval: Interval, unit: str, of: str, spread: float | None = None) -> list[Figure]:
    """A mean and the two ends of its interval."""
    return [
        Figure(name, interval.mean, unit, interval.n, of, spread),
        Figure(f"{name}_low", interval.low, unit, interval.n, of),
        Figure(f"{name}_high", interval.high, unit, interval.n, of),
    ]


def _decisions(judged: Judged) -> int:
    return sum(len(run.person) for run in judged.runs)


def _gain_between(runs: Sequence[Run], low: int, high: int) -> Interval:
    """Mean gain a decision of those with a number from ``low`` to ``high``, of each user."""
    users: list[Array] = []
    for run in runs:
        chosen = (run.number >= low - 1) & (run.number < high)
        people = int(run.people[0])
        count = np.bincount(run.person[chosen], minlength=people)
        total = np.bincount(run.person[chosen], weights=run.gain[chosen], minlength=people)
        users.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    values = np.concatenate(users)
    if not np.isfinite(values).any():
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return bootstrap(values)


def _coverage(runs: Sequence[Run]) -> float:
    """The share of the catalogue that was offered to anybody, in the mean of the seeds."""
    return float(np.mean([len(np.unique(run.activity)) / int(run.activities[0]) for run in runs]))


def _activities_a_user(runs: Sequence[Run]) -> float:
    counts: list[float] = []
    for run in runs:
        pairs = np.unique(np.stack([run.person, run.activity], axis=1), axis=0)
        counts += np.bincount(pairs[:, 0], minlength=int(run.people[0])).tolist()
    return float(np.mean(counts))


def _reading_figures(judged: Judged, of: str) -> list[Figure]:
    found: list[Figure] = []
    for name in ("recall_5", "recall_10", "ndcg_5", "ndcg_10"):
        values = np.concatenate([_by_person(reading, getattr(reading, name)) for reading in judged.readings])
        found += with_ends(name.replace("_", "_at_"), bootstrap(values), "share", of)
    for after in ASKED_AFTER:
        values = np.concatenate([reading.ndcg_10[reading.after == after] for reading in judged.readings])
        if np.isfinite(values).any():
            figure = bootstrap(values)
            found.append(Figure(f"ndcg_at_10_after_{after}", figure.mean, "share", figure.n, of))
    expected, sd, true = (np.concatenate([getattr(r, n) for r in judged.readings]) for n in ("expected", "sd", "true"))
    if len(expected):
        found.append(
            Figure("forecast_calibration_error", calibration_error(expected, true), "helpfulness", len(true), of)
        )
        found.append(
            Figure("forecast_rmse", float(np.sqrt(np.mean((expected - true) ** 2))), "helpfulness", len(true), of)
        )
        if (sd > 0).any():
            inside = np.abs(true - expected) <= INTERVAL_WIDTH * sd
            found.append(Figure("forecast_interval_coverage", float(inside.mean()), "share", len(true), of))
    return found


def _by_person(reading: Reading, values: Array) -> Array:
    """The mean over a person's questions, so that the bootstrap draws people."""
    return np.array([_mean(values[reading.person == person]) for person in np.unique(reading.person)])


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def calibration_error(expected: Array, true: Array, bins: int = FORECAST_BINS) -> float:
    """Mean distance of the expected from the true helpfulness over bins of equal size by the expected one: the ECE of a
    regression."""
    order = np.argsort(expected, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(expected[part].mean() - true[part].mean())) * len(part) for part in parts]
    return float(sum(gaps) / len(expected))


GRID_COLUMNS = ("", "gain in 8 weeks", "behind ours", "regret", "1-5", "6-10", "11-20", "21-50", "51-100")
READING_COLUMNS = ("", "recall@5", "recall@10", "nDCG@5", "nDCG@10", "coverage", "calibration", "RMSE", "95% holds")


def grids_of(
    cohort: str, rows: Sequence[str], figures: Mapping[tuple[str, str], Figure], weeks: int
) -> tuple[Grid, Grid]:
    """The two tables of a cohort: gains, and rankings with forecasts."""

    def cell(row: str, name: str, digits: int) -> str:
        figure = figures.get((name, f"{row}, {cohort}"))
        return "" if figure is None or not np.isfinite(figure.value) else f"{figure.value:.{digits}f}"

    def bracketed(row: str, name: str, digits: int) -> str:
        value = cell(row, name, digits)
        return value and f"{value} [{cell(row, f'{name}_low', digits)}, {cell(row, f'{name}_high', digits)}]"

    columns = (GRID_COLUMNS[0], f"gain in {weeks} weeks", *GRID_COLUMNS[2:])
    gains = tuple(
        (
            row,
            bracketed(row, "gain", 2),
            bracketed(row, "behind_ours", 2),
            cell(row, "regret", 2),
            *(cell(row, f"gain_of_decisions_{low}_to_{high}", 3) for low, high in CURVE),
        )
        for row in rows
    )
    names = ("recall_at_5", "recall_at_10", "ndcg_at_5", "ndcg_at_10", "coverage")
    forecasts = ("forecast_calibration_error", "forecast_rmse", "forecast_interval_coverage")
    rankings = tuple((row, *(cell(row, name, 3) for name in (*names, *forecasts))) for row in rows)
    return (
        Grid(f"{cohort}: helpfulness gained a user; a decision by its number", columns, gains),
        Grid(f"{cohort}: what truly helps this person most, found; helpfulness forecast", READING_COLUMNS, rankings),
    )
