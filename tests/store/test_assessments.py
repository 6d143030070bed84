"""Assessments in the store: whole, amended never silently, told apart by person, known again by their request."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.errors import NotFoundError
from ertedge.store.assessment_records import AssessmentRequest, StoredAssessment
from ertedge.store.store import Store
from ertedge.types import Purpose, RedFlag
from ertedge.types.assessments import Amendment, AssessmentReminder, AssessmentStatus
from tests.store.conftest import SETTINGS


def sample(number: int, profile_id: int = 1, questionnaire: str = "dass21", complete_ns: int = 0) -> StoredAssessment:
    return StoredAssessment(
        assessment_id=number,
        profile_id=profile_id,
        questionnaire_id=questionnaire,
        questionnaire_version="1995",
        language="en",
        status=AssessmentStatus.COMPLETED if complete_ns else AssessmentStatus.IN_PROGRESS,
        wall_time_ns=100 + number,
        update_wall_time_ns=200 + number,
        complete_wall_time_ns=complete_ns,
        flags=(RedFlag.LIFE_NOT_WORTHWHILE,) if number % 2 else (),
        response='{"resourceType": "QuestionnaireResponse"}',
    )


def test_an_assessment_is_read_back_as_it_was_stored(store: Store, tmp_path: Path) -> None:
    table = store.assessments
    assert table.last_id() == 0
    table.save(sample(7))
    table.save(replace(sample(7), update_wall_time_ns=999, response="{}"))
    store.close()
    again = Store.open(tmp_path / "data" / "ertedge.db", SETTINGS).assessments
    assert again.get(7) == replace(sample(7), update_wall_time_ns=999, response="{}")
    assert again.last_id() == 7
    with pytest.raises(NotFoundError, match="no assessment 8"):
        again.get(8)
    with pytest.raises(NotFoundError):
        again.get(2**70)


def test_pages_are_of_one_person_and_of_one_questionnaire_or_of_all(store: Store) -> None:
    for number, profile_id, name in [(1, 1, "dass21"), (2, 2, "dass21"), (3, 1, "phq9"), (4, 1, "dass21")]:
        store.assessments.save(sample(number, profile_id, name))
    first = store.assessments.page(1, "", limit=2, before=None)
    assert ([each.assessment_id for each in first.assessments], first.next_cursor) == ([4, 3], 3)
    second = store.assessments.page(1, "", limit=2, before=first.next_cursor)
    assert ([each.assessment_id for each in second.assessments], second.next_cursor) == ([1], None)
    only = store.assessments.page(1, "dass21", limit=9, before=None)
    assert [each.assessment_id for each in only.assessments] == [4, 1]


def test_completed_ones_are_in_the_order_of_their_completion(store: Store) -> None:
    for number, complete_ns in [(1, 50), (2, 90), (3, 70), (4, 0)]:
        store.assessments.save(sample(number, complete_ns=complete_ns))
    store.assessments.save(sample(5, profile_id=2, complete_ns=60))

    def completed(start_ns: int = 0, end_ns: int = 2**70, limit: int = 9) -> list[int]:
        found = store.assessments.completed(1, "dass21", start_ns=start_ns, end_ns=end_ns, limit=limit)
        return [each.assessment_id for each in found]

    assert completed() == [1, 3, 2]
    assert completed(start_ns=60) == [3, 2]
    assert completed(end_ns=70) == [1, 3]
    assert completed(limit=1) == [2]
    newest = store.assessments.newest_completed("dass21")
    assert {each.profile_id: each.assessment_id for each in newest} == {1: 2, 2: 5}
    opened = store.assessments.open_one(1, "dass21")
    assert opened is not None
    assert opened.assessment_id == 4
    assert store.assessments.open_one(2, "dass21") is None


def test_amendments_are_kept_once_and_never_changed(store: Store, tmp_path: Path) -> None:
    first = Amendment(300, "1", "0", "3", "a slip")
    second = Amendment(400, "1", "3", "", "unsure")
    amended = replace(sample(1, complete_ns=9), status=AssessmentStatus.AMENDED)
    store.assessments.save(replace(amended, amendments=(first,)))
    store.assessments.save(replace(amended, amendments=(first, second)))
    assert store.assessments.get(1).amendments == (first, second)
    # Also a record that has forgotten them takes none away.
    store.assessments.save(amended)
    assert store.assessments.get(1).amendments == (first, second)
    store.close()
    connection = sqlite3.connect(tmp_path / "data" / "ertedge.db")
    with pytest.raises(sqlite3.DatabaseError, match="never changed"):
        connection.execute("UPDATE assessment_amendments SET reason = 'none'")
    connection.close()


def test_a_request_is_known_again_for_the_person_who_made_it(store: Store) -> None:
    request = AssessmentRequest("r1", 1, 7, "begin dass21", 5)
    store.assessments.save(sample(7), request)
    store.assessments.save(sample(7), replace(request, what="something else"))
    assert store.assessments.request(1, "r1") == request
    assert store.assessments.request(2, "r1") is None
    assert store.assessments.request(1, "r2") is None


def test_the_newest_reminder_takes_the_place_of_the_one_before(store: Store) -> None:
    reminder = AssessmentReminder(1, "dass21", 10, 20)
    store.assessments.save_reminder(reminder)
    store.assessments.save_reminder(replace(reminder, dismissed=True))
    store.assessments.save_reminder(AssessmentReminder(2, "dass21", 30, 40))
    found = {each.profile_id: each for each in store.assessments.reminders()}
    assert found == {1: replace(reminder, dismissed=True), 2: AssessmentReminder(2, "dass21", 30, 40)}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_all_of_it_goes_with_the_person_or_with_their_consent(store: Store, withdrawn: bool) -> None:
    amendment = Amendment(300, "1", "0", "3", "a slip")
    for profile_id in (1, 2):
        stored = replace(
            sample(profile_id, profile_id, complete_ns=9), status=AssessmentStatus.AMENDED, amendments=(amendment,)
        )
        store.assessments.save(stored, AssessmentRequest("r", profile_id, profile_id, "begin", 5))
        store.assessments.save_reminder(AssessmentReminder(profile_id, "dass21", 10, 20))
    if withdrawn:
        store.erase_covered(1, Purpose.KEEP_HISTORY)
    else:
        store.erase_profile(1)
    with pytest.raises(NotFoundError):
        store.assessments.get(1)
    assert store.assessments.request(1, "r") is None
    assert [each.profile_id for each in store.assessments.reminders()] == [2]
    assert store.assessments.get(2).amendments == (amendment,)
    assert store.assessments.last_id() == 2
