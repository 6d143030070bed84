"""An encrypted store does all that a plain one does and shows nothing of it; a key that does not fit changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.errors import StoreCorruptError, StoreKeyError
from ertedge.store import Store, keys
from ertedge.store.header import SALT_MARK, FileKind, kind_of
from ertedge.store.keys import StoreKey, key_in, new_key, read_key
from ertedge.types import Purpose, SafetyPlan
from tests.store.conftest import SETTINGS
from tests.store.samples import DAY_NS, START_NS, state, states
from tests.store.suggestion_samples import decision, suggestion

KEY = StoreKey(bytes(range(32)), "the key file k")
OTHER = StoreKey(bytes(range(1, 33)), "the key file other")
NAME = "Marmaduke Featherstonehaugh"


def fill(store: Store) -> None:
    store.append_states(states(200))
    store.append_ledger("PROFILE_CREATED", "profiles/1", f"{NAME} was here.", START_NS)
    mine = store.of(1)
    mine.save_safety_plan(SafetyPlan(warning_signs=(NAME,)))
    mine.append_decisions([decision(1)])
    mine.save_suggestion(replace(suggestion(1), reason=NAME))


def everything_in(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.iterdir()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ertedge.db"


def test_an_encrypted_store_works_and_shows_nothing_while_open_or_closed(path: Path) -> None:
    store = Store.open(path, SETTINGS, KEY)
    fill(store)
    held = everything_in(path.parent)
    assert NAME.encode() not in held
    assert b"SQLite format" not in held
    assert b"CREATE TABLE" not in held
    assert Path(f"{path}-wal").stat().st_size > 100_000, "the log is encrypted too, and was looked through"
    settings = {
        name: store._database.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "secure_delete", "synchronous", "auto_vacuum", "application_id")
    }
    assert settings == {
        "journal_mode": "wal",
        "secure_delete": 1,
        "synchronous": 1,
        "auto_vacuum": 2,
        "application_id": 0x45525445,
    }
    store.close()
    assert kind_of(path) is FileKind.ENCRYPTED
    again = Store.open(path, SETTINGS, KEY)
    assert again.of(1).safety().plan == SafetyPlan(warning_signs=(NAME,))
    assert again.of(1).suggestion(1).reason == NAME
    assert again.downsample(START_NS + 30 * DAY_NS).merged_count > 0
    assert again.erase_covered(1, Purpose.KEEP_HISTORY) > 0
    assert again.erase_profile(1) > 0
    assert again.of(1).safety().plan == SafetyPlan()
    again.close()


def test_a_key_that_does_not_fit_is_refused_and_nothing_is_changed(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(path, SETTINGS, KEY)
    fill(store)
    store.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    for key, said in (
        (OTHER, r"does not open with the key file other.*nothing was changed"),
        (None, r"is encrypted, and no key is configured; name its key in \[store\] key_file"),
    ):
        with pytest.raises(StoreKeyError, match=said):
            Store.open(path, SETTINGS, key)
        assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    assert capfd.readouterr() == ("", ""), "SQLCipher keeps its own log to itself"
    Store.open(path, SETTINGS, KEY).close()


def test_a_plain_store_is_not_opened_with_a_key(path: Path) -> None:
    Store.open(path, SETTINGS).close()
    before = path.read_bytes()
    with pytest.raises(
        StoreKeyError, match="is not encrypted, and a key is configured; encrypt it with `ertedge-ctl store"
    ):
        Store.open(path, SETTINGS, KEY)
    assert path.read_bytes() == before


def test_ours_is_told_from_what_is_none_of_ours(tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(os.urandom(8192))
    with pytest.raises(StoreCorruptError, match="is not a database"):
        Store.open(noise, SETTINGS, KEY)
    marked = tmp_path / "marked"
    marked.write_bytes(SALT_MARK + b"short")
    with pytest.raises(StoreCorruptError):
        kind_of(marked)
    two = [tmp_path / "one" / "e.db", tmp_path / "two" / "e.db"]
    for each in two:
        Store.open(each, SETTINGS, KEY).close()
    first, second = (each.read_bytes() for each in two)
    assert first[:8] == second[:8] == SALT_MARK
    assert first[8:16] != second[8:16]
    assert first[16:4096] != second[16:4096], "the same content under the same key reads differently"


@pytest.mark.parametrize("where", ["first page", "another page"])
def test_a_damaged_page_is_refused_and_stays(path: Path, where: str) -> None:
    store = Store.open(path, SETTINGS, KEY)
    fill(store)
    store.close()
    content = bytearray(path.read_bytes())
    place = 100 if where == "first page" else 4096 * 2 + 100
    content[place] ^= 0xFF
    if where == "another page":
        for page in range(1, len(content) // 4096):
            content[page * 4096 + 100] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(StoreKeyError if where == "first page" else StoreCorruptError):
        Store.open(path, SETTINGS, KEY)
    assert path.read_bytes() == content


def test_a_kill_leaves_a_whole_encrypted_store(path: Path) -> None:
    script = f"""
