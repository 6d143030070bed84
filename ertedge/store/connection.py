"""Connects to the database file: through SQLite, or through SQLCipher where there is a key. Floor 1.

SQLCipher is a build of SQLite that encrypts every page, those of the log too, with AES-256 and a checksum that shows whether
a page was changed (zetetic.net/sqlcipher/design). Its Python module has the interface of ``sqlite3``, and its own errors.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast

from ertedge.errors import StoreKeyError
from ertedge.store.faults import is_database_error
from ertedge.store.header import FileKind, kind_of, new_salt
from ertedge.store.keys import StoreKey

BUSY_SECONDS = 2.0


def connect(path: Path, key: StoreKey | None, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to the database at ``path``, made if it is not there, encrypted with ``key`` if there is one.

    Raises ``StoreKeyError`` where the file is encrypted and there is no key, or is plain and there is one, or the key is
    another's; then nothing has been written.
    """
    kind = kind_of(path)
    check_kind(path, kind, key)
    name, uri = (f"{path.absolute().as_uri()}?mode=ro", True) if read_only else (str(path), False)
    if key is None:
        return sqlite3.connect(name, timeout=BUSY_SECONDS, uri=uri)
    connection = connect_cipher(name, uri=uri)
    try:
        salt = new_salt() if kind is FileKind.ABSENT else b""
        connection.execute(f'PRAGMA key = "{key.literal(salt)}"')
        if kind is FileKind.ENCRYPTED:
            _check_key(connection, path, key)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_cipher(name: str, *, uri: bool = False) -> sqlite3.Connection:
    """A connection of SQLCipher, without a key as yet. Raises ``StoreKeyError`` where SQLCipher is not installed."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError:
        raise StoreKeyError(
            "a key is configured for the store, and SQLCipher is not installed; install it with"
            " `pip install 'ertedge[encryption]'`"
        ) from None
    connection = cast(sqlite3.Connection, dbapi2.connect(name, timeout=BUSY_SECONDS, uri=uri))
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()  # it would write to standard error, past our log
    return connection


def check_kind(path: Path, kind: FileKind, key: StoreKey | None) -> None:
    """Raise ``StoreKeyError`` where the file and the configuration do not agree on whether it is encrypted."""
    if kind is FileKind.ENCRYPTED and key is None:
        raise StoreKeyError(
            f"{path} is encrypted, and no key is configured; name its key in [store] key_file or credential"
        )
    if kind is FileKind.PLAIN and key is not None:
        raise StoreKeyError(
            f"{path} is not encrypted, and a key is configured; encrypt it with `ertedge-ctl store encrypt`, or take the"
            " key out of [store]"
        )


def _check_key(connection: sqlite3.Connection, path: Path, key: StoreKey) -> None:
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except Exception as error:
        if not is_database_error(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        raise StoreKeyError(
            f"{path} does not open with {key.origin}: it is another store's key, or the first page is damaged; nothing was"
            " changed; configure the key that the store was encrypted with"
        ) from None
