"""Step 0010: which network the embeddings of faces are of. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_face_network(db: Database) -> None:
    """One row: the digest of the file that made every stored embedding of a face. None yet: it is not known."""
    db.execute("CREATE TABLE face_network (one INTEGER PRIMARY KEY CHECK (one = 1), sha256 TEXT NOT NULL)")
