"""Over the wire: whom a request means, by name or by who is in front; and everything about a person as one archive."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc.client import Client
from ertedge.types import NoticeResponse, Presence, PresenceKind, ResponseKind, SafetyPlan
from tests.core.suggestion_fakes import activity
from tests.rpc.house import House, house_at

CATALOGUE = (activity("breathing"), activity("walk"))


def run(folder: Path, scenario: Callable[[House, Client, tuple[int, int]], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with house_at(folder, catalogue=CATALOGUE) as (house, client):
            ada, ben = [(await client.profiles.create(name)).profile.profile_id for name in ("Ada", "Ben")]
            await scenario(house, client, (ada, ben))

    asyncio.run(inside())


def front(house: House, profile_id: int) -> None:
    house.household.follow(Presence(1, PresenceKind.PROFILE, profile_id))


def test_a_client_of_a_person_sees_theirs_and_one_of_nobody_whoever_is_in_front(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client, people: tuple[int, int]) -> None:
        ada, ben = people
        async with Client(house.address, profile_id=ada) as adas, Client(house.address, profile_id=ben) as bens:
            made = [await each.suggestions.request("same") for each in (adas, bens)]
            assert [each.suggestion_id for each in made] == [1, 2]
            await adas.safety.update_plan(SafetyPlan(warning_signs=("tired",)))
            assert (await adas.safety.plan()).warning_signs == ("tired",)
            assert (await bens.safety.plan()).warning_signs == ()
            assert (await client.safety.plan()).warning_signs == (), "two people, none in front"
            front(house, ada)
            assert (await client.safety.plan()).warning_signs == ("tired",)
            assert (await client.suggestions.suggestion()).suggestion_id == 1
            assert (await bens.suggestions.suggestion()).suggestion_id == 2
            assert [each.suggestion_id async for each in bens.suggestions.suggestions()] == [2]
            with pytest.raises(NotFoundError):
                await bens.suggestions.suggestion(1)
            assert (await client.suggestions.suggestion(2)).suggestion_id == 2, "found by its number"
            done = await client.suggestions.respond(2, ResponseKind.DISMISS)
            assert done == await bens.suggestions.suggestion(2)
            assert (await bens.suggestions.evaluate()).offer_count >= 0
            await bens.suggestions.forget()

    run(tmp_path, scenario)


def test_help_that_a_person_asks_for_is_theirs(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client, people: tuple[int, int]) -> None:
        ada, ben = people
        async with Client(house.address, profile_id=ada) as adas, Client(house.address, profile_id=ben) as bens:
            raised = (await adas.safety.ask_for_help()).notice
            assert [each.notice_id async for each in adas.safety.notices()] == [raised.notice_id]
            assert [each async for each in bens.safety.notices()] == []
            front(house, ben)
            answered = await client.safety.respond(raised.notice_id, NoticeResponse.NOT_NOW)
            assert answered.notice.response is NoticeResponse.NOT_NOW, "answered by its number, whoever is in front"
            assert await client.safety.helplines() == await adas.safety.helplines()

    run(tmp_path, scenario)


def test_a_stream_says_whose_it_is_and_follows(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client, people: tuple[int, int]) -> None:
        ada, ben = people
        front(house, ada)
        async with aclosing(client.suggestions.watch()) as events:  # type: ignore[type-var]
            assert (await anext(events)).profile_id == ada
            front(house, ben)
            event = await anext(events)
            assert (event.suggestion, event.profile_id) == (None, ben)
            made = await client.suggestions.request()
            event = await anext(events)
            assert (event.suggestion, event.profile_id) == (made, ben)

    run(tmp_path, scenario)


def test_states_are_listed_for_one_person_or_for_all(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client, people: tuple[int, int]) -> None:
        for profile_id in (*people, people[1]):
            house.recorder.record(replace(house.publish(), profile_id=profile_id))
        async with Client(house.address, profile_id=people[1]) as bens:
            assert len([each async for each in bens.states()]) == 2
        assert len([each async for each in client.states()]) == 3

    run(tmp_path, scenario)


@pytest.mark.parametrize("name", ["profiles/99", "people/1", "profiles/x"])
def test_a_name_that_is_nobodys_is_refused(tmp_path: Path, name: str) -> None:
    from ertedge.v1 import suggestion_service_pb2 as messages

    async def scenario(_house: House, client: Client, _people: tuple[int, int]) -> None:
        stub = client.suggestions._stub
        with pytest.raises(NotFoundError if name == "profiles/99" else InvalidRequestError):
            await client._connection.call(stub.ListSuggestions, messages.ListSuggestionsRequest(profile=name))

    run(tmp_path, scenario)


def test_everything_about_a_person_is_streamed(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client, people: tuple[int, int]) -> None:
        content = b"".join([chunk async for chunk in client.profiles.export(people[0])])
        archive = zipfile.ZipFile(io.BytesIO(content))
        assert archive.testzip() is None
        assert "README.md" in archive.namelist()
        with pytest.raises(NotFoundError):
            _ = [chunk async for chunk in client.profiles.export(99)]

    run(tmp_path, scenario)
