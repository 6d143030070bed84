"""How a table is described for an export: its file, and each column's name, meaning and form. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a column is stored, and so what has to be done to make it readable."""

    VALUE = "value"
    TIME = "time"
    FLAG = "flag"
    FRACTION = "fraction"
    EMOTION = "emotion"
    REASONS = "reasons"
    JSON = "json"
    FLOATS = "floats"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Field:
    """A column: ``name`` is what it is called in the export, ``meaning`` what it says, with its unit."""

    column: str
    meaning: str
    form: Form = Form.VALUE
    name: str = ""

    @property
    def key(self) -> str:
        """What it is called in the export. A moment is called without its unit, since it is written as a date and time."""
        if self.name or self.form is not Form.TIME:
            return self.name or self.column
        return self.column.replace("wall_time_ns", "time")


@dataclass(frozen=True, slots=True)
class Exported:
    """A table as it is exported: the ``file`` it becomes, a ``meaning`` in a sentence, and its fields."""

    table: str
    file: str
    meaning: str
    fields: tuple[Field, ...]
