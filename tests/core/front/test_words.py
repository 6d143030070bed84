"""What people are told while they enrol and calibrate: complete in every language, short enough to be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.core.front import words as front_words
from ertedge.core.front.records import EnrolmentHint, View
from ertedge.core.front.words import FALLBACK, load_front_words
from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS

READ_MOST = 160
"""Characters that are read in the seconds before a take."""


@pytest.mark.parametrize("language", sorted(load_front_words()))
def test_every_language_says_everything_and_not_too_much(language: str) -> None:
    words = load_front_words()[language]
    assert {*words.view} == {*View}
    assert {*words.enrolment} == {*EnrolmentHint}
    assert {*words.prompt} == {*EMOTIONS}
    sentences = [*words.view.values(), *words.enrolment.values(), *words.prompt.values()]
    for sentence in (*sentences, *words.calibration.model_dump().values()):
        assert 0 < len(sentence) <= READ_MOST
        assert sentence == sentence.strip()


def test_there_is_a_language_to_fall_back_on() -> None:
    assert FALLBACK in load_front_words()
    assert not load_front_words()[FALLBACK].machine_drafted


def test_a_word_that_is_missing_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir(parents=True)
    shipped = Path(front_words.__file__).parent / "data" / "en.toml"
    text = shipped.read_text(encoding="utf-8").replace("\nleft = ", "\nlft = ")
    (folder / "en.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("ertedge.core.front.words.resources.files", lambda _: tmp_path)
    with pytest.raises(ConfigurationError, match="left, lft"):
        load_front_words()
