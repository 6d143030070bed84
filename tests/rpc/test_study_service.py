"""A study over the wire: from its creation to its export, with nothing told that is sealed."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from ertedge.errors import InvalidRequestError, NotFoundError, PreconditionError
from ertedge.rpc.client import Client
from ertedge.types.study import (
    AdverseEvent,
    DueStatus,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolledReason,
    ParticipantStatus,
    Relatedness,
    Seriousness,
)
from ertedge.v1 import study_service_pb2 as messages
from ertedge.wellbeing.study.protocol import example_protocol
from tests.core.study_fakes import CRITERIA, SEAL, SEED, STUDY, StudyHouse
from tests.rpc.study_house import served_study

ABOUT = {"age": "43", "gender": "woman"}
EVENT = AdverseEvent(
    0,
    1,
    0,
    1_700_000_000_000_000_000,
    EventCategory.SYMPTOMS_WORSE,
    Seriousness.HOSPITALISATION,
    EventSeverity.SEVERE,
    Relatedness.UNLIKELY,
    EventOutcome.RECOVERING,
    "planted words",
    0,
    0,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a Unix socket."""
    path = Path(tempfile.mkdtemp(prefix="ertedge-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def over_the_wire(folder: Path, work: Callable[[StudyHouse, Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with served_study(folder) as (house, client):
            await work(house, client)

    asyncio.run(run())


async def enrolled(house: StudyHouse, client: Client, *profiles: int) -> None:
    await client.study.create(example_protocol())
    for profile in profiles:
        house.answer(profile, 30)
        await client.study.enrol(STUDY, profile, confirmed_criteria=CRITERIA, characteristics=ABOUT)


def test_a_whole_study(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        made = await client.study.create(example_protocol())
        assert len(made.commitment) == 64
        assert [arm.name for arm in made.arms] == ["personal", "fixed"]
        assert await client.study.studies() == (made,)
        assert (made.study_id, made.participant_count, made.protocol_text) == (STUDY, 0, example_protocol())
        assert [each.choices for each in made.characteristics] == [(), ("woman", "man", "other", "not_said")]
        house.answer(1, 30)
        one = await client.study.enrol(STUDY, 1, confirmed_criteria=CRITERIA, characteristics=ABOUT)
        assert (one.participant_id, one.stratum, one.arm) == (1, "severe", "")
        due = await client.study.due(STUDY, 1)
        assert [(each.time_point, each.status) for each in due] == [
            ("baseline", DueStatus.DONE),
            ("week_4", DueStatus.UPCOMING),
            ("week_8", DueStatus.UPCOMING),
        ]
        house.pass_days(28)
        assert (await client.study.due(STUDY, 1))[1].status is DueStatus.DUE
        house.answer(1, 20)
        assert (await client.study.due(STUDY, 1))[1].status is DueStatus.DONE
        house.pass_days(60)
        assert (await client.study.due(STUDY, 1))[2].status is DueStatus.MISSED
        adherence = await client.study.adherence(STUDY, 1)
        assert (adherence.offered, adherence.days) == (0, 56)
        found = await client.study.participant(STUDY, 1)
        assert found.status is ParticipantStatus.COMPLETED
        assert found.arm
        with pytest.raises(PreconditionError, match="stays shut"):
            await client.study.verify(STUDY)
        ended = await client.study.end(STUDY)
        assert not ended.is_open
        check = await client.study.verify(STUDY)
        assert (check.faults, check.checked, check.seed) == ((), 1, SEED.hex())
        names: dict[str, bytes] = {}
        async for name, part in client.study.export(STUDY):
            names[name] = names.get(name, b"") + part
        assert set(names) >= {"participants.csv", "dictionary.csv", "study.json", "protocol.toml"}
        assert names["protocol.toml"].decode() == example_protocol()

    over_the_wire(folder, work)


def test_no_answer_of_the_service_tells_what_is_sealed(folder: Path) -> None:
    """Every call that reads, before anybody is enrolled and after somebody is: no answer holds any part of the seal."""

    async def answers(house: StudyHouse, client: Client) -> list[bytes]:
        stub: Any = client.study._stub
        calls = (
            (stub.GetStudy, messages.GetStudyRequest(name=f"studies/{STUDY}")),
            (stub.ListStudies, messages.ListStudiesRequest()),
            (stub.ListParticipants, messages.ListParticipantsRequest(parent=f"studies/{STUDY}")),
            (stub.ListAdverseEvents, messages.ListAdverseEventsRequest(parent=f"studies/{STUDY}/participants/-")),
        )
        told = [(await call(request)).SerializeToString() for call, request in calls]
        for refused, request in (
            (stub.VerifyAllocations, messages.VerifyAllocationsRequest(name=f"studies/{STUDY}")),
            (stub.GetParticipant, messages.GetParticipantRequest(name=f"studies/{STUDY}/participants/9")),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await refused(request)
            told.append(str(caught.value.details()).encode())
        parts = stub.ExportStudy(messages.ExportStudyRequest(name=f"studies/{STUDY}"))
        return told + [part.SerializeToString() async for part in parts]

    async def work(house: StudyHouse, client: Client) -> None:
        await client.study.create(example_protocol())
        told = await answers(house, client)
        house.answer(1, 30)
        await client.study.enrol(STUDY, 1, confirmed_criteria=CRITERIA, characteristics=ABOUT)
        told += await answers(house, client)
        for secret in (SEED, SEAL[32:64], SEAL[64:]):
            assert not [each for each in told if secret in each or secret.hex().encode() in each]

    over_the_wire(folder, work)


def test_a_repeated_enrolment_is_one(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        await client.study.create(example_protocol())
        house.answer(1, 30)
        first, second = [
            await client.study.enrol(
                STUDY, 1, confirmed_criteria=CRITERIA, characteristics=ABOUT, request_id="the same"
            )
            for _ in range(2)
        ]
        assert first == second
        assert len(await client.study.participants(STUDY)) == 1

    over_the_wire(folder, work)


def test_whose_enrolment_it_is_may_be_left_out_for_the_only_person(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        await client.study.create(example_protocol())
        house.answer(1, 30)
        with pytest.raises(InvalidRequestError, match="there are 200 profiles"):
            await client.study.enrol(STUDY, confirmed_criteria=CRITERIA, characteristics=ABOUT)
        house.people.count = 1
        one = await client.study.enrol(STUDY, confirmed_criteria=CRITERIA, characteristics=ABOUT)
        assert one.profile_id == 1

    over_the_wire(folder, work)


def test_every_fault_of_a_protocol_is_a_violation(folder: Path) -> None:
    async def work(_house: StudyHouse, client: Client) -> None:
        text = (
            example_protocol().replace("block_sizes = [4, 6]", "block_sizes = [5]").replace("least = 21", "least = 18")
        )
        with pytest.raises(InvalidRequestError) as caught:
            await client.study.create(text)
        assert len(caught.value.violations) == 2
        assert {field for field, _ in caught.value.violations} == {"protocol"}

    over_the_wire(folder, work)


def test_leaving_with_and_without_the_data(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        await enrolled(house, client, 1, 2)
        await client.study.record_event(STUDY, replace(EVENT, participant_id=2))
        left = await client.study.withdraw(STUDY, 1, keep_data=True)
        assert left is not None
        assert left.status is ParticipantStatus.WITHDRAWN
        assert await client.study.withdraw(STUDY, 2, keep_data=False) is None
        assert [each.participant_id for each in await client.study.participants(STUDY)] == [1]
        assert await client.study.events(STUDY) == ()
        assert (await client.study.study(STUDY)).participant_count == 2

    over_the_wire(folder, work)


def test_adverse_events(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        await enrolled(house, client, 1)
        made = await client.study.record_event(STUDY, EVENT, "once")
        again = await client.study.record_event(STUDY, EVENT, "once")
        assert made == again
        assert made.is_serious
        changed = await client.study.update_event(STUDY, replace(made, outcome=EventOutcome.RECOVERED), ["outcome"])
        assert (changed.outcome, changed.description) == (EventOutcome.RECOVERED, "planted words")
        assert await client.study.events(STUDY, 1) == (changed,)
        with pytest.raises(InvalidRequestError, match="lies in the future"):
            future_ns = house.clock.wall_ns() + 10**12
            await client.study.record_event(STUDY, replace(EVENT, onset_wall_time_ns=future_ns))
        with pytest.raises(NotFoundError, match="no adverse event 9"):
            await client.study.update_event(STUDY, replace(made, event_id=9))
        exported = b"".join([part async for _, part in client.study.export(STUDY)])
        assert b"planted words" not in exported
        assert b"hospitalisation" in exported

    over_the_wire(folder, work)


def test_what_is_left_out_of_an_event_is_said_at_once(folder: Path) -> None:
    async def work(house: StudyHouse, client: Client) -> None:
        await enrolled(house, client, 1)
        request = messages.CreateAdverseEventRequest(parent=f"studies/{STUDY}/participants/1")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.study._stub.CreateAdverseEvent(request)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        for field in ("category", "seriousness", "severity", "relatedness", "outcome", "onset_time"):
            assert f"adverse_event.{field}" in str(caught.value.details())

    over_the_wire(folder, work)


@pytest.mark.parametrize(
    "name", ["", "studies", "studies/", "studies/UPPER", "studies/a/participants/x", "studies/a/participants/1/more"]
)
def test_names_that_are_none(folder: Path, name: str) -> None:
    async def work(_house: StudyHouse, client: Client) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.study._stub.GetParticipant(messages.GetParticipantRequest(name=name))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT

    over_the_wire(folder, work)


def test_who_does_not_take_part_is_counted(folder: Path) -> None:
    async def work(_house: StudyHouse, client: Client) -> None:
        await client.study.create(example_protocol())
        assert await client.study.record_not_enrolled(STUDY, NotEnrolledReason.DECLINED) == 1
        assert await client.study.record_not_enrolled(STUDY, NotEnrolledReason.NOT_ELIGIBLE, "adult") == 2

    over_the_wire(folder, work)
