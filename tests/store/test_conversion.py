"""A store that is encrypted, decrypted or given another key is whole at every moment, and leaves no plain copy behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.errors import StoreError, StoreFullError, StoreKeyError
from ertedge.store import Store, conversion
from ertedge.store.connection import connect
from ertedge.store.conversion import convert, is_unfinished, tidy
from ertedge.store.header import FileKind, kind_of
from ertedge.store.keys import StoreKey
from ertedge.types import ConsentReceipt, Profile, Purpose
from tests.store.conftest import SETTINGS
from tests.store.samples import START_NS, state
from tests.store.suggestion_samples import decision, suggestion

KEY = StoreKey(bytes(range(32)), "the key file k")
OTHER = StoreKey(bytes(range(1, 33)), "the key file other")
WAYS = {"encrypt": (None, KEY), "decrypt": (KEY, None), "rotate": (KEY, OTHER)}
STEPS = ("copied", "synced", "compared", "named", "replaced", "overwriting", "overwritten", "removed")
NAME = "Marmaduke Featherstonehaugh"


class PowerCut(BaseException):
    """Ends everything at once: no error handler of the code's is for it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[StoreKey | None, Path]:
    """A closed store under each key."""
    folder = tmp_path_factory.mktemp("made")
    return {key: filled(folder / name / "ertedge.db", key) for name, key in (("plain", None), ("encrypted", KEY))}


def copied(path: Path, made: dict[StoreKey | None, Path], key: StoreKey | None) -> Path:
    """A copy of one that is made already, which is quicker."""
    path.parent.mkdir()
    shutil.copy(made[key], path)
    return path


def filled(path: Path, key: StoreKey | None) -> Path:
    """A closed store with something in every kind of table, triggers included."""
    store = Store.open(path, SETTINGS, key)
    store.append_states([replace(state(each), profile_id=1 + each % 2) for each in range(1, 60)])
    store.append_ledger("PROFILE_CREATED", "profiles/1", f"{NAME} was here.", START_NS, profile_id=1)
    store.people.add_profile(Profile(1, NAME, "en", START_NS, START_NS, "etag"))
    store.people.add_receipt(ConsentReceipt(1, 1, Purpose.KEEP_HISTORY, True, 1, "en", "ab" * 32, START_NS))
    store.of(1).append_decisions([decision(7)])
    store.of(1).save_suggestion(replace(suggestion(9), reason=NAME))
    store.close()
    return path


