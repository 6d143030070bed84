"""From a scenario to what the two modalities would say of it, moment by moment and always the same. Floor 2.

Pure: time is the scenario's own, and all chance comes from its seed. Every prediction draws the same amount of chance
whether it abstains or not, so that an event changes what it is about and nothing after it. The draws rest on what Python
promises to keep (``random.Random.random``), so that a seed means the same on every machine and in every version.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from random import Random
from statistics import NormalDist

import numpy as np

from ertedge.sensor.scenario import (
    Absence,
    ClockJump,
    Darkness,
    Failure,
    LastingEvent,
    LoudRoom,
    OtherPerson,
    Scenario,
    SecondPerson,
    Segment,
    Showing,
    Silence,
    TurnedAway,
)
from ertedge.types import EMOTIONS, Emotion, Float32Array, Modality, Prediction, Reason, SensorCondition, SensorName

NS_PER_SECOND = 1_000_000_000
VOICE_WINDOW_SECONDS = 3.0
VOICE_HOP_SECONDS = 0.5
"""A window is looked at in pieces of this length."""
SPEECH_SHARE_LEAST = 0.25
LIGHT_LEAST = 0.25
EMBEDDING_SIZE = 128
_UNSHOWN = 1e-2
"""Probability that a face or a voice which shows everything still gives to each emotion that is not felt."""
PLAYED_INTENSITY = 0.8
LIKENESS = 0.9
"""Cosine of a look to the middle of a person's looks; FaceNet gives as much for a head turned by 20 degrees."""
LOOKS = 6
"""Directions in which a face can look different."""
_LOOK_SECONDS = 1.5
"""Time constant of a head that moves."""
_NOISE_SECONDS = {Modality.FACE: 0.7, Modality.VOICE: 2.0}
"""Time constants of the errors: frames follow closely on one another, windows of speech share most of their sound."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something at ``offset_ns`` after the scenario's beginning: a prediction, or the conditions of the sensors changed.

    ``prediction.timestamp_ns`` is the offset. ``clock_offset_ns`` is by how much the wall clock has been set so far.
    """

    offset_ns: int
    prediction: Prediction | None = None
    failures: tuple[tuple[SensorName, SensorCondition], ...] = ()
    clock_offset_ns: int = 0


Asked = Callable[[], Emotion | None]
"""What the person is asked to show just now, if they are."""


def _nothing_asked() -> None:
    return None


def moments(scenario: Scenario, round_number: int = 0, asked: Asked = _nothing_asked) -> Iterator[Moment]:
    """Everything that happens in one run through ``scenario``, in the order of time, changes before predictions.

    ``round_number`` counts the runs of a scenario that repeats: each has errors of its own. ``asked`` is looked at for every
    prediction: somebody who is asked shows and speaks of that, whatever the segment says.
    """
    streams = (_changes(scenario), _face(scenario, round_number, asked), _voice(scenario, round_number, asked))
    return merge(*streams, key=lambda moment: moment.offset_ns)


def felt(scenario: Scenario, seconds: float) -> Float32Array:
    """What the person feels at the moment ``seconds``: (7,) shares that sum to one."""
    index, into = _segment_at(scenario, seconds)
    segment = scenario.segments[index]
    now = _mixture(segment)
    if index and into < segment.transition_seconds:
        passed = into / segment.transition_seconds
        now = passed * now + (1.0 - passed) * _mixture(scenario.segments[index - 1])
    return now.astype(np.float32)


def speaking(scenario: Scenario, seconds: float) -> bool:
    """Whether the person speaks at the moment ``seconds``."""
    if seconds < 0 or _during(scenario, Silence, seconds) or _during(scenario, Absence, seconds):
        return False
    index, _ = _segment_at(scenario, seconds)
    return scenario.segments[index].speaking


def _changes(scenario: Scenario) -> Iterator[Moment]:
    """The state of the sensors and of the clock wherever it changes, and at the beginning."""
    failures = [event for event in scenario.events if isinstance(event, Failure)]
    jumps = [event for event in scenario.events if isinstance(event, ClockJump)]
    times = {0.0, *(jump.at_seconds for jump in jumps)}
    times |= {time for event in failures for time in (event.at_seconds, event.at_seconds + event.seconds)}
    for time in sorted(times):
        if time < scenario.seconds:
            yield Moment(
                offset_ns=_ns(time),
                failures=tuple((event.sensor, event.condition) for event in failures if event.holds(time)),
                clock_offset_ns=_ns(sum(jump.by_seconds for jump in jumps if jump.at_seconds <= time)),
            )


