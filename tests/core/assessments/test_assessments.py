"""Assessments in the core: red flags first, nothing lost, nothing changed silently, and scores with their change."""

from __future__ import annotations

import asyncio
import json

import pytest

from ertedge.core.assessments import assessments as module
from ertedge.errors import (
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    PreconditionError,
    StoreFullError,
)
from ertedge.types import RedFlag
from ertedge.types.assessments import AssessmentStatus, ChangeKind
from tests.core.assessment_desk import DAY_NS, HOUR_NS, Desk, whole
from tests.core.assessments.at_a_desk import at_a_desk


@at_a_desk
async def test_a_questionnaire_is_answered_item_by_item_and_scored(desk: Desk) -> None:
    started = await desk.assessments.begin(1, "dass21")
    assert not started.resumed
    assert (started.view.next_link_id, started.view.scores) == ("1", ())
    assert started.asked.questionnaire.items[0].text == "I found it hard to wind down"
    number = started.view.assessment.assessment_id
    for link_id, value in whole(1, i21=0).items():
        answered = await desk.assessments.answer(number, link_id, str(value))
        assert answered.notice is None
    assert answered.view.next_link_id == ""
    completed = await desk.assessments.complete(number)
    assert {each.scale_id: each.score for each in completed.view.scores} == {
        "depression": 12, "anxiety": 14, "stress": 14,
    }  # fmt: skip
    assert (completed.changes, completed.notice, completed.helplines) == ((), None, ())
    assert completed.view.assessment.status is AssessmentStatus.COMPLETED
    told = desk.assessments.scores(1)
    assert told is not None
    assert (told.depression, told.anxiety, told.stress, told.wall_time_ns) == (12, 14, 14, desk.clock.wall_ns())
    assert desk.assessments.scores(2) is None


@at_a_desk
async def test_a_red_flag_goes_to_safety_before_the_answer_is_stored(desk: Desk) -> None:
    number = await desk.fill_in({"1": 0})
    saves = desk.store.assessments.saves
    answered = await desk.assessments.answer(number, "21", "1")
    assert desk.safety.raised == [(RedFlag.LIFE_NOT_WORTHWHILE, desk.clock.wall_ns())]
    assert desk.safety.saves_before == [saves]
    assert answered.notice is desk.safety.notice
    assert [line.name for line in answered.helplines] == ["Samaritans"]
    assert answered.view.assessment.flags == (RedFlag.LIFE_NOT_WORTHWHILE,)
    # It was said while the rest is still open, and is not said again by the next answers.
    await desk.assessments.answer(number, "2", "0")
    await desk.assessments.answer(number, "21", "3")
    assert len(desk.safety.raised) == 1


@at_a_desk
async def test_thoughts_of_self_harm_are_told_even_where_the_disk_is_full(desk: Desk) -> None:
    number = await desk.fill_in({}, "phq9")
    desk.store.trouble = StoreFullError("the disk is full")
    answered = await desk.assessments.answer(number, "9", "1")
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.SELF_HARM_THOUGHTS]
    assert answered.notice is not None
    assert answered.view.assessment.code("9") == "1"
    completed = await desk.assessments.complete(number)
    assert completed.notice is not None
    desk.store.trouble = None
    await desk.recorder.flush()
    assert desk.store.assessments.rows[number].flags == (RedFlag.SELF_HARM_THOUGHTS,)


@at_a_desk
async def test_an_extremely_severe_scale_is_told_as_soon_as_it_is_certain(desk: Desk) -> None:
    number = await desk.fill_in({"2": 3, "4": 3, "7": 3})
    assert desk.safety.raised == []
    await desk.assessments.answer(number, "9", "1")
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.EXTREMELY_SEVERE]
    await desk.assessments.answer(number, "21", "2")
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.EXTREMELY_SEVERE, RedFlag.LIFE_NOT_WORTHWHILE]


@at_a_desk
async def test_a_repeated_request_changes_nothing_and_raises_nothing_again(desk: Desk) -> None:
    first = await desk.assessments.begin(1, "dass21", request_id="a")
    number = first.view.assessment.assessment_id
    await desk.assessments.answer(number, "21", "2", "b")
    await desk.assessments.answer(number, "21", "0", "c")
    again = await desk.assessments.answer(number, "21", "2", "b")
    assert again.view.assessment.code("21") == "0"
    assert len(desk.safety.raised) == 1
    same = await desk.assessments.begin(1, "dass21", start_over=True, request_id="a")
    assert same.view.assessment.assessment_id == number
    with pytest.raises(InvalidRequestError, match="used for something else"):
        await desk.assessments.answer(number, "1", "2", "b")
    with pytest.raises(InvalidRequestError, match="used for something else"):
        await desk.assessments.begin(1, "phq9", request_id="a")
    await desk.assessments.complete(number, "d")
    await desk.assessments.complete(number, "d")
    after = await desk.assessments.answer(number, "21", "0", "c")
    assert after.view.assessment.status is AssessmentStatus.COMPLETED


@at_a_desk
async def test_a_graver_answer_under_a_used_id_is_heard_all_the_same(desk: Desk) -> None:
    number = await desk.fill_in({})
    await desk.assessments.answer(number, "21", "0", "b")
    with pytest.raises(InvalidRequestError):
        await desk.assessments.answer(number, "21", "3", "b")
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]


@at_a_desk
async def test_people_are_told_apart(desk: Desk) -> None:
    await desk.done(whole(0), profile_id=1)
    await desk.done(whole(1, i21=0), profile_id=2)
    first, second = desk.assessments.scores(1), desk.assessments.scores(2)
    assert first is not None
    assert second is not None
    assert (first.stress, second.stress) == (0, 14)
    views, _ = await desk.assessments.page(2, limit=10, before=None)
    assert [view.assessment.profile_id for view in views] == [2]
    with pytest.raises(NotFoundError, match="no profile 90"):
        await desk.assessments.begin(90, "dass21")


