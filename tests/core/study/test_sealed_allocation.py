"""Nobody learns an allocation before the person is enrolled, and everybody can check it afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ertedge.errors import InvalidRequestError, PreconditionError, StoreError
from ertedge.types.study import ParticipantStatus
from ertedge.wellbeing.study.allocation import allocations, seal_of
from ertedge.wellbeing.study.protocol import example_protocol
from tests.core.study.scene import OPEN_TEXT, PROTOCOL, in_house
from tests.core.study_fakes import SEAL, SEED, STUDY, StudyHouse


def test_people_are_allocated_as_sealed_and_balanced_within_strata(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        for profile in range(1, 41):
            house.answer(profile, 12 if profile % 2 else 30)
            await house.studies.enrol(house.enrolment(profile))
        for stratum in ("mild_to_moderate", "severe"):
            used = [each for each in house.book.slots(STUDY) if each.stratum == stratum]
            assert [each.slot for each in used] == list(range(20))
            assert tuple(each.arm for each in used) == allocations(PROTOCOL, SEED, stratum, 20)

    in_house(tmp_path, work)


def test_no_call_gives_an_allocation_away_before_the_enrolment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def work(house: StudyHouse) -> None:
        shown = [await house.studies.create(example_protocol())]
        house.answer(1, 30)
        participant = await house.studies.enrol(house.enrolment(1))
        shown += house.book.views()
        told = [repr(shown), repr(house.book.shown(participant)), repr(await house.followup.due(STUDY, 1))]
        told += [file.content.decode() for file in await house.followup.export(STUDY)]
        told += [entry.detail for entry in (await house.recorder.list_ledger(limit=99, before=None))[0]]
        told.append(caplog.text)
        for secret in (SEED, SEAL[32:64], SEAL[64:]):
            assert not [each for each in told if secret.hex() in each or repr(secret)[2:-1] in each]
        with pytest.raises(PreconditionError, match="stays shut until the study has ended"):
            await house.studies.open_seal(STUDY)
        # The group is sealed for those who take part, too, and so it is in the export.
        assert house.book.shown(participant).arm == ""
        files = {file.name: file.content.decode() for file in await house.followup.export(STUDY)}
        assert participant.arm not in files["participants.csv"].splitlines()[1].split(",")
        assert files["slots.csv"].splitlines() == ["stratum,slot,arm,erased"]

    in_house(tmp_path, work)


def test_the_seal_is_no_part_of_the_database(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        await house.studies.enrol(house.enrolment(1))

    in_house(tmp_path, work)
    database = b"".join(path.read_bytes() for path in tmp_path.glob("ertedge.db*"))
    assert SEED not in database
    assert SEED.hex().encode() not in database
    assert (tmp_path / "studies" / f"{STUDY}.seal").stat().st_mode & 0o777 == 0o600


def test_the_group_may_be_read_when_the_protocol_says_so(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        one = await house.studies.enrol(house.enrolment(1))
        assert house.book.shown(one).arm == ""
        house.pass_days(56.1)
        shown = house.book.shown(one)
        assert (shown.arm, shown.status) == (one.arm, ParticipantStatus.COMPLETED)
        assert shown.arm_title

    in_house(tmp_path, work)


def test_disclosure_at_enrolment(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create(OPEN_TEXT)
        house.answer(1, 30)
        one = await house.studies.enrol(house.enrolment(1))
        assert house.book.shown(one).arm == one.arm

    in_house(tmp_path, work)


def test_everything_is_there_after_a_restart_and_the_sequence_goes_on(tmp_path: Path) -> None:
    async def first(house: StudyHouse) -> None:
        await house.create()
        for profile in (1, 2, 3):
            house.answer(profile, 30)
            await house.studies.enrol(house.enrolment(profile, request_id=f"request {profile}"))

    async def second(house: StudyHouse) -> None:
        assert [each.profile_id for each in house.book.participants(STUDY)] == [1, 2, 3]
        again = await house.studies.enrol(house.enrolment(3, request_id="request 3"))
        assert again == house.book.participant(STUDY, 3)
        house.answer(4, 30)
        fourth = await house.studies.enrol(house.enrolment(4))
        assert (fourth.participant_id, fourth.slot) == (4, 3)
        assert fourth.arm == allocations(PROTOCOL, SEED, "severe", 4)[3]

    in_house(tmp_path, first)
    in_house(tmp_path, second)


def test_after_the_end_the_seal_explains_every_allocation(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        made = await house.studies.create(example_protocol())
        for profile in range(1, 8):
            house.answer(profile, 30)
            await house.studies.enrol(house.enrolment(profile))
        ended = await house.studies.end(STUDY)
        assert not ended.study.is_open
        found = await house.studies.open_seal(STUDY)
        assert (found.faults, found.checked, found.seed) == ((), 7, SEED.hex())
        assert found.commitment == made.study.commitment
        house.answer(9, 30)
        with pytest.raises(PreconditionError, match="has ended"):
            await house.studies.enrol(house.enrolment(9))

    in_house(tmp_path, work)


def test_a_seal_that_was_replaced_enrols_nobody(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        path = tmp_path / "studies" / f"{STUDY}.seal"
        path.write_bytes(b"x" * 96)
        with pytest.raises(StoreError, match="not the one it was committed to"):
            await house.studies.enrol(house.enrolment(1))
        path.write_bytes(SEAL)
        assert (await house.studies.enrol(house.enrolment(1))).slot == 0  # nothing was used up

    in_house(tmp_path, work)


def test_a_creation_that_was_interrupted_goes_on_with_the_seal_that_it_drew(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        left = b"left".ljust(96, b"!")
        house.seals.write(STUDY, left)
        with pytest.raises(PreconditionError, match="another seal"):
            await house.studies.create(example_protocol(), SEAL)
        made = await house.studies.create(example_protocol())
        assert made.study.commitment == seal_of(left).commitment

    in_house(tmp_path, work)


def test_a_slot_of_the_centre_is_used_once(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.studies.create(example_protocol(), SEAL)
        for profile in (1, 2):
            house.answer(profile, 30)
        one = await house.studies.enrol(house.enrolment(1, slot=17))
        assert one.arm == allocations(PROTOCOL, SEED, "severe", 18)[17]
        with pytest.raises(InvalidRequestError, match="17 of severe is used"):
            await house.studies.enrol(house.enrolment(2, slot=17))

    in_house(tmp_path, work)
