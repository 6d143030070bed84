"""What is permitted survives restarts, and fails safe: without knowing, nothing is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ertedge.errors import StoreFullError, StoreReadOnlyError
from ertedge.sensor import sensor_file
from ertedge.sensor.permits import FILE_NAME, PermitFile, revoke
from ertedge.types import SensorName

CAMERA, MICROPHONE = SensorName.CAMERA, SensorName.MICROPHONE
BOTH = frozenset({CAMERA, MICROPHONE})
NOTHING: frozenset[SensorName] = frozenset()


def full(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def no_room(*_: object) -> None:
    raise StoreFullError("permitted.toml cannot be written: the disk is full; free some space and try again")


def test_nothing_is_permitted_at_first(tmp_path: Path) -> None:
    assert PermitFile(tmp_path).permitted == NOTHING


def test_a_permission_survives_and_so_does_its_end(tmp_path: Path) -> None:
    PermitFile(tmp_path).permit(frozenset({CAMERA}))
    assert PermitFile(tmp_path).permitted == {CAMERA}
    again = PermitFile(tmp_path)
    again.permit(frozenset({MICROPHONE}))
    assert again.permitted == PermitFile(tmp_path).permitted == BOTH
    again.withdraw(frozenset({MICROPHONE}))
    assert again.permitted == PermitFile(tmp_path).permitted == {MICROPHONE}
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"camera = tr",
        b"camera = true\n",
        b'camera = "yes"\nmicrophone = true\n',
        b"\xff\xfe\x00",
        b"camera = 1\nmicrophone = 1",
        b"camera = true\nmicrophone = true\ndoor = true\n",
    ],
    ids=["cut", "a sensor missing", "a word", "no text", "numbers", "a sensor too many"],
)
def test_a_damaged_file_permits_nothing(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    permits = PermitFile(tmp_path)
    assert permits.permitted == NOTHING
    assert "cannot be trusted" in caplog.text
    permits.permit(frozenset({CAMERA}))
    assert PermitFile(tmp_path).permitted == {CAMERA}


def test_a_permission_that_cannot_be_written_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    permits = PermitFile(tmp_path)
    permits.permit(frozenset({CAMERA}))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFullError, match="free some space"):
        permits.permit(BOTH)
    assert permits.permitted == PermitFile(tmp_path).permitted == {CAMERA}


def test_a_permission_taken_back_on_a_full_disk_takes_the_file_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits = PermitFile(tmp_path)
    permits.permit(BOTH)
    with monkeypatch.context() as patched:
        patched.setattr(sensor_file, "write", no_room)
        permits.withdraw(frozenset({CAMERA}))
    assert permits.permitted == {CAMERA}
    assert not (tmp_path / FILE_NAME).exists()
    assert PermitFile(tmp_path).permitted == NOTHING
    permits.permit(frozenset({CAMERA}))  # as the core says it again
    assert PermitFile(tmp_path).permitted == {CAMERA}


def test_what_can_neither_be_written_nor_removed_holds_here_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits = PermitFile(tmp_path)
    permits.permit(BOTH)

    def read_only(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        patched.setattr(Path, "unlink", read_only)
        with pytest.raises(StoreReadOnlyError):
            permits.withdraw(NOTHING)
        assert permits.permitted == NOTHING
    assert PermitFile(tmp_path).permitted == BOTH
    permits.withdraw(NOTHING)
    assert PermitFile(tmp_path).permitted == NOTHING


def test_the_core_can_take_the_file_away(tmp_path: Path) -> None:
    PermitFile(tmp_path).permit(BOTH)
    assert revoke(tmp_path)
    assert PermitFile(tmp_path).permitted == NOTHING
    assert revoke(tmp_path)


def test_a_file_that_was_taken_away_is_written_again(tmp_path: Path) -> None:
    permits = PermitFile(tmp_path)
    permits.permit(BOTH)
    assert revoke(tmp_path)
    permits.withdraw(BOTH)
    assert PermitFile(tmp_path).permitted == BOTH
    assert revoke(tmp_path)
    permits.permit(BOTH)
    assert PermitFile(tmp_path).permitted == BOTH