def _face(scenario: Scenario, round_number: int, asked: Asked) -> Iterator[Moment]:
    showing = scenario.face
    errors = _Errors(scenario.seed, round_number, Modality.FACE, 1.0 / showing.frames_per_second)
    looks = _Looks(scenario.seed, round_number, 1.0 / showing.frames_per_second)
    for number in range(math.ceil((scenario.seconds - showing.first_seconds) * showing.frames_per_second)):
        seconds = showing.first_seconds + number / showing.frames_per_second
        error, look = next(errors), next(looks)
        if _failed(scenario, SensorName.CAMERA, seconds, seconds):
            continue
        faces, reason = _face_seen(scenario, seconds)
        quality = showing.quality * _light(scenario, seconds) if faces else 0.0
        wanted = asked()
        mixture = felt(scenario, seconds) if wanted is None else _played(wanted)
        shown = None if reason else _shown(mixture, showing, error)
        yield Moment(
            _ns(seconds),
            Prediction(
                Modality.FACE,
                _ns(seconds),
                shown,
                quality,
                (reason,) if reason else (),
                faces,
                looks.face(look, other=_during(scenario, OtherPerson, seconds)) if shown is not None else None,
            ),
        )


def _voice(scenario: Scenario, round_number: int, asked: Asked) -> Iterator[Moment]:
    showing = scenario.voice
    errors = _Errors(scenario.seed, round_number, Modality.VOICE, showing.step_seconds)
    hops = [VOICE_HOP_SECONDS * (hop + 0.5) for hop in range(round(VOICE_WINDOW_SECONDS / VOICE_HOP_SECONDS))]
    for number in range(math.ceil((scenario.seconds - VOICE_WINDOW_SECONDS) / showing.step_seconds)):
        start = number * showing.step_seconds
        end = start + VOICE_WINDOW_SECONDS
        error = next(errors)
        if _failed(scenario, SensorName.MICROPHONE, start, end):
            continue
        heard = [felt(scenario, start + hop) for hop in hops if speaking(scenario, start + hop)]
        wanted = asked()
        if wanted is not None and not _during(scenario, Absence, end) and not _during(scenario, Silence, end):
            heard = [_played(wanted)] * len(hops)
        share = len(heard) / len(hops)
        reason = _unheard(scenario, end, share)
        shown = None if reason else _shown(np.mean(heard, axis=0, dtype=np.float32), showing, error)
        yield Moment(
            _ns(end),
            Prediction(Modality.VOICE, _ns(end), shown, showing.quality * share, (reason,) if reason else ()),
        )


def _face_seen(scenario: Scenario, seconds: float) -> tuple[int, Reason | None]:
    """How many faces are in the picture, and why the person's cannot be read if it cannot."""
    faces = 0 if _during(scenario, Absence, seconds) else 1
    if _light(scenario, seconds) < LIGHT_LEAST:
        return faces, Reason.TOO_DARK
    if not faces:
        return 0, Reason.NO_FACE
    if _during(scenario, SecondPerson, seconds):
        return 2, Reason.TWO_PEOPLE
    return (1, Reason.OFF_POSE) if _during(scenario, TurnedAway, seconds) else (1, None)


def _unheard(scenario: Scenario, seconds: float, share: float) -> Reason | None:
    if share < SPEECH_SHARE_LEAST:
        return Reason.NO_SPEECH
    return Reason.LOW_QUALITY if _during(scenario, LoudRoom, seconds) else None


def _light(scenario: Scenario, seconds: float) -> float:
    dark = [event.light for event in scenario.events if event.holds(seconds) and isinstance(event, Darkness)]
    return min(dark, default=1.0)


def _during(scenario: Scenario, kind: type[LastingEvent], seconds: float) -> bool:
    # The time first: to ask a pydantic model for its kind takes longer.
    return any(event.holds(seconds) and isinstance(event, kind) for event in scenario.events)


def _failed(scenario: Scenario, sensor: SensorName, start: float, end: float) -> bool:
    """Whether ``sensor`` failed at any moment from ``start`` to ``end``, both included."""
    return any(
        event.at_seconds <= end
        and isinstance(event, Failure)
        and event.sensor is sensor
        and start < event.at_seconds + event.seconds
        for event in scenario.events
    )


