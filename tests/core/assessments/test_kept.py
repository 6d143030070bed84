"""Assessments over restarts, without a history, with a disk that is full or hangs, and as another device gave them."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.errors import (
    InvalidRequestError,
    NotFoundError,
    PreconditionError,
    StoreError,
    StoreFullError,
)
from ertedge.types import RedFlag
from ertedge.types.assessments import ChangeKind
from tests.core.assessment_desk import DAY_NS, HOUR_NS, Desk, whole
from tests.core.assessments.at_a_desk import at_a_desk, response
from tests.core.fakes import FakeStore


def test_what_was_left_is_gone_on_with_after_a_restart_and_its_flag_is_not_lost() -> None:
    async def run() -> None:
        desk = await Desk().start()
        number = await desk.fill_in({"1": 2, "21": 1})
        await desk.recorder.flush()
        again = await Desk(store=desk.store, clock=desk.clock).start()
        again.pass_ns(2 * HOUR_NS)
        started = await again.assessments.begin(1, "dass21")
        assert started.resumed
        assert started.view.assessment.assessment_id == number
        assert started.view.assessment.code("1") == "2"
        assert started.view.next_link_id == "2"
        assert started.view.assessment.flags == (RedFlag.LIFE_NOT_WORTHWHILE,)
        await again.assessments.answer(number, "2", "0")
        assert again.safety.raised == []

    asyncio.run(run())


@at_a_desk
async def test_what_was_left_a_day_ago_is_begun_anew_and_stays(desk: Desk) -> None:
    number = await desk.fill_in({"1": 2})
    desk.pass_ns(DAY_NS)
    started = await desk.assessments.begin(1, "dass21")
    assert not started.resumed
    assert started.view.assessment.assessment_id != number
    assert (await desk.assessments.get(number)).assessment.code("1") == "2"
    other = await desk.assessments.begin(1, "dass21")
    assert other.view.assessment.assessment_id == started.view.assessment.assessment_id  # nothing is answered in it yet
    await desk.assessments.answer(other.view.assessment.assessment_id, "1", "1")
    over = await desk.assessments.begin(1, "dass21", start_over=True)
    assert over.view.assessment.assessment_id != other.view.assessment.assessment_id


def test_the_recommender_hears_of_the_newest_scores_after_a_restart_too() -> None:
    async def run() -> None:
        desk = await Desk().start()
        await desk.done(whole(1, i21=0))
        desk.pass_ns(DAY_NS)
        await desk.done(whole(0))
        desk.pass_ns(DAY_NS)
        await desk.done({"1": 1})  # without scores: the one before it still is the newest
        await desk.recorder.flush()
        before = desk.assessments.scores(1)
        again = await Desk(store=desk.store, clock=desk.clock).start()
        assert before is not None
        assert again.assessments.scores(1) == before
        assert before.stress == 0

    asyncio.run(run())


@at_a_desk
async def test_without_the_consent_to_a_history_nothing_is_written_and_everything_works(desk: Desk) -> None:
    desk.without_history.add(1)
    await desk.done(whole(0))
    desk.pass_ns(DAY_NS)
    view = await desk.done(whole(1))
    await desk.recorder.flush()
    assert desk.store.assessments.rows == {}
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]
    assert view.scores[0].score == 14
    views, cursor = await desk.assessments.page(1, "dass21", limit=1, before=None)
    assert [each.assessment.assessment_id for each in views] == [2]
    assert cursor == 2
    told = await desk.assessments.over_time(1, "dass21")
    assert [change.kind for change in told.changes] == [ChangeKind.WORSENED] * 3
    desk.assessments.forget(1, erased=False)
    assert desk.assessments.scores(1) is None
    assert (await desk.assessments.page(1, limit=9, before=None))[0] == ()


@at_a_desk
async def test_what_waits_for_the_disk_is_not_written_after_an_erasure_or_a_withdrawal(desk: Desk) -> None:
    for profile_id in (1, 2):
        await desk.fill_in({"1": 1}, profile_id=profile_id)
    desk.store.trouble = StoreFullError("the disk is full")
    for number in (1, 2):
        await desk.assessments.answer(number, "2", "1")
    desk.assessments.forget(1, erased=True)
    desk.without_history.add(2)
    desk.assessments.forget(2, erased=False)
    desk.store.assessments.rows.clear()
    desk.store.trouble = None
    await desk.recorder.flush()
    assert desk.store.assessments.rows == {}
    with pytest.raises(NotFoundError):
        await desk.assessments.get(1)


@at_a_desk
async def test_numbers_are_never_given_twice_also_where_the_store_cannot_be_read(desk: Desk) -> None:
    desk.store.trouble = StoreError("the disk is gone")
    first = await desk.assessments.begin(1, "dass21")
    await desk.assessments.answer(first.view.assessment.assessment_id, "1", "1")
    second = await desk.assessments.begin(1, "phq9")
    numbers = [each.view.assessment.assessment_id for each in (first, second)]
    assert len(set(numbers)) == 2
    assert min(numbers) > 10**12
    resumed = await desk.assessments.begin(1, "dass21")
    assert resumed.resumed
    completed = await desk.assessments.complete(numbers[0])
    assert completed.changes == ()
    desk.store.trouble = None
    await desk.recorder.flush()
    third = await desk.assessments.begin(1, "gad7")
    assert third.view.assessment.assessment_id > max(numbers)


@at_a_desk
async def test_answers_given_elsewhere_are_taken_over_with_their_moment(desk: Desk) -> None:
    await desk.done(whole(1, i21=0))
    earlier = response(desk, whole(0), authored="2024-01-31")
    completed = await desk.assessments.submit(1, earlier, "s")
    assert completed.view.assessment.complete_wall_time_ns == 1_706_659_200 * 10**9
    assert completed.view.scores[0].score == 0
    again = await desk.assessments.submit(1, earlier, "s")
    assert again.view.assessment.assessment_id == completed.view.assessment.assessment_id
    told = desk.assessments.scores(1)
    assert told is not None
    assert told.stress == 14
    points = (await desk.assessments.over_time(1, "dass21")).points
    assert [point.scores[2].score for point in points] == [0, 14]


@at_a_desk
async def test_a_red_flag_given_elsewhere_is_raised_unless_it_is_long_ago(desk: Desk) -> None:
    now = await desk.assessments.submit(1, response(desk, whole(0, i21=1)))
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]
    assert now.notice is not None
    desk.safety.raised.clear()
    old = await desk.assessments.submit(1, response(desk, whole(0, i21=1), authored="2020-01-01T10:00:00+01:00"))
    assert desk.safety.raised == []
    assert old.view.assessment.flags == (RedFlag.LIFE_NOT_WORTHWHILE,)


@at_a_desk
async def test_every_fault_of_what_was_given_elsewhere_is_said(desk: Desk) -> None:
    with pytest.raises(InvalidRequestError, match="is not JSON"):
        await desk.assessments.submit(1, "{")
    with pytest.raises(InvalidRequestError, match="is no FHIR QuestionnaireResponse"):
        await desk.assessments.submit(1, "{}")
    with pytest.raises(InvalidRequestError, match="'urn:x' is none of urn:ertedge:questionnaire:check-in"):
        await desk.assessments.submit(1, response(desk, {}, questionnaire="urn:x"))
    wrong = response(desk, {"1": 9}, authored="2999-01-01", status="stopped")
    with pytest.raises(InvalidRequestError) as raised:
        await desk.assessments.submit(1, wrong)
    said = [what for _, what in raised.value.violations]
    assert len(said) == 3
    with pytest.raises(InvalidRequestError) as many:
        await desk.assessments.submit(1, response(desk, whole(9)))
    assert [what for _, what in many.value.violations][-1] == "and 11 more"
    with pytest.raises(InvalidRequestError, match="is of version '2'"):
        await desk.assessments.submit(1, response(desk, {"1": 1}, questionnaire="urn:ertedge:questionnaire:gad7|2"))
    assert desk.safety.raised == []


def test_an_assessment_of_another_version_is_listed_and_not_scored() -> None:
    async def run() -> None:
        desk = await Desk().start()
        view = await desk.done(whole(0))
        await desk.recorder.flush()
        number = view.assessment.assessment_id
        store: FakeStore = desk.store
        row = store.assessments.rows[number]
        store.assessments.rows[number] = type(row)(
            **{name: getattr(row, name) for name in row.__slots__} | {"questionnaire_version": "1994"}
        )
        again = await Desk(store=store, clock=desk.clock).start()
        assert again.assessments.scores(1) is None
        (listed,), _ = await again.assessments.page(1, limit=9, before=None)
        assert listed.scores == ()
        with pytest.raises(PreconditionError, match="of version 1994"):
            await again.assessments.get(number)

    asyncio.run(run())


def test_a_disk_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        desk = await Desk().start()
        number = await desk.fill_in({"1": 0})
        hanging = asyncio.Event()

        async def hang(*_: object) -> None:
            await hanging.wait()

        monkeypatch.setattr(desk.recorder, "read", hang)
        monkeypatch.setattr(desk.recorder, "flush", hang)
        async with asyncio.timeout(5):
            answered = await desk.assessments.answer(number, "21", "1", "r")
            await desk.assessments.answer(number, "2", "1", "s")
        assert answered.notice is not None
        assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]
        hanging.set()

    monkeypatch.setattr("ertedge.core.assessments.log.READ_SECONDS", 0.05)
    monkeypatch.setattr("ertedge.core.assessments.log.SAVE_SECONDS", 0.05)
    asyncio.run(run())


@at_a_desk
async def test_it_is_told_whether_the_answers_are_kept(desk: Desk) -> None:
    desk.without_history.add(1)
    assert not (await desk.assessments.begin(1, "gad7")).kept
    assert (await desk.assessments.begin(2, "gad7")).kept
