"""Filling a questionnaire in: begin, answer, go back, leave open, complete, amend; and the reminders between."""

from __future__ import annotations

import pytest

from ertedge.errors import InvalidRequestError, PreconditionError
from ertedge.types.assessments import Amendment, AssessmentReminder, AssessmentStatus, ItemAnswer
from ertedge.wellbeing.filling import amended, answered, begun, completed, next_item
from ertedge.wellbeing.reminders import DAY_NS, is_due, reminder_at, stands
from tests.wellbeing.samples import CHECK_IN, DASS, GAD, all_at, done, filled

GAD_ASKED = GAD.questionnaire


def test_items_come_in_order_and_what_is_left_open_does_not_come_again() -> None:
    assessment = begun(7, 2, GAD_ASKED, 100)
    assert (assessment.status, assessment.is_open, assessment.answers) == (AssessmentStatus.IN_PROGRESS, True, ())
    first = next_item(assessment, GAD_ASKED)
    assert first is not None
    assert first.link_id == "1"
    assessment = answered(assessment, GAD_ASKED, "1", "2", 110)
    assessment = answered(assessment, GAD_ASKED, "2", "", 120)
    after = next_item(assessment, GAD_ASKED)
    assert after is not None
    assert after.link_id == "3"
    assert assessment.answers == (ItemAnswer("1", "2"), ItemAnswer("2", ""))
    assert (assessment.wall_time_ns, assessment.update_wall_time_ns) == (100, 120)


def test_going_back_changes_the_answer_and_keeps_the_order() -> None:
    assessment = filled(GAD, {"1": 0, "2": 1, "3": 2})
    assessment = answered(assessment, GAD_ASKED, "1", "3", 2000)
    assert [(each.link_id, each.code) for each in assessment.answers] == [("1", "3"), ("2", "1"), ("3", "2")]
    assert assessment.amendments == ()
    assert next_item(done(GAD, all_at(GAD, 1)), GAD_ASKED) is None


def test_an_item_or_an_answer_that_is_none_is_refused_with_what_there_is() -> None:
    assessment = begun(1, 1, CHECK_IN.questionnaire, 1)
    with pytest.raises(InvalidRequestError, match="did you mean mood"):
        answered(assessment, CHECK_IN.questionnaire, "moo", "1", 2)
    with pytest.raises(InvalidRequestError, match="answer 0, 1, 2, 3, 4, or nothing"):
        answered(assessment, CHECK_IN.questionnaire, "mood", "5", 2)


def test_completing_leaves_the_rest_open_and_needs_an_answer() -> None:
    with pytest.raises(PreconditionError, match="has no answer yet"):
        completed(begun(1, 1, GAD_ASKED, 1), GAD_ASKED, 2)
    with pytest.raises(PreconditionError, match="has no answer yet"):
        completed(answered(begun(1, 1, GAD_ASKED, 1), GAD_ASKED, "1", "", 2), GAD_ASKED, 3)
    assessment = completed(filled(GAD, {"2": 1}), GAD_ASKED, 50)
    assert (assessment.status, assessment.complete_wall_time_ns) == (AssessmentStatus.COMPLETED, 50)
    assert [each.code for each in assessment.answers] == ["", "1", "", "", "", "", ""]


def test_what_is_completed_changes_by_an_amendment_alone_which_is_kept() -> None:
    assessment = done(GAD, all_at(GAD, 1))
    with pytest.raises(PreconditionError, match="amend the answer with a reason"):
        answered(assessment, GAD_ASKED, "1", "3", 2000)
    with pytest.raises(InvalidRequestError, match="why it is changed"):
        amended(assessment, GAD_ASKED, "1", "3", reason="  ", now_ns=2000)
    changed = amended(assessment, GAD_ASKED, "1", "3", reason=" pressed the   wrong key ", now_ns=2000)
    assert changed.status is AssessmentStatus.AMENDED
    assert changed.code("1") == "3"
    assert changed.amendments == (Amendment(2000, "1", "1", "3", "pressed the wrong key"),)
    assert changed.complete_wall_time_ns == assessment.complete_wall_time_ns
    again = amended(changed, GAD_ASKED, "1", "", reason="not sure any more", now_ns=3000)
    assert [each.code_before for each in again.amendments] == ["1", "3"]
    assert amended(again, GAD_ASKED, "1", "", reason="the same", now_ns=4000) is again
    with pytest.raises(PreconditionError, match="answer the item again"):
        amended(filled(GAD, {"1": 1}), GAD_ASKED, "1", "2", reason="x", now_ns=2000)


def test_reminders_come_once_a_period_and_only_to_those_who_began() -> None:
    period = 14 * DAY_NS
    assert not is_due(100 * period, None, None, period)
    assert not is_due(period - 1, 0, None, period)
    assert is_due(period, 0, None, period)
    given = reminder_at(period, 1, "dass21")
    assert not is_due(period + DAY_NS, 0, given, period)
    assert not is_due(2 * period - 1, 0, given, period)
    assert is_due(2 * period, 0, given, period)
    assert not is_due(2 * period, period + 5, given, period)


def test_a_reminder_stands_for_a_day_unless_it_is_answered_or_dismissed() -> None:
    given = reminder_at(1000, 1, "dass21")
    assert stands(given, 1000, 10)
    assert stands(given, 1000 + DAY_NS - 1, 10)
    assert not stands(given, 1000 + DAY_NS, 10)
    assert not stands(given, 999, 10)
    assert not stands(given, 2000, 1500)
    dismissed = AssessmentReminder(1, "dass21", 1000, 1000 + DAY_NS, dismissed=True)
    assert not stands(dismissed, 2000, 10)


def test_whoever_dismissed_one_is_left_alone_for_a_whole_period() -> None:
    period = 14 * DAY_NS
    dismissed = AssessmentReminder(1, "dass21", period, period + DAY_NS, dismissed=True)
    assert not any(is_due(period + day * DAY_NS, 0, dismissed, period) for day in range(14))
    assert DASS.questionnaire.questionnaire_id == dismissed.questionnaire_id
