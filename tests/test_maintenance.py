"""Encrypting, decrypting and changing the key of a stopped daemon's store, at every cut; and a key that does not fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ertedge import maintenance
from ertedge.composition import store_key
from ertedge.config import Config, StoreSettings
from ertedge.core.data_directory import DATABASE_NAME, alone_in
from ertedge.errors import AlreadyRunningError, NotFoundError, PreconditionError, StoreKeyError
from ertedge.store import Store
from ertedge.store.header import FileKind, kind_of
from ertedge.store.keys import StoreKey, key_in, new_key
from ertedge.store.rotation import rotate, settled_key
from ertedge.types import SafetyPlan

NAME = "Marmaduke Featherstonehaugh"
PLAN = SafetyPlan(warning_signs=(NAME,))


class House:
    """A data directory with a store, a key file, and the configuration that names both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.database = self.folder / DATABASE_NAME
        self.key_file = folder / "store.key"
        self.plain = Config(data_dir=str(self.folder))
        self.config = Config(data_dir=str(self.folder), store=StoreSettings(key_file=str(self.key_file)))

    def fill(self, key: StoreKey | None) -> None:
        store = Store.open(self.database, self.config.store, key)
        store.of(1).save_safety_plan(PLAN)
        store.close()

    def is_whole(self, key: StoreKey | None) -> bool:
        store = Store.open(self.database, self.config.store, key)
        plan = store.of(1).safety().plan
        store.close()
        return plan == PLAN

    def shows(self) -> bool:
        return any(NAME.encode() in file.read_bytes() for file in self.folder.rglob("*") if file.is_file())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class PowerCut(BaseException):
    """Ends everything at once."""


def test_a_store_is_encrypted_given_another_key_and_decrypted_again(house: House) -> None:
    house.fill(None)
    with pytest.raises(StoreKeyError, match="no key is configured"):
        maintenance.encrypt(house.plain)
    new_key(house.key_file)
    assert "encrypt it with `ertedge-ctl store encrypt`" in maintenance.report(house.config).trouble
    first = maintenance.encrypt(house.config)
    assert house.is_whole(first)
    assert not house.shows()
    found = maintenance.report(house.config)
    assert (found.kind, found.trouble, found.unfinished) == ("encrypted", "", False)
    assert str(house.key_file) in found.key
    assert found.size_bytes > 0
    with pytest.raises(PreconditionError, match="is encrypted already"):
        maintenance.encrypt(house.config)
    second = maintenance.rotate_key(house.config)
    assert second.value != first.value
    assert key_in(house.key_file).value == second.value
    assert house.key_file.stat().st_mode & 0o777 == 0o600
    assert house.is_whole(second)
    with pytest.raises(StoreKeyError):
        house.is_whole(first)
    maintenance.decrypt(house.config)
    assert kind_of(house.database) is FileKind.PLAIN
    assert house.is_whole(None)
    with pytest.raises(PreconditionError, match="is not encrypted"):
        maintenance.decrypt(house.config)
    with pytest.raises(PreconditionError, match="has no key"):
        maintenance.rotate_key(house.config)


def test_a_new_key_goes_where_it_is_told(house: House, tmp_path: Path) -> None:
    house.fill(new_key(house.key_file))
    to = tmp_path / "another.key"
    made = maintenance.rotate_key(house.config, to)
    assert key_in(to).value == made.value
    assert house.is_whole(made)
    with pytest.raises(StoreKeyError, match="does not open"):
        maintenance.rotate_key(house.config, to)
    elsewhere = house.config.model_copy(update={"store": StoreSettings(key_file=str(to))})
    with pytest.raises(StoreKeyError, match="already"):
        maintenance.rotate_key(elsewhere, to)


@pytest.mark.parametrize(
    "step", ["key made", "copied", "compared", "named", "replaced", "overwriting", "removed", "key adopted"]
)
def test_a_change_of_the_key_that_is_cut_is_ended_by_the_next_start(house: House, step: str) -> None:
    first = new_key(house.key_file)
    house.fill(first)

    def cut(at: str) -> None:
        if at == step:
            raise PowerCut

    with pytest.raises(PowerCut):
        rotate(house.database, house.config.store, reached=cut)
    key = store_key(house.config)
    assert key is not None
    assert house.is_whole(key)
    assert key_in(house.key_file).value == key.value
    is_new = step in ("replaced", "overwriting", "removed", "key adopted")
    assert (key.value != first.value) is is_new
    assert [file.name for file in house.key_file.parent.iterdir() if file.is_file()] == ["store.key"]
    assert [file.name for file in house.folder.iterdir()] == [DATABASE_NAME]


def test_a_new_key_that_was_cut_while_it_was_written_is_thrown_away(house: House) -> None:
    first = new_key(house.key_file)
    house.fill(first)
    house.key_file.with_name("store.key.new").write_text("ab12")
    key = settled_key(house.database, house.config.store)
    assert key is not None
    assert key.value == first.value
    assert not house.key_file.with_name("store.key.new").exists()


def test_neither_key_fits_and_neither_is_thrown_away(house: House) -> None:
    house.fill(new_key(house.key_file))
    house.key_file.unlink()
    new_key(house.key_file)
    coming = house.key_file.with_name("store.key.new")
    new_key(coming)
    before = house.database.read_bytes(), house.key_file.read_bytes(), coming.read_bytes()
    with pytest.raises(StoreKeyError, match="does not open"):
        settled_key(house.database, house.config.store)
    assert (house.database.read_bytes(), house.key_file.read_bytes(), coming.read_bytes()) == before


def test_while_the_daemon_runs_nothing_is_touched_and_the_report_is_given(house: House) -> None:
    house.fill(None)
    new_key(house.key_file)
    with alone_in(house.folder):
        for command in (maintenance.encrypt, maintenance.decrypt, maintenance.rotate_key):
            with pytest.raises(AlreadyRunningError, match="stop it"):
                command(house.config)
        assert maintenance.report(house.plain).kind == "plain"


def test_what_is_not_there_is_said(house: House) -> None:
    new_key(house.key_file)
    with pytest.raises(NotFoundError, match="ertedged makes one"):
        maintenance.encrypt(house.config)
    found = maintenance.report(house.config)
    assert (found.kind, found.size_bytes, found.trouble) == ("absent", 0, "")
    house.database.write_bytes(b"hello")
    assert "is not a database" in maintenance.report(house.config).trouble


@pytest.mark.parametrize("what", ["wrong key", "no key", "key for a plain store", "key that others can read"])
def test_a_key_that_does_not_fit_is_refused_before_anything_starts(house: House, what: str) -> None:
    key = new_key(house.key_file)
    house.fill(None if what == "key for a plain store" else key)
    if what == "wrong key":
        house.key_file.unlink()
        new_key(house.key_file)
    if what == "key that others can read":
        house.key_file.chmod(0o644)
    before = house.database.read_bytes()
    with pytest.raises(StoreKeyError, match=";"):
        store_key(house.plain if what == "no key" else house.config)
    assert house.database.read_bytes() == before


def test_the_daemon_ends_as_for_any_configuration_that_is_wrong(house: House, tmp_path: Path) -> None:
    house.fill(new_key(house.key_file))
    configuration = tmp_path / "ertedge.toml"
    configuration.write_text(f'data_dir = "{house.folder}"\n')
    command = [sys.executable, "-m", "ertedge.daemon", "--config", str(configuration), "--sensor", "external"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2, "so that systemd does not start it again and again"
    assert "ertedged: " in done.stderr
    assert "is encrypted, and no key is configured" in done.stderr
    assert "Traceback" not in done.stderr
