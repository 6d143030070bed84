"""Step 0002: suggestions, what became of them, and what was learnt. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_suggestions(db: Database) -> None:
    """Words are stored as words, since these rows are few. The context and the candidates of a decision are JSON, read as
    a whole or not at all. ``responses`` and ``requests`` know a repeated request by its id, also after a restart.
    ``learning`` has one row for the person and one (``synthetic``) for the demo and simulations, so that neither learns
    from the other; what is numbered up to ``forgotten_id`` is not to be learnt from again."""
    db.execute(
        """
        CREATE TABLE decisions (
            decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            trigger TEXT NOT NULL,
            offer_propensity REAL NOT NULL,
            chosen TEXT NOT NULL,
            silence TEXT,
            policy TEXT NOT NULL,
            model TEXT NOT NULL,
            synthetic INTEGER NOT NULL,
            context TEXT NOT NULL,
            candidates TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX decisions_by_wall_time ON decisions (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE suggestions (
            suggestion_id INTEGER PRIMARY KEY AUTOINCREMENT,
            decision_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            expire_wall_time_ns INTEGER NOT NULL,
            activity_id TEXT NOT NULL,
            activity_version INTEGER NOT NULL,
            title TEXT NOT NULL,
            minutes REAL NOT NULL,
            reason TEXT NOT NULL,
            trigger TEXT NOT NULL,
            propensity REAL NOT NULL,
            expected_helpfulness REAL NOT NULL,
            expected_sd REAL NOT NULL,
            emotion TEXT NOT NULL,
            valence_before REAL NOT NULL,
            arousal_before REAL NOT NULL,
            status TEXT NOT NULL,
            helpfulness INTEGER NOT NULL,
            valence_after REAL,
            arousal_after REAL,
            snooze_until_wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX suggestions_by_wall_time ON suggestions (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE responses (
            response_id INTEGER PRIMARY KEY AUTOINCREMENT,
            request_id TEXT UNIQUE,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            rating INTEGER NOT NULL,
            snooze_seconds REAL NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE requests (
            request_id TEXT PRIMARY KEY,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE reviews (
            review_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            activity_id TEXT NOT NULL,
            language TEXT NOT NULL,
            activity_version INTEGER NOT NULL,
            digest TEXT NOT NULL,
            reviewer TEXT NOT NULL,
            role TEXT NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE learning (
            synthetic INTEGER PRIMARY KEY,
            wall_time_ns INTEGER NOT NULL,
            model TEXT NOT NULL,
            state BLOB NOT NULL,
            forgotten_id INTEGER NOT NULL
        )
        """
    )
