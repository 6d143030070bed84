"""What is stored of a person, a page at a time, as it is written for them: times as dates, codes as words. Floor 1."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlite_utils import Database

from ertedge.store.data_dictionary import EXPORTED
from ertedge.store.export_form import Exported, Form
from ertedge.store.personal_tables import PERSONAL_TABLES
from ertedge.store.records import ExportPage
from ertedge.store.rows import EMOTION_CODES, PARTS, reasons_of

SECOND_NS = 1_000_000_000
DIGITS = 6

_TABLES = {table.name: table for table in PERSONAL_TABLES}
_EXPORTED = {exported.table: exported for exported in EXPORTED}


def page(database: Database, profile_id: int, table: str, after: int, limit: int) -> ExportPage:
    """At most ``limit`` rows of a person's in ``table``, in the order they were stored, after the ``next_cursor`` of the
    page before; -1: from the first."""
    exported, personal = _EXPORTED[table], _TABLES[table]
    whose = f"{personal.profile_column} = :profile_id" + (f" OR {personal.also_goes}" if personal.also_goes else "")
    rows = database.execute(
        f"SELECT rowid, {', '.join(field.column for field in exported.fields)} FROM {table}"
        f" WHERE ({whose}) AND rowid > :after ORDER BY rowid LIMIT :limit",
        {"profile_id": profile_id, "name": f"profiles/{profile_id}", "after": after, "limit": limit + 1},
    ).fetchall()
    found = tuple(_readable(exported, row[1:]) for row in rows[:limit])
    return ExportPage(found, int(rows[limit - 1][0]) if len(rows) > limit else None)


def time_text(wall_time_ns: int) -> str:
    """A moment in UTC as RFC 3339 writes it, to the nanosecond."""
    seconds, rest_ns = divmod(wall_time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns:09d}Z"


def _readable(exported: Exported, row: tuple[Any, ...]) -> dict[str, Any]:
    return {field.key: _value(field.form, value) for field, value in zip(exported.fields, row, strict=True)}


def _value(form: Form, value: Any) -> Any:
    written = _WRITTEN.get(form)
    return value if value is None or written is None else written(value)


def _parsed(text: str) -> Any:
    """What JSON says, or the text where it is none: an export leaves nothing out because it is damaged."""
    try:
        return json.loads(text)
    except ValueError:
        return text


_WRITTEN: dict[Form, Callable[[Any], Any]] = {
    Form.TIME: lambda value: time_text(value) if value else None,
    Form.FLAG: bool,
    Form.FRACTION: lambda value: round(value / PARTS, DIGITS),
    Form.EMOTION: lambda value: EMOTION_CODES[value].value,
    Form.REASONS: lambda value: [reason.value for reason in reasons_of(value)],
    Form.JSON: _parsed,
    Form.FLOATS: lambda value: [round(float(each), DIGITS) for each in np.frombuffer(value, "<f4")],
    Form.BYTES: lambda value: base64.b64encode(value).decode(),
}
"""How a value of each form is written; VALUE stays as it is."""
