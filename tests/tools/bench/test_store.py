"""The bench of the store: every list call is timed, on a store that is as full as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench import store as bench


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "FULL_DAYS", 1)


def test_every_figure_is_there_and_none_is_invented() -> None:
    figures, notes = bench.measure(rounds=3, days=3)
    found = {(figure.name, figure.of) for figure in figures}
    assert notes == []
    for name in ("newest states", "days", "weeks", "suggestions", "notices", "ledger"):
        assert {(f"list_p{percent}", name) for percent in (50, 99)} <= found
    assert {name for name, _ in found} >= {"size", "slowest_list", "time_over_sums", "time_encrypted"}
    assert all(figure.value > 0 for figure in figures)


def test_a_year_is_as_history_ages(tmp_path: Path) -> None:
    store = bench.year(tmp_path / "e.db", days=3)
    assert store.status().state_count == 2 * 1_440 + 86_400
    page = store.list_states(start_ns=None, end_ns=None, resolution_ns=bench.DAY_NS, limit=9, before=None)
    assert [state.state_count for state in page.states] == [86_400] * 3
    store.close()
