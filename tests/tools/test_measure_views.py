"""How like itself a face stays when its head moves: the same faces are compared, and a turn costs likeness."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from tools.measure_views import at_a_desk, likeness, main

pytestmark = [pytest.mark.tools, pytest.mark.timeout(120)]


def test_only_faces_that_were_found_both_times_are_compared_and_each_with_itself() -> None:
    axes = np.eye(4, dtype=np.float32)
    first = (np.array([0, 2, 3]), axes[[0, 2, 3]])
    other = (np.array([1, 2, 3]), np.stack([axes[1], 0.6 * axes[2] + 0.8 * axes[0], axes[3]]))
    np.testing.assert_allclose(likeness(first, other), [0.6, 1.0], rtol=1e-6)


def test_a_head_is_as_still_as_people_are() -> None:
    random = np.random.default_rng(0)
    seen = [at_a_desk(random, 20.0) for _ in range(300)]
    assert {one.yaw_deg for one in seen} == {20.0}
    assert 2 < np.std([one.side_px for one in seen]) < 8
    assert 1 < np.std([one.turn_deg for one in seen]) < 3


def test_the_shipped_network_tells_a_turned_head_from_a_still_one(data_root: Path) -> None:
    app = Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--root", str(data_root), "--faces", "40", "--json"])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    medians = {line["of"]: line["value"] for line in lines if line["name"] == "cosine_50%"}
    assert medians["held still"] > medians["turned by 20 degrees"] > medians["turned by 30 degrees"]
    assert medians["turned by 30 degrees"] > medians["different faces"] + 0.3
