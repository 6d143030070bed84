"""Notices, answers, the plan and the watch's record as they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.errors import NotFoundError
from ertedge.store.safety import ANSWERS_MOST
from ertedge.store.safety_records import SafetyAnswer
from ertedge.store.store import Store
from ertedge.types import (
    HealthCondition,
    NoticeKind,
    NoticeResponse,
    SafetyCause,
    SafetyContact,
    SafetyNotice,
    SafetyPlan,
)

NOTICE = SafetyNotice(
    notice_id=1,
    wall_time_ns=10,
    kind=NoticeKind.SUPPORT,
    cause=SafetyCause.RED_FLAG,
    message="How are you? Ä",
    ask_count=2,
    ask_wall_time_ns=20,
    response=NoticeResponse.SAFE,
    response_wall_time_ns=15,
    synthetic=True,
)
PLAN = SafetyPlan(
    warning_signs=("a", "b"),
    people=(SafetyContact("Ann", "0123"),),
    conditions=(HealthCondition.EPILEPSY,),
    update_wall_time_ns=5,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ertedge.db"


def opened(path: Path) -> Store:
    return Store.open(path, StoreSettings(free_bytes_least=0))


def test_an_empty_store_has_an_empty_plan(path: Path) -> None:
    store = opened(path)
    stored = store.of(0).safety()
    assert (stored.watch, stored.plan, stored.answers, stored.last_notice_id) == ("", SafetyPlan(), (), 0)
    assert store.of(0).list_safety_notices(limit=5, before=None, only_open=False).notices == ()
    with pytest.raises(NotFoundError, match="safety notice 3"):
        store.of(0).safety_notice(3)
    store.close()


def test_all_of_it_outlives_closing(path: Path) -> None:
    store = opened(path)
    answer = SafetyAnswer("r", 1, NoticeResponse.SAFE, 1, 15)
    for _ in range(2):
        store.of(0).save_safety("record", 15, NOTICE, answer)
    store.of(0).save_safety_plan(PLAN)
    store.of(0).save_safety_plan(replace(PLAN, warning_signs=("c",)))
    store.of(0).save_safety("", 16, None)
    store.close()
    store = opened(path)
    stored = store.of(0).safety()
    assert stored.watch == "record"
    assert stored.plan == replace(PLAN, warning_signs=("c",))
    assert stored.answers == (answer,)
    assert stored.last_notice_id == 1
    assert store.of(0).safety_notice(1) == NOTICE
    store.close()


def test_notices_are_paged_newest_first(path: Path) -> None:
    store = opened(path)
    for number in range(1, 8):
        store.of(0).save_safety("r", 1, replace(NOTICE, notice_id=number, open=number == 7))
    first = store.of(0).list_safety_notices(limit=3, before=None, only_open=False)
    assert [notice.notice_id for notice in first.notices] == [7, 6, 5]
    assert first.next_cursor == 5
    rest = store.of(0).list_safety_notices(limit=9, before=first.next_cursor, only_open=False)
    assert [notice.notice_id for notice in rest.notices] == [4, 3, 2, 1]
    assert rest.next_cursor is None
    assert [n.notice_id for n in store.of(0).list_safety_notices(limit=9, before=None, only_open=True).notices] == [7]
    store.close()


def test_old_answers_make_room_and_graver_ones_under_the_same_id_are_kept(path: Path) -> None:
    store = opened(path)
    for number in range(ANSWERS_MOST + 5):
        store.of(0).save_safety("r", 1, None, SafetyAnswer(f"r{number}", 1, NoticeResponse.SAFE, 0, number))
    store.of(0).save_safety("r", 1, None, SafetyAnswer("r7", 1, NoticeResponse.SAFE, 2, 9))
    answers = store.of(0).safety().answers
    assert len(answers) == ANSWERS_MOST
    assert answers[0].request_id == "r6"
    assert answers[-1] == SafetyAnswer("r7", 1, NoticeResponse.SAFE, 2, 9)
    store.close()


def test_a_plan_that_cannot_be_read_is_told_and_nothing_else_is_lost(path: Path) -> None:
    store = opened(path)
    store.of(0).save_safety("record", 1, NOTICE)
    store._database.execute("INSERT INTO safety_plan (profile_id, plan) VALUES (0, '{\"warning_signs\": 3}')")
    stored = store.of(0).safety()
    assert stored.plan is None
    assert stored.watch == "record"
    store.close()


def test_closed_notices_go_with_age(path: Path) -> None:
    day_ns = 86_400_000_000_000
    store = opened(path)
    store.of(0).save_safety("r", 1, replace(NOTICE, wall_time_ns=1 * day_ns, open=False))
    store.of(0).save_safety("r", 1, replace(NOTICE, notice_id=2, wall_time_ns=500 * day_ns, open=False))
    store.downsample(500 * day_ns)
    assert [n.notice_id for n in store.of(0).list_safety_notices(limit=9, before=None, only_open=False).notices] == [2]
    store.close()
