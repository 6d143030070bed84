"""The store as the rest of the program sees it: open, append, read, let age, close. Floor 1; imports words and errors.

Synchronous, and one thread owns it: open and use it on the same thread. Every method may raise a ``StoreError``; after one,
whatever was committed before is still there, and the call that failed has left nothing behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ertedge.config import StoreSettings
from ertedge.errors import StoreFullError
from ertedge.store import erasure, export, learning, ledger, retention, states
from ertedge.store.assessments import AssessmentTable
from ertedge.store.calibrations import CalibrationTable
from ertedge.store.database import open_database
from ertedge.store.faces import FaceTable
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.keys import StoreKey
from ertedge.store.people import PeopleTable
from ertedge.store.profile_store import ProfileStore
from ertedge.store.records import Downsampled, ExportPage, LedgerPage, StatePage, StoreStatus
from ertedge.store.study import StudyTable
from ertedge.types import ActivityReview, EmotionState, Purpose

MINUTES_MERGED_MOST = 2_000
"""Minutes of old states that one ``downsample`` merges: a day and a third, in about a second on a small board."""


class Store:
    """An open database. ``Store.open`` makes one."""

    def __init__(self, path: Path, settings: StoreSettings, database: Database) -> None:
        self._path = path
        self._settings = settings
        self._database = database
        self.people = PeopleTable(database, self._reporting)
        self.faces = FaceTable(database, self._reporting)
        self.calibrations = CalibrationTable(database, self._reporting)
        self.assessments = AssessmentTable(database, self._reporting)
        self.studies = StudyTable(database, self._reporting)

    @classmethod
    def open(cls, path: Path, settings: StoreSettings, key: StoreKey | None = None) -> Store:
        """Open the database at ``path``, or make it, its file for its owner alone, and bring it up to date.

        With a ``key`` it is encrypted. Raises ``StoreCorruptError`` (not ours, damaged or from a newer version) and
        ``StoreKeyError`` (the key does not fit the file), after both of which the file is as it was,
        ``StoreReadOnlyError`` or ``StoreFullError``.
        """
        return cls(path, settings, open_database(path, key))

    def append_states(self, batch: Sequence[EmotionState]) -> None:
        """Store the states in one transaction; one that is already stored is left as it is.

        Raises ``StoreFullError`` already while ``free_bytes_least`` are left, since a device needs room to live.
        """
        with self._reporting():
            free, least = _free_bytes(self._path), self._settings.free_bytes_least
            if free < least:
                raise StoreFullError(
                    f"only {free / 1e6:.0f} MB are free where {self._path} is, and {least / 1e6:.0f} MB are to stay free;"
                    " free some space"
                )
            states.append(self._database, batch)

    def state(self, sequence: int) -> EmotionState:
        """The stored state of that sequence number. Raises ``NotFoundError``."""
        with self._reporting():
            return states.get(self._database, sequence)

    def list_states(
        self,
        *,
        start_ns: int | None,
        end_ns: int | None,
        resolution_ns: int,
        limit: int,
        before: int | None,
        profile_id: int | None = None,
    ) -> StatePage:
        """At most ``limit`` states, newest first, of wall times from ``start_ns`` up to but without ``end_ns``.

        ``resolution_ns`` 0: states as they are stored, in the order of their numbers. More: one state a span of that
        length, merged as ``merging`` says. ``before``: the ``next_cursor`` of the page before, other arguments unchanged.
        ``profile_id``: those of that person; None: everybody's.
        """
        with self._reporting():
            if resolution_ns > 0:
                return states.list_merged(
                    self._database,
                    start_ns,
                    end_ns,
                    resolution_ns=resolution_ns,
                    limit=limit,
                    before=before,
                    profile_id=profile_id,
                )
            return states.list_single(
                self._database, start_ns, end_ns, limit=limit, before=before, profile_id=profile_id
            )

    def last_sequence(self) -> int:
        """The greatest sequence number ever stored, also of a state that has since been removed; 0 before the first."""
        with self._reporting():
            return states.last_sequence(self._database)

    def append_ledger(self, event: str, subject: str, detail: str, wall_time_ns: int, *, profile_id: int = 0) -> None:
        """Write down what was done that touches privacy, of a person or of nobody."""
        with self._reporting():
            ledger.append(self._database, event, subject, detail, wall_time_ns, profile_id=profile_id)

    def list_ledger(self, *, limit: int, before: int | None) -> LedgerPage:
        """At most ``limit`` entries, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return ledger.page(self._database, limit, before)

    def of(self, profile_id: int) -> ProfileStore:
        """What is kept of the suggestions and the safety of one person; 0: of nobody's."""
        return ProfileStore(self._path, self._database, profile_id)

    def append_review(self, review: ActivityReview) -> None:
        """Store a sign-off of an activity."""
        with self._reporting():
            learning.append_review(self._database, review)

    def reviews(self) -> tuple[ActivityReview, ...]:
        """Every sign-off ever given, oldest first."""
        with self._reporting():
            return learning.reviews(self._database)

    def erase_profile(self, profile_id: int) -> int:
        """Remove everything of a person, and every trace of it in the files. Returns how many rows it were.

        Where this ends early it is ended by the next start; it is true of nobody's, 0, as well.
        """
        with self._reporting():
            return erasure.erase_profile(self._database, profile_id)

    def erase_covered(self, profile_id: int, purpose: Purpose) -> int:
        """Remove what of a person rests on their consent to ``purpose``, which they have withdrawn, and every trace of it.

        Returns how many rows went or lost a part of theirs.
        """
        with self._reporting():
            return erasure.erase_covered(self._database, profile_id, purpose)

    def export_page(self, profile_id: int, table: str, *, after: int, limit: int) -> ExportPage:
        """At most ``limit`` rows of a person's in a personal table, readable, after the ``next_cursor`` of the page before;
        -1: from the first."""
        with self._reporting():
            return export.page(self._database, profile_id, table, after, limit)

    def downsample(self, now_wall_ns: int, minutes_most: int = MINUTES_MERGED_MOST) -> Downsampled:
        """Merge states older than ``keep_full_days`` into one a minute and remove what is older than ``keep_days``.

        A long history is worked off over several calls: ``unfinished`` says that there is more.
        """
        with self._reporting():
            return retention.downsample(self._database, self._settings, now_wall_ns, minutes_most)

    def status(self) -> StoreStatus:
        """How large the store is and what room it has."""
        with self._reporting():
            count = self._database.execute("SELECT COUNT(*) FROM states").fetchone()[0]
            size = sum(_size_bytes(Path(f"{self._path}{suffix}")) for suffix in ("", "-wal", "-shm"))
            return StoreStatus(size_bytes=size, free_bytes=_free_bytes(self._path), state_count=count)

    def close(self) -> None:
        """Write the log back into the file and let go of it. Closing twice does no harm."""
        self._database.close()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        with reported_as_store_errors(self._path):
            yield


def _free_bytes(path: Path) -> int:
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
