"""What is due when: the windows to the nanosecond, what counts within them, and when a study is over for somebody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.types.study import DueStatus, OutcomeScore, Participant, ParticipantStatus
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from ertedge.wellbeing.study.schedule import (
    DAY_NS,
    day_of,
    due_assessments,
    end_ns,
    outcome_at,
    status_of,
    window_ns,
)

PROTOCOL = read_protocol(example_protocol())
BASELINE, WEEK_4, WEEK_8 = PROTOCOL.time_points
ENROL_NS = 1_000 * DAY_NS
PERSON = Participant(1, "example-pilot", 1, "severe", 0, "fixed", ENROL_NS)


def answered(day: float, score: int = 20, questionnaire: str = "dass21") -> OutcomeScore:
    return OutcomeScore(questionnaire, ENROL_NS + int(day * DAY_NS), (("depression", score),))


def statuses(outcomes: tuple[OutcomeScore, ...], day: float, person: Participant = PERSON) -> list[DueStatus]:
    return [each.status for each in due_assessments(PROTOCOL, person, outcomes, ENROL_NS + int(day * DAY_NS))]


def test_windows() -> None:
    assert window_ns(BASELINE, ENROL_NS) == (ENROL_NS - 7 * DAY_NS, ENROL_NS + 1)
    assert window_ns(WEEK_4, ENROL_NS) == (ENROL_NS + 25 * DAY_NS, ENROL_NS + 36 * DAY_NS)
    assert window_ns(WEEK_8, ENROL_NS) == (ENROL_NS + 53 * DAY_NS, ENROL_NS + 71 * DAY_NS)


@pytest.mark.parametrize(("day", "counts"), [(24.99, False), (25.0, True), (35.99, True), (36.0, False)])
def test_what_is_answered_outside_of_a_window_does_not_count(day: float, counts: bool) -> None:
    assert (outcome_at(WEEK_4, ENROL_NS, "dass21", [answered(day)]) is not None) is counts


def test_the_newest_baseline_counts_and_the_first_of_every_other() -> None:
    baselines = [answered(-3, 30), answered(-1, 24), answered(-8, 10), answered(0.1, 2)]
    found = outcome_at(BASELINE, ENROL_NS, "dass21", baselines)
    assert found is not None
    assert found.score("depression") == 24
    later = outcome_at(WEEK_8, ENROL_NS, "dass21", [answered(60, 4), answered(55, 18)])
    assert later is not None
    assert later.score("depression") == 18
    assert later.score("anxiety") is None


def test_another_questionnaire_does_not_count() -> None:
    assert outcome_at(WEEK_4, ENROL_NS, "dass21", [answered(28, questionnaire="phq9")]) is None


def test_how_each_stands_as_time_goes_by() -> None:
    done = (answered(-1), answered(27))
    assert statuses(done[:1], 1) == [DueStatus.DONE, DueStatus.UPCOMING, DueStatus.UPCOMING]
    assert statuses(done[:1], 26) == [DueStatus.DONE, DueStatus.DUE, DueStatus.UPCOMING]
    assert statuses(done, 28) == [DueStatus.DONE, DueStatus.DONE, DueStatus.UPCOMING]
    assert statuses(done[:1], 36) == [DueStatus.DONE, DueStatus.MISSED, DueStatus.UPCOMING]
    assert statuses(done, 71) == [DueStatus.DONE, DueStatus.DONE, DueStatus.MISSED]


def test_what_somebody_answers_after_leaving_is_no_part_of_the_study() -> None:
    left = replace(PERSON, withdraw_wall_time_ns=ENROL_NS + 30 * DAY_NS)
    done = (answered(-1), answered(28), answered(56))
    assert statuses(done, 57, left) == [DueStatus.DONE, DueStatus.DONE, DueStatus.MISSED]


def test_when_a_study_is_over_for_somebody() -> None:
    assert end_ns(PROTOCOL, PERSON) == ENROL_NS + 56 * DAY_NS
    assert status_of(PROTOCOL, PERSON, ENROL_NS + 56 * DAY_NS - 1) is ParticipantStatus.ACTIVE
    assert status_of(PROTOCOL, PERSON, ENROL_NS + 56 * DAY_NS) is ParticipantStatus.COMPLETED
    left = replace(PERSON, withdraw_wall_time_ns=ENROL_NS + 5 * DAY_NS)
    assert end_ns(PROTOCOL, left) == ENROL_NS + 5 * DAY_NS
    assert status_of(PROTOCOL, left, ENROL_NS + 99 * DAY_NS) is ParticipantStatus.WITHDRAWN


@pytest.mark.parametrize(("days", "day"), [(0.0, 0), (0.9, 0), (1.0, 1), (55.5, 55), (-0.2, 0), (-1.0, -1), (-6.9, -6)])
def test_days_are_whole_ones(days: float, day: int) -> None:
    assert day_of(PERSON, ENROL_NS + int(days * DAY_NS)) == day