def content_of(path: Path, key: StoreKey | None) -> dict[str, list[tuple[object, ...]]]:
    store = Store.open(path, SETTINGS, key)
    database = store._database
    content = {name: database.execute(f'SELECT rowid, * FROM "{name}"').fetchall() for name in database.table_names()}
    content["schema"] = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    content["sequence"] = database.execute("SELECT * FROM sqlite_sequence ORDER BY name").fetchall()
    store.close()
    return content


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def everything_in(folder: Path) -> bytes:
    return b"\0".join(file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("way", WAYS)
def test_all_of_it_is_there_afterwards_and_the_old_is_not(tmp_path: Path, way: str) -> None:
    old, new = WAYS[way]
    path = filled(tmp_path / "data" / "ertedge.db", old)
    before = content_of(path, old)
    steps: list[str] = []
    convert(path, old, new, steps.append)
    assert tuple(dict.fromkeys(steps)) == STEPS
    assert names_in(path.parent) == ["ertedge.db"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert kind_of(path) is (FileKind.PLAIN if new is None else FileKind.ENCRYPTED)
    assert (NAME.encode() in everything_in(path.parent)) is (new is None)
    assert content_of(path, new) == before
    with pytest.raises(StoreKeyError):
        Store.open(path, SETTINGS, old)
    store = Store.open(path, SETTINGS, new)
    assert store._database.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert store._database.execute("PRAGMA application_id").fetchone() == (0x45525445,)
    assert store.of(1).last_suggestion_id() == 9
    store.close()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("way", WAYS)
def test_a_power_cut_at_any_step_leaves_the_old_or_the_new_whole(
    tmp_path: Path, made: dict[StoreKey | None, Path], way: str, step: str
) -> None:
    old, new = WAYS[way]
    path = copied(tmp_path / "data" / "ertedge.db", made, old)
    before = content_of(path, old)

    def cut(at: str) -> None:
        if at == step:
            raise PowerCut

    with pytest.raises(PowerCut):
        convert(path, old, new, cut)
    is_new = STEPS.index(step) >= STEPS.index("replaced")
    assert is_unfinished(path) is (step != "removed")
    assert tidy(path) is (step != "removed")
    assert names_in(path.parent) == ["ertedge.db"]
    if (new if is_new else old) is not None:
        assert NAME.encode() not in everything_in(path.parent), "no plain copy, whole or in part"
    assert content_of(path, new if is_new else old) == before
    if not is_new:
        convert(path, old, new)
    assert content_of(path, new) == before


def test_a_process_that_is_killed_leaves_the_same(tmp_path: Path) -> None:
    path = filled(tmp_path / "data" / "ertedge.db", None)
    script = f"""
import os
from pathlib import Path
from tests.store.test_conversion import KEY, convert
convert(Path({str(path)!r}), None, KEY, lambda step: os._exit(9) if step == "overwriting" else None)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    assert names_in(path.parent) == ["ertedge.db", "ertedge.db.old"]
    tidy(path)
    assert names_in(path.parent) == ["ertedge.db"]
    assert NAME.encode() not in everything_in(path.parent)
    Store.open(path, SETTINGS, KEY).close()


def test_what_was_plain_is_overwritten_before_its_name_goes(tmp_path: Path) -> None:
    """The pages themselves are looked at, through a descriptor that was opened before."""
    path = filled(tmp_path / "data" / "ertedge.db", None)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        assert NAME.encode() in os.pread(descriptor, size, 0)
        convert(path, None, KEY)
        assert os.pread(descriptor, size, 0) == bytes(size)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("step", STEPS[:3])
def test_a_failure_before_the_new_takes_its_place_leaves_the_old_alone(tmp_path: Path, step: str) -> None:
    path = filled(tmp_path / "data" / "ertedge.db", None)

    def fail(at: str) -> None:
        if at == step:
            raise OSError(5, "Input/output error")

    with pytest.raises(StoreError, match="Input/output error"):
        convert(path, None, KEY, fail)
    assert names_in(path.parent) == ["ertedge.db"]
    Store.open(path, SETTINGS).close()


def test_a_copy_that_differs_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path / "data" / "ertedge.db", None)
    copy = conversion._copy

    def spoilt(*arguments: object) -> None:
        copy(*arguments)  # type: ignore[arg-type]
        store = connect(path.with_name("ertedge.db.new"), KEY)
        store.execute("UPDATE suggestions SET title = 'another'")
        store.commit()
        store.close()

    monkeypatch.setattr(conversion, "_copy", spoilt)
    with pytest.raises(StoreError, match="is not what it is a copy of"):
        convert(path, None, KEY)
    assert names_in(path.parent) == ["ertedge.db"]
    Store.open(path, SETTINGS).close()


def test_a_wrong_key_or_too_little_room_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path / "data" / "ertedge.db", KEY)
    before = path.read_bytes()
    with pytest.raises(StoreKeyError):
        convert(path, OTHER, None)
    with pytest.raises(StoreKeyError):
        convert(path, None, KEY)
    assert path.read_bytes() == before
    monkeypatch.setattr(conversion, "SPARE_BYTES", 2**62)
    with pytest.raises(StoreFullError, match="needs"):
        convert(path, KEY, None)
    assert path.read_bytes() == before
    assert names_in(path.parent) == ["ertedge.db"]


def test_a_second_name_whose_store_is_gone_becomes_the_store(tmp_path: Path) -> None:
    path = filled(tmp_path / "data" / "ertedge.db", None)
    path.rename(path.with_name("ertedge.db.old"))
    assert tidy(path)
    assert names_in(path.parent) == ["ertedge.db"]
    Store.open(path, SETTINGS).close()
