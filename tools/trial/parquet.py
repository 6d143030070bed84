"""Exports of one or many devices put together, as CSV and as Parquet. Host side only: a device writes CSV alone.

The types are those of the data dictionary; its meanings go along as the columns' metadata.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ertedge.errors import ConfigurationError
from ertedge.wellbeing.study.deidentify import small_cell_rows
from ertedge.wellbeing.study.export import INTEGER, NUMBER, Column, columns_of
from tools.trial.dataset import PROTOCOL_FILE, STUDY_FILE, TABLES, TrialData, Value

SMALL_CELLS = "small_cells"
_TYPES = {INTEGER: pa.int64(), NUMBER: pa.float64()}


def write_export(data: TrialData, out: Path) -> list[Path]:
    """Every table as ``NAME.csv`` and ``NAME.parquet``, with the dictionary, the protocol and what the study is. Raises
    ``ConfigurationError`` where it cannot be written."""
    written: list[Path] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        # What is rare on one device need not be so among all, and the other way round.
        rare = [dict(row) for row in small_cell_rows(data.tables["participants"], data.protocol)]
        for name, rows in {**data.tables, SMALL_CELLS: rare}.items():
            columns = columns_of(name, data.protocol)
            written += [_csv(out / f"{name}.csv", columns, rows)]
            written += [_parquet(out / f"{name}.parquet", columns, rows, simulated=data.simulated)]
        written.append(_dictionary(out / "dictionary.csv", data))
        (out / PROTOCOL_FILE).write_text(data.protocol_text, encoding="utf-8")
        (out / STUDY_FILE).write_text(json.dumps(data.about, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(out)) from None
    return [*written, out / PROTOCOL_FILE, out / STUDY_FILE]


def _csv(path: Path, columns: Sequence[Column], rows: Sequence[dict[str, Value]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows({column.name: _plain(column, row[column.name]) for column in columns} for row in rows)
    return path


def _parquet(path: Path, columns: Sequence[Column], rows: Sequence[dict[str, Value]], *, simulated: bool) -> Path:
    fields = [
        pa.field(column.name, _TYPES.get(column.type, pa.string()), metadata={"meaning": column.meaning})
        for column in columns
    ]
    schema = pa.schema(fields, metadata={"simulated": "true" if simulated else "false"})
    arrays = [
        pa.array([_plain(column, row[column.name]) for row in rows], type=field.type)
        for column, field in zip(columns, fields, strict=True)
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
    return path


def _dictionary(path: Path, data: TrialData) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "column", "type", "values", "meaning"])
        for name in (*TABLES, SMALL_CELLS):
            for column in columns_of(name, data.protocol):
                writer.writerow([name, column.name, column.type, " | ".join(column.values), column.meaning])
    return path


def _plain(column: Column, value: Value) -> Value:
    """A whole number as one, where the column has such."""
    return int(value) if column.type == INTEGER and isinstance(value, float) else value
