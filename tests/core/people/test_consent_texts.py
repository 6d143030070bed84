"""What people are shown before they agree: whole in every language, and never changed once it was shown to anybody."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from ertedge.config import StoreSettings
from ertedge.core.people.consent_texts import NOTICE, digest_of, load_consent_texts, texts_of
from ertedge.errors import ConfigurationError, ContentChangedError, NotFoundError
from ertedge.types import Purpose

DIGESTS = {
    (NOTICE, 1, "en"): "767f338067ff0e0ba31d54b4bd6559040c5e33b68759e2b25eddcca8281ce5fa",
    (NOTICE, 1, "de"): "da88229e8abe5599508a9254ce54aebe6f4144264c28ac604c950e6e1b268ac1",
    ("sense_face", 1, "en"): "a6b1146fe9dd379ae04ec9f355a5a71c6b23e65582e571b7428f7652784c058f",
    ("sense_voice", 1, "en"): "e98f06fd9aa9a15f02afd30a3ae91725ebea44f3e1b498239652c49a1fbd9be0",
    ("keep_history", 1, "en"): "7065212574df8b22d0ebd6079aeda964621dc6a65c25128e7b9cac9c9e6abe42",
    ("face_recognition", 1, "en"): "57891f0bdf4cec8f9debf05586662b700ef5dbdb59bb647cab5b4772516d1f8a",
    ("study", 1, "en"): "1a19fb141f688f7d36775f19a7b72d3bf1a026206d11257bdef06769a8534792",
    ("sense_face", 1, "de"): "55c130ff986eaaca6b4ef2e869510b74da324ec0770b05bd6b2af96b31a98f7f",
    ("sense_voice", 1, "de"): "c10a6f8aec98978b7f96ff8409ccb3aa67a757f442a9b0232780c29ab5470498",
    ("keep_history", 1, "de"): "2ecc09bc858c1a8f4473449b90e46544be9a30853bceb031824a10076fca0341",
    ("face_recognition", 1, "de"): "77f39d8ffcb42177c42065699e71f3978c4a5f9c18b16a3e50655577df041069",
    ("study", 1, "de"): "a0bfd634e47bad91981289c198e9d405754ae3dddc16539cd55e84d1a9c6f492",
}
"""Of every text that was ever released. A text is never changed: a better wording is a new version, and a new line here."""

FILE = """
language = "{language}"
machine_drafted = {drafted}
[[notice]]
version = 1
title = "A notice"
text = "It reads emotions."
digest = "{notice}"
"""
TEXT = """
[[text]]
purpose = "{purpose}"
version = {version}
title = "A title"
text = "A text."
digest = "{digest}"
"""


def file_of(
    language: str = "en", versions: dict[str, int] | None = None, digest: str = "", drafted: bool = False
) -> str:
    """A whole file, each purpose in its versions up to one; ``digest`` in place of the right ones."""
    notice = digest or digest_of(NOTICE, 1, language, "A notice", "It reads emotions.")
    content = FILE.format(language=language, drafted=str(drafted).lower(), notice=notice)
    for purpose in Purpose:
        for version in range(1, (versions or {}).get(purpose.value, 1) + 1):
            right = digest_of(purpose.value, version, language, "A title", "A text.")
            content += TEXT.format(purpose=purpose.value, version=version, digest=digest or right)
    return content


def test_a_released_text_never_changes() -> None:
    shipped = load_consent_texts()
    found = {(str(text.purpose), text.version, text.language): text.digest for text in shipped.texts}
    found |= {(NOTICE, notice.version, notice.language): notice.digest for notice in shipped.notices}
    assert found == DIGESTS


def test_every_language_has_every_purpose_in_the_versions_of_english() -> None:
    shipped = load_consent_texts()
    assert shipped.languages == ("de", "en")
    for language in shipped.languages:
        texts = {(text.purpose, text.version) for text in shipped.texts if text.language == language}
        assert texts == {(text.purpose, text.version) for text in shipped.texts if text.language == "en"}
        assert {purpose for purpose, _ in texts} == set(Purpose)
        assert shipped.notice(language).language == language


def test_each_text_says_what_it_has_to() -> None:
    shipped = load_consent_texts()
    for text in shipped.texts:
        heads = [paragraph.partition(":")[0] for paragraph in text.text.split("\n\n")]
        assert len(heads) == 5
        assert f'"ertedge-ctl consent withdraw {text.purpose}"' in text.text
        voluntary = {"en": "this is voluntary", "de": "Das ist freiwillig"}[text.language]
        assert voluntary in text.text
        never = {"en": "What it never does", "de": "Was nie geschieht"}[text.language]
        kept = {"en": "What is kept", "de": "Was aufgehoben wird"}[text.language]
        assert any(head.startswith(never) for head in heads) and any(head.startswith(kept) for head in heads)
    for notice in shipped.notices:
        assert {"en": "emotion recognition system", "de": "Emotionserkennungssystem"}[notice.language] in notice.text


def test_the_times_that_are_told_are_those_that_are_kept() -> None:
    text = load_consent_texts().current(Purpose.KEEP_HISTORY).text
    settings = StoreSettings()
    assert (settings.keep_full_days, settings.keep_days, settings.keep_suggestions_days) == (7.0, 365.0, None)
    assert "in detail for a week" in text and "go after a year" in text
    assert settings.keep_calibration_days == 2 * 365 and "goes after two years" in text
    assert settings.keep_questionnaires_days == 0.0 and "stay until you take this back" in text


def test_only_what_a_machine_drafted_says_so() -> None:
    shipped = load_consent_texts()
    assert {text.language for text in shipped.texts if text.machine_drafted} == {"de"}
    assert shipped.notice("de").machine_drafted and not shipped.notice("en").machine_drafted


def test_the_files_are_utf_8_without_a_line_that_ends_in_blanks() -> None:
    folder = resources.files("ertedge.core.people").joinpath("data")
    for file in folder.iterdir():
        content = file.read_text("utf-8")
        assert tomllib.loads(content)["language"] == file.name.removesuffix(".toml")
        assert not [line for line in content.splitlines() if line != line.rstrip()]


def test_a_text_whose_digest_is_another_is_refused_with_the_right_one() -> None:
    with pytest.raises(ConfigurationError) as raised:
        texts_of([("en.toml", file_of(digest="0" * 64))])
    assert len(raised.value.faults) == 1 + len(Purpose)
    assert digest_of("study", 1, "en", "A title", "A text.") in str(raised.value)
    assert "never changed" in str(raised.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("language = ", "is not TOML"),
        (file_of("de"), "no English text for sense_face"),
        (file_of().replace('"study"', '"advertising"'), "'advertising' is no purpose"),
        (file_of() + TEXT.format(purpose="study", version=1, digest="0" * 64), "stands there twice"),
        (file_of().replace("version = 1", "version = 0"), "version"),
    ],
    ids=["cut", "no English", "an unknown purpose", "twice", "no version"],
)
def test_a_file_that_is_wrong_is_refused(content: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        texts_of([("x.toml", content)])
    assert told in str(raised.value)


def test_the_current_text_is_that_of_english_where_a_language_has_not_caught_up() -> None:
    found = texts_of([("de.toml", file_of("de")), ("en.toml", file_of("en", {"study": 2}))])
    assert found.current_version(Purpose.STUDY) == 2
    assert (found.current(Purpose.STUDY, "de").language, found.current(Purpose.STUDY, "de").version) == ("en", 2)
    assert found.current(Purpose.SENSE_FACE, "de").language == "de"
    assert found.current(Purpose.SENSE_FACE, "fr").language == "en"
    assert found.notice("fr").language == "en"


def test_what_was_shown_must_be_the_current_text_as_it_stands() -> None:
    found = texts_of([("de.toml", file_of("de")), ("en.toml", file_of("en", {"study": 2}))])
    current = found.current(Purpose.STUDY)
    assert found.shown(Purpose.STUDY, 2, "en", current.digest) == current
    with pytest.raises(ContentChangedError, match="by now version 2, not 1; show that one"):
        found.shown(Purpose.STUDY, 1, "en", digest_of("study", 1, "en", "A title", "A text."))
    with pytest.raises(ContentChangedError, match="show it as it is"):
        found.shown(Purpose.STUDY, 2, "en", "0" * 64)
    for version, language in ((3, "en"), (2, "de"), (1, "fr")):
        with pytest.raises(NotFoundError, match="ask for the current one"):
            found.shown(Purpose.STUDY, version, language, current.digest)
