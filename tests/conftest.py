"""What every test may ask for."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHOLLY_TOOLS = re.compile(r"^pytestmark = .*\bpytest\.mark\.tools\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without the tools, their modules are not even imported: torch may not be installed."""
    if config.option.markexpr != "not tools" or collection_path.suffix != ".py":
        return None
    return True if WHOLLY_TOOLS.search(collection_path.read_text(encoding="utf-8")) else None


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of research data: ``$ERTEDGE_DATA``, or ``shared/data`` beside the checkout.

    Where it is absent the test is skipped; under CI (``CI=true``) it must be there, so that is a failure.
    """
    root = Path(os.environ.get("ERTEDGE_DATA", ROOT.parent / "shared" / "data"))
    if not root.is_dir():
        message = f"research data not found at {root}; set ERTEDGE_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return root
