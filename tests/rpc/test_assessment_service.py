"""AssessmentService through the client: begun, answered, left, gone on with, completed, compared, amended, listed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc.aio
import pytest

from ertedge.errors import InvalidRequestError, NotFoundError, PreconditionError
from ertedge.rpc.client import Client
from ertedge.types import Purpose, RedFlag, SafetyCause
from ertedge.types.assessments import AssessmentReminder, AssessmentStatus, ChangeKind
from ertedge.v1 import assessment_service_pb2 as messages
from ertedge.v1 import assessment_service_pb2_grpc as services
from ertedge.wellbeing.library import load_library
from tests.rpc.house import House, house_at

Scenario = Callable[[House, Client], Awaitable[None]]


def served(folder: Path, scenario: Scenario) -> None:
    async def run() -> None:
        async with house_at(folder) as (house, client):
            await scenario(house, client)

    asyncio.run(run())


async def fill_in(client: Client, value: int, questionnaire_id: str = "dass21", **others: str) -> int:
    started = await client.assessments.start(questionnaire_id, start_over=True)
    number = started.view.assessment.assessment_id
    for item in started.asked.questionnaire.items:
        await client.assessments.answer(number, item.link_id, others.get(f"i{item.link_id}", str(value)))
    return number


async def person(house: House, name: str = "Ann", *purposes: Purpose) -> int:
    profile = await house.people.create(name)
    for purpose in purposes:
        text = house.people.text(purpose, profile.profile_id)
        await house.people.give(
            profile.profile_id, purpose, version=text.version, language=text.language, digest=text.digest
        )
    return profile.profile_id


def test_questionnaires_come_whole_with_their_scales(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        library = load_library()
        found = await client.assessments.questionnaires()
        assert [each.questionnaire.questionnaire_id for each in found] == ["check-in", "dass21", "gad7", "phq9"]
        for each in found:
            shipped = library.get(each.questionnaire.questionnaire_id)
            assert each.questionnaire == shipped.questionnaire
            assert each.scoring.scales == shipped.scoring.scales
            assert each.scoring.source == shipped.scoring.source
        german = await client.assessments.questionnaire("check-in", "de")
        assert german.questionnaire.language == "de"
        with pytest.raises(NotFoundError, match="did you mean dass21"):
            await client.assessments.questionnaire("das21")
        with pytest.raises(InvalidRequestError, match="language_code"):
            await client.assessments.questionnaire("dass21", "German")
        with pytest.raises(InvalidRequestError, match="questionnaires/ID"):
            await client.assessments.questionnaire("DASS 21")

    served(tmp_path, scenario)


def test_answered_left_gone_on_with_and_completed(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        started = await client.assessments.start("gad7")
        number = started.view.assessment.assessment_id
        assert (started.resumed, started.view.next_link_id) == (False, "1")
        await client.assessments.answer(number, "1", "2")
        await client.assessments.answer(number, "2", "")
        resumed = await client.assessments.start("gad7")
        assert (resumed.resumed, resumed.view.next_link_id) == (True, "3")
        assert resumed.view.assessment.assessment_id == number
        await client.assessments.answer(number, "1", "1")
        for item in resumed.asked.questionnaire.items[2:]:
            answered = await client.assessments.answer(number, item.link_id, "1")
        assert answered.view.next_link_id == ""
        completed = await client.assessments.complete(number)
        (score,) = completed.view.scores
        assert (score.score, score.answered, score.missing) == (7, 6, 1)
        assert score.band is not None
        assert score.band.title == "mild"
        assert (completed.changes, completed.notice) == ((), None)
        again = await client.assessments.complete(number)
        assert again.view == completed.view
        whole = await client.assessments.assessment(number)
        assert json.loads(whole.fhir_json)["status"] == "completed"
        assert whole.assessment == completed.view.assessment

    served(tmp_path, scenario)


def test_a_red_flag_opens_a_notice_with_help_at_once(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        started = await client.assessments.start("phq9")
        number = started.view.assessment.assessment_id
        assert not house.safety.is_open
        answered = await client.assessments.answer(number, "9", "1")
        assert house.safety.is_open
        assert answered.notice is not None
        assert answered.notice.cause is SafetyCause.RED_FLAG
        assert answered.helplines
        assert answered.view.assessment.flags == (RedFlag.SELF_HARM_THOUGHTS,)
        (notice,) = (await client.safety.list_notices(only_open=True)).notices
        assert notice.notice_id == answered.notice.notice_id
        completed = await client.assessments.complete(number)
        assert completed.notice is not None
        assert completed.view.scores[0].score is None

    served(tmp_path, scenario)


def test_scores_over_time_and_what_changed(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.assessments.complete(await fill_in(client, 2, i21="0"))
        completed = await client.assessments.complete(await fill_in(client, 0))
        assert [change.kind for change in completed.changes] == [ChangeKind.IMPROVED] * 3
        assert completed.changes[0].index is not None
        told = await client.assessments.scores("dass21")
        assert [[score.score for score in point.scores] for point in told.points] == [[24, 28, 28], [0, 0, 0]]
        assert told.changes == told.points[1].changes == completed.changes
        assert [scale.scale_id for scale in told.scales] == ["depression", "anxiety", "stress"]
        later = told.points[1].wall_time_ns
        assert len((await client.assessments.scores("dass21", start_wall_time_ns=later)).points) == 1
        assert (await client.assessments.scores("phq9")).points == ()
        scores = house.questionnaires.assessments.scores(0)
        assert scores is not None
        assert scores.depression == 0

    served(tmp_path, scenario)


def test_an_amendment_is_told_with_what_was_there_before(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        number = await fill_in(client, 1, "gad7")
        with pytest.raises(PreconditionError, match="in progress"):
            await client.assessments.amend(number, "1", "3", reason="a slip")
        await client.assessments.complete(number)
        with pytest.raises(PreconditionError, match="amend"):
            await client.assessments.answer(number, "1", "3")
        with pytest.raises(InvalidRequestError, match="reason"):
            await client.assessments.amend(number, "1", "3", reason="")
        amended = await client.assessments.amend(number, "1", "3", reason="a slip")
        assert amended.view.assessment.status is AssessmentStatus.AMENDED
        assert amended.view.scores[0].score == 9
        (told,) = amended.view.assessment.amendments
        assert (told.link_id, told.code_before, told.code_after, told.reason) == ("1", "1", "3", "a slip")

    served(tmp_path, scenario)


def test_pages_and_persons(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        for questionnaire_id in ("gad7", "check-in", "gad7"):
            await client.assessments.complete(await fill_in(client, 1, questionnaire_id))
        page = await client.assessments.list_assessments(page_size=2)
        assert [view.assessment.assessment_id for view in page.assessments] == [3, 2]
        every = [view async for view in client.assessments.assessments(page_size=1)]
        assert [view.assessment.assessment_id for view in every] == [3, 2, 1]
        only = await client.assessments.list_assessments(questionnaire_id="check-in")
        assert [view.assessment.questionnaire_id for view in only.assessments] == ["check-in"]
        number = await person(house, "Ann", Purpose.KEEP_HISTORY)
        # The only person there is is meant from now on, and nobody's answers are not theirs.
        assert (await client.assessments.list_assessments()).assessments == ()
        async with Client(house.address, profile_id=0) as nobodys:
            assert len((await nobodys.assessments.list_assessments()).assessments) == 3
        async with Client(house.address, profile_id=number) as hers:
            done = await hers.assessments.complete(await fill_in(hers, 1, "gad7"))
            assert done.changes == ()
            assert done.view.assessment.profile_id == number
        assert len((await client.assessments.list_assessments()).assessments) == 1
        async with Client(house.address, profile_id=77) as strangers:
            fhir = (await client.assessments.assessment(1)).fhir_json
            for call in (
                strangers.assessments.start("gad7"),
                strangers.assessments.submit(fhir),
                strangers.assessments.list_assessments(),
                strangers.assessments.scores("gad7"),
                strangers.assessments.reminders(),
            ):
                with pytest.raises(NotFoundError, match="no profile 77"):
                    await call

    served(tmp_path, scenario)


def test_withdrawn_and_erased_people_leave_nothing(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        number = await person(house, "Ann", Purpose.KEEP_HISTORY)
        await client.assessments.complete(await fill_in(client, 0))
        assert house.questionnaires.assessments.scores(number) is not None
        await house.people.withdraw(number, Purpose.KEEP_HISTORY)
        assert house.questionnaires.assessments.scores(number) is None
        await client.assessments.complete(await fill_in(client, 0))
        await house.recorder.flush()
        kept = [each for each in house.store.assessments.rows.values() if each.update_wall_time_ns]
        assert len(kept) == 1  # of before; the erasure of what was covered is the store's
        await house.people.delete(number)
        assert house.questionnaires.assessments.scores(number) is None
        assert house.store.assessments.rows == {}

    served(tmp_path, scenario)


def test_answers_given_elsewhere_are_taken_over(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        number = await fill_in(client, 1, "gad7")
        await client.assessments.complete(number)
        fhir = (await client.assessments.assessment(number)).fhir_json
        taken = await client.assessments.submit(fhir, request_id="once")
        assert taken.view.scores[0].score == 7
        assert (await client.assessments.submit(fhir, request_id="once")).view == taken.view
        with pytest.raises(InvalidRequestError) as raised:
            await client.assessments.submit(fhir.replace('"linkId": "1"', '"linkId": "x1"').replace("completed", "y"))
        assert len(raised.value.violations) == 2
        assert {field for field, _ in raised.value.violations} == {"fhir_json"}

    served(tmp_path, scenario)


def test_a_reminder_is_listed_and_dismissed(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        assert await client.assessments.reminders() == ()
        with pytest.raises(NotFoundError):
            await client.assessments.dismiss_reminder("dass21")
        day_ns = 86_400 * 10**9
        now_ns = house.clock.wall_ns()
        house.store.assessments.given[0, "dass21"] = AssessmentReminder(0, "dass21", now_ns - 1, now_ns + day_ns)
        await house.questionnaires.reminders.start()
        (reminder,) = await client.assessments.reminders()
        assert (reminder.profile_id, reminder.questionnaire_id) == (0, "dass21")
        await client.assessments.dismiss_reminder("dass21")
        assert await client.assessments.reminders() == ()

    served(tmp_path, scenario)


def test_names_that_are_none_are_refused_and_the_service_says_that_it_serves(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        assert await client.is_serving("ertedge.v1.AssessmentService")
        with pytest.raises(NotFoundError, match="no assessment 99"):
            await client.assessments.assessment(99)
        async with grpc.aio.insecure_channel(house.address) as channel:
            stub = services.AssessmentServiceStub(channel)
            for call in (
                stub.GetAssessment(messages.GetAssessmentRequest(name="assessment/1")),
                stub.GetQuestionnaire(messages.GetQuestionnaireRequest(name="dass21")),
                stub.StartAssessment(messages.StartAssessmentRequest(questionnaire="dass21")),
                stub.ListAssessments(messages.ListAssessmentsRequest(profile="x")),
                stub.AnswerItem(messages.AnswerItemRequest(name="assessments/1", request_id="x" * 200)),
            ):
                with pytest.raises(grpc.aio.AioRpcError) as raised:
                    await call
                assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT

    served(tmp_path, scenario)


def test_the_ledger_says_that_answers_were_read_and_not_which(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        number = await fill_in(client, 3, "phq9")
        await client.assessments.assessment(number)
        await client.assessments.scores("phq9")
        await house.recorder.flush()
        events = {entry.event for entry in house.store.entries}
        assert {"ASSESSMENTS_READ", "ASSESSMENT_SCORES_READ"} <= events
        assert not any("phq9" in entry.detail or "better off dead" in entry.detail for entry in house.store.entries)

    served(tmp_path, scenario)
