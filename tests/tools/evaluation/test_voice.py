"""The exported voice model, scored on people it never heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError
from tools.evaluation.voice import evaluate

pytestmark = pytest.mark.tools
pytest.importorskip("soundfile")


def test_speakers_it_never_heard(data_root: Path) -> None:
    """The floor of the exported file on RAVDESS actors 1 and 2; chance is 0.125."""
    report = evaluate(root=data_root, actors="1,2", labels="native", limit=30)
    assert report.value("uar", "known speaker") > 0.40
    assert report.value("seen_in_training", "ravdess/01") == 0.0
    assert "none of these speakers" in report.notes[0]
    seven = evaluate(root=data_root, actors="1,2", labels="canonical", limit=15)
    assert seven.value("accuracy", "known speaker") > 0.35


def test_who_is_not_there_cannot_be_asked_for(data_root: Path) -> None:
    with pytest.raises(ConfigurationError, match="ravdess/24"):
        evaluate(root=data_root, actors="24")
