"""Nothing of an erased person is left in any file, nothing of anybody else is lost, and a power cut changes neither.

What is planted is made from the schema, so that a table or a column that is added later is looked for as well.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import StoreError
from ertedge.store import Store, erasure
from ertedge.store.keys import StoreKey
from ertedge.store.personal_tables import PERSONAL_TABLES
from ertedge.types import EMOTIONS, Emotion, Modality, ModalityShare, Purpose
from tests.store.conftest import SETTINGS
from tests.store.samples import START_NS, state

ROWS_EACH = 40
KEY = StoreKey(bytes(range(32)), "the key file k")


def mark(person: int, table: str, column: str, row: int) -> str:
    return f"<{table}.{column} of person {person}, row {row}: Marmaduke Featherstonehaugh>"


def number(person: int, place: int, row: int) -> int:
    """Eight bytes that begin with the same five for everything of a person."""
    return (0x6D_A7_5E_C3_00 + person) << 24 | place << 12 | row


def beginning(person: int) -> bytes:
    return (0x6D_A7_5E_C3_00 + person).to_bytes(5, "big")


def plant(store: Store, person: int) -> None:
    """Fill every column of every personal table with what could only be this person's."""
    database = store._database
    database.execute("PRAGMA ignore_check_constraints = ON")
    for table in PERSONAL_TABLES:
        columns = database.execute(f"PRAGMA table_info({table.name})").fetchall()
        one_row = [column[1] for column in columns if column[5]] == [table.profile_column]
        for row in range(1 if one_row else ROWS_EACH):
            values: list[int | float | str | bytes] = []
            for place, (_, name, kind, *_rest) in enumerate(columns):
                if name == table.profile_column:
                    values.append(person)
                elif kind == "TEXT":
                    values.append(mark(person, table.name, name, row))
                elif kind == "BLOB":
                    values.append(mark(person, table.name, name, row).encode() * 50)
                elif kind == "REAL":
                    values.append(float(number(person, place, row) >> 24) + row)
                else:
                    values.append(number(person, place, row))
            names = ", ".join(column[1] for column in columns)
            with database.atomic():
                database.execute(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(values))})", values)
    database.execute("PRAGMA ignore_check_constraints = OFF")


def rows_of(store: Store, person: int) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: store._database.execute(
            f"SELECT * FROM {table.name} WHERE {table.profile_column} = ? ORDER BY 1", [person]
        ).fetchall()
        for table in PERSONAL_TABLES
    }


def everything_in(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() + path.name.encode() for path in sorted(folder.rglob("*")) if path.is_file())


def traces(folder: Path, person: int) -> int:
    held = everything_in(folder)
    return held.count(f"of person {person}, row".encode()) + held.count(beginning(person))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_nothing_of_an_erased_person_is_in_any_file_and_nothing_of_another_is_lost(store: Store, folder: Path) -> None:
    for person in (1, 2):
        plant(store, person)
    numbers = store._database.execute("SELECT * FROM sqlite_sequence ORDER BY name").fetchall()
    others = rows_of(store, 2)
    assert all(others.values())
    assert traces(folder, 1) > 1000, "planted, so that finding none means something"
    removed = store.erase_profile(1)
    assert removed == sum(len(rows) for rows in others.values())
    assert traces(folder, 1) == 0
    assert not any(rows_of(store, 1).values())
    assert rows_of(store, 2) == others
    assert store._database.execute("SELECT * FROM sqlite_sequence ORDER BY name").fetchall() == numbers
    assert store._database.execute("PRAGMA freelist_count").fetchone() == (0,)
    store.close()
    assert traces(folder, 1) == 0
    assert traces(folder, 2) > 1000


def test_rows_that_were_changed_and_removed_before_leave_no_copy_either(store: Store, folder: Path) -> None:
    """SQLite copies rows from page to page as a table grows; what lies about of that goes too."""
    plant(store, 1)
    plant(store, 2)
    for table in ("suggestions", "decisions", "safety_answers"):
        key = store._database.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1").fetchone()[0]
        store._database.execute(f"DELETE FROM {table} WHERE profile_id = 1 AND {key} % 3 = 0")
    store._database.execute("UPDATE suggestions SET title = 'short' WHERE profile_id = 1")
    store.erase_profile(1)
    assert traces(folder, 1) == 0


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
def test_a_large_store_is_written_anew_by_way_of_a_file_and_an_encrypted_one_shows_nothing_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: StoreKey | None
) -> None:
    """The file has no name any more while it is used; it is looked into through the process's own descriptors."""
    monkeypatch.setattr(erasure, "IN_MEMORY_BYTES", 0)
    large = Store.open(tmp_path / "large" / "ertedge.db", SETTINGS, key)
    for person in (1, 2):
        plant(large, person)
    with large._database.atomic():  # more than SQLite holds back before it writes
        large._database.conn.executemany(
            "INSERT INTO ledger (event, subject, detail, wall_time_ns, profile_id) VALUES ('E', 'somewhere', ?, 1, 2)",
            [[mark(2, "ledger", "detail", row) * 5] for row in range(30_000)],
        )
    seen: list[bytes] = []

    def look() -> int:
        for descriptor in Path("/proc/self/fd").iterdir():
            try:
                if "etilqs" in str(descriptor.readlink()):
                    seen[:] = [descriptor.read_bytes()]
            except OSError:
                continue  # it has been closed in the meantime
        return 0

    large._database.conn.set_progress_handler(look, 20_000)
    large.erase_profile(1)
    large._database.conn.set_progress_handler(None, 0)
    large.close()
    held = b"".join(seen)
    assert held
    assert b"of person 1, row" not in held
    assert (b"of person 2, row" in held) is (key is None)


