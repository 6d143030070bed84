"""The emotion states of the last minutes in a few numbers, at a cost that does not grow with their rate. Floor 1.

A state stands for the time until the next one, so irregular states and several a second weigh alike, but never for longer
than ``HOLD_SECONDS``: what was not looked at is not known. States are summed up in bins of ``BIN_SECONDS``; a summary adds
up the bins of its span, and memory is the same after a minute and after a year. Spans are measured by the states' monotonic
timestamps; the wall clock only says how old the newest state is, and tells the states after a moment from those before, so
its jumps cost at most a summary that is too short.

The span is ten minutes by default, not the half hour that is kept: a mean over half an hour hides what began a few minutes
ago, which is what a decision is about. How long the present emotion has led is followed apart (``stretch``), without limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.recommend.stretch import Stretch
from ertedge.types import EMOTIONS, AffectSummary, Emotion, EmotionState, Float32Array

Float64Array = NDArray[np.float64]

BIN_SECONDS = 5.0
HOLD_SECONDS = 30.0
SPAN_SECONDS = 600.0
KEPT_SECONDS = 1800.0
TREND_LEAST_SECONDS = 60.0
"""Known states must lie at least so far apart (twice their standard deviation in time) for a trend to be told."""
SINCE_LEAST_SECONDS = 10.0
"""Known time after a moment under which nothing is said of it."""

_NS = 1_000_000_000
_KNOWN, _CONFIDENCE = 0, 1
_AFFECT = len(EMOTIONS) + 2
"""What is averaged of a state: seven probabilities, valence, arousal."""
_MEAN = slice(2, 2 + _AFFECT)
_SQUARE = slice(2 + _AFFECT, 2 + 2 * _AFFECT)
_COLUMNS = 2 + 2 * _AFFECT


class AffectWindow:
    """Takes the states as they come and sums them up when asked. ``span_seconds`` is what a summary looks back over."""

    def __init__(self, span_seconds: float = SPAN_SECONDS) -> None:
        self._span_ns = int(span_seconds * _NS)
        bins = int(max(span_seconds, KEPT_SECONDS) / BIN_SECONDS) + 1
        self._sums = np.zeros((bins, _COLUMNS))
        self._numbers = np.full(bins, -1, dtype=np.int64)
        self._walls = np.zeros(bins, dtype=np.int64)
        self._last: EmotionState | None = None
        self._first_ns = 0
        self._stretch = Stretch()

    def add(self, state: EmotionState) -> None:
        """Take in the next state. One that is older than the last begins anew: time itself did (a simulation, say)."""
        last = self._last
        if last is None or state.timestamp_ns < last.timestamp_ns:
            self._forget()
            self._first_ns = state.timestamp_ns
        else:
            passed = (state.timestamp_ns - last.timestamp_ns) / _NS
            held = min(passed, HOLD_SECONDS)
            self._count(last, held)
            self._stretch.hold(last, held)
            if passed > held:
                self._stretch.pass_unseen(passed - held)
        self._last = state

    def summary(self, wall_time_ns: int) -> AffectSummary:
        """The states up to now, when the wall clock says ``wall_time_ns`` (UTC).

        Where nothing is known: probabilities spread evenly, every other number 0, UNKNOWN.
        """
        if self._last is None:
            return _summary_of(_nothing(), 0.0, None, synthetic=False)
        now_ns = self._last.timestamp_ns + self._age_ns(self._last, wall_time_ns)
        oldest_ns = max(self._first_ns, now_ns - self._span_ns)
        totals = self._add_up(self._numbers >= oldest_ns // _BIN_NS)
        stretch = self._stretch if now_ns - self._last.timestamp_ns < HOLD_SECONDS * _NS else None
        return _summary_of(totals, (now_ns - oldest_ns) / _NS, stretch, synthetic=self._last.synthetic)

    def since_summary(self, wall_time_ns: int) -> AffectSummary | None:
        """The states after the moment that the wall clock called ``wall_time_ns``, at most those kept (half an hour).

        None where hardly any of them is known. ``emotion`` is the present one.
        """
        if self._last is None:
            return None
        before = self._numbers[self._walls < wall_time_ns]
        # Only what came last counts: before the wall clock was set back it may have shown a later time, too.
        after = self._numbers > before.max(initial=-1)
        totals = self._add_up(after)
        if totals.known_seconds < SINCE_LEAST_SECONDS:
            return None
        span_seconds = (self._last.timestamp_ns - int(self._numbers[after].min()) * _BIN_NS) / _NS
        return _summary_of(totals, span_seconds, self._stretch, synthetic=self._last.synthetic)

    def _forget(self) -> None:
        self._numbers[:] = -1
        self._last = None
        self._first_ns = 0
        self._stretch = Stretch()

    def _count(self, state: EmotionState, seconds: float) -> None:
        """Add ``state``, which held for ``seconds``, to the bin in which it began."""
        number = state.timestamp_ns // _BIN_NS
        slot = number % len(self._numbers)
        if self._numbers[slot] != number:
            self._numbers[slot], self._walls[slot] = number, state.wall_time_ns
            self._sums[slot] = 0.0
        if state.emotion is Emotion.UNKNOWN:
            return
        sums = self._sums[slot]
        affect = np.empty(_AFFECT)
        affect[: len(EMOTIONS)] = state.probabilities
        affect[-2:] = state.valence, state.arousal
        sums[_KNOWN] += seconds
        sums[_CONFIDENCE] += seconds * state.confidence
        sums[_MEAN] += seconds * affect
        sums[_SQUARE] += seconds * affect * affect

    def _age_ns(self, last: EmotionState, wall_time_ns: int) -> int:
        return min(max(wall_time_ns - last.wall_time_ns, 0), 2 * self._span_ns)

    def _add_up(self, chosen: NDArray[np.bool_]) -> _Totals:
        """The sums over the ``chosen`` bins, and the slope of each mean over them, a minute."""
        sums = self._sums[chosen]
        total = sums.sum(axis=0)
        if total[_KNOWN] <= 0.0:
            return _nothing()
        minutes = (self._numbers[chosen] - self._numbers[chosen].max()) * (BIN_SECONDS / 60.0)
        weights = sums[:, _KNOWN] / total[_KNOWN]
        apart = minutes - weights @ minutes
        variance = float(weights @ (apart * apart))
        means = total[_MEAN] / total[_KNOWN]
        told = 2.0 * 60.0 * variance**0.5 >= TREND_LEAST_SECONDS
        slopes = (apart @ sums[:, _MEAN]) / (total[_KNOWN] * variance) if told else np.zeros(_AFFECT)
        return _Totals(
            known_seconds=float(total[_KNOWN]),
            confidence=float(total[_CONFIDENCE] / total[_KNOWN]),
            means=means,
            deviations=np.sqrt(np.maximum(total[_SQUARE] / total[_KNOWN] - means * means, 0.0)),
            slopes=slopes,
        )


_BIN_NS = int(BIN_SECONDS * _NS)


@dataclass(frozen=True, slots=True)
class _Totals:
    """``means``, ``deviations`` and ``slopes`` (a minute) are (9,): seven probabilities, valence, arousal."""

    known_seconds: float
    confidence: float
    means: Float64Array
    deviations: Float64Array
    slopes: Float64Array


def _nothing() -> _Totals:
    even = np.zeros(_AFFECT)
    even[: len(EMOTIONS)] = 1.0 / len(EMOTIONS)
    return _Totals(0.0, 0.0, even, np.zeros(_AFFECT), np.zeros(_AFFECT))


def _summary_of(totals: _Totals, span_seconds: float, stretch: Stretch | None, *, synthetic: bool) -> AffectSummary:
    known = totals.known_seconds / span_seconds if span_seconds > 0.0 else 0.0
    leading = stretch if stretch is not None else Stretch()
    return AffectSummary(
        minutes=span_seconds / 60.0,
        known_share=min(known, 1.0),
        probabilities=_probabilities(totals.means),
        probability_sd=_probabilities(totals.deviations),
        probability_trend=_probabilities(totals.slopes),
        valence=float(totals.means[-2]),
        valence_sd=float(totals.deviations[-2]),
        valence_trend=float(totals.slopes[-2]),
        arousal=float(totals.means[-1]),
        arousal_sd=float(totals.deviations[-1]),
        arousal_trend=float(totals.slopes[-1]),
        confidence=totals.confidence,
        emotion=leading.emotion,
        emotion_minutes=leading.seconds / 60.0,
        synthetic=synthetic,
        emotion_confidence=leading.confidence,
        face_share=leading.face_share,
        voice_share=leading.voice_share,
    )


def _probabilities(values: Float64Array) -> Float32Array:
    return values[: len(EMOTIONS)].astype(np.float32)
