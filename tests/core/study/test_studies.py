"""Who may take part in a study and how they leave it, what their group changes, and what is exported."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from ertedge.core.study.arms import AsBuilt, FixedOrder, Waiting
from ertedge.errors import InvalidRequestError, NotFoundError, PreconditionError
from ertedge.types import Purpose
from ertedge.types.study import CharacteristicValue, NotEnrolledReason, ParticipantStatus, UsedSlot
from ertedge.wellbeing.study.allocation import allocations
from ertedge.wellbeing.study.protocol import example_protocol
from tests.core.study.scene import OPEN_TEXT, PROTOCOL, in_house
from tests.core.study_fakes import ABOUT, SEED, STUDY, StudyHouse


@pytest.mark.parametrize("purpose", [Purpose.STUDY, Purpose.KEEP_HISTORY])
def test_nobody_is_enrolled_without_consent(tmp_path: Path, purpose: Purpose) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        house.people.given.discard(purpose)
        with pytest.raises(PreconditionError, match=f"has not consented to {purpose}"):
            await house.studies.enrol(house.enrolment(1))
        assert not house.book.slots(STUDY)

    in_house(tmp_path, work)


def test_nobody_is_enrolled_without_a_whole_and_recent_baseline(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        with pytest.raises(PreconditionError, match="needs a complete baseline first"):
            await house.studies.enrol(house.enrolment(1))
        house.answer(1, None)
        with pytest.raises(PreconditionError, match="needs a complete baseline first"):
            await house.studies.enrol(house.enrolment(1))
        house.answer(1, 30)
        house.pass_days(8)
        with pytest.raises(PreconditionError, match="at most 7 days before"):
            await house.studies.enrol(house.enrolment(1))
        house.answer(1, 30)
        assert (await house.studies.enrol(house.enrolment(1))).stratum == "severe"

    in_house(tmp_path, work)


def test_who_is_not_eligible_is_counted_and_not_named(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        house.answer(2, 4)
        for _ in range(2):  # a repeated request is counted once
            with pytest.raises(PreconditionError, match="because of an exclusion criterion"):
                await house.studies.enrol(house.enrolment(1, present_exclusions=("crisis",), request_id="a"))
        with pytest.raises(PreconditionError, match=r"dass21.depression is not within 10 to 42"):
            await house.studies.enrol(house.enrolment(2))
        assert await house.studies.record_not_enrolled(STUDY, NotEnrolledReason.DECLINED) == 3
        found = house.book.not_enrolled(STUDY)
        assert [each.criterion_id for each in found] == ["crisis", "baseline_score", ""]
        assert all("profile" not in field for each in found for field in asdict(each))
        with pytest.raises(InvalidRequestError, match="criterion_id"):
            await house.studies.record_not_enrolled(STUDY, NotEnrolledReason.OTHER, "no_such")

    in_house(tmp_path, work)


def test_every_wrong_field_is_said_at_once(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        about = (CharacteristicValue("age", "17"), CharacteristicValue("shoe_size", "40"))
        wrong = house.enrolment(
            1, confirmed_criteria=("adult", "tall"), present_exclusions=("rich",), characteristics=about
        )
        with pytest.raises(InvalidRequestError) as caught:
            await house.studies.enrol(wrong)
        found = str(caught.value)
        for expected in (
            "'tall'",
            "'rich'",
            "reads_language is not confirmed",
            "18 to 110",
            "'shoe_size'",
            "woman, man",
        ):
            assert expected in found

    in_house(tmp_path, work)


def test_one_person_takes_part_once_and_in_one_study_at_a_time(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        other = await house.create(example_protocol().replace('"example-pilot"', '"another"'))
        house.answer(1, 30)
        await house.studies.enrol(house.enrolment(1))
        with pytest.raises(PreconditionError, match="takes part in example-pilot already"):
            await house.studies.enrol(house.enrolment(1))
        with pytest.raises(PreconditionError, match="one study at a time"):
            await house.studies.enrol(house.enrolment(1, study_id=other))

    in_house(tmp_path, work)


def test_what_a_study_cannot_be_made_of_is_refused(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        text = example_protocol().replace('kind = "fixed_order"', 'kind = "fixed_order"\norder = ["juggling"]')
        text = text.replace('"dass21.anxiety"', '"dass21.luck"').replace('"dass21.stress"', '"mmpi.lie"')
        with pytest.raises(InvalidRequestError) as caught:
            await house.studies.create(text)
        for expected in ("no activity 'juggling'", "no scale 'luck'", "mmpi"):
            assert expected in str(caught.value)
        with pytest.raises(InvalidRequestError, match="is no seal"):
            await house.studies.create(example_protocol(), b"short")
        await house.create()
        with pytest.raises(PreconditionError, match="already"):
            await house.create()
        with pytest.raises(NotFoundError, match="there are example-pilot"):
            house.book.study("pilot")

    in_house(tmp_path, work)


def test_leaving_keeps_or_erases_what_was_gathered(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        for profile in (1, 2):
            house.answer(profile, 30)
            await house.studies.enrol(house.enrolment(profile))
        house.pass_days(10)
        kept = await house.studies.withdraw(STUDY, 1, keep_data=True, reason="moved away")
        assert kept is not None
        assert house.book.status(kept) is ParticipantStatus.WITHDRAWN
        assert await house.studies.withdraw(STUDY, 1, keep_data=True) == kept
        assert await house.studies.withdraw(STUDY, 2, keep_data=False) is None
        with pytest.raises(NotFoundError):
            house.book.participant(STUDY, 2)
        erased = [each for each in house.book.slots(STUDY) if each.erased]
        assert erased == [UsedSlot(STUDY, "severe", 1, allocations(PROTOCOL, SEED, "severe", 2)[1], erased=True)]
        house.answer(3, 30)
        assert (await house.studies.enrol(house.enrolment(3))).slot == 2  # the erased slot is not given again

    in_house(tmp_path, work)


def test_withdrawing_the_consent_erases_what_the_study_gathered(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        await house.studies.enrol(house.enrolment(1))
        house.studies.consent_changed(1, Purpose.SENSE_FACE, False)
        assert house.book.participants(STUDY)
        house.studies.consent_changed(1, Purpose.STUDY, False)
        assert not house.book.participants(STUDY)
        assert (await house.recorder.read(lambda store: store.studies.load())).participants == ()
        assert [each.erased for each in house.book.slots(STUDY)] == [True]

    in_house(tmp_path, work)


def test_who_withdraws_while_being_enrolled_is_not(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        house.answer(1, 30)
        read = house.seals.read

        def withdraw_and_read(study_id: str) -> bytes:
            house.people.given.discard(Purpose.STUDY)
            return read(study_id)

        house.seals.read = withdraw_and_read  # type: ignore[method-assign]
        with pytest.raises(PreconditionError, match="withdrew the consent while being enrolled"):
            await house.studies.enrol(house.enrolment(1))
        assert not house.book.participants(STUDY)
        assert [each.erased for each in house.book.slots(STUDY)] == [True]

    in_house(tmp_path, work)


def test_the_group_changes_the_choice_while_the_study_lasts(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        arms = {}
        for profile in range(1, 5):
            house.answer(profile, 30)
            one = await house.studies.enrol(house.enrolment(profile))
            arms[one.arm] = one
        assert isinstance(house.studies.arm_of(arms["personal"].profile_id), AsBuilt)
        fixed = house.studies.arm_of(arms["fixed"].profile_id)
        assert fixed == FixedOrder((), arms["fixed"].enrol_wall_time_ns)
        assert isinstance(house.studies.arm_of(99), AsBuilt)
        house.pass_days(57)
        assert isinstance(house.studies.arm_of(arms["fixed"].profile_id), AsBuilt)

    in_house(tmp_path, work)


def test_who_waits_is_told_how_long_and_that_help_is_there(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        text = OPEN_TEXT.replace('kind = "fixed_order"', 'kind = "waiting_list"')
        await house.create(text)
        waiting = None
        for profile in range(1, 9):
            house.answer(profile, 30)
            await house.studies.enrol(house.enrolment(profile))
            arm = house.studies.arm_of(profile)
            waiting = arm if isinstance(arm, Waiting) else waiting
        assert waiting is not None
        assert waiting.is_silent
        assert "in 56 days" in waiting.refusal
        assert "helplines" in waiting.refusal

    in_house(tmp_path, work)


def test_no_name_no_date_and_no_word_is_exported(tmp_path: Path) -> None:
    async def work(house: StudyHouse) -> None:
        await house.create()
        for profile in range(1, 9):
            house.answer(profile, 30)
            await house.studies.enrol(house.enrolment(profile, characteristics=ABOUT))
        house.pass_days(30)
        for profile in range(1, 9):
            house.answer(profile, 18)
        await house.studies.withdraw(STUDY, 8, keep_data=True, reason="planted words")
        await house.studies.end(STUDY)
        files = {file.name: file.content.decode() for file in await house.followup.export(STUDY)}
        everything = "".join(files.values())
        assert "planted words" not in everything
        assert "person 1" not in everything
        assert str(house.clock.wall_ns())[:6] not in everything
        people = files["participants.csv"].splitlines()
        assert people[0] == "pseudonym,arm,stratum,status,days,withdraw_day,age,gender"
        assert people[1].endswith("40.0,woman")
        assert [line.split(",")[0] for line in people[1:]] == sorted(line.split(",")[0] for line in people[1:])
        outcomes = files["outcomes.csv"].splitlines()
        assert len(outcomes) == 1 + 8 * 3 * 3
        assert sum(",week_4,28,30,dass21,depression,18,done" in line for line in outcomes) == 8
        about = json.loads(files["study.json"])
        assert about["scales"][0]["reliable_change"]["points"] > 0
        assert about["seal"]["faults"] == []
        assert "arm" in files["small_cells.csv"]
        tables = {line.split(",")[0] for line in files["dictionary.csv"].splitlines()[1:]}
        assert tables == {name.removesuffix(".csv") for name in files if name.endswith(".csv")} - {"dictionary"}

    in_house(tmp_path, work)
