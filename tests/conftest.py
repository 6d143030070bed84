"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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
