"""Which sensors are muted, kept in a file so that no restart of anything opens a muted device. Floor 2.

Belongs to the sensor process. The file is replaced as a whole and flushed to the disk before a change counts. It fails safe:
a file that cannot be read or understood means that everything is muted, and says so.
"""

from __future__ import annotations

import logging
from pathlib import Path

from ertedge.errors import StoreError
from ertedge.sensor import sensor_file
from ertedge.types import SensorName

_log = logging.getLogger(__name__)

FILE_NAME = "muted.toml"
_HEADER = "# Which sensors are muted; written by ertedge-ctl sensors mute and unmute.\n"


class MuteFile:
    """The mutes in ``data_dir``. Reads them at once; raises nothing then, since without knowing it mutes."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._detail = ""
        self._muted = self._read()

    @property
    def muted(self) -> frozenset[SensorName]:
        """The muted sensors."""
        return frozenset(self._muted)

    @property
    def detail(self) -> str:
        """What is wrong with the file and what it means, a sentence for a person; empty when nothing is."""
        return self._detail

    def mute(self, sensor: SensorName) -> None:
        """Mute ``sensor``. Holds in this process even when it raises.

        Raises StoreReadOnlyError, StoreFullError or StoreError when the mute could not be written, and so would not
        survive a restart; ``detail`` says so until a later change is written.
        """
        self._muted.add(sensor)
        try:
            self._write(self._muted)
        except StoreError as error:
            self._detail = f"muted only until the sensor process restarts, because {error}"
            raise

    def unmute(self, sensor: SensorName) -> None:
        """Unmute ``sensor``. When the change cannot be written it raises as ``mute`` does, and the sensor stays muted."""
        remaining = self._muted - {sensor}
        self._write(remaining)
        self._muted = remaining

    def _read(self) -> set[SensorName]:
        try:
            return set(sensor_file.read(self._path) or ())
        except sensor_file.UntrustedFileError as error:
            return self._all_muted(str(error))

    def _all_muted(self, cause: str) -> set[SensorName]:
        self._detail = (
            f"everything is muted to be safe, because {self._path} cannot be trusted ({cause}); "
            "unmute what you want with: ertedge-ctl sensors unmute"
        )
        _log.error("%s", self._detail)
        return set(SensorName)

    def _write(self, muted: set[SensorName]) -> None:
        sensor_file.write(self._path, _HEADER, muted)
        self._detail = ""
