"""Step 0003: safety notices, answers and the plan. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_safety(db: Database) -> None:
    """``safety_watch`` and ``safety_plan`` have one row each. No column could hold what a person said. An answer is known
    again by its request's id together with what it answered, so that a graver answer under a used id is still heard."""
    db.execute(
        """
        CREATE TABLE safety_notices (
            notice_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            cause TEXT NOT NULL,
            message TEXT NOT NULL,
            open INTEGER NOT NULL,
            ask_count INTEGER NOT NULL,
            ask_wall_time_ns INTEGER NOT NULL,
            response TEXT,
            response_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE safety_answers (
            answer_id INTEGER PRIMARY KEY AUTOINCREMENT,
            request_id TEXT NOT NULL,
            notice_id INTEGER NOT NULL,
            response TEXT NOT NULL,
            finding INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            UNIQUE (request_id, notice_id, response, finding)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE safety_watch (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            wall_time_ns INTEGER NOT NULL,
            record TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE TABLE safety_plan (one INTEGER PRIMARY KEY CHECK (one = 1), plan TEXT NOT NULL)")
