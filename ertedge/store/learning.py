"""What was learnt about the person's taste, as bytes that the recommender understands, and who signed activities off.

Floor 1. There is one row of learning for each person and one for the demo and simulations. Forgetting overwrites it
(``secure_delete``) and empties the log, in which older bytes could still lie.
"""

from __future__ import annotations

from sqlite_utils import Database

from ertedge.store.records import LearningState
from ertedge.types import ActivityReview

_REVIEW_COLUMNS = "activity_id, language, activity_version, digest, reviewer, role, wall_time_ns"


def save(database: Database, profile_id: int, learning: LearningState) -> None:
    """Write what was learnt in place of what was there, unless that has been forgotten since: then nothing is written."""
    database.execute(
        "INSERT INTO learning (profile_id, synthetic, wall_time_ns, model, state, forgotten_id)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (profile_id, synthetic) DO UPDATE SET wall_time_ns = excluded.wall_time_ns, model = excluded.model,"
        " state = excluded.state, forgotten_id = excluded.forgotten_id"
        " WHERE excluded.forgotten_id >= learning.forgotten_id",
        [profile_id, learning.synthetic, learning.wall_time_ns, learning.model, learning.state, learning.forgotten_id],
    )


def get(database: Database, profile_id: int, *, synthetic: bool) -> LearningState | None:
    """What was learnt, or None where nothing was yet."""
    row = database.execute(
        "SELECT synthetic, wall_time_ns, model, state, forgotten_id FROM learning WHERE profile_id = ? AND synthetic = ?",
        [profile_id, synthetic],
    ).fetchone()
    return None if row is None else LearningState(bool(row[0]), *row[1:])


def forget(database: Database, profile_id: int, learning: LearningState) -> None:
    """Write ``learning``, of an empty state, and leave nothing of the former one in the files."""
    save(database, profile_id, learning)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def append_review(database: Database, review: ActivityReview) -> None:
    """Write a sign-off."""
    database.execute(
        f"INSERT INTO reviews ({_REVIEW_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            review.activity_id,
            review.language,
            review.activity_version,
            review.digest,
            review.reviewer,
            review.role,
            review.wall_time_ns,
        ],
    )


def reviews(database: Database) -> tuple[ActivityReview, ...]:
    """Every sign-off ever given, oldest first; those of content that has changed since too."""
    rows = database.execute(f"SELECT {_REVIEW_COLUMNS} FROM reviews ORDER BY review_id").fetchall()
    return tuple(ActivityReview(*row) for row in rows)
