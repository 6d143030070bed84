"""A protocol is read whole, or refused with everything that is wrong with it."""

from __future__ import annotations

import pytest

from ertedge.errors import ConfigurationError
from ertedge.types.study import ArmKind, Disclosure, OutcomeScale
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol


def faults_in(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_protocol(text, "study.toml")
    assert str(caught.value).startswith("study.toml: ")
    return caught.value.faults


def test_the_example_is_a_right_protocol() -> None:
    protocol = read_protocol(example_protocol())
    assert [arm.kind for arm in protocol.arms] == [ArmKind.EXPERIMENTAL, ArmKind.FIXED_ORDER]
    assert protocol.primary == OutcomeScale("dass21", "depression")
    assert str(protocol.primary) == "dass21.depression"
    assert protocol.baseline.name == "baseline"
    assert protocol.disclosure is Disclosure.AT_END
    assert protocol.questionnaires == ("dass21",)
    assert protocol.arm("fixed") is protocol.arms[1]
    assert protocol.arm("other") is None


@pytest.mark.parametrize(
    ("score", "name"),
    [(9, None), (10, "mild_to_moderate"), (20, "mild_to_moderate"), (21, "severe"), (42, "severe"), (43, None)],
)
def test_a_baseline_score_has_one_stratum_or_none(score: int, name: str | None) -> None:
    found = read_protocol(example_protocol()).stratum_of(score)
    assert (found.name if found else None) == name


def test_an_order_and_outcomes_may_have_hyphens_as_the_catalogue_and_the_questionnaires_do() -> None:
    text = example_protocol().replace('kind = "fixed_order"', 'kind = "fixed_order"\norder = ["box-breathing"]')
    text = text.replace('"dass21.stress"', '"check-in.mood"')
    protocol = read_protocol(text)
    assert protocol.arms[1].order == ("box-breathing",)
    assert protocol.questionnaires == ("dass21", "check-in")


def test_another_text_has_another_digest() -> None:
    text = example_protocol()
    assert read_protocol(text).digest != read_protocol(text + "\n").digest


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = example_protocol()
    for before, after in (
        ("block_sizes = [4, 6]", "block_sizes = [5, 4]"),
        ("least = 21", "least = 20"),
        ('"week_8"\nsecondary', '"week_9"\nsecondary'),
        ('id = "adult"', 'id = "crisis"'),
        ('kind = "fixed_order"', 'kind = "waiting_list"\norder = ["box_breathing"]'),
        ("late_days = 7", "late_days = 30"),
        ("small_cell = 5", "small_cel = 5"),
    ):
        assert before in text
        text = text.replace(before, after, 1)
    found = faults_in(text)
    for expected in (
        "small_cel: unknown key; did you mean small_cell?",
        "5 is no multiple of 2",
        "mild_to_moderate and severe overlap",
        "week_9 is none of baseline, week_4, week_8",
        "crisis stands 2 times",
        "only an arm of kind fixed_order has an order",
        "the windows of week_4 and week_8 overlap",
        "those who wait notice that they do",
    ):
        assert any(expected in fault for fault in found), (expected, found)
    assert len(found) == 8


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('kind = "experimental"', 'kind = "fixed_order"', "exactly one must be of kind experimental"),
        ('kind = "fixed_order"', 'kind = "experimental"', "at least one must be a control"),
        ("block_sizes = [4, 6]", "block_sizes = [2]", "let the last of each block be guessed"),
        ("block_sizes = [4, 6]", "block_sizes = []", "is empty"),
        ("least = 21", "least = 25", "no stratum has 21 to 24"),
        ("duration_days = 56", "duration_days = 30", "ends before week_8"),
        ('primary_time_point = "week_8"', 'primary_time_point = "baseline"', "choose a later one"),
        ("day = 28", "day = 0", "exactly one must be at day 0"),
        ("most = 110", "most = 10", "the least below the most"),
        ('"woman", "man", "other", "not_said"', '"woman"', "needs at least two"),
        ('"dass21.anxiety"', '"dass21.depression"', "stands 2 times"),
        ("version = 1", 'version = "one"', "version: should be a valid integer"),
        ('id = "example-pilot"', 'id = "Example Pilot"', "id: String should match"),
        ('title = "Does', "title = Does", "is not TOML"),
    ],
)
def test_each_fault_says_what_to_do(before: str, after: str, fault: str) -> None:
    text = example_protocol()
    assert before in text
    found = faults_in(text.replace(before, after, 1))
    assert any(fault in each for each in found), found


def test_a_waiting_list_answers_requests_only_where_the_protocol_says_so() -> None:
    text = example_protocol().replace('kind = "fixed_order"', 'kind = "waiting_list"')
    text = text.replace('"at_end"', '"at_enrolment"')
    assert not read_protocol(text).arms[1].answers_requests
    told = text.replace('kind = "waiting_list"', 'kind = "waiting_list"\nanswers_requests = true')
    assert read_protocol(told).arms[1].answers_requests


def test_a_protocol_that_no_request_can_carry_is_refused() -> None:
    assert "is longer than 48 KiB" in faults_in(example_protocol() + "#" * 50_000)[0]