def test_entries_of_the_ledger_that_name_the_person_go_with_them(store: Store) -> None:
    for subject in ("profiles/1", "profiles/1/consents/3", "profiles/12", "sensors/camera"):
        store.append_ledger("PROFILE_READ", subject, "Something was read.", START_NS)
    store.append_ledger("CONSENT_GIVEN", "somewhere", "It was given.", START_NS, profile_id=1)
    store.erase_profile(1)
    left = [entry.subject for entry in store.list_ledger(limit=9, before=None).entries]
    assert left == ["sensors/camera", "profiles/12"]


def shared(sequence: int, *modalities: Modality, profile_id: int = 1, weight: float = 0.5) -> object:
    said = np.full(7, 1 / 7, np.float32)
    silent = tuple(ModalityShare(modality, 0.0, 0.25, None) for modality in Modality if modality not in modalities)
    spoke = tuple(ModalityShare(modality, weight, 0.75, said) for modality in modalities)
    return replace(state(sequence), shares=(*spoke, *silent), profile_id=profile_id)


def test_withdrawing_the_face_takes_its_columns_and_every_state_that_it_had_a_share_in(store: Store) -> None:
    batch = [
        shared(1, Modality.FACE, Modality.VOICE),
        shared(2, Modality.VOICE),
        shared(3),
        shared(4, Modality.FACE, profile_id=2),
    ]
    store.append_states(batch)  # type: ignore[arg-type]
    plan_before = store.of(1).safety()
    assert store.erase_covered(1, Purpose.SENSE_FACE) == 3
    left = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=9, before=None).states
    assert [each.sequence for each in left] == [4, 3, 2]
    assert [sorted(share.modality for share in each.shares) for each in left] == [
        [Modality.FACE, Modality.VOICE],
        [Modality.VOICE],
        [Modality.VOICE],
    ]
    assert left[2].emotion in (*EMOTIONS, Emotion.UNKNOWN)
    assert store.erase_covered(1, Purpose.SENSE_VOICE) == 2
    assert [
        each.sequence
        for each in store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=9, before=None).states
    ] == [4, 3]
    assert store.of(1).safety() == plan_before


@pytest.mark.parametrize("purpose", list(Purpose))
def test_withdrawing_removes_what_the_purpose_covers_and_nothing_else(
    store: Store, folder: Path, purpose: Purpose
) -> None:
    plant(store, 1)
    plant(store, 2)
    before, others = rows_of(store, 1), rows_of(store, 2)
    store.erase_covered(1, purpose)
    after = rows_of(store, 1)
    assert rows_of(store, 2) == others
    held = everything_in(folder)
    for table in PERSONAL_TABLES:
        parts = [each for each in table.columns_covered if each.purpose is purpose]
        if purpose in table.covered_by:
            assert after[table.name] == []
            assert not re.search(rf"<{table.name}\.\w+ of person 1,".encode(), held)
        elif not parts:
            assert after[table.name] == before[table.name]


def test_an_erasure_that_is_cut_anywhere_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection fails at one statement of an erasure after the other, every fourth of the many alike; opening the store
    again ends it."""
    monkeypatch.setattr(erasure, "ROWS_AT_ONCE", 2)
    template = tmp_path / "template.db"
    filled = Store.open(template, SETTINGS)
    filled.append_states([replace(state(each), profile_id=1 + each % 2) for each in range(1, 9)])
    filled.append_ledger("PROFILE_READ", "somewhere", mark(1, "ledger", "detail", 1), START_NS, profile_id=1)
    filled.close()
    statement, ended = 0, False
    while not ended:
        statement += 1 if statement < 8 else 4
        path = tmp_path / f"cut at {statement}" / "ertedge.db"
        path.parent.mkdir()
        shutil.copy(template, path)
        ended = erased_but_cut(path, statement)
        begun = statement > 1
        reopened = Store.open(path, SETTINGS)
        counts = reopened._database.execute("SELECT profile_id, COUNT(*) FROM states GROUP BY 1 ORDER BY 1").fetchall()
        assert counts == ([(2, 4)] if begun else [(1, 4), (2, 4)])
        assert (traces(path.parent, 1) == 0) is begun
        assert reopened._database["erasures"].count == 0
        reopened.close()
    assert statement > len(PERSONAL_TABLES)


def erased_but_cut(path: Path, statement: int) -> bool:
    """Whether the erasure came to its end before the connection failed at that statement."""
    store = Store.open(path, SETTINGS)
    whole = store._database.conn
    store._database.conn = Cutting(whole, statement)  # type: ignore[assignment]
    try:
        store.erase_profile(1)
    except StoreError:
        return False
    finally:
        whole.close()
    return True


class Cutting:
    """A connection whose statement of that number, and all after it, fail as if the disk were gone."""

    def __init__(self, connection: sqlite3.Connection, statement: int) -> None:
        self._connection = connection
        self._left = statement

    def execute(self, *arguments: object) -> sqlite3.Cursor:
        self._left -= 1
        if self._left <= 0:
            raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(*arguments)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)
