"""Whether the confidence of states, as a client receives them, is true: reliability, coverage and risk. Host only.

A state counts that face or voice carried, be it shown or unknown for having too little confidence; one that is unknown
because nobody is read claims nothing. A state that is shown while nobody is there is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.confidence import Carrier, carrier_among
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.mfcc import STEP_SAMPLES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.types import EMOTIONS, Emotion, EmotionState, Reason
from tools.data.recording_plan import Labels, segments_apart
from tools.evaluation.report import Figure
from tools.evaluation.selective import (
    debiased_error,
    equal_mass_error,
    equal_width_error,
    resampled,
    risk_coverage,
)

UNSURE = {Reason.LOW_CONFIDENCE, Reason.DISAGREEMENT}
SETTLING_SECONDS = WINDOW_FRAMES * STEP_SAMPLES / SAMPLE_RATE_HZ
"""How far back a window of speech looks: until then a state may still tell of the feeling before."""
LEAST_STATES = 20
"""Of fewer states of one carrier no figure is given."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """n states: ``confidence`` (n,) of the emotion that a state shows, or would show where it is unknown; ``right`` (n,)
    whether that is what is felt; ``known`` (n,) whether it is shown; ``carriers`` (n,); ``segments`` (n,) of one feeling
    each, which began ``since`` (n,) seconds before."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    known: NDArray[np.bool_]
    carriers: tuple[Carrier, ...]
    segments: NDArray[np.int64]
    since: NDArray[np.float64]

    def take(self, kept: NDArray[np.int64]) -> Streamed:
        """The states at ``kept``."""
        return Streamed(
            self.confidence[kept],
            self.right[kept],
            self.known[kept],
            tuple(self.carriers[one] for one in kept),
            self.segments[kept],
            self.since[kept],
        )

    def of(self, carrier: Carrier) -> Streamed:
        """Those that ``carrier`` carried."""
        return self.take(np.flatnonzero([one is carrier for one in self.carriers]))

    def parts(self) -> dict[str, Streamed]:
        """All of them; by what carried them; and by whether their feeling had just begun."""
        new = self.since < SETTLING_SECONDS
        return {
            "all": self,
            **{str(carrier): self.of(carrier) for carrier in Carrier},
            f"in the first {SETTLING_SECONDS:.0f} s of a feeling": self.take(np.flatnonzero(new)),
            "later": self.take(np.flatnonzero(~new)),
        }


def streamed(states: Sequence[EmotionState], labels: Labels, begun_ns: int) -> Streamed:
    """What states claimed, against the labels of their moments; these count from ``begun_ns`` on the wall clock."""
    carrier = Carrier.FUSED
    rows: list[tuple[float, bool, bool, Carrier, int, float]] = []
    for state in states:
        speaking = [share.modality for share in state.shares if share.weight > 0]
        if speaking:
            carrier = carrier_among(speaking)
        known = state.emotion is not Emotion.UNKNOWN
        if not (known or UNSURE & set(state.reasons)):
            continue
        moment = (state.wall_time_ns - begun_ns) / 1e9
        segment = labels.at(moment)
        if segment is None:
            continue
        shown = state.emotion if known else EMOTIONS[int(state.probabilities.argmax())]
        confidence = float(state.probabilities[EMOTIONS.index(shown)])
        since = moment - segment.start_seconds
        rows.append((confidence, shown is segment.emotion, known, carrier, labels.segments.index(segment), since))
    return Streamed(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.bool_),
        np.array([row[2] for row in rows], dtype=np.bool_),
        tuple(row[3] for row in rows),
        np.array([row[4] for row in rows], dtype=np.int64),
        np.array([row[5] for row in rows], dtype=np.float64),
    )


def together(several: Sequence[Streamed]) -> Streamed:
    """The states of several recordings; segments stay apart."""
    return Streamed(
        np.concatenate([one.confidence for one in several]),
        np.concatenate([one.right for one in several]),
        np.concatenate([one.known for one in several]),
        tuple(carrier for one in several for carrier in one.carriers),
        segments_apart([one.segments for one in several]),
        np.concatenate([one.since for one in several]),
    )


def confidence_figures(given: Streamed, seed: int = 0) -> list[Figure]:
    """Coverage, accuracy, calibration and risk of ``Streamed.parts``. The spread of ``ece`` is half of
    its 95% interval, segments drawn anew."""
    figures: list[Figure] = []
    for name, own in given.parts().items():
        shown = own.take(np.flatnonzero(own.known))
        if len(shown.right) < LEAST_STATES:
            continue
        interval = ece_interval(shown, seed)
        curve = risk_coverage(own.confidence, own.right)
        n = len(own.right)
        figures += [
            Figure("coverage", len(shown.right) / n, "share", n, name),
            Figure("right_when_shown", float(shown.right.mean()), "share", len(shown.right), name),
            Figure("confidence_when_shown", float(shown.confidence.mean()), "share", len(shown.right), name),
            Figure(
                "ece",
                equal_width_error(shown.confidence, shown.right),
                "share",
                len(shown.right),
                name,
                None if interval is None else (interval[1] - interval[0]) / 2,
            ),
            Figure("ece_equal_mass", equal_mass_error(shown.confidence, shown.right), "share", len(shown.right), name),
            Figure("ece_debiased", debiased_error(shown.confidence, shown.right), "share", len(shown.right), name),
            Figure("aurc", curve.area, "share", n, name),
            Figure("aurc_excess", curve.excess, "share", n, name),
        ]
    return figures


def ece_interval(shown: Streamed, seed: int) -> tuple[float, float] | None:
    """The 95% interval of the ECE, stretches of one feeling drawn anew."""

    def error(drawn: NDArray[np.int64]) -> float:
        return equal_width_error(shown.confidence[drawn], shown.right[drawn])

    return resampled(error, len(shown.right), shown.segments.tolist(), seed)
