"""The files of a study's export: tables as CSV, a data dictionary, and what the study is as JSON. Floor 1; pure.

A device writes CSV and no more, so that it needs no library for Parquet; ``tools.trial`` makes that of it on a host, with
the types that the dictionary says. What each column means stands in ``COLUMNS`` and is written into ``dictionary.csv``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ertedge.types.assessments import Scale
from ertedge.types.study import (
    AllocationCheck,
    CharacteristicKind,
    DueStatus,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolledReason,
    OutcomeScale,
    ParticipantStatus,
    Relatedness,
    Seriousness,
    StudyProtocol,
)
from ertedge.wellbeing.study import deidentify
from ertedge.wellbeing.study.deidentify import Row, StudyData

FORMAT = 1
"""Of the export as a whole; raised when a column changes its meaning or goes."""
TEXT, INTEGER, NUMBER = "text", "integer", "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its type, the values that it may have (empty: any), and what it means."""

    name: str
    type: str
    meaning: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScaleNote:
    """What an analysis must know of an outcome's scale, from the questionnaire's scoring."""

    outcome: OutcomeScale
    scale: Scale


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of the export."""

    name: str
    content: bytes


_PSEUDONYM = Column("pseudonym", TEXT, "keyed hash; the same person has the same in all tables")
COLUMNS: dict[str, tuple[Column, ...]] = {
    "participants": (
        _PSEUDONYM,
        Column("arm", TEXT, "group as allocated, whatever happened since; empty while it may not be read"),
        Column("stratum", TEXT, "stratum of the baseline score"),
        Column("status", TEXT, "how far they came", tuple(ParticipantStatus)),
        Column("days", INTEGER, "days in the study so far, at most its duration"),
        Column("withdraw_day", INTEGER, "day of the study on which they withdrew; empty: they did not"),
    ),
    "outcomes": (
        _PSEUDONYM,
        Column("time_point", TEXT, "time point of the protocol"),
        Column("planned_day", INTEGER, "its day, counted from enrolment"),
        Column("day", INTEGER, "day on which it was completed, negative before enrolment; empty: it was not"),
        Column("questionnaire", TEXT, "questionnaire"),
        Column("scale", TEXT, "scale of the questionnaire"),
        Column("score", INTEGER, "score; empty: missing, or too many items left open"),
        Column("status", TEXT, "how it stands", tuple(DueStatus)),
    ),
    "adherence": (
        _PSEUDONYM,
        Column("offered", INTEGER, "activities offered in the study, those asked for included"),
        Column("unasked", INTEGER, "of these, offered unasked"),
        Column("begun", INTEGER, "begun"),
        Column("completed", INTEGER, "completed"),
        Column("rated", INTEGER, "completed and rated"),
        Column("helped", INTEGER, "rated 4 or 5 of 5"),
        Column("days_active", INTEGER, "days of the study with at least one activity begun"),
        Column("days", INTEGER, "days in the study so far"),
    ),
    "adverse_events": (
        _PSEUDONYM,
        Column("day", INTEGER, "day of the study on which it began"),
        Column("category", TEXT, "what it was about", tuple(EventCategory)),
        Column("seriousness", TEXT, "whether it is serious, and by which criterion of ICH E2A", tuple(Seriousness)),
        Column("severity", TEXT, "how strong", tuple(EventSeverity)),
        Column("relatedness", TEXT, "whether the study caused it, as the investigator judges", tuple(Relatedness)),
        Column("outcome", TEXT, "how it has ended so far", tuple(EventOutcome)),
    ),
    "flow": (
        Column("step", TEXT, "not_enrolled: asked, not randomised; erased: randomised, all data removed since"),
        Column("reason", TEXT, "why they were not enrolled", tuple(NotEnrolledReason)),
        Column("criterion", TEXT, "the criterion of the protocol that spoke against it, if one did"),
        Column("arm", TEXT, "group of those whose data were erased; empty while it may not be read"),
        Column("count", INTEGER, "people"),
    ),
    "slots": (
        Column("stratum", TEXT, "stratum"),
        Column("slot", INTEGER, "place in its sealed sequence, from 0; no person can be told from it"),
        Column("arm", TEXT, "group that was allocated"),
        Column("erased", INTEGER, "1: all data of the participant were removed since", ("0", "1")),
    ),
    "small_cells": (
        Column("columns", TEXT, "columns of participants.csv"),
        Column("values", TEXT, "their values, in the same order"),
        Column("count", TEXT, "fewer people than this have them: they might be known again"),
    ),
}


def export_files(
    data: StudyData, notes: Sequence[ScaleNote], check: AllocationCheck | None, version: str
) -> Iterator[ExportFile]:
    """Every file. ``notes`` are of the outcomes' scales, ``check`` of the opened seal where the study has ended, ``version``
    is ertedge's."""
    protocol = data.study.protocol
    people = deidentify.participant_rows(data)
    tables = {
        "participants": people,
        "outcomes": deidentify.outcome_rows(data),
        "adherence": deidentify.adherence_rows(data),
        "adverse_events": deidentify.event_rows(data),
        "flow": deidentify.flow_rows(data),
        "slots": deidentify.slot_rows(data),
        "small_cells": deidentify.small_cell_rows(people, protocol),
    }
    for name, rows in tables.items():
        yield ExportFile(f"{name}.csv", _csv([column.name for column in columns_of(name, protocol)], rows))
    yield ExportFile("dictionary.csv", _csv(["table", "column", "type", "values", "meaning"], _dictionary(protocol)))
    yield ExportFile("protocol.toml", data.study.protocol_text.encode())
    yield ExportFile("study.json", _study_json(data, notes, check, version))


