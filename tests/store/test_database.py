"""Opening, and everything that can be wrong with a file, a disk or a permission."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.errors import StoreCorruptError, StoreError, StoreFullError, StoreReadOnlyError
from ertedge.store import Store
from ertedge.store.database import open_database
from ertedge.store.migrations import steps
from tests.store.conftest import SETTINGS
from tests.store.samples import state, states

NOBODY = 65_534


def made(path: Path, count: int = 500) -> Path:
    """A closed store with some states."""
    store = Store.open(path, SETTINGS)
    store.append_states(states(count))
    store.close()
    return path


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ertedge.db"
    store = Store.open(path, SETTINGS)
    store.append_states(states(3))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    store.close()
    path.chmod(0o644)
    Store.open(path, SETTINGS).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_runs_as_the_design_says(tmp_path: Path) -> None:
    database = open_database(tmp_path / "ertedge.db")
    settings = {
        name: database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "secure_delete", "synchronous", "auto_vacuum")
    }
    database.close()
    assert settings == {"journal_mode": "wal", "secure_delete": 1, "synchronous": 1, "auto_vacuum": 2}


def test_it_opens_again_with_what_was_stored(tmp_path: Path) -> None:
    store = Store.open(made(tmp_path / "ertedge.db"), SETTINGS)
    status = store.status()
    assert status.state_count == 500
    assert status.size_bytes > 20_000
    assert status.free_bytes > 0
    store.close()
    store.close()


@pytest.mark.parametrize(
    "content",
    [b"hello", b"not a database, but longer than its header would be " * 20, b"SQLite format 3\x00" + bytes(84)],
    ids=["short", "text", "header of another program"],
)
def test_a_file_that_is_no_database_of_ours_stays_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ertedge.db"
    path.write_bytes(content)
    path.chmod(0o640)
    with pytest.raises(StoreCorruptError, match="move it away"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["ertedge.db"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_another_programs_database_stays_untouched(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError, match="another program"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == before


def test_a_directory_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "ertedge.db").mkdir()
    with pytest.raises(StoreCorruptError, match="is a directory"):
        Store.open(tmp_path / "ertedge.db", SETTINGS)


@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_a_damaged_database_is_refused_and_stays_untouched(tmp_path: Path, damage: str) -> None:
    path = made(tmp_path / "ertedge.db")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    else:
        content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError, match=r"ertedge\.db is damaged"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == content


def test_a_newer_versions_database_is_refused_and_stays_untouched(tmp_path: Path) -> None:
    path = made(tmp_path / "ertedge.db")
    database = open_database(path)
    database.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, '9999_from_the_future', '2036-01-01')",
        [steps.name],
    )
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError, match="newer version of ertedge"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == before


def test_a_start_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    database = open_database(path)
    for table in database.table_names():
        if table != "_sqlite_migrations" and not table.startswith("sqlite_"):
            database.execute(f"DROP TABLE {table}")
    database.execute("DELETE FROM _sqlite_migrations")
    database.close()
    store = Store.open(path, SETTINGS)
    store.append_states(states(1))
    assert store.last_sequence() == 1
    store.close()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "ertedge.db", count=3)
    monkeypatch.setattr(steps, "_migrations", list(steps._migrations))

    @steps(name="9999_fails")
    def fail(database: object) -> None:
        database.execute("ALTER TABLE states ADD COLUMN mood INTEGER")  # type: ignore[attr-defined]
        database.execute("INSERT INTO no_such_table VALUES (1)")  # type: ignore[attr-defined]

    with pytest.raises(StoreError):
        Store.open(path, SETTINGS)
    monkeypatch.undo()
    store = Store.open(path, SETTINGS)
    assert store.status().state_count == 3
    store.close()
    with sqlite3.connect(path) as connection:
        assert "mood" not in [row[1] for row in connection.execute("PRAGMA table_info(states)")]
    connection.close()


def test_a_full_database_says_so_keeps_what_it_had_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    store = Store.open(made(tmp_path / "ertedge.db"), SETTINGS)
    database = store._database
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall()
    with pytest.raises(StoreFullError, match="free some space"):
        store.append_states(states(5_000, first=501))
    assert (store.status().state_count, store.last_sequence()) == (500, 500)
    database.execute("PRAGMA max_page_count = 100000").fetchall()
    store.append_states(states(5_000, first=501))
    assert store.last_sequence() == 5_500
    store.close()


def test_room_is_left_for_the_device_to_live(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "ertedge.db", StoreSettings(free_bytes_least=2**62))
    with pytest.raises(StoreFullError, match="are to stay free"):
        store.append_states(states(1))
    store.append_ledger("SENSOR_MUTED", "sensors/camera", "The ledger is written all the same.", 1)
    store.close()


LIMITED = """
import resource, signal, sys
from pathlib import Path
from ertedge.errors import StoreFullError
from ertedge.store import Store
from tests.store.conftest import SETTINGS
from tests.store.samples import states
store = Store.open(Path(sys.argv[1]), SETTINGS)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    for first in range(501, 20_000, 500):
        store.append_states(states(500, first))
