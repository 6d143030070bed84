"""``ertedge-ctl export``: a file for its owner alone, never written over by accident, never left in part."""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ertedge.ctl.export import save
from ertedge.errors import InvalidRequestError, StoreError
from tests.ctl.served import served_house
from tests.ctl.suggestion_samples import quick


def test_everything_about_a_person_goes_into_one_file(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    file = tmp_path / "out" / "me.zip"
    with served_house(tmp_path, quick()) as served:
        served.ctl("profiles", "create", "Ada")
        answer = served.ctl("export", "Ada", str(file))
        assert answer.status == 0, answer.err
        assert "all that is kept about Ada" in " ".join(answer.out.split())
        assert file.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            assert "profile 1" in archive.read("README.md").decode()
        before = file.read_bytes()
        answer = served.ctl("export", "1", str(file))
        assert answer.status == 2
        assert "is there already; name another, or add --force" in answer.err
        assert file.read_bytes() == before
        answer = served.ctl("--json", "export", "Ada", str(file), "--force")
        assert json.loads(answer.out)["size_bytes"] == file.stat().st_size
        assert served.ctl("export", "Zoe", str(tmp_path / "out" / "zoe.zip")).status == 1
        assert served.ctl("export", "Ada", str(tmp_path / "missing" / "me.zip")).status == 2
    assert [each.name for each in file.parent.iterdir()] == ["me.zip"]


def test_nothing_is_left_where_it_fails_in_the_middle(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"the beginning"
        raise StoreError("the disk has gone")

    file = tmp_path / "me.zip"
    with pytest.raises(StoreError):
        asyncio.run(save(broken(), file, force=False))
    assert list(tmp_path.iterdir()) == []
    file.write_bytes(b"of before")
    with pytest.raises(StoreError):
        asyncio.run(save(broken(), file, force=True))
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("me.zip", b"of before")]


def test_a_file_that_comes_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "me.zip"

    async def slow() -> AsyncIterator[bytes]:
        yield b"ours"
        file.write_bytes(b"theirs")

    with pytest.raises(InvalidRequestError, match="there already"):
        asyncio.run(save(slow(), file, force=False))
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("me.zip", b"theirs")]
