"""Words of crisis in what a person said or wrote, whatever the language of the device. Floor 1; imports only words.

It can only make the device more careful: a finding raises or escalates a notice, and finding nothing means nothing. It is a
list of phrases, no diagnosis: it errs towards asking, and it misses what people say in other words. A text is read in
several ways at once, and the gravest reading counts: with look-alike letters, digits and signs taken for letters, letters
repeated or spaced out, fillers left out. A phrase under a negation ("I don't want to die") is still a reason to ask; a
figure of speech ("dying of laughter") that covers a phrase wholly is none. Texts are neither kept nor logged, here or
elsewhere.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from importlib import resources
from itertools import product

from pydantic import BaseModel, ConfigDict

DATA = "crisis_words.toml"
BEGINNING = 3
CARRIERS_MOST = 5
"""Words between a negation and what it negates ("not going to ...") over which to look back."""

_LOOKALIKES = str.maketrans("авсԁеһіјкӏмопрԛѕтцхуαεικνορτυχωı", "abcdehijklmonpqstuxyaeiknoptuxwi")
"""Cyrillic and Greek letters that are taken for Latin ones, by how they look."""
_APOSTROPHES = "'`\u2018\u2019\u00b4\u02bc"
_SIGNS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "€": "e", "+": "t"}
_AMBIGUOUS_AS = ("i", "l")
_AMBIGUOUS = "1!|"
_VOWELS = "aeiou"
_SPELLINGS = {"2": "to", "4": "for", "u": "you", "wanna": "want to", "gonna": "going to", "tryna": "trying to"}
_WORD = re.compile(r"[a-z]+")
_BREAK = re.compile(r"[.!?;:,\n](?=\s|$)|[\n\r]")
_REPEATED = re.compile(r"(.)\1+")
_ALONE = re.compile(r"(?<!\S)(2|4|u|wanna|gonna|tryna)(?!\S)")
_SIGN_IN_WORD = re.compile(r"[@$€+1!|](?=[a-z0-9@$€+!|*])|[0-9]")
_STARS = re.compile(r"(?<=[a-z])\*+(?=[a-z])")


class Finding(IntEnum):
    """What a text gives reason to do."""

    NOTHING = 0
    CONCERN = 1
    CRISIS = 2


class Language(BaseModel):
    """A language's section of the data file; ``a (b|c) d`` stands for two phrases, ``suicid*`` for a beginning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    crisis: tuple[str, ...]
    concern: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()


class _Phrases:
    """Phrases as they are looked for: letters only, none repeated, by their first three; and whether more letters of the
    last word may follow."""

    def __init__(self, written: Iterable[str]) -> None:
        self._by_beginning: dict[str, set[tuple[str, bool]]] = {}
        for phrase in (phrase for pattern in written for phrase in _expanded(pattern)):
            letters = _read(next(_spellings_of(phrase.removesuffix("*"))), frozenset()).letters
            self._by_beginning.setdefault(letters[:BEGINNING], set()).add((letters, phrase.endswith("*")))

    def spans(self, reading: _Reading) -> Iterator[tuple[int, int]]:
        """Where in the letters of ``reading`` a phrase stands, from a word's start to a word's end, in the order of their
        starts. How it is spaced out is all the same."""
        for start in reading.starts:
            for letters, open_end in self._by_beginning.get(reading.letters[start : start + BEGINNING], ()):
                end = start + len(letters)
                if reading.letters.startswith(letters, start) and (open_end or end in reading.ends):
                    yield start, end


@dataclass(frozen=True)
class _Reading:
    """A text in one reading: ``letters`` of all its words on end, where words start and end in it, and before which word
    a sentence or a clause begins."""

    letters: str
    words: tuple[str, ...]
    starts: dict[int, int]
    ends: frozenset[int]
    breaks: frozenset[int]


