"""SafetyService over a real connection: watch, list, answer, ask for help, the plan, helplines, and what is wrong."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from ertedge.config import ServerSettings
from ertedge.errors import InvalidRequestError, LimitReachedError, NotFoundError
from ertedge.rpc.client import Client
from ertedge.types import (
    HealthCondition,
    NoticeKind,
    NoticeResponse,
    RedFlag,
    SafetyCause,
    SafetyContact,
    SafetyPlan,
)
from ertedge.v1 import safety_service_pb2 as messages
from tests.rpc.safety_house import safety_at

PLAN = SafetyPlan(
    warning_signs=("I stop sleeping",),
    coping_strategies=("music", "a walk"),
    distractions=(SafetyContact("The library"),),
    people=(SafetyContact("Ann", "0123 456"),),
    professionals=(SafetyContact("Dr Smith", "0123 789"),),
    safer_surroundings=("give my pills to Ann",),
    conditions=(HealthCondition.RESPIRATORY, HealthCondition.TRAUMA),
)


def test_watch_begins_with_the_open_notice_follows_and_beats(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path, ServerSettings(heartbeat_seconds=1.0)) as (house, client):
            events = client.safety.watch()
            assert (await anext(events)).notice is None
            raised = house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
            first = await anext(events)
            assert first.notice == raised
            await client.safety.respond(raised.notice_id, NoticeResponse.NOT_NOW)
            second = await anext(events)
            assert second.notice is not None
            assert second.notice.response is NoticeResponse.NOT_NOW
            assert second.sequence > first.sequence
            assert (await anext(events)).notice is None
            async with Client(house.address) as other:
                late = await anext(other.safety.watch())
                assert late.notice == second.notice
                resumed = await anext(other.safety.watch(first.sequence))
                assert (resumed.notice, resumed.sequence) == (second.notice, second.sequence)

    asyncio.run(scenario())


def test_one_watcher_too_many_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path, ServerSettings(watchers_most=1)) as (house, client):
            house.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
            await anext(client.safety.watch())
            async with Client(house.address) as other:
                with pytest.raises(LimitReachedError, match="watchers_most"):
                    await anext(other.safety.watch())

    asyncio.run(scenario())


def test_asking_for_help_gives_the_notice_the_plan_and_helplines_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (_, client):
            await client.safety.update_plan(PLAN)
            asked = await client.safety.ask_for_help("please")
            assert (asked.notice.kind, asked.notice.cause) == (NoticeKind.SUPPORT, SafetyCause.ASKED_FOR_HELP)
            assert asked.notice.open
            assert "999" in asked.notice.message
            assert asked.plan is not None
            assert asked.plan.people == PLAN.people
            assert (asked.helplines[0].contact, asked.helplines[0].emergency) == ("999", True)
            assert {line.name for line in asked.helplines} >= {"Samaritans", "Find A Helpline"}

    asyncio.run(scenario())


def test_messages_speak_the_language_and_name_the_number_of_the_region(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path, region="AT", language="de") as (_, client):
            asked = await client.safety.ask_for_help()
            assert "112" in asked.notice.message
            assert "kein Notdienst" in asked.notice.message
            assert "142" in [line.contact for line in asked.helplines]

    asyncio.run(scenario())


def test_an_answer_gives_the_notice_and_helplines_and_is_one_however_often_it_is_sent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            number = house.safety.raise_red_flag(RedFlag.LIFE_NOT_WORTHWHILE).notice_id
            first = await client.safety.respond(number, NoticeResponse.SAFE, request_id="same")
            assert first.notice.open
            assert first.helplines == await client.safety.helplines()
            again = await client.safety.respond(number, NoticeResponse.SAFE, request_id="same")
            assert again.notice.response_wall_time_ns == first.notice.response_wall_time_ns
        async with safety_at(tmp_path) as (house, client):
            after = await client.safety.respond(number, NoticeResponse.SAFE, request_id="same")
            assert after.notice.response_wall_time_ns == first.notice.response_wall_time_ns
            assert after.notice.open
            assert house.safety.denials == 1

    asyncio.run(scenario())


def test_an_answer_in_words_alone_is_heard(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            number = house.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE).notice_id
            stub = client.safety._stub
            request = messages.RespondToSafetyNoticeRequest(name=f"safetyNotices/{number}", text="i want to die")
            answer = await stub.RespondToSafetyNotice(request)
            assert answer.safety_notice.cause == messages.SAFETY_CAUSE_CRISIS_WORDS
            assert answer.helplines

    asyncio.run(scenario())


def test_notices_are_paged_newest_first_and_the_open_ones_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            first = house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
            await house.recorder.flush()
            page = await client.safety.list_notices(page_size=1)
            assert ([notice.notice_id for notice in page.notices], page.next_page_token) == ([first.notice_id], "")
            assert [notice.open async for notice in client.safety.notices(only_open=True)] == [True]
            with pytest.raises(InvalidRequestError, match="page_token"):
                await client.safety.list_notices(page_token="nonsense")
            with pytest.raises(InvalidRequestError, match="page_size"):
                await client.safety.list_notices(page_size=-1)

    asyncio.run(scenario())


def test_the_plan_is_kept_changed_in_parts_and_reading_it_is_in_the_ledger(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            assert await client.safety.plan() == SafetyPlan()
            whole = await client.safety.update_plan(PLAN)
            assert whole.update_wall_time_ns > 0
            changed = await client.safety.update_plan(SafetyPlan(warning_signs=("I eat nothing",)), ["warning_signs"])
            assert changed.warning_signs == ("I eat nothing",)
            assert changed.people == PLAN.people
            assert house.safety.conditions == set(PLAN.conditions)
        async with safety_at(tmp_path) as (house, client):
            assert await client.safety.plan() == changed
            entries, _ = await house.recorder.list_ledger(limit=20, before=None)
            assert {entry.event for entry in entries} == {"SAFETY_PLAN_READ", "SAFETY_PLAN_CHANGED"}
            assert not any("eat nothing" in entry.detail for entry in entries)

    asyncio.run(scenario())


def test_every_fault_of_an_update_is_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (_, client):
            await client.safety.update_plan(PLAN)
            request = messages.UpdateSafetyPlanRequest(
                safety_plan=messages.SafetyPlan(
                    name="safetyPlans/1",
                    warning_signs=["", "x" * 501],
                    coping_strategies=["fine"] * 51,
                    people=[messages.SafetyContact(display_name=" ", contact="a\nb")],
                    conditions=[99],  # type: ignore[list-item]
                ),
                update_mask=FieldMask(paths=["warning_sings"]),
            )
            with pytest.raises(InvalidRequestError) as raised:
                await client._call(client.safety._stub.UpdateSafetyPlan, request)
            assert [field for field, _ in raised.value.violations] == [
                "safety_plan.name",
                "update_mask",
                "safety_plan.warning_signs",
                "safety_plan.coping_strategies",
                "safety_plan.people.display_name",
                "safety_plan.people.contact",
                "safety_plan.conditions",
            ]
            with pytest.raises(InvalidRequestError, match="safety_plan"):
                await client._call(client.safety._stub.UpdateSafetyPlan, messages.UpdateSafetyPlanRequest())
            assert (await client.safety.plan()).warning_signs == PLAN.warning_signs
            with pytest.raises(InvalidRequestError, match="safetyPlan"):
                await client._call(client.safety._stub.GetSafetyPlan, messages.GetSafetyPlanRequest(name="x"))

    asyncio.run(scenario())


def test_what_is_wrong_with_an_answer_is_named(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            number = house.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE).notice_id
            respond = client.safety._stub.RespondToSafetyNotice
            for name in ("", "safetyNotices/", "safetyNotices/-1", "safetyNotices/x", "suggestions/1"):
                with pytest.raises(InvalidRequestError, match="name"):
                    await client._call(respond, messages.RespondToSafetyNoticeRequest(name=name, response=2))  # type: ignore[arg-type]
            for response in (0, 9):
                request = messages.RespondToSafetyNoticeRequest(name=f"safetyNotices/{number}", response=response)  # type: ignore[arg-type]
                with pytest.raises(InvalidRequestError, match="response"):
                    await client._call(respond, request)
            with pytest.raises(InvalidRequestError, match="request_id"):
                await client.safety.respond(number, NoticeResponse.SAFE, request_id="x" * 129)
            with pytest.raises(NotFoundError, match="safety notice 12345"):
                await client.safety.respond(12345, NoticeResponse.SAFE)
            needed = await client.safety.respond(12345, NoticeResponse.NEED_HELP)
            assert needed.notice.open
            assert needed.helplines

    asyncio.run(scenario())


def test_helplines_of_any_region_in_pages(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with safety_at(tmp_path, region="") as (_, client):
            assert [line.region for line in await client.safety.helplines()] == ["international"] * 5
            german = await client.safety.helplines("de")
            assert (german[0].contact, german[0].region, german[-1].region) == ("112", "DE", "international")
            assert all(line.source and line.checked for line in german)
            stub = client.safety._stub
            first = await stub.ListHelplines(messages.ListHelplinesRequest(region_code="DE", page_size=2))
            rest = await stub.ListHelplines(
                messages.ListHelplinesRequest(region_code="DE", page_token=first.next_page_token)
            )
            assert len(first.helplines) + len(rest.helplines) == len(german)
            with pytest.raises(InvalidRequestError, match="region_code"):
                await client.safety.helplines("Germany")

    asyncio.run(scenario())


def test_what_is_said_is_in_no_file_and_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The database, its write-ahead log and everything logged are searched for what was said, whole and in parts."""

    async def scenario() -> None:
        async with safety_at(tmp_path) as (house, client):
            asked = await client.safety.ask_for_help("Quetzalcoatl told me that I want to die")
            await client.safety.respond(asked.notice.notice_id, NoticeResponse.SAFE, "Quetzalcoatl is fine")
            with pytest.raises(NotFoundError):
                await client.safety.respond(4711, NoticeResponse.SAFE, "Quetzalcoatl again")
            await house.recorder.flush()
            search()
        search()

    def search() -> None:
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert any(b"CRISIS_WORDS" in path.read_bytes().upper() for path in files)
        for path in files:
            content = path.read_bytes()
            for said in (b"Quetzalcoatl", b"quetzalcoatl", b"want to die", "Quetzalcoatl".encode("utf-16-le")):
                assert said not in content, path

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert "safety notice" in caplog.text
    assert "uetzalcoatl" not in caplog.text
    assert "want to die" not in caplog.text
