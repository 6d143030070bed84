"""Nothing that the device can say is left without words for a person."""

from __future__ import annotations

import pytest

from ertedge.ctl.words import BECAUSE, CONDITION, SEEMS, SENSOR, because, headline, percent, span, synthetic_kind
from ertedge.types import Emotion, Reason, SensorCondition, SensorName
from tests.ctl.samples import known_state, unknown_state


def test_every_word_of_the_device_has_words() -> None:
    assert set(SEEMS) == set(Emotion)
    assert set(BECAUSE) == set(Reason)
    assert set(CONDITION) == set(SensorCondition)
    assert set(SENSOR) == set(SensorName)
    for words in (SEEMS, BECAUSE, CONDITION, SENSOR):
        assert all(text.strip() for text in words.values())


def test_no_two_reasons_sound_alike() -> None:
    assert len(set(BECAUSE.values())) == len(BECAUSE)
    assert len(set(CONDITION.values())) == len(CONDITION)


def test_a_known_state_is_never_said_as_a_fact() -> None:
    for emotion in Emotion:
        if emotion is not Emotion.UNKNOWN:
            assert headline(known_state(emotion)).startswith("seems ")
    assert headline(known_state()) == "seems happy (70%)"


def test_an_unknown_state_says_why() -> None:
    state = unknown_state(Reason.NO_FACE, Reason.NO_SPEECH)
    assert headline(state) == "not sure: I cannot see a face, and nobody is speaking"
    assert because(()) == ""


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.01, "1%"), (0.42, "42%"), (0.994, "99%"), (0.995, ">99%"), (1, ">99%")],
)
def test_nobody_is_a_hundred_percent_sure(probability: float, text: str) -> None:
    assert percent(probability) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.4, "0 s"), (45, "45 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h")],
)
def test_span_uses_one_unit(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_what_is_synthetic_and_was_found_by_itself_is_the_demo() -> None:
    assert [synthetic_kind(source) for source in ("auto", "demo", "simulate:day?speed=2")] == [
        "demo",
        "demo",
        "simulate",
    ]
