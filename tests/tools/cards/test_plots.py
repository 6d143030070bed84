"""The plots show what they are given, small enough to ship."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from tools.cards.plots import Panel, panels, reliability, reliability_bins
from tools.cards.section import PICTURE_BYTES

pytestmark = pytest.mark.tools
PNG = b"\x89PNG\r\n\x1a\n"


def test_bins_hold_every_sample_once() -> None:
    confidence = np.array([0.05, 0.1, 0.11, 0.95, 1.0])
    right = np.array([False, True, True, True, True])
    bins = reliability_bins(confidence, right)
    assert [(one.right, one.n) for one in bins] == [(1, 2), (1, 1), (2, 2)]
    assert [one.confidence for one in bins] == pytest.approx([0.075, 0.11, 0.975])


def test_plots_are_small_and_the_same_each_time() -> None:
    random = np.random.default_rng(0)
    confidence = random.random(500)
    curves = {"one": (confidence, random.random(500) < confidence)}
    drawn = [reliability(curves, "accuracy") for _ in range(2)]
    assert drawn[0] == drawn[1]
    # All and none right: their intervals touch one and nought.
    panel = Panel("noise", ("clean", "20", "10", "5", "0"), ((9, 9), (8, 9), (5, 9), (2, 9), (0, 9)))
    for content in (drawn[0], panels([panel] * 4, "accuracy")):
        assert content.startswith(PNG)
        assert len(content) < PICTURE_BYTES
    other = Panel("noise", ("clean", "20", "10", "5", "0"), ((0, 9), (8, 9), (5, 9), (2, 9), (0, 9)))
    assert panels([panel], "accuracy") != panels([other], "accuracy")
