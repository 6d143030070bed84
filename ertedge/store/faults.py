"""What goes wrong in SQLite, or with its files, as the errors of ertedge, each saying what to do. Floor 1."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ertedge.errors import StoreCorruptError, StoreError, StoreFullError, StoreReadOnlyError

_PRIMARY_CODE = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NOT_WRITTEN = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""A quota or a size limit on files shows as these; only a full disk itself shows as SQLITE_FULL."""


@contextmanager
def reported_as_store_errors(path: Path) -> Iterator[None]:
    """Whatever SQLite or the file system raises inside comes out as a ``StoreError`` that names ``path``."""
    try:
        yield
    except OSError as error:
        raise _from_system(error, path) from error
    except Exception as error:
        if not is_database_error(error):
            raise
        raise _from_sqlite(error, path) from error


def is_database_error(error: Exception) -> bool:
    """Whether it comes from SQLite, or from SQLCipher, whose errors are no kin of SQLite's."""
    cipher = sys.modules.get("sqlcipher3.dbapi2")
    return isinstance(error, sqlite3.Error) or (cipher is not None and isinstance(error, cipher.Error))


def corrupt(path: Path, what: str) -> StoreCorruptError:
    """The file is not to be used; ``what`` is wrong with it."""
    return StoreCorruptError(f"{path} {what}; move it away and start again, which begins an empty one")


def _from_sqlite(error: Exception, path: Path) -> StoreError:
    extended = getattr(error, "sqlite_errorcode", None)
    code = None if extended is None else extended & _PRIMARY_CODE
    if code in _CORRUPT:
        return corrupt(path, f"is damaged or no database ({error})")
    if code == sqlite3.SQLITE_FULL or extended in _NOT_WRITTEN:
        return StoreFullError(f"{path} cannot grow: the disk, or a limit on it, is full ({error}); free some space")
    if code in _READ_ONLY:
        return _read_only(path, str(error))
    if code in _BUSY:
        return StoreError(f"{path} is in use by another program; end it and try again")
    return StoreError(f"{path}: {error}; check its disk")


def _from_system(error: OSError, path: Path) -> StoreError:
    what = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return _read_only(path, what)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreFullError(f"{path} cannot grow: {what}; free some space")
    return StoreError(f"{path}: {what}; check its disk")


def _read_only(path: Path, what: str) -> StoreReadOnlyError:
    return StoreReadOnlyError(
        f"{path} cannot be written ({what}); give ertedged a data directory that it owns with --data-dir"
    )
