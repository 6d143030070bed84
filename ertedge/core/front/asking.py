"""When a person may be asked how they feel: where an answer tells most, rarely, and never at a bad time. Floor 2; pure.

A question is worth asking while a person's calibration is not settled, when both modalities can be read and they disagree,
or one of them is unsure, or what is read is the emotion of which least is known. Whoever does not answer is asked less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ertedge.types import EMOTIONS, CalibrationSummary, EmotionState, Modality

HOUR_NS = 3600 * 1_000_000_000
GAP_NS = 3 * HOUR_NS
"""Least time between two questions, and after a report that nobody asked for."""
FIRST_NS = HOUR_NS // 2
"""After a start nothing is asked for so long."""
A_DAY_MOST = 3
DOUBLED_MOST = 5
"""With every question in a row that stays unanswered the pause doubles, up to four days."""
CONFIDENT = 0.6
STEADY_NS = 5 * 1_000_000_000
"""A state is asked about once it has lasted so long: a passing frown is nobody's feeling."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is remembered of questions to one person. ``last_ns`` is when something was last asked or reported (UTC),
    ``unanswered`` how many questions in a row were not answered, ``today`` how many were asked on ``day`` (ordinal)."""

    last_ns: int = 0
    unanswered: int = 0
    today: int = 0
    day: int = 0

    def after_question(self, now_ns: int, day: int) -> Asked:
        """After one more question."""
        return Asked(now_ns, self.unanswered + 1, self.today + 1 if day == self.day else 1, day)

    def after_report(self, now_ns: int) -> Asked:
        """After the person said how they feel, asked or not."""
        return Asked(now_ns, 0, self.today, self.day)

    def may_ask(self, now_ns: int, day: int) -> bool:
        """Whether it is long enough since, and not too many for a day."""
        pause_ns = GAP_NS << min(self.unanswered, DOUBLED_MOST)
        return now_ns - self.last_ns >= pause_ns and (day != self.day or self.today < A_DAY_MOST)


def is_informative(state: EmotionState, summary: CalibrationSummary) -> bool:
    """Whether an answer about ``state`` would tell much of this person."""
    if summary.labels_to_settle == 0:
        return False
    said = {share.modality: share.probabilities for share in state.shares if share.probabilities is not None}
    face, voice = said.get(Modality.FACE), said.get(Modality.VOICE)
    if face is None or voice is None or state.timestamp_ns - state.since_ns < STEADY_NS:
        return False
    leaders = {int(np.argmax(face)), int(np.argmax(voice))}
    sought = summary.ask_next is not None and EMOTIONS.index(summary.ask_next) in leaders
    return len(leaders) > 1 or sought or min(float(face.max()), float(voice.max())) < CONFIDENT
