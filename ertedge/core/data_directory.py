"""The data directory and its lock: one program at a time works on it. Floor 2; imports only errors."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ertedge.errors import AlreadyRunningError, StoreFullError, StoreReadOnlyError

LOCK_NAME = "ertedged.lock"
DATABASE_NAME = "ertedge.db"


@contextlib.contextmanager
def alone_in(data_dir: Path) -> Iterator[None]:
    """Make the data directory and hold its lock. Raises AlreadyRunningError, StoreReadOnlyError or StoreFullError."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _give_to_owner(descriptor, data_dir)
    except OSError as error:
        kind = StoreFullError if error.errno == errno.ENOSPC else StoreReadOnlyError
        raise kind(
            f"{data_dir} cannot be written ({error.strerror}); choose another directory with --data-dir"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise AlreadyRunningError(f"another ertedged uses {data_dir}; stop it, or choose another --data-dir") from None
    finally:
        os.close(descriptor)


def _give_to_owner(descriptor: int, data_dir: Path) -> None:
    """What root makes here is to be used by the daemon's own user."""
    owner = data_dir.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
