"""Words of crisis are found however they are written, negations stay a concern, and figures of speech are let be."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ertedge.recommend.crisis_words import CrisisWords, Finding, Language, crisis_words

SAYINGS = tomllib.loads((Path(__file__).parent / "crisis_sayings.toml").read_text("utf-8"))


@pytest.mark.parametrize("saying", SAYINGS["crisis"])
def test_crisis(saying: str) -> None:
    assert crisis_words().find(saying) is Finding.CRISIS


@pytest.mark.parametrize("saying", SAYINGS["concern"])
def test_concern(saying: str) -> None:
    assert crisis_words().find(saying) is Finding.CONCERN


@pytest.mark.parametrize("saying", SAYINGS["nothing"])
def test_nothing(saying: str) -> None:
    assert crisis_words().find(saying) is Finding.NOTHING


@pytest.mark.parametrize("saying", SAYINGS["crisis"])
def test_nothing_around_it_hides_a_crisis(saying: str) -> None:
    for around in (
        "I'm fine. {} lol",
        "no no no. {}! haha just kidding",
        "{}. I was dying of laughter.",
        "\x00\x07{}\x00",
        "x" * 300 + ". {} .",
    ):
        assert crisis_words().find(around.format(saying)) is Finding.CRISIS, around[:40]


@pytest.mark.parametrize(
    "text",
    [
        "a b " * 4_000,
        "i want to be " * 1_200,
        "!" * 16_000,
        "k*" * 8_000,
        "1" * 16_000,
        "\u0301" * 16_000,
        "\x00" * 16_000,
    ],
)
def test_huge_and_strange_texts_are_read_and_are_nothing(text: str) -> None:
    assert crisis_words().find(text) is Finding.NOTHING
    assert crisis_words().find(f"{text} i want to die") is Finding.CRISIS


@pytest.mark.parametrize("text", ["\ud800", "\U0001f600" * 10, "\u202eeid ot tnaw i", "日本語", "\n\r\t"])
def test_any_string_can_be_read(text: str) -> None:
    assert crisis_words().find(text) is Finding.NOTHING


@pytest.mark.parametrize("phrase", ["a (b|(c|d))", "a (b|c", "a b) c", "a|b"])
def test_a_phrase_that_would_be_read_wrongly_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="write several phrases"):
        CrisisWords([Language(crisis=(phrase,))])
