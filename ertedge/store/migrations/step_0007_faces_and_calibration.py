"""Step 0007: enrolled faces and calibration. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_faces_and_calibration(db: Database) -> None:
    """Embeddings of enrolled faces; labels of what a person felt, with what face and voice had said, as blobs of 32-bit
    floats; guided sessions. AUTOINCREMENT remembers the numbers of what is gone."""
    db.execute(
        """
        CREATE TABLE enrolled_faces (
            face_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            embedding BLOB NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX enrolled_faces_of_profile ON enrolled_faces (profile_id)")
    db.execute(
        """
        CREATE TABLE calibration_labels (
            label_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            emotion TEXT NOT NULL,
            source TEXT NOT NULL,
            session_id INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            valence REAL,
            arousal REAL,
            face_quality REAL, face_probabilities BLOB, face_embedding BLOB,
            voice_quality REAL, voice_probabilities BLOB, voice_embedding BLOB,
            request_id TEXT,
            UNIQUE (profile_id, request_id)
        )
        """
    )
    db.execute("CREATE INDEX calibration_labels_of_profile ON calibration_labels (profile_id, wall_time_ns)")
    db.execute(
        """
        CREATE TABLE calibration_sessions (
            session_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            begin_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            plan TEXT NOT NULL,
            next_take INTEGER NOT NULL,
            skipped TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX calibration_sessions_of_profile ON calibration_sessions (profile_id)")
