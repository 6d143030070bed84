"""What kind of file is at the place of the database, seen from its first bytes alone. Floor 1.

SQLite is not asked, since it could write to a file on opening it. A plain database of ours has our number in its header. An
encrypted one begins with its salt, which SQLCipher lets us choose: half of ours is a mark, and half is random. The salt is
no secret, and with a random key it need only differ from one database to the next.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path

from ertedge.store.faults import corrupt

APPLICATION_ID = 0x45525445
"""'ERTE' in the header of a plain file says that it is ours."""
SALT_MARK = b"ERTE\x00cip"
"""The first half of the salt of an encrypted one says the same."""
SALT_BYTES = 16

_MAGIC = b"SQLite format 3\x00"
_APPLICATION_ID_AT = 68
_HEADER_BYTES = 100
"""The layout of the header: sqlite.org/fileformat.html, section 1.3."""


class FileKind(StrEnum):
    """What is at the place of the database."""

    ABSENT = "absent"
    PLAIN = "plain"
    ENCRYPTED = "encrypted"


def kind_of(path: Path) -> FileKind:
    """What is at ``path``; an empty file counts as absent. Raises ``StoreCorruptError`` where it is none of ours."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return FileKind.ABSENT
    except IsADirectoryError:
        raise corrupt(path, "is a directory, not a database") from None
    if not header:
        return FileKind.ABSENT
    if len(header) == _HEADER_BYTES and header.startswith(SALT_MARK):
        return FileKind.ENCRYPTED
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise corrupt(path, "is not a database")
    if int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4]) != APPLICATION_ID:
        raise corrupt(path, "is a database of another program")
    return FileKind.PLAIN


def new_salt() -> bytes:
    """The salt of an encrypted database that is to be made."""
    return SALT_MARK + secrets.token_bytes(SALT_BYTES - len(SALT_MARK))
