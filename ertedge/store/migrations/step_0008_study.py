"""Step 0008: studies. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_study(db: Database) -> None:
    """Studies, the slots of their sealed sequences that were used, and how many were asked in vain name no person; who
    takes part and what went wrong do. A group stands with its slot alone, so that an export of what is stored of a person
    does not tell it before the protocol does. AUTOINCREMENT remembers the numbers of those who are gone."""
    db.execute(
        """
        CREATE TABLE studies (
            study_id TEXT PRIMARY KEY,
            protocol_text TEXT NOT NULL,
            commitment TEXT NOT NULL,
            create_wall_time_ns INTEGER NOT NULL,
            end_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_slots (
            study_id TEXT NOT NULL,
            stratum TEXT NOT NULL,
            slot INTEGER NOT NULL,
            arm TEXT NOT NULL,
            erased INTEGER NOT NULL,
            PRIMARY KEY (study_id, stratum, slot)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_not_enrolled (
            entry_id INTEGER PRIMARY KEY,
            study_id TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            reason TEXT NOT NULL,
            criterion_id TEXT NOT NULL,
            UNIQUE (study_id, wall_time_ns, reason, criterion_id)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_participants (
            participant_id INTEGER PRIMARY KEY AUTOINCREMENT,
            study_id TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            stratum TEXT NOT NULL,
            slot INTEGER NOT NULL,
            enrol_wall_time_ns INTEGER NOT NULL,
            characteristics TEXT NOT NULL,
            withdraw_wall_time_ns INTEGER NOT NULL,
            withdraw_reason TEXT NOT NULL,
            request_id TEXT UNIQUE
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_events (
            event_id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL,
            profile_id INTEGER NOT NULL,
            onset_wall_time_ns INTEGER NOT NULL,
            category TEXT NOT NULL,
            seriousness TEXT NOT NULL,
            severity TEXT NOT NULL,
            relatedness TEXT NOT NULL,
            outcome TEXT NOT NULL,
            description TEXT NOT NULL,
            record_wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            request_id TEXT UNIQUE
        )
        """
    )