import os
from pathlib import Path
from ertedge.store import Store
from ertedge.store.keys import StoreKey
from tests.store.conftest import SETTINGS
from tests.store.samples import states
store = Store.open(Path({str(path)!r}), SETTINGS, StoreKey(bytes(range(32)), "k"))
store.append_states(states(300))
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    store = Store.open(path, SETTINGS, KEY)
    assert store.status().state_count == 300
    store.close()


def test_without_sqlcipher_it_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(StoreKeyError, match=r"pip install 'ertedge\[encryption\]'"):
        Store.open(path, SETTINGS, KEY)
    assert not path.exists() or path.stat().st_size == 0


def test_a_key_is_made_read_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "store.key"
    made = new_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_key(StoreSettings(key_file=str(file))) == replace(made, origin=f"the key file {file}")
    for text in (repr(made), str(made)):
        assert made.value.hex() not in text
    assert read_key(StoreSettings()) is None
    with pytest.raises(StoreKeyError, match="there already"):
        new_key(file)
    with pytest.raises(StoreKeyError, match="cannot be written"):
        new_key(tmp_path / "missing" / "store.key")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty; make one with `ertedge-ctl store new-key FILE`"),
        ("\n \n", "is empty"),
        ("ab" * 31, "62 hexadecimal digits, which is too short"),
        ("ab" * 40, "too long"),
        ("correct horse battery staple", "holds no key"),
        ("00" * 32, "could be guessed"),
    ],
)
def test_what_is_no_key_is_refused_with_what_to_do(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "store.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(StoreKeyError, match=said) as caught:
        key_in(file)
    assert content.strip() == "" or content not in str(caught.value), "what is in the file is not repeated"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.key"
    new_key(file)
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(StoreKeyError, match=f"chmod 600 {file}"):
            key_in(file)
    with pytest.raises(StoreKeyError, match="not there"):
        key_in(tmp_path / "none")
    with pytest.raises(StoreKeyError, match="is no file"):
        key_in(tmp_path)


def test_a_key_comes_from_systemds_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = StoreSettings(credential="store-key")
    monkeypatch.delenv(keys.CREDENTIALS_VARIABLE, raising=False)
    with pytest.raises(StoreKeyError, match="LoadCredentialEncrypted=store-key:FILE"):
        read_key(settings)
    monkeypatch.setenv(keys.CREDENTIALS_VARIABLE, str(tmp_path))
    with pytest.raises(StoreKeyError, match="cannot be read"):
        read_key(settings)
    made = new_key(tmp_path / "store-key")
    (tmp_path / "store-key").chmod(0o440)  # as systemd has it, which lets nobody else into the folder
    found = read_key(settings)
    assert found is not None
    assert found.value == made.value


def test_states_of_an_encrypted_store_are_those_of_a_plain_one(path: Path, tmp_path: Path) -> None:
    pages = []
    for place, key in ((path, KEY), (tmp_path / "plain.db", None)):
        store = Store.open(place, SETTINGS, key)
        store.append_states([replace(state(each), profile_id=each % 3) for each in range(1, 100)])
        pages.append(
            [
                store.list_states(
                    start_ns=None, end_ns=None, resolution_ns=span, limit=50, before=None, profile_id=person
                ).next_cursor
                for span in (0, 60_000_000_000)
                for person in (None, 1)
            ]
        )
        store.close()
    assert pages[0] == pages[1]
