"""Step 0009: hourly sums of states. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_state_hours(db: Database) -> None:
    """A person's states of an hour, summed up; ``sums`` is NULL where a state came later. It follows from ``states``."""
    db.execute(
        """
        CREATE TABLE state_hours (
            profile_id INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            sums TEXT,
            PRIMARY KEY (profile_id, hour)
        )
        """
    )
