"""Step 0004: whose every row is. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database

_KEYED_BY_PROFILE = (
    (
        "responses",
        "response_id, request_id, suggestion_id, wall_time_ns, kind, rating, snooze_seconds",
        """
            response_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL DEFAULT 0,
            request_id TEXT,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            rating INTEGER NOT NULL,
            snooze_seconds REAL NOT NULL,
            UNIQUE (profile_id, request_id)
        """,
    ),
    (
        "requests",
        "request_id, suggestion_id, wall_time_ns",
        """
            profile_id INTEGER NOT NULL DEFAULT 0,
            request_id TEXT NOT NULL,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            PRIMARY KEY (profile_id, request_id)
        """,
    ),
    (
        "learning",
        "synthetic, wall_time_ns, model, state, forgotten_id",
        """
            profile_id INTEGER NOT NULL DEFAULT 0,
            synthetic INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            model TEXT NOT NULL,
            state BLOB NOT NULL,
            forgotten_id INTEGER NOT NULL,
            PRIMARY KEY (profile_id, synthetic)
        """,
    ),
    (
        "safety_watch",
        "wall_time_ns, record",
        """
            profile_id INTEGER PRIMARY KEY,
            wall_time_ns INTEGER NOT NULL,
            record TEXT NOT NULL
        """,
    ),
    ("safety_plan", "plan", "profile_id INTEGER PRIMARY KEY, plan TEXT NOT NULL"),
)
"""Of each table that 0004 makes anew: its name, the columns that stay, and what it is from then on."""


def tell_people_apart(db: Database) -> None:
    """Every row that is about a person says whose it is; 0 is nobody's, which all rows were so far. Tables whose key was one
    for the whole device are made anew, since SQLite changes no key: what a request's id names, what was learnt, the safety
    watch and the safety plan.

    ``erasures`` is the record of an erasure that was begun, so that the next start ends it; a row goes with its end.
    """
    for table in ("states", "ledger", "decisions", "suggestions", "safety_notices", "safety_answers"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN profile_id INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX states_by_profile ON states (profile_id, wall_time_ns)")
    # An index ends with the row's number, so this one has a person's states in the order of their sequence.
    db.execute("CREATE INDEX states_of_profile ON states (profile_id)")
    db.execute("CREATE INDEX decisions_by_profile ON decisions (profile_id, wall_time_ns)")
    db.execute("CREATE INDEX suggestions_of_profile ON suggestions (profile_id)")
    db.execute("CREATE INDEX safety_notices_of_profile ON safety_notices (profile_id)")
    for table, columns, definition in _KEYED_BY_PROFILE:
        db.execute(f"CREATE TABLE {table}_of_people ({definition})")
        db.execute(f"INSERT INTO {table}_of_people ({columns}, profile_id) SELECT {columns}, 0 FROM {table}")
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE {table}_of_people RENAME TO {table}")
    db.execute(
        """
        CREATE TABLE erasures (
            erasure_id INTEGER PRIMARY KEY,
            profile_id INTEGER NOT NULL,
            purpose TEXT
        )
        """
    )
