"""The recommender against every baseline, on simulated people or on a public table: ``python -m tools.evaluate
recommender``.

Host side only. Without ``--interactions``: each row decides for the same simulated people of three cohorts
(``recommender_cohorts.py``), the device's recommender through its exported file, its posterior and its exploration. Finished
parts are kept in ``--out`` and not made again. With ``--interactions FILE``: rankers on a table of who liked what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from tools.data.interactions import load_interactions
from tools.evaluation.card_tables import write_tables
from tools.evaluation.evidence import TableEvidence
from tools.evaluation.interactions import RANKERS, evaluate_interactions
from tools.evaluation.ranking import bootstrap
from tools.evaluation.recommender_cohorts import COHORTS
from tools.evaluation.recommender_figures import Judged, figures_of, grids_of, with_ends
from tools.evaluation.recommender_work import FOLDERS, ORACLE, OURS, ROWS, Work
from tools.evaluation.report import Figure, Grid, Report

COHORTS_NAME = "cohorts"
COLUMNS = "user,item,rating,timestamp"


def evaluate(
    *,
    root: Annotated[Path | None, typer.Option(help="The folder of the table that --dataset names.")] = None,
    models: Annotated[Path | None, typer.Option(help="The folder of the model that ships.")] = None,
    model: Annotated[str, typer.Option(help="The entry of the manifest: recommender.")] = "recommender",
    dataset: Annotated[
        str, typer.Option(help="cohorts: simulated people. Any other: the table of that name under --root.")
    ] = COHORTS_NAME,
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
    """Compare the recommender with its baselines.

    With --json one line a figure, and last one object that holds the tables: task, dataset, model, protocol, rows.
    """
    manifest = load_manifest(models or default_models_dir())
    entry = manifest.entry(model)
    if entry.name != "recommender":
        raise ConfigurationError([f"--model {model} is no recommender; leave it out"])
    about = f"{entry.name} {entry.version}"
    if dataset != COHORTS_NAME and interactions is None:
        interactions = _table_named(dataset, root)
    if interactions is not None:
        table = load_interactions(interactions, columns.split(","), sep).liked(threshold)
        asked = _asked(rows, tuple(RANKERS))
        report = evaluate_interactions(table, asked, seeds, source=interactions.name)
        protocol = f"rankers on the table {interactions.name}, liked from {threshold:g}; {seeds} seeds"
        report = replace(report, evidence=TableEvidence("recommender", interactions.stem, about, protocol))
        return _kept_in(card, "outside", report)
    work = Work(
        models=models or default_models_dir(),
        variants=variants,
        out=out,
        rows=rows_with_files(rows, variants),
        cohorts=tuple(c for c in COHORTS if c.name in _asked(cohorts, [one.name for one in COHORTS], "cohort")),
        people=people,
        weeks=weeks,
        seeds=seeds,
        train_people=train_people,
    )
    protocol = f"{people} simulated people a cohort and seed, {seeds} seeds, {weeks} weeks; a row a chooser and table"
    report = replace(compare(work), evidence=TableEvidence("recommender", COHORTS_NAME, about, protocol))
    return _kept_in(card, "cohorts", report)


def _table_named(dataset: str, root: Path | None) -> Path:
    """The file of a public table: ``root/dataset``, with any ending. Raises ConfigurationError."""
    found = [] if root is None else sorted(path for path in root.glob(f"{dataset}*") if path.is_file())
    if not found:
        raise ConfigurationError([f"no table {dataset} under {root}; give --root DIR, or --interactions FILE"])
    return found[0]


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


def rows_with_files(rows: str, variants: Path | None) -> tuple[str, ...]:
    """The rows asked for; where none is, all whose files there are."""
    asked = _asked(rows, ROWS)
    missing = [name for name in asked if name in FOLDERS and not (variants and (variants / FOLDERS[name]).is_dir())]
    if rows and missing:
        folders = ", ".join(FOLDERS[name] for name in missing)
        raise ConfigurationError([f"{', '.join(missing)}: give --variants RUN/variants with {folders} in it"])
    return tuple(name for name in asked if name not in missing)


def compare(work: Work) -> Report:
    """Every row in every cohort."""
    figures: list[Figure] = []
    grids: list[Grid] = []
    notes = [
        f"{work.people} simulated people a cohort and seed, {work.seeds} seeds, {work.weeks} weeks. Brackets are 95% "
        "intervals over users; 'behind ours' is paired. An activity that is not done gains 0.",
    ]
    for cohort in work.cohorts:
        oracle = work.runs(ORACLE, cohort)
        judged = {
            row: Judged(row, cohort.name, work.runs(row, cohort), work.readings(row, cohort), oracle)
            for row in work.rows
        }
        own = [figure for row in work.rows for figure in figures_of(judged[row], judged.get(OURS))]
        best = bootstrap(np.concatenate([one.gain_of_people for one in oracle]))
        own += with_ends("gain", best, "helpfulness", f"{ORACLE}, {cohort.name}")
        by_name = {(figure.name, figure.of): figure for figure in own}
        grids += grids_of(cohort.name, (*work.rows, ORACLE), by_name, work.weeks)
        notes.append(_verdict(cohort.name, work.rows, by_name))
        figures += own
    return Report("Recommender", tuple(figures), tuple(notes), tuple(grids))


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
    return f"{text} Ours less the best baseline, {best}: {difference}, paired; the intervals of the two {overlap}."
