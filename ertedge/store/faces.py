"""The queries on the embeddings of enrolled people's faces. Floor 1.

Embeddings only, never a picture. They belong to the consent to face recognition and go with it, or with their person,
through ``personal_tables``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
from sqlite_utils import Database

from ertedge.types import Float32Array


class FaceTable:
    """The galleries of ``database``; ``reporting`` turns its errors into StoreErrors, which every method may raise."""

    def __init__(self, database: Database, reporting: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._reporting = reporting

    def bind(self, network: str) -> tuple[int, ...]:
        """Say of which ``network`` embeddings of faces are from now on, by its file's digest. Those of another say nothing
        beside them, so they are removed in the same transaction: galleries, and what stands beside the labels of
        calibration. Gives the profiles that are enrolled no more."""
        with self._reporting(), self._database.atomic():
            row = self._database.execute("SELECT sha256 FROM face_network").fetchone()
            if row is not None and row[0] == network:
                return ()
            enrolled = self._database.execute(
                "SELECT DISTINCT profile_id FROM enrolled_faces ORDER BY profile_id"
            ).fetchall()
            self._database.execute("DELETE FROM enrolled_faces")
            self._database.execute("UPDATE calibration_labels SET face_embedding = NULL")
            self._database.execute("REPLACE INTO face_network (one, sha256) VALUES (1, ?)", [network])
        return tuple(profile_id for (profile_id,) in enrolled)

    def galleries(self) -> dict[int, Float32Array]:
        """By profile, (n, d) L2-normalised embeddings in the order in which they were taken."""
        with self._reporting():
            rows = self._database.execute(
                "SELECT profile_id, embedding FROM enrolled_faces ORDER BY profile_id, face_id"
            ).fetchall()
        found: dict[int, list[Float32Array]] = {}
        for profile_id, embedding in rows:
            found.setdefault(profile_id, []).append(vector_of(embedding))
        return {profile_id: np.stack(faces) for profile_id, faces in found.items()}

    def replace_gallery(self, profile_id: int, gallery: Float32Array, wall_time_ns: int) -> None:
        """Store a person's (n, d) embeddings in place of those before, in one transaction; without any, remove them."""
        with self._reporting(), self._database.atomic():
            self._database.execute("DELETE FROM enrolled_faces WHERE profile_id = ?", [profile_id])
            for embedding in gallery:
                self._database.execute(
                    "INSERT INTO enrolled_faces (profile_id, embedding, wall_time_ns) VALUES (?, ?, ?)",
                    [profile_id, blob_of(embedding), wall_time_ns],
                )


def blob_of(vector: Float32Array) -> bytes:
    """(n,) as little-endian 32-bit floats."""
    return vector.astype("<f4").tobytes()


def vector_of(blob: bytes) -> Float32Array:
    """The (n,) float32 that ``blob_of`` wrote."""
    return np.frombuffer(blob, "<f4").astype(np.float32)
