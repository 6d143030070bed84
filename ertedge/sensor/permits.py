"""Which devices may be opened at all, because somebody has agreed to it, kept in a file beside the mutes. Floor 2.

Belongs to the sensor process, so that it knows before the core has told it, over restarts of either. It fails safe: a file
that is missing, or cannot be read or understood, permits nothing, and the core, which knows what people agreed to, says it
again as soon as it is there. The core removes the file where it has to take a permission back and nobody here answers.
"""

from __future__ import annotations

import logging
from pathlib import Path

from ertedge.errors import StoreError
from ertedge.sensor import sensor_file
from ertedge.types import SensorName

_log = logging.getLogger(__name__)

FILE_NAME = "permitted.toml"
_HEADER = "# Which devices may be opened. Follows from what people agreed to; change it with ertedge-ctl consent.\n"


class PermitFile:
    """The permissions in ``data_dir``. Reads them at once; raises nothing then, since without knowing it permits nothing."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._permitted = self._written = self._read()

    @property
    def permitted(self) -> frozenset[SensorName]:
        """The sensors whose devices may be opened."""
        return self._permitted

    def withdraw(self, permitted: frozenset[SensorName]) -> None:
        """Take back what is not among ``permitted``. Holds in this process even when it cannot be written: then the file is
        removed, and where even that fails it raises StoreError, since a restart would then permit what nobody agrees to."""
        self._permitted &= permitted
        if self._stands_written(self._permitted):
            return
        try:
            self._write(self._permitted)
        except StoreError as error:
            _log.error("what is permitted cannot be written down, so that the next start permits nothing: %s", error)
            if not revoke(self._path.parent):
                raise
            self._written = frozenset()

    def permit(self, permitted: frozenset[SensorName]) -> None:
        """Permit those too. When that cannot be written it raises StoreError, and nothing more is permitted than before."""
        more = self._permitted | permitted
        if not self._stands_written(more):
            self._write(more)
        self._permitted = more

    def _stands_written(self, permitted: frozenset[SensorName]) -> bool:
        """Whether the file says so already; the core may have taken it away."""
        return permitted == self._written and (self._path.exists() or not permitted)

    def _write(self, permitted: frozenset[SensorName]) -> None:
        sensor_file.write(self._path, _HEADER, permitted)
        self._written = permitted

    def _read(self) -> frozenset[SensorName]:
        try:
            return sensor_file.read(self._path) or frozenset()
        except sensor_file.UntrustedFileError as error:
            _log.error(
                "no device is opened until the core says which may be, because %s cannot be trusted (%s)",
                self._path,
                error,
            )
            return frozenset()


def revoke(data_dir: Path) -> bool:
    """Remove the permissions in ``data_dir``, so that the next start permits nothing. False where the file cannot go."""
    try:
        (data_dir / FILE_NAME).unlink(missing_ok=True)
        sensor_file.flush_directory(data_dir)
    except OSError as error:
        _log.error("%s cannot be removed: %s", data_dir / FILE_NAME, error)
        return False
    return True
