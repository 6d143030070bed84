"""Lengths of time as people write them, and the table of the past."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import cast

import pytest
from rich.console import Console

from ertedge.ctl.history import duration_seconds, history
from ertedge.errors import ConfigurationError
from ertedge.rpc.client import Client
from ertedge.types import EmotionState, Reason
from tests.ctl.samples import NOW_NS, known_state, unknown_state


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("0.5h", 1800), (" 1m ", 60)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "5", "h", "-1h", "1 h", "1w", "1e3s", "nan", "٣m5", "1h30m", "m1"])
def test_what_is_no_length_of_time_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ConfigurationError, match="write it as 90s, 15m, 2h or 7d"):
        duration_seconds(text)


class StoredStates:
    """Answers ``states`` as the client does, and keeps what it was asked for."""

    def __init__(self, states: Sequence[EmotionState]) -> None:
        self._states = states
        self.asked: dict[str, int | None] = {}

    async def states(
        self, *, start_wall_time_ns: int | None = None, resolution_ns: int = 0
    ) -> AsyncIterator[EmotionState]:
        self.asked = {"start": start_wall_time_ns, "resolution": resolution_ns}
        for state in self._states:
            yield state


def shown(
    states: Sequence[EmotionState], monkeypatch: pytest.MonkeyPatch, **arguments: object
) -> tuple[str, StoredStates]:
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS + 1_000_000_000)
    client, file = StoredStates(states), io.StringIO()
    options = {"since": "10m", "resolution": "1m", "limit": 100, "as_json": False} | arguments
    console = Console(width=80, file=file)
    asyncio.run(history(cast(Client, client), console, **options))  # type: ignore[arg-type]
    return file.getvalue(), client


def minutes_ago(state: EmotionState, minutes: int) -> EmotionState:
    return replace(state, wall_time_ns=NOW_NS - minutes * 60_000_000_000)


def test_the_table_has_a_row_a_state_and_a_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    states = [
        minutes_ago(known_state(), 0),
        minutes_ago(unknown_state(Reason.NO_FACE), 1),
        minutes_ago(known_state(), 2),
    ]
    text, client = shown(states, monkeypatch)
    assert text.count("seems happy (70%)") == 2
    assert "not sure: I cannot see a face" in text
    assert "2027-01-15 07:58:00" in text
    assert "from 2 min ago" in text
    assert any(0x2800 < ord(character) <= 0x28FF for character in text)
    assert "real person" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert client.asked == {"start": NOW_NS + 1_000_000_000 - 600_000_000_000, "resolution": 60_000_000_000}


def test_synthetic_states_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    text, _ = shown([replace(known_state(), synthetic=True), minutes_ago(known_state(), 1)], monkeypatch)
    assert text.count("(70%) *") == 1
    assert "not about a real person" in text


def test_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    text, client = shown([minutes_ago(known_state(), age) for age in range(9)], monkeypatch, limit=4, resolution="0")
    assert text.count("seems happy") == 4
    assert client.asked["resolution"] == 0


def test_nothing_stored_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown([], monkeypatch)[0] == "Nothing is stored of that time.\n"
    assert shown([], monkeypatch, as_json=True)[0] == ""


def test_one_state_of_this_very_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    later = replace(known_state(), wall_time_ns=NOW_NS + 5_000_000_000)
    assert "seems happy" in shown([later], monkeypatch)[0]
