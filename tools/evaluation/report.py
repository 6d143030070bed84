"""What an evaluation found, and how it is printed: a rich table for a person, one JSON object a line for a program.

Host side only. Every figure carries how many samples it rests on, since a figure without its n cannot be compared.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


SHORT_LABEL = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    ``name`` is snake_case and unique together with ``of`` (the split, fold, class or condition it was measured on).
    ``unit`` is ``share`` for anything in [0, 1], else the unit itself (``ms``, ``bytes``, ``nats``). ``n`` is the
    number of samples. ``spread`` is the standard deviation over folds or seeds, None where there is only one.
    """

    name: str
    value: float
    unit: str
    n: int
    of: str = ""
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table for a person to read, where a list of figures would be too long: one row a thing compared."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation. ``notes`` are sentences that a reader needs beside them (protocol, what was
    left out). Where there are ``grids``, a person is shown those, and a program gets their rows after the figures. Where
    there are ``records``, dataclasses of scalars, a program gets them instead, one JSON object a line, before the figures.
    ``evidence`` is a record with the keys that a program looks for; see ``json_lines``.
    """

    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    records: tuple[DataclassInstance, ...] = ()
    evidence: DataclassInstance | None = None

    def value(self, name: str, of: str = "") -> float:
        """The value of the figure with this name and condition. Raises ``KeyError`` when there is none."""
        for figure in self.figures:
            if figure.name == name and figure.of == of:
                return figure.value
        raise KeyError(f"{self.title} has no figure {name!r} of {of!r}")


def json_lines(report: Report) -> str:
    """One JSON object a line for each figure. A value that is not finite becomes null, since JSON has no NaN.

    Where there are records, they come first. Where there are only grids, one more line holds all their rows:
    ``{"rows": [{"table": TITLE, COLUMN: CELL, ...}, ...]}``.

    Where there is evidence, its object comes last and holds everything: of a table, its ``rows``, after the lines just said;
    of anything else it is the only line, with the ``figures`` and ``notes`` in it.
    """
    rows = [
        {"table": grid.title, **dict(zip(grid.columns, row, strict=True))} for grid in report.grids for row in grid.rows
    ]
    evidence = {} if report.evidence is None else asdict(report.evidence)
    if evidence and not (report.records or report.grids):
        whole = {**evidence, "figures": [asdict(figure) for figure in report.figures], "notes": report.notes}
        return json.dumps(_finite(whole), ensure_ascii=False)
    lines = [json.dumps(_finite(asdict(record))) for record in (*report.records, *report.figures)]
    if report.grids and not report.records:
        lines.append(json.dumps({**_finite(evidence), "rows": rows}, ensure_ascii=False))
    elif evidence:
        lines.append(json.dumps(_finite(evidence), ensure_ascii=False))
    return "\n".join(lines)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_report(report: Report, *, as_json: bool) -> None:
    """On standard output: one JSON object a line, or the table."""
    if as_json:
        print(json_lines(report), flush=True)
    else:
        print_table(report, Console())


def print_table(report: Report, console: Console) -> None:
    """Print the evidence, then the grids, or else the figures, as tables with the notes below them."""
    if report.evidence is not None and not (report.grids or report.records):
        for shown in _evidence_tables(report):
            console.print(shown)
    for grid in report.grids:
        shown = Table(title=escape(grid.title), title_justify="left")
        for i, column in enumerate(grid.columns):
            shown.add_column(escape(column), justify="right" if i else "left")
        for row in grid.rows:
            shown.add_row(*(escape(cell) for cell in row))
        console.print(shown)
    if report.figures and not report.grids:
        console.print(_figure_table(report))
    for note in report.notes:
        console.print(escape(note))


def _evidence_tables(report: Report) -> list[Table]:
    """The record, a key a line, and the confusion matrix where it has one."""
    evidence = {} if report.evidence is None else asdict(report.evidence)
    confusion, labels = evidence.pop("confusion", ()), evidence.pop("labels", ())
    listed = Table(title=escape(report.title), title_justify="left")
    listed.add_column("evidence")
    listed.add_column("value")
    for key, value in evidence.items():
        listed.add_row(key, escape(_shown(key, value)))
    if not confusion:
        return [listed]
    # Whole names of eight classes are wider than a terminal.
    matrix = Table(
        "true \\ read as", *(escape(label[:SHORT_LABEL]) for label in labels), title="confusion", title_justify="left"
    )
    for label, row in zip(labels, confusion, strict=True):
        matrix.add_row(escape(label), *(str(count) for count in row))
    return [listed, matrix]


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "none: no float twin was at hand" if key == "int8_minus_float" else "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown('', each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_shown('', each) for each in value)}]"
    return str(value)


def _figure_table(report: Report) -> Table:
    table = Table(title=escape(report.title), title_justify="left")
    table.add_column("figure")
    table.add_column("of")
    table.add_column("value", justify="right")
    table.add_column("spread", justify="right")
    table.add_column("unit")
    table.add_column("n", justify="right")
    for figure in report.figures:
        spread = "" if figure.spread is None else f"± {figure.spread:.4g}"
        table.add_row(
            escape(figure.name), escape(figure.of), f"{figure.value:.4g}", spread, escape(figure.unit), str(figure.n)
        )
    return table
