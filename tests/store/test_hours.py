"""Sums by the hour change how fast an answer is and never what it is: late states, removal, withdrawal, several people."""

from __future__ import annotations

import random
from dataclasses import replace

from ertedge.store import Store, hours, states
from ertedge.store.hours import HOUR_NS
from ertedge.types import EMOTIONS, Emotion, EmotionState, Purpose
from tests.store.samples import DAY_NS, MINUTE_NS, START_NS, assert_same, state

DAYS = 3
NOW_NS = START_NS + DAYS * DAY_NS


def history(count: int = 300) -> list[EmotionState]:
    """Of two people over three days, with abstentions, and a clock that was set back once."""
    chance = random.Random(3)
    found = []
    for sequence in range(1, count + 1):
        at_ns = START_NS + sequence * (DAYS * DAY_NS // count) - (2 * HOUR_NS if sequence > count // 2 else 0)
        made = state(
            sequence,
            chance.choice([*EMOTIONS, Emotion.UNKNOWN]),
            wall_time_ns=at_ns,
            valence=chance.uniform(-1.0, 1.0),
        )
        found.append(replace(made, profile_id=1 + (chance.random() < 0.3)))
    return found


def pages(
    store: Store, profile_id: int | None, resolution_ns: int, span: tuple[int | None, int | None]
) -> list[EmotionState]:
    found: list[EmotionState] = []
    before: int | None = None
    while True:
        page = store.list_states(
            start_ns=span[0], end_ns=span[1], resolution_ns=resolution_ns, limit=7, before=before, profile_id=profile_id
        )
        found += page.states
        if (before := page.next_cursor) is None:
            return found


SPANS = (
    (None, None),
    (START_NS + HOUR_NS // 3, NOW_NS - HOUR_NS // 7),
    (START_NS + DAY_NS, START_NS + DAY_NS + HOUR_NS),
    (START_NS - 9 * DAY_NS, START_NS),
)


def everything(store: Store) -> list[EmotionState]:
    return [
        each
        for profile_id in (None, 1)
        for resolution_ns in (0, HOUR_NS, 5 * HOUR_NS, DAY_NS)
        for span in SPANS
        for each in pages(store, profile_id, resolution_ns, span)
    ]


def assert_same_with_and_without(store: Store) -> None:
    """What is answered from the sums, and what without any."""
    with_sums = everything(store)
    kept = store._database.execute("SELECT * FROM state_hours").fetchall()
    assert kept
    store._database.execute("DELETE FROM state_hours")
    without = everything(store)
    store._database.conn.executemany("INSERT INTO state_hours VALUES (?, ?, ?, ?, ?)", kept)
    store._database.conn.commit()
    assert len(with_sums) == len(without) > 100
    for ours, expected in zip(with_sums, without, strict=True):
        assert_same(ours, expected)
        assert ours.profile_id == expected.profile_id


def summed(store: Store) -> int:
    return int(store._database.execute("SELECT COUNT(*) FROM state_hours WHERE sums IS NOT NULL").fetchone()[0])


def test_answers_are_the_same_with_and_without_sums(store: Store) -> None:
    store.append_states(history())
    while hours.sum_up(store._database, NOW_NS, 9):
        pass
    assert summed(store) > 70
    assert_same_with_and_without(store)


def test_states_that_come_late_count(store: Store) -> None:
    store.append_states(history())
    hours.sum_up(store._database, NOW_NS, 1_000)
    before = summed(store)
    late = [
        replace(state(5_000, wall_time_ns=START_NS + 5 * HOUR_NS), profile_id=1),
        replace(state(5_001, wall_time_ns=START_NS - 20 * HOUR_NS), profile_id=1),
        replace(state(5_002, wall_time_ns=START_NS - 20 * HOUR_NS), profile_id=3),
    ]
    store.append_states(late)
    assert summed(store) == before - 1
    assert_same_with_and_without(store)
    assert 5_000 in [each.sequence for each in pages(store, 1, 0, (START_NS, START_NS + 6 * HOUR_NS))]


def test_what_ages_or_is_withdrawn_is_no_longer_summed(store: Store) -> None:
    store.append_states(history())
    hours.sum_up(store._database, NOW_NS, 1_000)
    store.downsample(NOW_NS + 364 * DAY_NS - HOUR_NS // 2)
    assert_same_with_and_without(store)
    assert pages(store, None, DAY_NS, (None, None))
    store.erase_covered(1, Purpose.KEEP_HISTORY)
    assert store._database.execute("SELECT DISTINCT profile_id FROM state_hours").fetchall() == [(2,)]
    assert pages(store, 1, DAY_NS, (None, None)) == []
    assert_same_with_and_without(store)
    store.downsample(NOW_NS + 400 * DAY_NS)
    assert store._database["state_hours"].count == 0
    assert pages(store, None, DAY_NS, (None, None)) == []


def test_it_is_made_when_history_is_let_age(store: Store) -> None:
    store.append_states(history())
    store.downsample(NOW_NS)
    assert summed(store) > 70
    store.downsample(NOW_NS + HOUR_NS)
    assert_same_with_and_without(store)


def test_a_page_of_short_spans_ends_early_and_the_pages_meet(store: Store) -> None:
    store.append_states([replace(state(each), profile_id=1) for each in range(1, 9_001)])
    page = store.list_states(start_ns=None, end_ns=None, resolution_ns=MINUTE_NS, limit=1_000, before=None)
    assert 1 < len(page.states) <= states.ROWS_A_PAGE // 60 + 2
    assert page.next_cursor is not None
    found = pages(store, 1, MINUTE_NS, (None, None))
    assert sum(each.state_count for each in found) == 9_000
    assert len(found) == len({each.wall_time_ns // MINUTE_NS for each in found})
