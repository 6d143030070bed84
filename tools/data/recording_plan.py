"""What happens in an assembled recording: segments with an emotion, and what is wrong with face or voice. Host side only.

The same records are the plan before a recording is made and its labels afterwards, as TOML beside it. The pairing of a face
with a voice is synthetic, and the file says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Emotion

FRAMES_PER_SECOND = 20


class FaceCondition(StrEnum):
    """What the camera sees."""

    CLEAR = "clear"
    DARK = "dark"
    BLURRED = "blurred"
    TURNED = "turned"
    ABSENT = "absent"


class VoiceCondition(StrEnum):
    """What the microphone hears."""

    CLEAR = "clear"
    NOISY = "noisy"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the recording. ``emotion`` is UNKNOWN where there is neither a face nor a voice.

    ``faces`` and ``clips`` are the files shown and heard; empty in a plan.
    """

    start_seconds: float
    end_seconds: float
    emotion: Emotion
    face: FaceCondition
    voice: VoiceCondition
    faces: tuple[str, ...] = ()
    clips: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True)
class Labels:
    """All segments of a recording, and from which seed and data it was made."""

    seed: int
    note: str
    segments: tuple[Segment, ...]

    def at(self, seconds: float) -> Segment | None:
        """The segment of a moment of the recording."""
        return next((s for s in self.segments if s.start_seconds <= seconds < s.end_seconds), None)


NOTE = "synthetic: faces of FER+ and voices of RAVDESS that never met, paired by emotion; for research only"
CONDITIONS = (
    (FaceCondition.CLEAR, VoiceCondition.CLEAR),
    (FaceCondition.DARK, VoiceCondition.CLEAR),
    (FaceCondition.CLEAR, VoiceCondition.SILENT),
    (FaceCondition.CLEAR, VoiceCondition.CLEAR),
    (FaceCondition.TURNED, VoiceCondition.CLEAR),
    (FaceCondition.CLEAR, VoiceCondition.NOISY),
    (FaceCondition.ABSENT, VoiceCondition.SILENT),
    (FaceCondition.CLEAR, VoiceCondition.CLEAR),
    (FaceCondition.BLURRED, VoiceCondition.CLEAR),
    (FaceCondition.CLEAR, VoiceCondition.SILENT),
    (FaceCondition.CLEAR, VoiceCondition.CLEAR),
    (FaceCondition.ABSENT, VoiceCondition.CLEAR),
    (FaceCondition.CLEAR, VoiceCondition.NOISY),
    (FaceCondition.CLEAR, VoiceCondition.CLEAR),
)
"""Whatever the length, each modality is alone now and then, and once neither is there."""


SEGMENT_SECONDS = 12.0
"""A feeling lasts longer than the three seconds that a voice window looks back."""


def draw_plan(seed: int, seconds: float, segment_seconds: float = SEGMENT_SECONDS) -> tuple[Segment, ...]:
    """Segments of equal length that go through ``CONDITIONS`` and, in random order, through the seven emotions.

    Raises ConfigurationError when not even one segment fits.
    """
    count = round(seconds / segment_seconds)
    if count < 1:
        raise ConfigurationError([f"--seconds {seconds:g}: give at least {segment_seconds:g}"])
    rng = np.random.default_rng(seed)
    emotions: list[Emotion] = []
    while len(emotions) < count:
        emotions += [EMOTIONS[int(i)] for i in rng.permutation(len(EMOTIONS))]
    segments = []
    for number in range(count):
        face, voice = CONDITIONS[number % len(CONDITIONS)]
        nobody = face is FaceCondition.ABSENT and voice is VoiceCondition.SILENT
        emotion = Emotion.UNKNOWN if nobody else emotions[number]
        segments.append(Segment(number * segment_seconds, (number + 1) * segment_seconds, emotion, face, voice))
    return tuple(segments)


def write_labels(path: Path, labels: Labels) -> None:
    """As TOML. Raises ConfigurationError when the file cannot be written."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(labels.note))
    document["synthetic"] = True
    document["seed"] = labels.seed
    document["note"] = labels.note
    table = tomlkit.aot()
    for segment in labels.segments:
        fields = asdict(segment)
        table.append(tomlkit.item({k: str(v) if isinstance(v, StrEnum) else v for k, v in fields.items()}))
    document["segment"] = table
    try:
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def read_labels(path: Path) -> Labels:
    """Labels, or a plan written by hand: ``[[segment]]`` with ``start_seconds``, ``end_seconds`` (or ``seconds``, one after
    the other), ``emotion``, ``face`` and ``voice``.

    Raises ConfigurationError with every fault.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None
    segments: list[Segment] = []
    faults: list[str] = []
    end = 0.0
    for number, fields in enumerate(document.get("segment", []), start=1):
        try:
            segments.append(_segment(fields, end))
            end = segments[-1].end_seconds
        except (KeyError, ValueError, TypeError) as error:
            faults.append(f"segment {number}: {error}")
    if faults or not segments:
        raise ConfigurationError(faults or ["no [[segment]] in it"], str(path))
    return Labels(int(document.get("seed", 0)), str(document.get("note", NOTE)), tuple(segments))


def _segment(fields: dict[str, object], begin: float) -> Segment:
    known = {"start_seconds", "end_seconds", "seconds", "emotion", "face", "voice", "faces", "clips"}
    if unknown := set(fields) - known:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
    start = _number(fields.get("start_seconds", begin))
    end = _number(fields["end_seconds"]) if "end_seconds" in fields else start + _number(fields["seconds"])
    if abs(start - begin) > 1e-6 or end <= start:
        raise ValueError(f"{start:g} to {end:g} s does not follow what ends at {begin:g} s")
    return Segment(
        start,
        end,
        Emotion(str(fields["emotion"])),
        FaceCondition(str(fields.get("face", "clear"))),
        VoiceCondition(str(fields.get("voice", "clear"))),
        _names(fields.get("faces")),
        _names(fields.get("clips")),
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number of seconds")
    return float(value)


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def segments_apart(several: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The numbers of the segments (n,) of several recordings one after the other, so that no two share a number."""
    first, numbers = 0, []
    for one in several:
        numbers.append(one + first)
        first += int(one.max(initial=-1)) + 1
    return np.concatenate(numbers)
