"""States to store and an open store to put them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.store import Store

SETTINGS = StoreSettings(free_bytes_least=0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a directory of its own."""
    opened = Store.open(tmp_path / "data" / "ertedge.db", SETTINGS)
    yield opened
    opened.close()
