"""Enrolled faces, calibration and studies in memory: the real tables on a database that no file holds."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from functools import cached_property

from sqlite_utils import Database

from ertedge.store.calibrations import CalibrationTable
from ertedge.store.faces import FaceTable
from ertedge.store.migrations import steps
from ertedge.store.study import StudyTable


def memory_database() -> Database:
    """A database with every table, used from the recorder's thread and the test's in turn."""
    database = Database(sqlite3.connect(":memory:", check_same_thread=False))
    steps.apply(database)
    return database


class FakeFrontStore:
    """The part of the store that enrolment, calibration and studies ask."""

    @cached_property
    def front_database(self) -> Database:
        return memory_database()

    @property
    def faces(self) -> FaceTable:
        return FaceTable(self.front_database, nullcontext)

    @property
    def calibrations(self) -> CalibrationTable:
        return CalibrationTable(self.front_database, nullcontext)

    @property
    def studies(self) -> StudyTable:
        return StudyTable(self.front_database, nullcontext)