def columns_of(table: str, protocol: StudyProtocol) -> tuple[Column, ...]:
    """The columns of a table; those of the participants end with the protocol's characteristics."""
    if table != "participants":
        return COLUMNS[table]
    own = tuple(
        Column(
            each.characteristic_id,
            NUMBER if each.kind is CharacteristicKind.NUMBER else TEXT,
            f"{each.title}, asked at enrolment"
            + (f"; rounded down to a multiple of {each.round_to:g}" if each.kind is CharacteristicKind.NUMBER else ""),
            each.choices,
        )
        for each in protocol.characteristics
    )
    return (*COLUMNS[table], *own)


def _dictionary(protocol: StudyProtocol) -> list[Row]:
    return [
        {
            "table": table,
            "column": column.name,
            "type": column.type,
            "values": " | ".join(column.values),
            "meaning": column.meaning,
        }
        for table in COLUMNS
        for column in columns_of(table, protocol)
    ]


def _csv(names: Sequence[str], rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _study_json(data: StudyData, notes: Sequence[ScaleNote], check: AllocationCheck | None, version: str) -> bytes:
    protocol = data.study.protocol
    found = {
        "format": FORMAT,
        "ertedge": version,
        "study": data.study.study_id,
        "title": protocol.title,
        "protocol_version": protocol.version,
        "protocol_digest": protocol.digest,
        "simulated": data.study.synthetic,
        "ended": not data.study.is_open,
        "arms_shown": data.reveals_arms,
        "commitment": data.study.commitment,
        "seal": None if check is None else {"seed": check.seed, "nonce": check.nonce, "faults": list(check.faults)},
        "scales": [_scale_object(note) for note in notes],
    }
    return json.dumps(found, indent=1).encode() + b"\n"


def _scale_object(note: ScaleNote) -> dict[str, object]:
    scale, change = note.scale, note.scale.change
    return {
        "questionnaire": note.outcome.questionnaire_id,
        "scale": note.outcome.scale_id,
        "title": scale.title,
        "most": scale.most,
        "higher_is_better": scale.higher_is_better,
        "bands": [{"title": band.title, "low": band.low, "high": band.high} for band in scale.bands],
        "reliable_change": None
        if change is None
        else {"points": change.points, "strictly_more": change.sd is not None, "source": change.source},
    }
