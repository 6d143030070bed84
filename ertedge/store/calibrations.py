"""The queries on calibration: the labels that a person gave with the evidence beside them, and guided sessions. Floor 1.

Evidence is probabilities and embeddings, never a picture or a sound. All of it belongs to the consent to keep a history and
goes with it; what a modality said goes with the consent to sense it (``personal_tables``). Labels of simulations and of real
people are kept apart, since the one says nothing about the other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlite_utils import Database

from ertedge.store.calibration_records import CalibrationSession
from ertedge.store.faces import blob_of, vector_of
from ertedge.store.numbers import last_number
from ertedge.types import CalibrationLabel, Emotion, LabelSource, Modality, ModalityEvidence

_EVIDENCE = tuple(
    f"{modality.value}_{name}" for modality in Modality for name in ("quality", "probabilities", "embedding")
)
_LABEL = ", ".join(
    (
        "label_id",
        "profile_id",
        "wall_time_ns",
        "emotion",
        "source",
        "session_id",
        "valence",
        "arousal",
        *_EVIDENCE,
    )
)
_SESSION = "session_id, profile_id, begin_wall_time_ns, synthetic, plan, next_take, skipped"


class CalibrationTable:
    """Calibration in ``database``; ``reporting`` turns its errors into StoreErrors, which every method may raise."""

    def __init__(self, database: Database, reporting: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._reporting = reporting

    def labels(self, profile_id: int, *, synthetic: bool) -> tuple[CalibrationLabel, ...]:
        """A person's labels, oldest first, without those of which no evidence is left."""
        with self._reporting():
            rows = self._database.execute(
                f"SELECT {_LABEL} FROM calibration_labels WHERE profile_id = ? AND synthetic = ?"
                " AND coalesce(face_probabilities, voice_probabilities) IS NOT NULL ORDER BY wall_time_ns, label_id",
                [profile_id, synthetic],
            ).fetchall()
        return tuple(_label(row) for row in rows)

    def last_label_id(self) -> int:
        """The greatest number ever given to a label, 0 before the first."""
        return self._last_number("calibration_labels")

    def add_label(self, label: CalibrationLabel, *, synthetic: bool, request_id: str = "") -> None:
        """Store a label; one that is already stored is left as it is."""
        row = [
            label.label_id,
            label.profile_id,
            label.wall_time_ns,
            label.emotion.value,
            label.source.value,
            label.session_id,
            label.valence,
            label.arousal,
            *_evidence_row(label.face),
            *_evidence_row(label.voice),
            synthetic,
            request_id or None,
        ]
        with self._reporting():
            self._database.execute(
                f"INSERT OR IGNORE INTO calibration_labels ({_LABEL}, synthetic, request_id)"
                f" VALUES ({', '.join('?' * len(row))})",
                row,
            )

    def remove_label(self, profile_id: int, label_id: int) -> None:
        """Remove one label of a person, if it is there."""
        with self._reporting():
            self._database.execute(
                "DELETE FROM calibration_labels WHERE profile_id = ? AND label_id = ?", [profile_id, label_id]
            )

    def label_of_request(self, profile_id: int, request_id: str) -> int | None:
        """The number of the label that a request of that id made, if one did."""
        with self._reporting():
            row = self._database.execute(
                "SELECT label_id FROM calibration_labels WHERE profile_id = ? AND request_id = ?",
                [profile_id, request_id],
            ).fetchone()
        return int(row[0]) if row else None

    def sessions(self, profile_id: int) -> tuple[CalibrationSession, ...]:
        """A person's guided sessions, oldest first."""
        with self._reporting():
            rows = self._database.execute(
                f"SELECT {_SESSION} FROM calibration_sessions WHERE profile_id = ? ORDER BY session_id", [profile_id]
            ).fetchall()
        return tuple(_session(row) for row in rows)

    def last_session_id(self) -> int:
        """The greatest number ever given to a session, 0 before the first."""
        return self._last_number("calibration_sessions")

    def save_session(self, session: CalibrationSession) -> None:
        """Store how far a session has come, in place of what was there."""
        with self._reporting():
            self._database.execute(
                f"REPLACE INTO calibration_sessions ({_SESSION}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    session.session_id,
                    session.profile_id,
                    session.begin_wall_time_ns,
                    session.synthetic,
                    " ".join(session.plan),
                    session.next_take,
                    " ".join(session.skipped),
                ],
            )

    def forget(self, profile_id: int) -> None:
        """Remove a person's labels and sessions, in one transaction."""
        with self._reporting(), self._database.atomic():
            for table in ("calibration_labels", "calibration_sessions"):
                self._database.execute(f"DELETE FROM {table} WHERE profile_id = ?", [profile_id])

    def _last_number(self, table: str) -> int:
        with self._reporting():
            return last_number(self._database, table)


def _evidence_row(evidence: ModalityEvidence | None) -> list[Any]:
    if evidence is None:
        return [None, None, None]
    embedding = None if evidence.embedding is None else blob_of(evidence.embedding)
    return [evidence.quality, blob_of(evidence.probabilities), embedding]


def _evidence(modality: Modality, row: Any) -> ModalityEvidence | None:
    quality, probabilities, embedding = row
    if probabilities is None:
        return None
    return ModalityEvidence(
        modality, vector_of(probabilities), None if embedding is None else vector_of(embedding), quality or 0.0
    )


def _label(row: Any) -> CalibrationLabel:
    return CalibrationLabel(
        label_id=row[0],
        profile_id=row[1],
        wall_time_ns=row[2],
        emotion=Emotion(row[3]),
        source=LabelSource(row[4]),
        session_id=row[5],
        valence=row[6],
        arousal=row[7],
        face=_evidence(Modality.FACE, row[8:11]),
        voice=_evidence(Modality.VOICE, row[11:14]),
    )


def _session(row: Any) -> CalibrationSession:
    return CalibrationSession(
        session_id=row[0],
        profile_id=row[1],
        begin_wall_time_ns=row[2],
        synthetic=bool(row[3]),
        plan=tuple(Emotion(word) for word in row[4].split()),
        next_take=row[5],
        skipped=tuple(Emotion(word) for word in row[6].split()),
    )