class CrisisWords:
    """The phrases of every language, compiled. ``crisis_words()`` gives those of the data file."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self._crisis = _Phrases(phrase for language in languages for phrase in language.crisis)
        self._concern = _Phrases(phrase for language in languages for phrase in language.concern)
        self._figures = _Phrases(phrase for language in languages for phrase in language.figures)
        self._negations = _words(word for language in languages for word in language.negations)
        self._carriers = _words(word for language in languages for word in language.carriers)
        self._doubts = _words(word for language in languages for word in language.doubts)
        self._subjects = _words(word for language in languages for word in language.subjects)
        self._fillers = _words(word for language in languages for word in language.fillers)

    def find(self, text: str) -> Finding:
        """The gravest finding of all readings of ``text``. Takes time in proportion to its length."""
        gravest = Finding.NOTHING
        for plain in _spellings_of(text):
            for fillers in (frozenset[str](), self._fillers):
                gravest = max(gravest, self._find_in(_read(plain, fillers)))
                if gravest is Finding.CRISIS:
                    return gravest
        return gravest

    def _find_in(self, reading: _Reading) -> Finding:
        gravest = Finding.NOTHING
        covered_until = _cover(self._figures.spans(reading))
        for phrases, finding in ((self._crisis, Finding.CRISIS), (self._concern, Finding.CONCERN)):
            for start, end in phrases.spans(reading):
                if finding > gravest and end > covered_until(start):
                    negated = self._is_negated(reading, reading.starts[start])
                    gravest = max(gravest, Finding.CONCERN if negated else finding)
        return gravest

    def _is_negated(self, reading: _Reading, word: int) -> bool:
        """Whether a negation governs the phrase that begins with ``word``: only carriers between them, within one clause.
        "Why don't I ..." is none, nor is one that a new statement follows: "no I want to ..."."""
        for before in range(word - 1, max(-1, word - 2 - CARRIERS_MOST), -1):
            if before + 1 in reading.breaks:
                return False
            if reading.words[before] in self._negations:
                doubted = before and before not in reading.breaks and reading.words[before - 1] in self._doubts
                return not doubted and reading.words[before + 1] not in self._subjects
            if reading.words[before] not in self._carriers:
                return False
        return False


@cache
def crisis_words() -> CrisisWords:
    """The phrases that come with ertedge."""
    text = resources.files("ertedge.recommend").joinpath("data", DATA).read_text("utf-8")
    return CrisisWords([Language.model_validate(section) for section in tomllib.loads(text).values()])


def _spellings_of(text: str) -> Iterator[str]:
    """``text`` in small Latin letters, with what is no letter left in it, in every way in which signs may be letters."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(map(_shown, folded)).translate(_LOOKALIKES)
    plain = _ALONE.sub(lambda match: _SPELLINGS[match[1]], shown)
    yield plain
    if plain != shown:
        yield shown
    if not _SIGN_IN_WORD.search(plain) and not _STARS.search(plain):
        return
    for ambiguous in _AMBIGUOUS_AS:
        signs = _SIGNS | dict.fromkeys(_AMBIGUOUS, ambiguous)
        spelled = _SIGN_IN_WORD.sub(lambda match, signs=signs: signs.get(match[0], " "), plain)  # type: ignore[misc]
        yield spelled
        if _STARS.search(spelled):
            for vowel in _VOWELS:
                yield _STARS.sub(vowel, spelled)


@lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    """A character as it counts: accents, apostrophes and what is invisible are nothing, other controls a space."""
    category = unicodedata.category(character)
    if category in ("Mn", "Cf") or character in _APOSTROPHES:
        return ""
    return " " if category == "Cc" and character not in "\n\r" else character


def _read(plain: str, fillers: frozenset[str]) -> _Reading:
    words: list[str] = []
    breaks: set[int] = set()
    starts: dict[int, int] = {}
    ends: set[int] = set()
    pieces: list[str] = []
    length, last, begin = 0, "", 0
    for match in _WORD.finditer(plain):
        if _BREAK.search(plain, begin, match.start() + 1):
            breaks.add(len(words))
        begin = match.end()
        word = _REPEATED.sub(r"\1", match[0])
        if word in fillers:
            continue
        joined = word[1:] if word[0] == last else word
        starts[length - len(word) + len(joined)] = len(words)
        pieces.append(joined)
        length += len(joined)
        last = word[-1]
        ends.add(length)
        words.append(word)
    return _Reading("".join(pieces), tuple(words), starts, frozenset(ends), frozenset(breaks))


def _cover(figures: Iterable[tuple[int, int]]) -> Callable[[int], int]:
    """A function that gives, for a place in the letters, how far a figure of speech that began there or before reaches."""
    places: list[int] = []
    reach: list[int] = []
    for start, end in figures:
        places.append(start)
        reach.append(max(end, reach[-1] if reach else 0))

    def until(start: int) -> int:
        index = bisect_right(places, start)
        return reach[index - 1] if index else 0

    return until


def _expanded(pattern: str) -> Iterator[str]:
    """``kill (him|her)`` as two phrases; an empty alternative, as in ``(so |)low``, leaves the words out.

    Raises ``ValueError`` where brackets stand within brackets, or do not close.
    """
    if not re.fullmatch(r"[^()|]*(\([^()]*\)[^()|]*)*", pattern):
        raise ValueError(f"{pattern!r} has alternatives within or without brackets; write several phrases")
    parts = [part.split("|") for part in re.split(r"[()]", pattern)]
    for choice in product(*parts):
        yield "".join(choice)


def _words(written: Iterable[str]) -> frozenset[str]:
    return frozenset(_REPEATED.sub(r"\1", word) for each in written for word in _read_words(each))


def _read_words(text: str) -> Sequence[str]:
    return _read(next(_spellings_of(text)), frozenset()).words
