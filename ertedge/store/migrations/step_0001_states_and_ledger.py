"""Step 0001: states and the privacy ledger. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_states_and_ledger(db: Database) -> None:
    """A state is one row of about 140 bytes. Every fraction is an integer of 1/30000, which SQLite keeps in two bytes and
    can average; ``rows.py`` says which column is which. AUTOINCREMENT remembers the greatest sequence number ever given,
    also after the last state has been removed for its age."""
    db.execute(
        """
        CREATE TABLE states (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            timestamp_ns INTEGER NOT NULL,
            since_ns INTEGER NOT NULL,
            emotion INTEGER NOT NULL,
            valence INTEGER NOT NULL,
            arousal INTEGER NOT NULL,
            confidence INTEGER NOT NULL,
            reasons INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            state_count INTEGER NOT NULL,
            p0 INTEGER NOT NULL, p1 INTEGER NOT NULL, p2 INTEGER NOT NULL, p3 INTEGER NOT NULL,
            p4 INTEGER NOT NULL, p5 INTEGER NOT NULL, p6 INTEGER NOT NULL,
            face_weight INTEGER, face_quality INTEGER, face_reasons INTEGER,
            face_p0 INTEGER, face_p1 INTEGER, face_p2 INTEGER, face_p3 INTEGER,
            face_p4 INTEGER, face_p5 INTEGER, face_p6 INTEGER,
            voice_weight INTEGER, voice_quality INTEGER, voice_reasons INTEGER,
            voice_p0 INTEGER, voice_p1 INTEGER, voice_p2 INTEGER, voice_p3 INTEGER,
            voice_p4 INTEGER, voice_p5 INTEGER, voice_p6 INTEGER
        )
        """
    )
    db.execute("CREATE INDEX states_by_wall_time ON states (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE ledger (
            entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            event TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        )
        """
    )
