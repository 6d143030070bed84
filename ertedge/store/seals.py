"""The sealed seeds of studies: a file each, for the daemon's user alone. Floor 1.

They lie beside the database and not in it, so that no export, backup or copy of the database carries them. A seal is written
whole or not at all and never overwritten: a second one for the same study would be a second try at the allocation.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ertedge.errors import StoreCorruptError, StoreError
from ertedge.store.keys import sync_folder

PART_BYTES = 32
SEAL_BYTES = 3 * PART_BYTES


class SealFolder:
    """Seals in ``folder``, which is made when the first is written (mode 0700)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, study_id: str, seal: bytes) -> None:
        """Keep the ``SEAL_BYTES`` of a study's seal. Raises StoreError where there is one, or it cannot be written."""
        if len(seal) != SEAL_BYTES:
            raise ValueError(f"a seal has {SEAL_BYTES} bytes, not {len(seal)}")
        path = self._path(study_id)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".seal-", dir=self._folder)  # made with mode 0600
            new = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(seal)
                    file.flush()
                    os.fsync(file.fileno())
                path.hardlink_to(new)  # fails where there is one, which a rename would replace
            finally:
                new.unlink()
            for each in (self._folder, self._folder.parent):
                sync_folder(each)  # its name outlives a power cut too
        except FileExistsError:
            raise StoreError(f"{path} is there already; a study is sealed once") from None
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error

    def has(self, study_id: str) -> bool:
        """Whether there is a seal of a study."""
        return self._path(study_id).exists()

    def read(self, study_id: str) -> bytes:
        """The seal of a study. Raises StoreError where it is missing, damaged, or open to others."""
        path = self._path(study_id)
        try:
            mode = path.stat().st_mode
            seal = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror or error}; nobody can be enrolled") from error
        if mode & 0o077:
            raise StoreError(f"{path} is open to others (mode {mode & 0o777:o}); it may have been read: chmod 600 it")
        if len(seal) != SEAL_BYTES:
            raise StoreCorruptError(f"{path} is damaged: it has {len(seal)} bytes instead of {SEAL_BYTES}")
        return seal

    def _path(self, study_id: str) -> Path:
        return self._folder / f"{study_id}.seal"
