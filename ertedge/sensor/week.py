"""Moments of a week in local time, for scenarios that begin on a certain day and hour. Floor 2."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ertedge.sensor.scenario import WEEKDAYS
from ertedge.sensor.synthesis import NS_PER_SECOND


def beginning_ns(starts_at: str, seconds: float, now_ns: int, timezone: str = "") -> int:
    """The last ``starts_at`` (as in ``Scenario.starts_at``) from which on ``seconds`` have passed by ``now_ns``.

    Both moments are UTC in nanoseconds. What is simulated so lies in the past when it is over, and nothing of it in the
    future, where a later run would find it. ``timezone`` is an IANA name; empty: the system's.
    """
    day, _, clock = starts_at.partition(" ")
    zone = ZoneInfo(timezone) if timezone else None
    latest = datetime.fromtimestamp(now_ns / NS_PER_SECOND - seconds, zone)
    back = timedelta((latest.weekday() - WEEKDAYS.index(day)) % 7)
    begin = datetime.combine(latest.date() - back, time.fromisoformat(clock), zone)
    if begin > latest:
        begin -= timedelta(weeks=1)
    return int(begin.timestamp()) * NS_PER_SECOND
