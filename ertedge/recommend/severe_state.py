"""Whether a severe state lasts: strongly negative, sad, afraid or angry, read with confidence. Floor 1; no clock of its own.

The measure is a level of time, as in a cumulative sum (Page 1954, doi 10.1093/biomet/41.1-2.100): time in a severe state
fills it, time in a state that is plainly better drains it at the same speed, time that is low but not severe at a quarter
of it, and what is not known leaves it as it is. A few confused frames, or a face turned away, therefore delay and never
reset. Full after ``severe_minutes``, the state is *sustained*, and it stays so until the level has drained to nothing, or
until a whole day has brought no severe reading. A hard day of feeling low is not severe by this measure; a mean valence of
-0.35 takes a reading of about 0.55 for sadness, fear or anger.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.recommend.safety import DISTRESS_CONFIDENCE, DISTRESS_EMOTIONS, DISTRESS_VALENCE
from ertedge.types import AffectSummary, Emotion, EmotionState

BETTER_VALENCE = -0.10
"""From here on a known state is plainly better: neutral, happy, pleasantly surprised, or a trace of anything else."""
LOW_DRAIN = 4
"""How much slower a state drains the level that is no longer severe and not yet better."""
STATE_MOST_NS = 10 * 1_000_000_000
"""One state stands for the time since the one before, but for no longer than this: twice the pause of an empty room."""
ABSENCE_NS = 60 * 60 * 1_000_000_000
"""What was not yet sustained is forgotten after so long without a known state."""
WITHOUT_NS = 24 * 60 * 60 * 1_000_000_000
"""Without a severe reading for so long, a sustained state has passed."""


@dataclass(frozen=True, slots=True)
class SevereLevel:
    """What must outlive a restart. Times are nanoseconds of the watch's steady time."""

    level_ns: int = 0
    sustained: bool = False
    synthetic: bool = False
    known_ns: int = 0
    severe_ns: int = 0
    seen_ns: int = 0


class SevereState:
    """Follows one person. ``now_ns`` is a steady time that never goes back."""

    def __init__(self, severe_minutes: float, saved: SevereLevel | None = None) -> None:
        self._full_ns = int(severe_minutes * 60e9)
        saved = saved or SevereLevel()
        self._level_ns = min(saved.level_ns, self._full_ns)
        self._sustained = saved.sustained
        self._synthetic = saved.synthetic
        self._known_ns = saved.known_ns
        self._severe_ns = saved.severe_ns
        self._seen_ns = saved.seen_ns

    @property
    def sustained(self) -> bool:
        """Whether a severe state has lasted and has not passed."""
        return self._sustained

    @property
    def synthetic(self) -> bool:
        """Whether that was made for the demo or a simulation."""
        return self._synthetic

    def level(self) -> SevereLevel:
        """What to go on with after a restart."""
        return SevereLevel(
            self._level_ns, self._sustained, self._synthetic, self._known_ns, self._severe_ns, self._seen_ns
        )

    def see(self, state: EmotionState, summary: AffectSummary | None, now_ns: int) -> None:
        """Take in a state, and the summary of those before it if there is one: it may have seen more than this has, for
        instance before a restart. Synthetic and real states never add up."""
        if state.synthetic is not self._synthetic:
            self._begin_anew(state.synthetic, now_ns)
        spent_ns = min(max(0, now_ns - self._seen_ns), STATE_MOST_NS)
        self._seen_ns = max(self._seen_ns, now_ns)
        if state.emotion is not Emotion.UNKNOWN:
            if not self._sustained and now_ns - self._known_ns > ABSENCE_NS:
                self._level_ns = 0
            self._known_ns = now_ns
        if is_severe(state):
            self._severe_ns = now_ns
            self._level_ns = min(self._full_ns, self._level_ns + spent_ns)
        elif state.emotion is not Emotion.UNKNOWN:
            self._level_ns = max(0, self._level_ns - (spent_ns if is_better(state) else spent_ns // LOW_DRAIN))
        if self._says_sustained(summary, state):
            self._severe_ns, self._level_ns = now_ns, self._full_ns
        if self._level_ns >= self._full_ns:
            self._sustained = True
        self.let_pass(now_ns)

    def let_pass(self, now_ns: int) -> None:
        """A sustained state ends when its level is empty, or after a day without a severe reading."""
        if self._sustained and (self._level_ns == 0 or now_ns - self._severe_ns >= WITHOUT_NS):
            self._sustained = False
            self._level_ns = 0

    def _says_sustained(self, summary: AffectSummary | None, state: EmotionState) -> bool:
        return (
            summary is not None
            and summary.synthetic is state.synthetic
            and is_severe(state)
            and summary.emotion in DISTRESS_EMOTIONS
            and summary.valence <= DISTRESS_VALENCE
            and summary.confidence >= DISTRESS_CONFIDENCE
            and summary.emotion_minutes * 60e9 >= self._full_ns
        )

    def _begin_anew(self, synthetic: bool, now_ns: int) -> None:
        self._level_ns, self._sustained, self._synthetic = 0, False, synthetic
        self._seen_ns = self._known_ns = now_ns


def is_severe(state: EmotionState) -> bool:
    """Sadness, fear or anger leads, confidently, and valence is strongly negative."""
    return (
        state.emotion in DISTRESS_EMOTIONS
        and state.confidence >= DISTRESS_CONFIDENCE
        and state.valence <= DISTRESS_VALENCE
    )


def is_better(state: EmotionState) -> bool:
    """Known, and no longer low."""
    return state.emotion is not Emotion.UNKNOWN and state.valence >= BETTER_VALENCE
