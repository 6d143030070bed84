"""Paired differences, ratios and rows."""

from __future__ import annotations

import numpy as np
import pytest

from tools.peers.comparison import MISSING, grid, paired_difference, share, signed, times, work_cells, work_figures
from tools.peers.process import PeerError, Ready
from tools.peers.roster import OURS, Contestant, Places, Task
from tools.peers.rounds import Outcome

pytestmark = pytest.mark.tools


def test_a_difference_is_paired_and_negative_where_ours_is_better() -> None:
    labels = np.repeat([0, 1], [80, 20])
    ours = labels.copy()
    ours[:8] = 1
    theirs = ours.copy()
    theirs[80:90] = 0
    (accuracy, (low, high)), (uar, _) = paired_difference(theirs, ours, labels, 0)
    assert accuracy == pytest.approx(-0.1)
    assert low < accuracy < high < 0
    # Ten of the twenty of one class, none of the other.
    assert uar == pytest.approx(-0.25)
    nothing = paired_difference(ours, ours, labels, 0)
    assert nothing == ((0.0, (0.0, 0.0)), (0.0, (0.0, 0.0)))


def task_of(places: Places) -> Task:
    names = {OURS: "own", "slow": "own", "node": "node"}
    contestants = {name: Contestant(name, "faces", runtime, "") for name, runtime in names.items()}  # type: ignore[arg-type]
    return Task(places, contestants, places.root, 0, 0)


class Idle(Places):
    """Every interpreter has ten megabytes, but Node is gone."""

    def idle(self, runtime: object, folder: object) -> int:
        if runtime == "node":
            raise PeerError("node has gone")
        return 10_000_000


def test_work_is_said_as_ratios_to_ours(tmp_path: object) -> None:
    ready = Ready("1", 3_000, ())
    outcomes = {
        OURS: Outcome(ready, [0, 0, 0], [10, 20, 30], 30_000_000),
        "slow": Outcome(Ready("1", 0, ()), [0, 0, 0], [20, 100, 90], 110_000_000),
        "node": Outcome(ready, [0], [10], 20_000_000),
        "broken": Outcome(fault="it broke"),
    }
    figures = work_figures(outcomes, task_of(Idle(tmp_path, tmp_path, tmp_path)))  # type: ignore[arg-type]
    found = {(figure.name, figure.of): figure.value for figure in figures}
    assert found["time_over_ours", "slow"] == 3.0
    assert found["memory_above_idle", OURS] == 20.0
    assert found["memory_over_ours", "slow"] == 5.0
    assert found["weights", OURS] == 3.0
    assert ("weights", "slow") not in found
    assert outcomes["node"].fault == "node has gone"
    assert {of for _, of in found} == {OURS, "slow"}
    assert work_cells(figures, OURS) == ("1x", "20", "3")
    assert work_cells(figures, "slow") == ("3x", "100 (5x)", MISSING)
    assert work_cells(figures, "broken") == (MISSING, MISSING, MISSING)


def test_remarks_are_shown_where_there_are_any() -> None:
    columns = ("peer", "time", "remark")
    assert grid("a", columns, [("x", "1x", ""), ("y", "2x", "")]).columns == ("peer", "time")
    told = grid("a", columns, [("x", "1x", ""), ("y", "-", "it broke")])
    assert told.columns == columns
    assert told.rows[1] == ("y", "-", "it broke")


def test_numbers_as_a_row_shows_them() -> None:
    assert times(123.4) == "123x"
    assert share(0.5, (0.25, 0.75)) == "0.500 [0.250, 0.750]"
    assert signed(-0.125, (-0.25, 0.0)) == "-0.125 [-0.250, +0.000]"
