"""Helplines and emergency numbers, from a data file with a source and a date for each. Floor 1.

``HelplineDirectory.helplines(region)`` gives those of a country first, then the international ones; for a country that is
not in the file, how to find the number there. A configured file adds to the shipped one, and its entries stand first: a
clinic's own line, a local service. Whoever writes one learns every fault of it at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ertedge.config import Section, faults_of, read_toml
from ertedge.errors import ConfigurationError
from ertedge.types import Helpline

DATA = "helplines.toml"
INTERNATIONAL = "international"
DAY = r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"


class _Entry(Section):
    """A helpline as the file has it. Fields as in ``types.Helpline``."""

    region: str = Field(pattern=rf"^([A-Z]{{2}}|{INTERNATIONAL})$", description="ISO 3166-1 code, or international")
    name: str = Field(min_length=1, max_length=100)
    contact: str = Field(min_length=1, max_length=200, description="a number, a short code or an address")
    channel: Literal["phone", "text", "chat", "web"]
    hours: str = Field(min_length=1, max_length=100)
    languages: tuple[str, ...] = Field(description="ISO 639-1")
    source: str = Field(pattern=r"^https?://\S+$", description="where the entry comes from")
    checked: str = Field(pattern=DAY, description="the day on which it was compared with the source, YYYY-MM-DD")
    note: str = Field("", max_length=300)
    emergency: bool = False

    @field_validator("languages", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("languages")
    @classmethod
    def _are_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [code for code in value if not re.fullmatch(r"[a-z]{2}", code)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no language's code; use ISO 639-1, such as en")
        return value

    @model_validator(mode="after")
    def _can_be_reached(self) -> _Entry:
        if self.channel in ("phone", "text") and not re.search(r"\d", self.contact + self.note):
            raise ValueError(f"{self.contact!r} has no number to call or to write to")
        if self.channel in ("chat", "web") and not re.match(r"https?://\S+$", self.contact):
            raise ValueError(f"{self.contact!r} is no address; write https://...")
        return self


class _File(Section):
    """A file of helplines."""

    helpline: tuple[_Entry, ...] = ()

    @field_validator("helpline", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class HelplineDirectory:
    """All helplines, in the order in which a person is to see them."""

    entries: tuple[Helpline, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The countries that have entries, sorted."""
        return tuple(sorted({entry.region for entry in self.entries} - {INTERNATIONAL}))

    def helplines(self, region: str = "") -> tuple[Helpline, ...]:
        """Those of the country ``region`` (ISO 3166-1; upper or lower case), the emergency number first, then the
        international ones. Never empty. For an unknown country, or none, general advice on emergencies leads."""
        own = [entry for entry in self.entries if entry.region == region.upper()]
        everywhere = [
            entry for entry in self.entries if entry.region == INTERNATIONAL and not (own and entry.emergency)
        ]
        return tuple(sorted(own, key=lambda entry: not entry.emergency)) + tuple(
            sorted(everywhere, key=lambda entry: not entry.emergency)
        )

    def emergency(self, region: str = "") -> str:
        """The number of the emergency services in ``region``; empty where none is known."""
        own = (entry for entry in self.entries if entry.region == region.upper() and entry.emergency)
        return next((entry.contact for entry in own), "")


def load_helplines(extra: Path | None = None) -> HelplineDirectory:
    """The shipped helplines, after those of the file ``extra`` if there is one.

    Raises ``ConfigurationError`` with every fault of it.
    """
    text = resources.files("ertedge.recommend").joinpath("data", DATA).read_text("utf-8")
    shipped = _entries(tomllib.loads(text), DATA)
    return HelplineDirectory((*_entries(read_toml(extra), str(extra)), *shipped) if extra else shipped)


def _entries(document: Mapping[str, Any], source: str) -> tuple[Helpline, ...]:
    try:
        entries = _File.model_validate(document).helpline
    except ValidationError as error:
        raise ConfigurationError(faults_of(error, _File), source) from None
    if faults := [*_repeated(entries)]:
        raise ConfigurationError(faults, source)
    return tuple(Helpline(**entry.model_dump()) for entry in entries)


def _repeated(entries: Sequence[_Entry]) -> Sequence[str]:
    seen: dict[tuple[str, str, str], int] = {}
    faults = []
    for index, entry in enumerate(entries):
        first = seen.setdefault((entry.region, entry.contact, entry.channel), index)
        if first != index:
            faults.append(f"helpline.{index}: {entry.region} {entry.contact} stands in helpline.{first} already")
    return faults
