"""Makes a plain store encrypted, an encrypted one plain, or changes its key; a power cut loses nothing. Floor 1.

The whole is written into a new file beside the store, brought to the disk and compared with it row by row. Only then does
the new file take the old one's name, in one step, so that under that name there is always a whole store, the old or the new.
The old file keeps a second name until its pages have been overwritten, so that the next start goes on with that after a cut.

Overwritten are the pages of the file as it is. A flash card writes to another place than it is told and may keep what was
there, and so may blocks that the file gave back to the disk earlier: who had the plain store on a card and fears for it
starts with a new card.

Whoever calls has the lock of the data directory: nobody else may have the store open.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

from ertedge.errors import StoreError, StoreFullError
from ertedge.store.connection import connect, connect_cipher
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.header import APPLICATION_ID, new_salt
from ertedge.store.keys import StoreKey, sync_folder

SPARE_BYTES = 10_000_000
"""Room to leave on the disk beside the second file."""
CHUNK_BYTES = 1 << 20

Reached = Callable[[str], None]


def convert(path: Path, old: StoreKey | None, new: StoreKey | None, reached: Reached = lambda _: None) -> None:
    """Make the store at ``path``, which opens with ``old``, one that opens with ``new``; None stands for no encryption.

    ``reached`` hears of each step that is done. Raises ``StoreKeyError`` where ``old`` does not fit, ``StoreFullError``, or
    another ``StoreError``; then the store is as it was.
    """
    with reported_as_store_errors(path):
        tidy(path)
        _check_room(path)
        beside, aside = _beside(path), _aside(path)
        try:
            _leave_log(path, old)
            _make_private(beside, path)
            _copy(path, old, beside, new)
            reached("copied")
            _sync(beside)
            reached("synced")
            _compare(path, old, beside, new)
            reached("compared")
        except BaseException as error:
            if isinstance(error, Exception):
                discard(beside)
            raise
        os.link(path, aside)
        sync_folder(path.parent)
        reached("named")
        beside.replace(path)
        sync_folder(path.parent)
        reached("replaced")
        _overwrite(aside, reached)
        reached("overwritten")
        _remove(aside)
        reached("removed")


def tidy(path: Path) -> bool:
    """Clear away what a conversion that was cut left. Returns whether there was anything. The store itself is whole."""
    beside, aside = _beside(path), _aside(path)
    found = False
    with reported_as_store_errors(path):
        if aside.exists():
            found = True
            if not path.exists():
                aside.replace(path)
            elif aside.samefile(path):
                _remove(aside)  # a second name, and nothing has taken the first yet
            else:
                discard(aside)
        for left in (beside, Path(f"{beside}-journal"), Path(f"{beside}-wal"), Path(f"{beside}-shm")):
            if left.exists():
                found = True
                discard(left)
    return found


def is_unfinished(path: Path) -> bool:
    """Whether a conversion was cut, so that ``tidy`` has something to do."""
    return _beside(path).exists() or _aside(path).exists()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def _check_room(path: Path) -> None:
    disk = os.statvfs(path.parent)
    free, needed = disk.f_bavail * disk.f_frsize, path.stat().st_size + SPARE_BYTES
    if free < needed:
        raise StoreFullError(
            f"a second copy of {path} needs {needed / 1e6:.0f} MB for a while, and {free / 1e6:.0f} MB are free; free some"
        )


def _leave_log(path: Path, key: StoreKey | None) -> None:
    """Write the log into the file and do without one until it is opened again: the new file must not meet an old log."""
    with closing(connect(path, key)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise StoreError(f"{path} is in use by another program; end it and try again")


def _make_private(path: Path, like: Path) -> None:
    """Make an empty file, which belongs to whom ``like`` belongs: root may do this for the daemon's own user."""
    owner = like.stat()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def _copy(path: Path, old: StoreKey | None, beside: Path, new: StoreKey | None) -> None:
    with closing(_open_either(path, old)) as connection:
        literal = "" if new is None else new.literal(new_salt())
        connection.execute("ATTACH DATABASE ? AS target KEY ?", [str(beside), literal])
        connection.execute("PRAGMA target.auto_vacuum = INCREMENTAL").fetchall()
        connection.execute(f"PRAGMA target.application_id = {APPLICATION_ID}").fetchall()
        # No journal: a copy that is not whole is thrown away, and what is in a journal might be plain.
        connection.execute("PRAGMA target.journal_mode = OFF").fetchall()
        connection.execute("SELECT sqlcipher_export('target')").fetchall()
        connection.commit()
        connection.execute("DETACH DATABASE target")


def _open_either(path: Path, key: StoreKey | None) -> sqlite3.Connection:
    """A connection of SQLCipher, which a plain file needs as well where an encrypted one is attached to it."""
    return connect_cipher(str(path)) if key is None else connect(path, key)


def _compare(path: Path, old: StoreKey | None, beside: Path, new: StoreKey | None) -> None:
    """Raise ``StoreError`` unless both hold the same tables, indexes, triggers and rows, and the new one is whole."""
    with closing(connect(path, old, read_only=True)) as before, closing(connect(beside, new, read_only=True)) as after:
        checks = ["PRAGMA integrity_check", *(["PRAGMA cipher_integrity_check"] if new is not None else [])]
        faults = [row for check in checks for row in after.execute(check).fetchall() if row != ("ok",)]
        schema = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        tables = [row[0] for row in before.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        questions = [schema, *(f'SELECT rowid, * FROM "{table}" ORDER BY rowid' for table in tables)]
        for question in questions:
            if faults:
                break
            faults += [
                row for row, copy in zip_longest(before.execute(question), after.execute(question)) if row != copy
            ][:1]
    if faults:
        raise StoreError(f"the copy of {path} is not what it is a copy of, and was thrown away; check the disk")


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def discard(path: Path) -> None:
    """Overwrite and remove, where it is there."""
    if path.exists():
        _overwrite(path, lambda _: None)
        _remove(path)


def _overwrite(path: Path, reached: Reached) -> None:
    with path.open("rb+") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            written = min(left, CHUNK_BYTES)
            file.write(bytes(written))
            left -= written
            file.flush()
            reached("overwriting")
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    path.unlink()
    sync_folder(path.parent)
