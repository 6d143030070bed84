"""Arrays in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.peers.items import Items, write_items

pytestmark = pytest.mark.tools


def test_every_array_comes_back_by_its_number(tmp_path: Path) -> None:
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array([7.5], np.float32), np.ones((2, 2), np.float32).T]
    write_items(tmp_path / "new", arrays)
    items = Items(tmp_path / "new")
    assert len(items) == 3
    for number in (2, 0, 1):
        np.testing.assert_array_equal(items[number], arrays[number])
        assert items[number].dtype == np.float32


def test_arrays_of_two_types_or_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not of 2"):
        write_items(tmp_path, [np.zeros(1, np.uint8), np.zeros(1, np.float32)])
    with pytest.raises(ValueError, match="not of 0"):
        write_items(tmp_path, [])
