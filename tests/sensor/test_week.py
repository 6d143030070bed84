"""A scenario's day and hour by the local clock, always with room for the whole of it before now."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ertedge.sensor.week import beginning_ns

WEEK = 7 * 86_400.0


def at(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("now", "seconds", "begin"),
    [
        ("2026-11-25T12:00", 600.0, "2026-11-23T07:00"),
        ("2026-11-23T07:10", 600.0, "2026-11-23T07:00"),
        ("2026-11-23T07:09", 600.0, "2026-11-16T07:00"),
        ("2026-11-25T12:00", WEEK, "2026-11-16T07:00"),
        ("2026-11-23T07:00", WEEK, "2026-11-16T07:00"),
    ],
)
def test_it_is_the_last_one_that_leaves_room(now: str, seconds: float, begin: str) -> None:
    assert beginning_ns("Monday 07:00", seconds, at(now), "UTC") == at(begin)


def test_it_is_the_local_clock_of_the_zone() -> None:
    now = at("2026-11-25T12:00")
    assert beginning_ns("Monday 07:00", 60.0, now, "Europe/Berlin") == at("2026-11-23T07:00", "Europe/Berlin")
    # Where it is tomorrow already, it is another day.
    assert beginning_ns("Thursday 00:30", 60.0, now, "Pacific/Auckland") == at("2026-11-26T00:30", "Pacific/Auckland")


def test_over_a_change_of_the_clocks_the_hour_stays() -> None:
    begin = beginning_ns("Saturday 09:00", 60.0, at("2026-10-27T12:00"), "Europe/Berlin")
    local = datetime.fromtimestamp(begin / 1e9, UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.strftime("%A"), local.hour, local.utcoffset()) == ("Saturday", 9, local.utcoffset())
    assert begin == at("2026-10-24T09:00", "Europe/Berlin")


def test_without_a_zone_it_is_the_systems() -> None:
    begin = beginning_ns("Sunday 18:45", 60.0, at("2026-11-25T12:00"))
    assert datetime.fromtimestamp(begin / 1e9).strftime("%A %H:%M") == "Sunday 18:45"
