"""The queries on studies, who takes part, and adverse events. Floor 1.

``studies``, ``study_slots`` and ``study_not_enrolled`` name no person: a used slot outlives its participant, so that
nobody else is given it and the count of the randomised stays true. What is about somebody stands in
``study_participants`` and ``study_events``, which go with their person, or when the consent to the study is withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlite_utils import Database

from ertedge.store.numbers import last_number
from ertedge.store.study_records import StoredStudies, StoredStudy
from ertedge.types import HELPED_LEAST
from ertedge.types.study import (
    Adherence,
    AdverseEvent,
    CharacteristicValue,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolled,
    NotEnrolledReason,
    Participant,
    Relatedness,
    Seriousness,
    UsedSlot,
)

DAY_NS = 24 * 3600 * 1_000_000_000
_STUDY = "study_id, protocol_text, commitment, create_wall_time_ns, end_wall_time_ns, synthetic"
_SLOT = "study_id, stratum, slot, arm, erased"
_PARTICIPANT = (
    "participant_id, study_id, profile_id, stratum, slot, enrol_wall_time_ns, characteristics,"
    " withdraw_wall_time_ns, withdraw_reason"
)
_EVENT = (
    "event_id, participant_id, profile_id, onset_wall_time_ns, category, seriousness, severity, relatedness, outcome,"
    " description, record_wall_time_ns, update_wall_time_ns"
)


class StudyTable:
    """The studies of ``database``; ``reporting`` turns its errors into StoreErrors, which every method may raise."""

    def __init__(self, database: Database, reporting: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._reporting = reporting

    def load(self) -> StoredStudies:
        """Everything that the core answers from."""
        with self._reporting():
            return StoredStudies(
                studies=tuple(
                    StoredStudy(row[0], row[1], row[2], row[3], row[4], bool(row[5]))
                    for row in self._rows(f"SELECT {_STUDY} FROM studies ORDER BY create_wall_time_ns, study_id")
                ),
                slots=tuple(
                    UsedSlot(row[0], row[1], row[2], row[3], bool(row[4]))
                    for row in self._rows(f"SELECT {_SLOT} FROM study_slots ORDER BY study_id, stratum, slot")
                ),
                participants=tuple(
                    _participant(row)
                    for row in self._rows(
                        f"SELECT {_PARTICIPANT}, arm FROM study_participants"
                        " JOIN study_slots USING (study_id, stratum, slot) ORDER BY participant_id"
                    )
                ),
                not_enrolled=tuple(
                    NotEnrolled(row[0], row[1], NotEnrolledReason(row[2]), row[3])
                    for row in self._rows(
                        "SELECT study_id, wall_time_ns, reason, criterion_id FROM study_not_enrolled ORDER BY entry_id"
                    )
                ),
                events=tuple(_event(row) for row in self._rows(f"SELECT {_EVENT} FROM study_events ORDER BY event_id")),
                enrolment_requests=self._requests("study_participants", "participant_id"),
                event_requests=self._requests("study_events", "event_id"),
                last_participant_id=last_number(self._database, "study_participants"),
                last_event_id=last_number(self._database, "study_events"),
            )

    def add_study(self, study: StoredStudy) -> None:
        """Store a new study; one that is already stored is left as it is."""
        with self._reporting():
            self._database.execute(
                f"INSERT OR IGNORE INTO studies ({_STUDY}) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    study.study_id,
                    study.protocol_text,
                    study.commitment,
                    study.create_wall_time_ns,
                    study.end_wall_time_ns,
                    study.synthetic,
                ],
            )

    def end_study(self, study_id: str, wall_time_ns: int) -> None:
        """Store that a study has ended; the first end holds."""
        with self._reporting():
            self._database.execute(
                "UPDATE studies SET end_wall_time_ns = ? WHERE study_id = ? AND end_wall_time_ns = 0",
                [wall_time_ns, study_id],
            )

    def enrol(self, participant: Participant, request_id: str = "") -> None:
        """Store a participant with the slot that they used, in one transaction. Twice does no harm."""
        with self._reporting(), self._database.atomic():
            self._database.execute(
                "INSERT OR IGNORE INTO study_slots (study_id, stratum, slot, arm, erased) VALUES (?, ?, ?, ?, 0)",
                [participant.study_id, participant.stratum, participant.slot, participant.arm],
            )
            self._database.execute(
                f"INSERT OR IGNORE INTO study_participants ({_PARTICIPANT}, request_id) VALUES ({', '.join('?' * 10)})",
                [*_participant_row(participant), request_id or None],
            )

    def withdraw(self, participant: Participant) -> None:
        """Store that a participant left and let their data be kept."""
        with self._reporting():
            self._database.execute(
                "UPDATE study_participants SET withdraw_wall_time_ns = ?, withdraw_reason = ? WHERE participant_id = ?",
                [participant.withdraw_wall_time_ns, participant.withdraw_reason, participant.participant_id],
            )

    def erase(self, participant: Participant) -> None:
        """Remove a participant with their events, and mark their slot, in one transaction."""
        with self._reporting(), self._database.atomic():
            number = participant.participant_id
            self._database.execute("DELETE FROM study_events WHERE participant_id = ?", [number])
            self._database.execute("DELETE FROM study_participants WHERE participant_id = ?", [number])
            self._database.execute(
                "UPDATE study_slots SET erased = 1 WHERE study_id = ? AND stratum = ? AND slot = ?",
                [participant.study_id, participant.stratum, participant.slot],
            )

    def add_not_enrolled(self, entry: NotEnrolled) -> None:
        """Count somebody who does not take part. One of the same moment and reason is the same."""
        with self._reporting():
            self._database.execute(
                "INSERT OR IGNORE INTO study_not_enrolled (study_id, wall_time_ns, reason, criterion_id)"
                " VALUES (?, ?, ?, ?)",
                [entry.study_id, entry.wall_time_ns, entry.reason.value, entry.criterion_id],
            )

    def save_event(self, event: AdverseEvent, request_id: str = "") -> None:
        """Store an adverse event, or what is known of it now; nothing where its participant has been erased since."""
        with self._reporting(), self._database.atomic():
            kept = self._database.execute(
                "SELECT request_id FROM study_events WHERE event_id = ?", [event.event_id]
            ).fetchone()
            self._database.execute("DELETE FROM study_events WHERE event_id = ?", [event.event_id])
            self._database.execute(
                f"INSERT INTO study_events ({_EVENT}, request_id) SELECT {', '.join('?' * 13)}"
                " WHERE EXISTS (SELECT 1 FROM study_participants WHERE participant_id = ?)",
                [*_event_row(event), kept[0] if kept else request_id or None, event.participant_id],
            )

    def adherence(self, profile_id: int, start_ns: int, end_ns: int, *, synthetic: bool) -> Adherence:
        """What somebody did from ``start_ns`` up to but without ``end_ns`` with what they were offered then. A day is 24
        hours from the start. What was begun is known by the answers: a suggestion that was never finished expires."""
        with self._reporting():
            span = [profile_id, start_ns, end_ns, synthetic]
            offered = self._database.execute(
                "SELECT COUNT(*), SUM(trigger != 'request'), SUM(status = 'completed'), SUM(helpfulness > 0),"
                " SUM(helpfulness >= ?) FROM suggestions"
                " WHERE profile_id = ? AND wall_time_ns >= ? AND wall_time_ns < ? AND synthetic = ?",
                [HELPED_LEAST, *span],
            ).fetchone()
            begun = self._database.execute(
                "SELECT COUNT(DISTINCT r.suggestion_id), COUNT(DISTINCT (r.wall_time_ns - ?) / ?)"
                " FROM responses r JOIN suggestions s USING (suggestion_id)"
                " WHERE s.profile_id = ? AND s.wall_time_ns >= ? AND s.wall_time_ns < ? AND s.synthetic = ?"
                " AND r.kind IN ('start', 'complete')",
                [start_ns, DAY_NS, *span],
            ).fetchone()
        counts = [int(value or 0) for value in offered]
        days = max(0, end_ns - start_ns) // DAY_NS
        return Adherence(counts[0], counts[1], int(begun[0]), counts[2], counts[3], counts[4], int(begun[1]), days)

    def _rows(self, query: str) -> list[Any]:
        return list(self._database.execute(query).fetchall())

    def _requests(self, table: str, column: str) -> tuple[tuple[str, int], ...]:
        rows = self._rows(f"SELECT request_id, {column} FROM {table} WHERE request_id IS NOT NULL ORDER BY {column}")
        return tuple((row[0], row[1]) for row in rows)


def _participant_row(participant: Participant) -> list[object]:
    characteristics = {each.characteristic_id: each.value for each in participant.characteristics}
    return [
        participant.participant_id,
        participant.study_id,
        participant.profile_id,
        participant.stratum,
        participant.slot,
        participant.enrol_wall_time_ns,
        json.dumps(characteristics),
        participant.withdraw_wall_time_ns,
        participant.withdraw_reason,
    ]


def _participant(row: Any) -> Participant:
    number, study_id, profile_id, stratum, slot, enrolled_ns, characteristics, withdrew_ns, reason, arm = row
    values = tuple(CharacteristicValue(name, value) for name, value in json.loads(characteristics).items())
    return Participant(number, study_id, profile_id, stratum, slot, arm, enrolled_ns, values, withdrew_ns, reason)


def _event_row(event: AdverseEvent) -> list[object]:
    return [
        event.event_id,
        event.participant_id,
        event.profile_id,
        event.onset_wall_time_ns,
        event.category.value,
        event.seriousness.value,
        event.severity.value,
        event.relatedness.value,
        event.outcome.value,
        event.description,
        event.record_wall_time_ns,
        event.update_wall_time_ns,
    ]


def _event(row: Any) -> AdverseEvent:
    return AdverseEvent(
        row[0],
        row[1],
        row[2],
        row[3],
        EventCategory(row[4]),
        Seriousness(row[5]),
        EventSeverity(row[6]),
        Relatedness(row[7]),
        EventOutcome(row[8]),
        row[9],
        row[10],
        row[11],
    )
