"""A demonstration has no day to spread a budget over; shorter spans that were configured stay."""

from __future__ import annotations

import pytest

from ertedge.config import SuggestionSettings
from ertedge.core.suggestions.demonstration import for_demonstration, is_demonstration, is_synthetic


@pytest.mark.parametrize(
    ("source", "demonstration", "synthetic"),
    [
        ("demo", True, True),
        ("simulate:week", False, True),
        ("auto", False, False),
        ("camera", False, False),
        ("replay:/tmp/demo", False, False),
    ],
)
def test_which_sources_are_what(source: str, demonstration: bool, synthetic: bool) -> None:
    assert (is_demonstration(source), is_synthetic(source)) == (demonstration, synthetic)


def test_the_pace_of_a_demonstration() -> None:
    shown = for_demonstration(SuggestionSettings())
    assert (shown.sustained_seconds, shown.gap_minutes, shown.expire_minutes) == (30.0, 1.0, 5.0)
    assert shown.quiet_from == shown.quiet_until
    assert shown.check_in_times == ()
    assert shown.daily_most > 10_000


def test_what_else_was_configured_holds() -> None:
    given = SuggestionSettings(
        enabled=False, language="de", reviewed_only=True, sustained_seconds=5.0, conditions=("trauma",)
    )
    shown = for_demonstration(given)
    assert (shown.enabled, shown.language, shown.reviewed_only) == (False, "de", True)
    assert (shown.sustained_seconds, shown.conditions) == (5.0, ("trauma",))
