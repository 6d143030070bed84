"""Tables go between a card's marks and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError
from tools.evaluation.card_tables import write_tables
from tools.evaluation.report import Grid, Report

REPORT = Report("T", (), ("a note",), (Grid("gains", ("", "gain"), (("ours", "1.0 [0.5, 1.5]"), ("chance", "0.2"))),))


def test_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("before\n<!-- tables one -->\nold\n<!-- end one -->\nafter\n", encoding="utf-8")
    for _ in range(2):
        write_tables(card, "one", REPORT)
        assert card.read_text(encoding="utf-8") == (
            "before\n<!-- tables one -->\n\n**Gains**\n\n|  | gain |\n|---|---|\n| ours | 1.0 [0.5, 1.5] |\n"
            "| chance | 0.2 |\n\n- a note\n\n<!-- end one -->\nafter\n"
        )


@pytest.mark.parametrize("text", ["none", "<!-- end one -->\n<!-- tables one -->\n"])
def test_a_card_without_marks_is_refused(tmp_path: Path, text: str) -> None:
    card = tmp_path / "card.md"
    card.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="<!-- tables one -->"):
        write_tables(card, "one", REPORT)
    with pytest.raises(ConfigurationError, match="No such file"):
        write_tables(tmp_path / "none.md", "one", REPORT)
