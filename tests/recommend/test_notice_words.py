"""Every message is there in both languages, honest about what the device is, and names the number to call."""

from __future__ import annotations

import itertools

import pytest

from ertedge.recommend.notice_words import NoticeWords
from ertedge.types import NoticeKind, SafetyCause

EVERY = list(itertools.product(NoticeKind, SafetyCause, (False, True)))
HONEST = {
    "en": ("not an emergency service", "contact nobody"),
    "de": ("kein Notdienst", "benachrichtige von mir aus niemanden"),
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("kind", "cause", "again"), EVERY)
def test_every_message_stands_alone(language: str, kind: NoticeKind, cause: SafetyCause, again: bool) -> None:
    message = NoticeWords(language, "112").message(kind, cause, again=again)
    assert " 112 " in message
    assert all(words in message for words in HONEST[language])
    assert "{" not in message
    assert 100 < len(message) < 600


@pytest.mark.parametrize(
    ("language", "says"), [("en", "your local emergency number"), ("de", "die Notrufnummer deines Landes")]
)
def test_without_a_number_it_says_how_to_find_it(language: str, says: str) -> None:
    assert says in NoticeWords(language).message(NoticeKind.SUPPORT, SafetyCause.ASKED_FOR_HELP)


def test_a_language_that_is_not_there_is_english() -> None:
    there_is = (NoticeKind.CHECK_IN, SafetyCause.SEVERE_STATE)
    assert NoticeWords("fr", "112").message(*there_is) == NoticeWords("en", "112").message(*there_is)


def test_a_check_in_asks_and_support_points_to_people() -> None:
    words = NoticeWords("en", "112")
    for again in (False, True):
        assert "?" in words.message(NoticeKind.CHECK_IN, SafetyCause.CRISIS_WORDS, again=again)
    assert "helpline" in words.message(NoticeKind.SUPPORT, SafetyCause.CRISIS_WORDS)
