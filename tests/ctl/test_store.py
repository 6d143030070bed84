"""``ertedge-ctl store`` on the files of a daemon that is stopped, and the whole of it against one that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ertedge.core.data_directory import alone_in
from ertedge.store import Store
from tests.ctl.conftest import Answer, ctl
from tests.store.conftest import SETTINGS


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """One that names a key file, which is not there yet."""
    file = tmp_path / "ertedge.toml"
    file.write_text(f'data_dir = "{tmp_path / "data"}"\n\n[store]\nkey_file = "{tmp_path / "store.key"}"\n')
    return file


def run(configuration: Path, *words: str, as_json: bool = False) -> Answer:
    return ctl("--config", str(configuration), *(["--json"] if as_json else []), "store", *words)


def test_from_plain_to_encrypted_to_another_key_and_back(configuration: Path, tmp_path: Path) -> None:
    Store.open(tmp_path / "data" / "ertedge.db", SETTINGS).close()
    answer = run(configuration, "encrypt")
    assert (answer.status, answer.out) == (1, "")
    assert "store.key is not there; make one with `ertedge-ctl store new-key FILE`" in answer.err
    answer = run(configuration, "new-key", str(tmp_path / "store.key"))
    assert answer.status == 0
    assert "[store] key_file" in " ".join(answer.out.split())
    answer = run(configuration, "status")
    assert answer.status == 1
    assert "not encrypted" in answer.out
    assert "encrypt it with `ertedge-ctl store encrypt`" in " ".join(answer.out.split())
    answer = run(configuration, "encrypt")
    assert answer.status == 0, answer.err
    assert "only a new one is sure to hold none" in " ".join(answer.out.split())
    found = json.loads(run(configuration, "status", as_json=True).out)
    assert (found["kind"], found["trouble"], found["unfinished"]) == ("encrypted", "", False)
    before = (tmp_path / "store.key").read_text()
    assert json.loads(run(configuration, "rotate-key", as_json=True).out) == {"done": "rotated"}
    assert (tmp_path / "store.key").read_text() != before
    assert before.strip() not in "".join((answer.out, answer.err))
    answer = run(configuration, "decrypt")
    assert answer.status == 0
    assert "ertedged refuses a key for it now" in " ".join(answer.out.split())
    Store.open(tmp_path / "data" / "ertedge.db", SETTINGS).close()


def test_a_key_file_can_be_named_beside_the_configured_one(configuration: Path, tmp_path: Path) -> None:
    Store.open(tmp_path / "data" / "ertedge.db", SETTINGS).close()
    other = str(tmp_path / "other.key")
    assert run(configuration, "new-key", other).status == 0
    assert run(configuration, "encrypt", "--key-file", other).status == 0
    assert run(configuration, "status", "--key-file", other).status == 0
    assert run(configuration, "decrypt").status == 1
    assert run(configuration, "decrypt", "--key-file", other).status == 0


@pytest.mark.parametrize("command", ["encrypt", "decrypt", "rotate-key"])
def test_a_daemon_that_runs_is_named(configuration: Path, tmp_path: Path, command: str) -> None:
    run(configuration, "new-key", str(tmp_path / "store.key"))
    with alone_in(tmp_path / "data"):
        answer = run(configuration, command)
    assert answer.status == 1
    assert "stop it" in answer.err
    assert answer.err.count("\n") == 1
