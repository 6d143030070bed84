"""Studies survive a restart; a slot outlives its participant; a seal lies alone, for one user."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.errors import StoreCorruptError, StoreError
from ertedge.store.seals import SEAL_BYTES, SealFolder
from ertedge.store.store import Store
from ertedge.store.study_records import StoredStudy
from ertedge.types.study import (
    AdverseEvent,
    CharacteristicValue,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolled,
    NotEnrolledReason,
    Participant,
    Relatedness,
    Seriousness,
    UsedSlot,
)

STUDY = StoredStudy("pilot", "id = 'pilot'", "c" * 64, 5, 0, False)
PERSON = Participant(3, "pilot", 7, "severe", 0, "fixed", 11, (CharacteristicValue("age", "40"),))
EVENT = AdverseEvent(
    4,
    3,
    7,
    12,
    EventCategory.SYMPTOMS_WORSE,
    Seriousness.HOSPITALISATION,
    EventSeverity.SEVERE,
    Relatedness.UNLIKELY,
    EventOutcome.RECOVERING,
    "planted words",
    13,
    13,
)


def opened(path: Path) -> Store:
    return Store.open(path / "ertedge.db", StoreSettings())


def test_all_of_a_study_is_there_after_a_restart(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.studies.add_study(STUDY)
    store.studies.add_study(replace(STUDY, commitment="other"))  # the first holds
    store.studies.enrol(PERSON, "request 1")
    store.studies.enrol(PERSON, "request 1")
    store.studies.add_not_enrolled(NotEnrolled("pilot", 20, NotEnrolledReason.NOT_ELIGIBLE, "adult"))
    store.studies.add_not_enrolled(NotEnrolled("pilot", 20, NotEnrolledReason.NOT_ELIGIBLE, "adult"))
    store.studies.save_event(EVENT, "request 2")
    store.studies.save_event(replace(EVENT, outcome=EventOutcome.RECOVERED))
    store.studies.withdraw(replace(PERSON, withdraw_wall_time_ns=30, withdraw_reason="moved"))
    store.studies.end_study("pilot", 40)
    store.studies.end_study("pilot", 50)
    store.close()
    found = opened(tmp_path).studies.load()
    assert found.studies == (replace(STUDY, end_wall_time_ns=40),)
    assert found.slots == (UsedSlot("pilot", "severe", 0, "fixed"),)
    assert found.participants == (replace(PERSON, withdraw_wall_time_ns=30, withdraw_reason="moved"),)
    assert found.not_enrolled == (NotEnrolled("pilot", 20, NotEnrolledReason.NOT_ELIGIBLE, "adult"),)
    assert found.events == (replace(EVENT, outcome=EventOutcome.RECOVERED),)
    assert found.enrolment_requests == (("request 1", 3),)
    assert found.event_requests == (("request 2", 4),)
    assert (found.last_participant_id, found.last_event_id) == (3, 4)


def test_an_erased_participant_leaves_a_used_slot_and_nothing_else(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.studies.add_study(STUDY)
    store.studies.enrol(PERSON)
    store.studies.save_event(EVENT)
    store.studies.erase(PERSON)
    store.studies.save_event(EVENT)  # written late, after the erasure
    found = store.studies.load()
    assert not found.participants
    assert not found.events
    assert found.slots == (UsedSlot("pilot", "severe", 0, "fixed", erased=True),)
    assert (found.last_participant_id, found.last_event_id) == (3, 4)
    store.close()
    assert b"planted words" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_what_is_stored_of_a_person_does_not_tell_their_group(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.studies.add_study(STUDY)
    store.studies.enrol(PERSON)
    store.studies.save_event(EVENT)
    told = [store.export_page(7, table, after=-1, limit=9).rows for table in ("study_participants", "study_events")]
    assert "severe" in repr(told)
    assert "fixed" not in repr(told)


def test_a_seal_is_written_once_for_one_user(tmp_path: Path) -> None:
    seals = SealFolder(tmp_path / "studies")
    seal = bytes(range(SEAL_BYTES))
    seals.write("pilot", seal)
    assert seals.read("pilot") == seal
    path = tmp_path / "studies" / "pilot.seal"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(StoreError, match="a study is sealed once"):
        seals.write("pilot", bytes(SEAL_BYTES))
    assert seals.read("pilot") == seal
    assert [each.name for each in path.parent.iterdir()] == ["pilot.seal"]


def test_a_seal_that_others_could_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    seals = SealFolder(tmp_path)
    with pytest.raises(StoreError, match="nobody can be enrolled"):
        seals.read("pilot")
    seals.write("pilot", bytes(SEAL_BYTES))
    path = tmp_path / "pilot.seal"
    path.chmod(0o640)
    with pytest.raises(StoreError, match="open to others"):
        seals.read("pilot")
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(StoreCorruptError, match="has 5 bytes"):
        seals.read("pilot")
    with pytest.raises(ValueError, match="a seal has 96 bytes"):
        seals.write("other", b"short")
