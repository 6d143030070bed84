"""A small file that says yes or no of each sensor, replaced as a whole and flushed to the disk. Floor 2.

What the mutes and the permissions have in common. Reading raises where the file cannot be trusted, since what that means is
for whoever reads it to say: both take it for the answer that keeps devices closed.
"""

from __future__ import annotations

import errno
import os
import tomllib
from collections.abc import Collection
from pathlib import Path

from ertedge.errors import StoreError, StoreFullError, StoreReadOnlyError
from ertedge.types import SensorName


class UntrustedFileError(Exception):
    """The file is there, but cannot be read or does not say what it should; ``str(error)`` is how."""


def read(path: Path) -> frozenset[SensorName] | None:
    """The sensors for which the file at ``path`` says yes; None where there is no file. Raises UntrustedFileError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UntrustedFileError(str(error)) from error
    values = {name: document.get(name) for name in SensorName}
    if set(document) != set(SensorName) or not all(isinstance(value, bool) for value in values.values()):
        raise UntrustedFileError(f"it holds {document!r}")
    return frozenset(name for name, value in values.items() if value)


def write(path: Path, header: str, chosen: Collection[SensorName]) -> None:
    """Have the file say yes for those ``chosen`` and no for the others. Raises StoreReadOnlyError, StoreFullError or
    StoreError; then the file is as it was."""
    lines = [f"{name.value} = {'true' if name in chosen else 'false'}\n" for name in SensorName]
    fresh = path.with_suffix(".new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(header + "".join(lines))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        flush_directory(path.parent)
    except OSError as error:
        raise _store_error(error, path) from error


def flush_directory(path: Path) -> None:
    """Make a rename in ``path`` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _store_error(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFullError(f"{path} cannot be written: the disk is full; free some space and try again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnlyError(
            f"{path} cannot be written ({error.strerror}); give the sensor process that directory"
        )
    return StoreError(f"{path} cannot be written: {error.strerror}")
