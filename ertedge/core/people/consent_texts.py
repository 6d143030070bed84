"""What a person is shown before they agree, and the notice that the device reads emotions, from data files. Floor 2.

One file a language, each text with its version and its digest. A version means the same in every language; English decides
which is the current one, and stands in where another language has not caught up. A file whose text and digest do not agree
is refused: what people agreed to must stay what it was.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from pydantic import Field, ValidationError, field_validator

from ertedge.config import Section, faults_of
from ertedge.errors import ConfigurationError, ContentChangedError, NotFoundError
from ertedge.types import ConsentText, Purpose, TransparencyNotice

FALLBACK = "en"
NOTICE = "notice"
"""What stands in place of a purpose in a notice's digest."""


class _Wording(Section):
    """What is said, in one version."""

    version: int = Field(ge=1)
    title: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=4000)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("text")
    @classmethod
    def _ends_are_bare(cls, value: str) -> str:
        return value.strip()


class _Text(_Wording):
    """A consent's text."""

    purpose: str

    @field_validator("purpose")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in set(Purpose):
            raise ValueError(f"{value!r} is no purpose; there are {', '.join(Purpose)}")
        return value


class _File(Section):
    """A language's file."""

    language: str = Field(pattern=r"^[a-z]{2}$")
    machine_drafted: bool
    notice: tuple[_Wording, ...]
    text: tuple[_Text, ...]

    @field_validator("notice", "text", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


def digest_of(subject: str, version: int, language: str, title: str, text: str) -> str:
    """SHA-256 in hexadecimal of what is shown; ``subject`` is the purpose, or ``NOTICE``."""
    return hashlib.sha256("\n".join((subject, str(version), language, title, text)).encode()).hexdigest()


@dataclass(frozen=True)
class ConsentTexts:
    """Every text of every version. ``texts`` and ``notices`` in the order of the files."""

    texts: tuple[ConsentText, ...]
    notices: tuple[TransparencyNotice, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Those there are, sorted."""
        return tuple(sorted({text.language for text in self.texts}))

    def current_version(self, purpose: Purpose) -> int:
        """The version that is to be agreed to now."""
        return max(text.version for text in self.texts if text.purpose is purpose and text.language == FALLBACK)

    def current(self, purpose: Purpose, language: str = FALLBACK) -> ConsentText:
        """The text to show now, in ``language`` or else in English."""
        version = self.current_version(purpose)
        found = self._find(purpose, version, language) or self._find(purpose, version, FALLBACK)
        assert found is not None  # ``load_consent_texts`` has seen to it
        return found

    def shown(self, purpose: Purpose, version: int, language: str, digest: str) -> ConsentText:
        """The text that somebody was shown, if it is the current one. Raises NotFoundError where there never was such a
        text, and ContentChangedError where it is no longer the current one or was not shown as it stands here."""
        text = self._find(purpose, version, language)
        if text is None:
            raise NotFoundError(
                f"there is no text {version} in {language!r} for {purpose}; ask for the current one and show it"
            )
        newest = self.current_version(purpose)
        if version != newest:
            raise ContentChangedError(
                f"the text for {purpose} is by now version {newest}, not {version}; show that one and ask again"
            )
        if digest != text.digest:
            raise ContentChangedError(
                f"what was shown is not text {version} for {purpose} as it stands here; show it as it is and ask again"
            )
        return text

    def notice(self, language: str = FALLBACK) -> TransparencyNotice:
        """The newest notice, in ``language`` or else in English."""
        version = max(each.version for each in self.notices if each.language == FALLBACK)
        found = {each.language: each for each in self.notices if each.version == version}
        return found.get(language, found[FALLBACK])

    def _find(self, purpose: Purpose, version: int, language: str) -> ConsentText | None:
        wanted = (purpose, version, language)
        return next((text for text in self.texts if (text.purpose, text.version, text.language) == wanted), None)


def load_consent_texts() -> ConsentTexts:
    """The shipped texts. Raises ConfigurationError with everything that is wrong with a file."""
    folder = resources.files("ertedge.core.people").joinpath("data")
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    return texts_of([(each.name, each.read_text("utf-8")) for each in files])


def texts_of(files: Sequence[tuple[str, str]]) -> ConsentTexts:
    """The texts in ``files``, each a name and its TOML. Raises ConfigurationError."""
    texts: list[ConsentText] = []
    notices: list[TransparencyNotice] = []
    for name, content in files:
        document = _read(name, content)
        written = (document.language, document.machine_drafted)
        texts += [_consent_text(each, *written) for each in document.text]
        notices += [
            TransparencyNotice(each.version, written[0], each.title, each.text, each.digest, written[1])
            for each in document.notice
        ]
        _check(name, document)
    found = ConsentTexts(tuple(texts), tuple(notices))
    if missing := [p for p in Purpose if not any(t.purpose is p and t.language == FALLBACK for t in texts)]:
        raise ConfigurationError([f"there is no English text for {', '.join(missing)}"], "consent texts")
    if not any(each.language == FALLBACK for each in notices):
        raise ConfigurationError(["there is no English notice"], "consent texts")
    return found


def _read(name: str, content: str) -> _File:
    try:
        document: Mapping[str, Any] = tomllib.loads(content)
        return _File.model_validate(document)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"is not TOML: {error}"], name) from None
    except ValidationError as error:
        raise ConfigurationError(faults_of(error, _File), name) from None


def _consent_text(each: _Text, language: str, machine_drafted: bool) -> ConsentText:
    return ConsentText(
        Purpose(each.purpose), each.version, language, each.title, each.text, each.digest, machine_drafted
    )


def _check(name: str, document: _File) -> None:
    faults = []
    seen: set[tuple[str, int]] = set()
    for subject, each in [(NOTICE, each) for each in document.notice] + [(t.purpose, t) for t in document.text]:
        where = f"{subject} {each.version}"
        if (subject, each.version) in seen:
            faults.append(f"{where}: stands there twice; give a new wording the next version")
        seen.add((subject, each.version))
        right = digest_of(subject, each.version, document.language, each.title, each.text)
        if each.digest != right:
            faults.append(f"{where}: its digest is {right}; a released text is never changed, so write a new version")
    if faults:
        raise ConfigurationError(faults, name)
