"""The recommender against every baseline, on simulated people or on a public table: ``python -m tools.evaluate
recommender``.

Host side only. Without ``--interactions``: each row decides for the same simulated people of three cohorts
(``recommender_cohorts.py``), the device's recommender through its exported file, its posterior and its exploration. Finished
parts are kept in ``--out`` and not made again. With ``--interactions FILE``: rankers on a table of who liked what.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer

from ertedge import recommend
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.recommend.catalogue import load_catalogue
from ertedge.types import Activity
from tools.baselines.rows import GRIDS, Material, build, load_tuned
from tools.cohort.records import Chooser, load_logs, save_logs
from tools.cohort.training import training_logs
from tools.data.interactions import load_interactions
from tools.evaluation.card_tables import write_tables
from tools.evaluation.interactions import RANKERS, evaluate_interactions
from tools.evaluation.ranking import bootstrap
from tools.evaluation.recommender_cohorts import (
    COHORTS,
    Cohort,
    Oracle,
    Reading,
    Run,
    Script,
    load_reading,
    load_run,
    read,
    run,
    save,
    write_script,
)
from tools.evaluation.recommender_figures import Judged, figures_of, grids_of, with_ends
from tools.evaluation.report import Figure, Grid, Report

OURS = "ertedge"
ABLATIONS = ("ertedge, no attention", "ertedge, no ED tuning", "ertedge, no posterior")
ROWS = (*GRIDS, *ABLATIONS, OURS)
ORACLE = "oracle"
COLUMNS = "user,item,rating,timestamp"
TRAIN_LOG = "train.npz"
Part = TypeVar("Part", Run, Reading)
READING_SHARE = 0.4
"""A reading needs fewer people than a run, since everybody reads the same."""


def evaluate(
    *,
    models: Annotated[Path | None, typer.Option(help="The folder of the model that ships.")] = None,
    variants: Annotated[
        Path | None, typer.Option(help="RUN/variants with the ablations; else they are left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep finished parts here and go on from them.")] = None,
    rows: Annotated[str, typer.Option(help=f"Rows, with commas: {', '.join(ROWS)}.")] = "",
    cohorts: Annotated[str, typer.Option(help=f"Cohorts, with commas: {', '.join(c.name for c in COHORTS)}.")] = "",
    people: Annotated[int, typer.Option(min=2, help="Simulated people of a cohort and seed.")] = 100,
    weeks: Annotated[int, typer.Option(min=1)] = 8,
    seeds: Annotated[int, typer.Option(min=1)] = 3,
    train_people: Annotated[int, typer.Option(min=6, help="People in the log that baselines learn from.")] = 900,
    card: Annotated[
        Path | None, typer.Option(help="Put the tables into this evidence card, between its marks.")
    ] = None,
    interactions: Annotated[
        Path | None, typer.Option(help="A table of who liked what; nobody is simulated then.")
    ] = None,
    columns: Annotated[str, typer.Option(help="Its columns in order; other names are skipped.")] = COLUMNS,
    sep: Annotated[str, typer.Option(help="What stands between two columns.")] = ",",
    threshold: Annotated[float, typer.Option(help="The least rating of an item that is liked.")] = 4.0,
) -> Report:
    """Compare the recommender with its baselines."""
    if interactions is not None:
        table = load_interactions(interactions, columns.split(","), sep).liked(threshold)
        asked = _asked(rows, tuple(RANKERS))
        report = evaluate_interactions(table, asked, seeds, source=interactions.name)
        return _kept_in(card, "outside", report)
    work = Work(
        models=models or default_models_dir(),
        variants=variants,
        out=out,
        rows=_rows(rows, variants),
        cohorts=tuple(c for c in COHORTS if c.name in _asked(cohorts, [one.name for one in COHORTS], "cohort")),
        people=people,
        weeks=weeks,
        seeds=seeds,
        train_people=train_people,
    )
    return _kept_in(card, "cohorts", compare(work))


def _kept_in(card: Path | None, name: str, report: Report) -> Report:
    if card is not None:
        write_tables(card, name, report)
    return report


def _asked(rows: str, known: Sequence[str], what: str = "row") -> tuple[str, ...]:
    # A row's own name may have a comma in it, so names are looked for rather than split.
    if not rows:
        return tuple(known)
    found, rest = [], rows
    for name in sorted(known, key=len, reverse=True):
        if name in [part.strip() for part in rest.split(",")] or ("," in name and name in rest):
            found.append(name)
            rest = rest.replace(name, "", 1)
    if left := [part.strip() for part in rest.split(",") if part.strip()]:
        raise ConfigurationError([f"{name!r} is no {what}; choose from {', '.join(known)}" for name in left])
    return tuple(name for name in known if name in found)


def _rows(rows: str, variants: Path | None) -> tuple[str, ...]:
    asked = _asked(rows, ROWS)
    needing = [name for name in asked if name in ABLATIONS[:2]]
    if variants is None and needing:
        if rows:
            raise ConfigurationError([f"{', '.join(needing)}: give --variants RUN/variants"])
        asked = tuple(name for name in asked if name not in needing)
    return asked


@dataclass(frozen=True)
class Work:
    """What is to be compared, and where finished parts are."""

    models: Path
    variants: Path | None
    out: Path | None
    rows: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    people: int
    weeks: int
    seeds: int
    train_people: int

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """The catalogue that ships."""
        return load_catalogue().activities()

    @cached_property
    def material(self) -> Material:
        """The training log, simulated once."""
        path = None if self.out is None else self.out / TRAIN_LOG
        if path is not None and path.is_file():
            return Material(load_logs(path), self.activities)
        print(f"simulating {self.train_people} people for the training log", file=sys.stderr)
        logs = training_logs(self.train_people, self.weeks, 1, self.activities)
        if path is not None:
            save_logs(path, logs)
        return Material(logs, self.activities)

    @cached_property
    def _scripts(self) -> dict[tuple[str, int], Script]:
        return {}

    @cached_property
    def _choosers(self) -> dict[str, Chooser]:
        return {}

    def script(self, cohort: Cohort, seed: int) -> Script:
        """What choosers read in a cohort, made once."""
        key = (cohort.name, seed)
        if key not in self._scripts:
            people = max(2, round(self.people * READING_SHARE))
            self._scripts[key] = write_script(cohort, people, self.weeks, seed, self.activities)
        return self._scripts[key]

    def chooser(self, row: str) -> Chooser:
        """The chooser of a row, made once. Raises what its making raises."""
        if row not in self._choosers:
            self._choosers[row] = self._make(row)
        return self._choosers[row]

    def _make(self, row: str) -> Chooser:
        if row == ORACLE:
            return Oracle()
        if row in GRIDS:
            return build(row, self.material, self.tuned[row])
        from tools.recommender_chooser import RecommenderChooser

        return RecommenderChooser(row, self._folder(row), self.activities, posterior=row != ABLATIONS[2])

    @cached_property
    def tuned(self) -> dict[str, dict[str, float]]:
        """What validation people chose for the baselines."""
        return load_tuned()

    def _folder(self, row: str) -> Path:
        """Where the exported file of one of our rows is."""
        from tools.recommender_chooser import NO_ATTENTION, UNTUNED

        if self.variants is None or row not in ABLATIONS[:2]:
            return self.models
        return self.variants / (NO_ATTENTION if row == ABLATIONS[0] else UNTUNED)

    def part(self, kind: str, row: str, cohort: Cohort, seed: int) -> Path | None:
        """The file of a finished run or reading, or None where nothing is kept. Its name changes with whatever it rests on:
        the catalogue, the choices of a baseline and the size of its log, a model's file and the device's code around it."""
        if self.out is None:
            return None
        made_from = self._made_from(row) + "".join(activity.digest for activity in self.activities)
        mark = hashlib.sha256(made_from.encode()).hexdigest()[:8]
        name = f"{row}-{cohort.name}-{self.people}-{self.weeks}-{seed}-{mark}".replace(" ", "_").replace(",", "")
        return self.out / kind / f"{name}.npz"

    def _made_from(self, row: str) -> str:
        if row == ORACLE:
            return ""
        if row in GRIDS:
            return f"{sorted(self.tuned[row].items())} {self.train_people}"
        sources = sorted(Path(recommend.__file__).parent.glob("*.py"))
        code = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
        return load_manifest(self._folder(row)).entry("recommender").sha256 + code


def compare(work: Work) -> Report:
    """Every row in every cohort."""
    figures: list[Figure] = []
    grids: list[Grid] = []
    notes = [
        f"{work.people} simulated people a cohort and seed, {work.seeds} seeds, {work.weeks} weeks. Brackets are 95% "
        "intervals over users; 'behind ours' is paired. An activity that is not done gains 0.",
    ]
    for cohort in work.cohorts:
        judged = {row: _judge(work, row, cohort) for row in work.rows}
        own = [figure for row in work.rows for figure in figures_of(judged[row], judged.get(OURS))]
        oracle = _runs(work, ORACLE, cohort)
        best = bootstrap(np.concatenate([one.gain_of_people for one in oracle]))
        own += with_ends("gain", best, "helpfulness", f"{ORACLE}, {cohort.name}")
        by_name = {(figure.name, figure.of): figure for figure in own}
        grids += grids_of(cohort.name, (*work.rows, ORACLE), by_name, work.weeks)
        notes.append(_verdict(cohort.name, work.rows, by_name))
        figures += own
    return Report("Recommender", tuple(figures), tuple(notes), tuple(grids))


def _runs(work: Work, row: str, cohort: Cohort) -> list[Run]:
    return [
        _kept(
            work.part("runs", row, cohort, seed),
            load_run,
            partial(_run, work, row, cohort, seed),
            f"{row} decides for {cohort.name}, seed {seed}",
        )
        for seed in range(work.seeds)
    ]


def _judge(work: Work, row: str, cohort: Cohort) -> Judged:
    readings = [
        _kept(
            work.part("readings", row, cohort, seed),
            load_reading,
            partial(_read, work, row, cohort, seed),
            f"{row} reads {cohort.name}, seed {seed}",
        )
        for seed in range(work.seeds)
    ]
    return Judged(row, cohort.name, _runs(work, row, cohort), readings, _runs(work, ORACLE, cohort))


def _run(work: Work, row: str, cohort: Cohort, seed: int) -> Run:
    chooser = work.chooser(row)
    return run(chooser, cohort, people=work.people, weeks=work.weeks, seed=seed, activities=work.activities)


def _read(work: Work, row: str, cohort: Cohort, seed: int) -> Reading:
    return read(work.chooser(row), work.script(cohort, seed), work.activities, seed)


def _kept(path: Path | None, load: Callable[[Path], Part], make: Callable[[], Part], what: str) -> Part:
    """A finished part from its file, or made and kept."""
    if path is not None and path.is_file():
        return load(path)
    print(what, file=sys.stderr, flush=True)
    part = make()
    if path is not None:
        save(path, part)
    return part


def _verdict(cohort: str, rows: Sequence[str], figures: dict[tuple[str, str], Figure]) -> str:
    """Who is first, and whether intervals tell."""
    gain = {row: figures["gain", f"{row}, {cohort}"].value for row in rows}
    order = sorted(gain, key=lambda row: -gain[row])
    text = f"{cohort}: {order[0]} is first with {gain[order[0]]:.2f}."
    peers = [row for row in order if not row.startswith(OURS)]
    if OURS not in gain or not peers:
        return text
    best = peers[0]
    apart = max(
        figures["gain_low", f"{OURS}, {cohort}"].value - figures["gain_high", f"{best}, {cohort}"].value,
        figures["gain_low", f"{best}, {cohort}"].value - figures["gain_high", f"{OURS}, {cohort}"].value,
    )
    ends = (figures[f"behind_ours{end}", f"{best}, {cohort}"].value for end in ("", "_low", "_high"))
    difference = "{:.2f} [{:.2f}, {:.2f}]".format(*ends)
    overlap = "do not overlap" if apart > 0 else "overlap"
    return f"{text} The best baseline is {best}; ours is ahead of it by {difference} (paired); the two intervals {overlap}."