def _segment_at(scenario: Scenario, seconds: float) -> tuple[int, float]:
    """The segment at a moment, and how many seconds of it have passed; past the end, the end of the last."""
    for index, segment in enumerate(scenario.segments):
        if seconds < segment.seconds:
            return index, seconds
        seconds -= segment.seconds
    return len(scenario.segments) - 1, scenario.segments[-1].seconds


def _mixture(segment: Segment) -> Float32Array:
    mixture = np.zeros(len(EMOTIONS), np.float32)
    mixture[EMOTIONS.index(Emotion.NEUTRAL)] = 1.0 - segment.intensity
    mixture[EMOTIONS.index(segment.emotion)] += segment.intensity
    return mixture


def _played(emotion: Emotion) -> Float32Array:
    """What somebody shows who is asked to: clearly, and still with some of the calm of playing it."""
    mixture = np.zeros(len(EMOTIONS), np.float32)
    mixture[EMOTIONS.index(Emotion.NEUTRAL)] = 1.0 - PLAYED_INTENSITY
    mixture[EMOTIONS.index(emotion)] += PLAYED_INTENSITY
    return mixture


def _taken_for(mixture: Float32Array, showing: Showing) -> Float32Array:
    """What is felt, with what looks or sounds like another emotion on this person taken for that."""
    taken = mixture.copy()
    for true, other in showing.mistaken.items():
        taken[EMOTIONS.index(true)] -= mixture[EMOTIONS.index(true)]
        taken[EMOTIONS.index(other)] += mixture[EMOTIONS.index(true)]
    return taken


def _shown(mixture: Float32Array, showing: Showing, error: Float32Array) -> Float32Array:
    """Probabilities, (7,): what is felt, veiled as far as the modality is uninformative, with the error on the logits."""
    veiled = showing.informativeness * _taken_for(mixture, showing) + (1.0 - showing.informativeness) / len(EMOTIONS)
    weights = (veiled + _UNSHOWN) * np.exp(showing.noise * error)
    probabilities: Float32Array = (weights / weights.sum()).astype(np.float32)
    return probabilities


class _Errors(Iterator[Float32Array]):
    """Errors of unit variance for the seven logits, (7,), each following on the last: an autoregression of first order."""

    def __init__(self, seed: int, round_number: int, modality: Modality, step_seconds: float) -> None:
        self._random = Random(f"{seed}/{round_number}/{modality}")
        self._kept = math.exp(-step_seconds / _NOISE_SECONDS[modality])
        self._error = _normal(self._random, len(EMOTIONS))

    def __next__(self) -> Float32Array:
        current = self._error
        fresh = _normal(self._random, len(EMOTIONS))
        self._error = (self._kept * current + math.sqrt(1.0 - self._kept**2) * fresh).astype(np.float32)
        return current


class _Looks(Iterator[Float32Array]):
    """How the head is held, frame after frame, as coordinates (LOOKS,) that drift; and the face that is seen so."""

    def __init__(self, seed: int, round_number: int, step_seconds: float) -> None:
        self._random = Random(f"{seed}/{round_number}/looks")
        self._kept = math.exp(-step_seconds / _LOOK_SECONDS)
        self._held = _normal(self._random, LOOKS)
        self._person, self._other, *aside = (_direction(seed, who) for who in ("person", "other", *range(LOOKS)))
        self._aside = np.stack(aside)

    def __next__(self) -> Float32Array:
        current = self._held
        fresh = _normal(self._random, LOOKS)
        self._held = (self._kept * current + math.sqrt(1.0 - self._kept**2) * fresh).astype(np.float32)
        return current

    def face(self, held: Float32Array, *, other: bool) -> Float32Array:
        """The embedding (128,), of unit length, of the person's face held so, or of the other person's."""
        middle = self._other if other else self._person
        aside = held @ self._aside
        aside -= (aside @ middle) * middle
        embedding = LIKENESS * middle + math.sqrt(1.0 - LIKENESS**2) * aside / np.linalg.norm(aside)
        return (embedding / np.linalg.norm(embedding)).astype(np.float32)


def _direction(seed: int, of: str | int) -> Float32Array:
    """A direction among the face embeddings, (128,): of a person, or of a way to hold the head."""
    values = _normal(Random(f"{seed}/{of}"), EMBEDDING_SIZE)
    return (values / np.linalg.norm(values)).astype(np.float32)


def _normal(random: Random, count: int) -> Float32Array:
    normal = NormalDist()
    return np.array([normal.inv_cdf(min(max(random.random(), 1e-12), 1 - 1e-12)) for _ in range(count)], np.float32)


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_SECOND)