except StoreFullError as error:
    stored = store.last_sequence()
    assert stored == store.status().state_count, stored
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.append_states(states(500, stored + 1))
    assert store.last_sequence() == stored + 500
    store.close()
    print(stored, error)
"""


def test_a_disk_that_takes_no_more_bytes_is_full(tmp_path: Path) -> None:
    """A limit on the size of files refuses a write where a full disk would: in the middle of the log."""
    path = made(tmp_path / "ertedge.db")
    done = run(LIMITED, path)
    assert done.returncode == 0, done.stderr
    assert "is full" in done.stdout
    store = Store.open(path, SETTINGS)
    assert store.status().state_count == int(done.stdout.split()[0]) + 500
    store.close()


AS_NOBODY = f"""
import os, sys
from pathlib import Path
from ertedge.errors import StoreReadOnlyError
from ertedge.store import Store
from tests.store.conftest import SETTINGS
if os.geteuid() == 0:
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    Store.open(Path(sys.argv[1]), SETTINGS)
except StoreReadOnlyError as error:
    print(error)
"""


@pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path, existing: bool) -> None:
    folder = tmp_path / "data"
    path = folder / "ertedge.db"
    if existing:
        made(path)
    else:
        folder.mkdir()
    folder.chmod(0o555)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    try:
        done = run(AS_NOBODY, path)
    finally:
        folder.chmod(0o700)
    assert "--data-dir" in done.stdout, done.stderr
    assert str(path) in done.stdout


def test_a_database_that_turns_read_only_says_so(tmp_path: Path) -> None:
    store = Store.open(made(tmp_path / "ertedge.db"), SETTINGS)
    store._database.execute("PRAGMA query_only = ON").fetchall()
    with pytest.raises(StoreReadOnlyError, match="cannot be written"):
        store.append_states(states(1, first=501))
    assert store.state(500).sequence == 500
    store.close()


def test_another_program_that_holds_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "ertedge.db")
    monkeypatch.setattr("ertedge.store.connection.BUSY_SECONDS", 0.05)
    store = Store.open(path, SETTINGS)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        store.append_states(states(1, first=501))
    other.rollback()
    other.close()
    store.append_states(states(1, first=501))
    store.close()


KILLED = """
import sys
from pathlib import Path
from ertedge.store import Store
from tests.store.conftest import SETTINGS
from tests.store.samples import states
store = Store.open(Path(sys.argv[1]), SETTINGS)
first = store.last_sequence() + 1
while True:
    store.append_states(states(50, first))
    first += 50
    print(first - 1, flush=True)
"""


def test_killed_in_the_middle_of_writing_it_loses_nothing_committed(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    committed = 0
    for delay_seconds in (0.05, 0.11, 0.23):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            committed = int(writer.stdout.readline())
            time.sleep(delay_seconds)
            writer.send_signal(signal.SIGKILL)
            committed = max([committed, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        store = Store.open(path, SETTINGS)
        last = store.last_sequence()
        assert last >= committed
        assert store.status().state_count == last
        assert last % 50 == 0, "a batch is there whole or not at all"
        assert store.state(last).sequence == state(last).sequence
        store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def run(program: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run ``program`` with ``path`` as its argument in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