@at_a_desk
async def test_a_change_is_told_with_whether_it_is_more_than_chance(desk: Desk) -> None:
    await desk.done(whole(2, i21=0))
    desk.pass_ns(14 * DAY_NS)
    number = await desk.fill_in(whole(1, i21=0, i1=2))
    completed = await desk.assessments.complete(number)
    kinds = {each.scale_id: (each.before, each.after, each.kind) for each in completed.changes}
    assert kinds == {
        "depression": (24, 12, ChangeKind.IMPROVED),
        "anxiety": (28, 14, ChangeKind.IMPROVED),
        "stress": (28, 16, ChangeKind.IMPROVED),
    }
    again = await desk.assessments.complete(number)
    assert again.changes == completed.changes
    desk.pass_ns(14 * DAY_NS)
    await desk.done(whole(1, i21=0))
    told = await desk.assessments.over_time(1, "dass21")
    assert [[score.score for score in point.scores] for point in told.points] == [
        [24, 28, 28],
        [12, 14, 16],
        [12, 14, 14],
    ]
    assert [change.kind for change in told.points[2].changes] == [ChangeKind.UNCERTAIN] * 3
    assert [(change.before, change.after) for change in told.changes] == [(24, 12), (28, 14), (28, 14)]
    assert told.points[0].changes == ()
    later = await desk.assessments.over_time(1, "dass21", desk.clock.wall_ns() - DAY_NS)
    assert len(later.points) == 1


@at_a_desk
async def test_an_amendment_is_kept_scored_and_raises_what_must_not_wait(desk: Desk) -> None:
    view = await desk.done(whole(1, i21=0))
    number = view.assessment.assessment_id
    with pytest.raises(PreconditionError, match="amend the answer with a reason"):
        await desk.assessments.answer(number, "1", "3")
    answered = await desk.assessments.amend(number, "21", "2", reason="I was not honest", request_id="x")
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]
    assert answered.notice is not None
    assert answered.view.assessment.status is AssessmentStatus.AMENDED
    await desk.assessments.amend(number, "21", "2", reason="I was not honest", request_id="x")
    stored = await desk.assessments.get(number)
    assert [(each.code_before, each.code_after) for each in stored.assessment.amendments] == [("0", "2")]
    assert stored.scores[0].score == 16
    told = desk.assessments.scores(1)
    assert told is not None
    assert told.depression == 16
    await desk.assessments.amend(number, "3", "", reason="unsure")
    await desk.assessments.amend(number, "5", "", reason="unsure")
    assert desk.assessments.scores(1) is None


@at_a_desk
async def test_a_language_is_the_one_asked_for_or_the_persons_or_the_devices(desk: Desk) -> None:
    desk.languages[1] = "de"
    started = await desk.assessments.begin(1, "check-in")
    assert started.asked.questionnaire.language == "de"
    assert (await desk.assessments.begin(2, "check-in")).asked.questionnaire.language == "en"
    other = await desk.assessments.begin(1, "check-in", language="en")
    assert other.asked.questionnaire.language == "en"
    assert desk.assessments.questionnaire("check-in", "de").questionnaire.title == "Tägliches Nachfragen"
    assert [each.questionnaire.questionnaire_id for each in desk.assessments.questionnaires()] == [
        "check-in", "dass21", "gad7", "phq9",
    ]  # fmt: skip


@at_a_desk
async def test_as_fhir_it_is_whole(desk: Desk) -> None:
    view = await desk.done(whole(0))
    document = json.loads((await desk.assessments.get(view.assessment.assessment_id)).fhir_json)
    assert document["status"] == "completed"
    assert document["authored"] == "2024-10-04T12:00:00.000Z"
    assert len(document["item"]) == 21


def test_a_client_that_answers_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        desk = Desk()
        number = await desk.fill_in({"1": 0, "2": 0, "3": 0})
        with pytest.raises(LimitReachedError, match="within an hour"):
            await desk.assessments.answer(number, "4", "0")
        with pytest.raises(LimitReachedError):
            await desk.assessments.answer(number, "21", "1")
        assert [flag for flag, _ in desk.safety.raised] == [RedFlag.LIFE_NOT_WORTHWHILE]
        desk.pass_ns(HOUR_NS)
        await desk.assessments.answer(number, "4", "0")

    monkeypatch.setattr(module, "STEPS_AN_HOUR_MOST", 4)
    asyncio.run(run())


@at_a_desk
async def test_an_answer_that_comes_too_late_is_refused_and_heard(desk: Desk) -> None:
    view = await desk.done(whole(0))
    desk.pass_ns(40 * DAY_NS)
    with pytest.raises(PreconditionError):
        await desk.assessments.answer(view.assessment.assessment_id, "21", "1")
    assert desk.safety.raised == [(RedFlag.LIFE_NOT_WORTHWHILE, desk.clock.wall_ns())]
    await desk.assessments.amend(view.assessment.assessment_id, "21", "2", reason="it was so")
    assert len(desk.safety.raised) == 2


@at_a_desk
async def test_one_open_item_stands_at_the_mean_when_it_is_completed_and_not_before(desk: Desk) -> None:
    number = await desk.fill_in(dict.fromkeys(("3", "5", "10", "13", "16", "17"), 2))
    assert desk.safety.raised == []
    completed = await desk.assessments.complete(number)
    assert [flag for flag, _ in desk.safety.raised] == [RedFlag.EXTREMELY_SEVERE]
    assert completed.notice is not None
