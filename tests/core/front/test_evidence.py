"""The last seconds of one person: what counts, what a label keeps, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.core.front.evidence import KEPT_NS, QUALITY_LEAST, Evidence, mean_of
from ertedge.types import Emotion, Modality, Prediction, Reason
from tests.core.fakes import SECOND_NS, leaning
from tests.core.front_fakes import frame, window

ALL = (0, 2**62)


def test_the_mean_is_weighted_by_quality_and_keeps_the_embeddings_mean() -> None:
    poor = Prediction(Modality.FACE, 1, leaning(Emotion.ANGER), 0.3, (), 1, np.zeros(128, np.float32))
    good = Prediction(Modality.FACE, 2, leaning(Emotion.FEAR), 0.9, (), 1, np.ones(128, np.float32))
    mean = mean_of([poor, good])
    assert mean is not None
    assert mean.probabilities == pytest.approx(0.25 * leaning(Emotion.ANGER) + 0.75 * leaning(Emotion.FEAR), abs=1e-6)
    assert mean.embedding == pytest.approx(np.full(128, 0.75), abs=1e-6)
    assert mean.quality == pytest.approx(0.6)
    assert mean.probabilities.dtype == np.float32


def test_embeddings_of_another_kind_are_left_out() -> None:
    old = Prediction(Modality.VOICE, 1, leaning(Emotion.ANGER), 0.9, (), 0, np.ones(3, np.float32))
    bare = Prediction(Modality.VOICE, 2, leaning(Emotion.ANGER), 0.9)
    new = Prediction(Modality.VOICE, 3, leaning(Emotion.ANGER), 0.9, (), 0, np.zeros(5, np.float32))
    mean = mean_of([old, bare, new])
    assert mean is not None
    assert mean.embedding is not None
    assert mean.embedding.shape == (5,)
    assert mean_of([bare]) is not None
    assert mean_of([]) is None


def test_only_what_was_said_well_within_the_span_counts() -> None:
    evidence = Evidence()
    evidence.follow(4)
    for number in range(10):
        evidence.add(frame(number))
    evidence.add(frame(10, reasons=(Reason.OFF_POSE,)))
    evidence.add(replace(frame(11), quality=QUALITY_LEAST / 2))
    evidence.add(window(11))
    assert evidence.count(Modality.FACE, *ALL) == 10
    assert evidence.count(Modality.VOICE, *ALL) == 1
    assert evidence.count(Modality.FACE, frame(3).timestamp_ns, frame(6).timestamp_ns) == 3
    assert evidence.over(Modality.FACE, frame(20).timestamp_ns, frame(30).timestamp_ns) is None
    assert evidence.now_ns == window(11).timestamp_ns


def test_what_is_old_and_what_was_anothers_is_forgotten() -> None:
    evidence = Evidence()
    evidence.follow(4)
    evidence.add(frame(0))
    evidence.add(frame(1, at_ns=frame(0).timestamp_ns + KEPT_NS + SECOND_NS))
    assert evidence.count(Modality.FACE, *ALL) == 1
    evidence.add(frame(2, at_ns=SECOND_NS))  # a simulation that began again
    assert evidence.count(Modality.FACE, *ALL) == 1
    evidence.follow(5)
    assert (evidence.profile_id, evidence.count(Modality.FACE, *ALL)) == (5, 0)
