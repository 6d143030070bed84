"""A study through the real daemon: consent, baseline, enrolment, a fixed order in place of the recommender, its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from ertedge.errors import ErtedgeError, PreconditionError, SuggestionsOffError
from ertedge.rpc.client import Client
from ertedge.types import Purpose, ResponseKind
from ertedge.types.study import ParticipantStatus
from ertedge.wellbeing.study.allocation import SEAL_BYTES, allocation, seal_of
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from tests.daemon_process import daemon

CONFIG = '[suggestions]\ntimezone = "UTC"\n[sensor]\nwatchdog_seconds = 60.0\n'
STUDY = "example-pilot"
ORDER = ("box-breathing", "body-scan", "longer-out-breath")
FIXED = example_protocol().replace(
    'kind = "fixed_order"', f'kind = "fixed_order"\norder = {list(ORDER)!r}'.replace("'", '"')
)
WAITING = FIXED.replace("fixed_order", "waiting_list").replace('"at_end"', '"at_enrolment"')
WAITING = "\n".join(line for line in WAITING.splitlines() if not line.startswith("order ="))


def seal_that_begins_with(arm: str, text: str) -> bytes:
    """The first seal by which the first person of the severe stratum is in that group."""
    protocol = read_protocol(text)
    return next(
        kept
        for number in count()
        if allocation(protocol, seal_of(kept := number.to_bytes(SEAL_BYTES, "big")[::-1]).seed, "severe", 0) == arm
    )


async def answering(client: Client) -> None:
    """Wait for the daemon."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.device_status()
            except ErtedgeError:
                await asyncio.sleep(0.1)
            else:
                return


async def agreed(client: Client, *purposes: Purpose) -> int:
    """A new profile whose person has agreed to these."""
    profile_id = (await client.profiles.create("Ada")).profile.profile_id
    for text in await client.profiles.texts(profile_id=profile_id):
        if text.purpose in purposes:
            await client.profiles.give(profile_id, text)
    return profile_id


async def baseline(address: str, profile_id: int) -> None:
    """A DASS-21 of severe depression without any red flag: only its items are answered, item 10 and 21 with never."""
    async with Client(address, profile_id=profile_id) as client:
        started = await client.assessments.start("dass21")
        number = started.view.assessment.assessment_id
        for link_id in map(str, range(1, 22)):
            value = "3" if link_id in ("3", "5", "13", "16") else "0"
            await client.assessments.answer(number, link_id, value)
        await client.assessments.complete(number)


async def enrolled(client: Client, profile_id: int) -> str:
    one = await client.study.enrol(
        STUDY,
        profile_id,
        confirmed_criteria=("adult", "reads_language"),
        characteristics={"age": "41", "gender": "woman"},
    )
    return one.stratum


def in_daemon(folder: Path, work: Callable[[Client], object]) -> None:
    async def run() -> None:
        with daemon(folder, config=CONFIG) as running:
            async with Client(running.address) as client:
                await answering(client)
                await work(client)  # type: ignore[misc]
            assert running.stop() == 0

    asyncio.run(run())


def test_a_study_from_consent_to_its_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("s")

    async def work(client: Client) -> None:
        await client.study.create(FIXED, seal=seal_that_begins_with("fixed", FIXED))
        profile_id = await agreed(client, Purpose.KEEP_HISTORY)
        with pytest.raises(PreconditionError, match="has not consented to study"):
            await enrolled(client, profile_id)
        text = next(each for each in await client.profiles.texts() if each.purpose is Purpose.STUDY)
        await client.profiles.give(profile_id, text)
        with pytest.raises(PreconditionError, match="needs a complete baseline first"):
            await enrolled(client, profile_id)
        await baseline(client.address, profile_id)
        assert await enrolled(client, profile_id) == "severe"
        async with Client(client.address, profile_id=profile_id) as theirs:
            for expected in ORDER:
                offered = await theirs.suggestions.request()
                assert (offered.activity_id, offered.propensity) == (expected, 1.0)
                await theirs.suggestions.respond(offered.suggestion_id, ResponseKind.DISMISS)
        assert (await client.study.participant(STUDY, 1)).status is ParticipantStatus.ACTIVE
        await client.study.end(STUDY)
        check = await client.study.verify(STUDY)
        assert (check.checked, check.faults) == (1, ())
        assert (await client.study.participant(STUDY, 1)).arm == "fixed"
        await client.profiles.withdraw(profile_id, Purpose.STUDY)
        assert await client.study.participants(STUDY) == ()

    in_daemon(folder, work)


def test_who_waits_is_told_so_and_it_holds_over_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("s")

    async def first(client: Client) -> None:
        await client.study.create(WAITING, seal=seal_that_begins_with("fixed", WAITING))
        profile_id = await agreed(client, Purpose.KEEP_HISTORY, Purpose.STUDY)
        await baseline(client.address, profile_id)
        await enrolled(client, profile_id)

    async def second(client: Client) -> None:
        async with Client(client.address, profile_id=1) as theirs:
            with pytest.raises(SuggestionsOffError, match="activities begin for you in 56 days"):
                await theirs.suggestions.request()
        await client.study.withdraw(STUDY, 1, keep_data=True)
        async with Client(client.address, profile_id=1) as theirs:
            assert (await theirs.suggestions.request()).activity_id

    in_daemon(folder, first)
    in_daemon(folder, second)
