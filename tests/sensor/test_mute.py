"""Mutes survive restarts and fail safe."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ertedge.errors import StoreFullError, StoreReadOnlyError
from ertedge.sensor.mute import FILE_NAME, MuteFile
from ertedge.types import SensorName

CAMERA, MICROPHONE = SensorName.CAMERA, SensorName.MICROPHONE


def test_nothing_is_muted_at_first(tmp_path: Path) -> None:
    assert MuteFile(tmp_path).muted == frozenset()


def test_a_mute_survives_and_so_does_its_end(tmp_path: Path) -> None:
    MuteFile(tmp_path).mute(CAMERA)
    assert MuteFile(tmp_path).muted == {CAMERA}
    again = MuteFile(tmp_path)
    again.mute(MICROPHONE)
    again.unmute(CAMERA)
    assert again.muted == MuteFile(tmp_path).muted == {MICROPHONE}
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"camera = tr",
        b"camera = false\n",
        b'camera = "no"\nmicrophone = false\n',
        b"\xff\xfe\x00",
        b"camera = 0\nmicrophone = 0",
    ],
    ids=["cut", "a sensor missing", "a word", "no text", "numbers"],
)
def test_a_damaged_file_mutes_everything_and_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    mutes = MuteFile(tmp_path)
    assert mutes.muted == {CAMERA, MICROPHONE}
    assert "unmute" in mutes.detail
    mutes.unmute(CAMERA)
    assert mutes.detail == ""
    assert MuteFile(tmp_path).muted == {MICROPHONE}


def test_a_write_that_is_cut_short_leaves_the_old_mutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    MuteFile(tmp_path).mute(CAMERA)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    mutes = MuteFile(tmp_path)
    with pytest.raises(StoreFullError, match="free some space"):
        mutes.unmute(CAMERA)
    assert mutes.muted == MuteFile(tmp_path).muted == {CAMERA}


def test_a_mute_that_cannot_be_written_holds_and_says_for_how_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, flags: int, mode: int = 0) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    mutes = MuteFile(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", read_only)
        with pytest.raises(StoreReadOnlyError):
            mutes.mute(CAMERA)
    assert mutes.muted == {CAMERA}
    assert "until the sensor process restarts" in mutes.detail
    mutes.mute(CAMERA)
    assert mutes.detail == ""
