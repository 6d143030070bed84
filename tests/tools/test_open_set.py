"""Open-set trials on made-up people: thresholds, rates and intervals; and the evaluation on a few people of ORL."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ertedge.perception.recognition import RecognitionLimits
from tests.perception.people import face_like, person
from tools.evaluation import identity
from tools.open_set import (
    RULES,
    Attempts,
    attempt,
    choosers_and_reported,
    identified,
    nearest,
    rates,
    sure_threshold,
    to_centroid,
)


def faces_of(people: int, pictures: int = 10, cosine: float = 0.9) -> tuple[np.ndarray, ...]:
    """For each person (pictures, 2, 128)."""
    return tuple(
        np.stack(
            [np.stack([face_like(person(p), cosine, 1000 * p + 2 * n + v) for v in (0, 1)]) for n in range(pictures)]
        )
        for p in range(people)
    )


def test_people_apart_in_their_embeddings_are_told_apart() -> None:
    tried = attempt(faces_of(6), nearest(2), pictures=6, run=1, draws=3, seed=0)
    true, false = rates(tried, 0.5, seed=0)
    assert (true.value, false.value) == (1.0, 0.0)
    assert true.n == 6 * 4 * 3
    assert false.n == 6 * 5 * 4 * 3


def test_the_threshold_keeps_to_the_rate_on_those_who_chose_it() -> None:
    tried = attempt(faces_of(8, cosine=0.5), nearest(1), pictures=1, run=1, draws=5, seed=1)
    for rate in (0.0, 0.01, 0.1):
        _, false = rates(tried, tried.threshold(rate), seed=0)
        assert false.value <= rate
    assert tried.threshold(0.1) < tried.threshold(0.01)


def test_the_sure_threshold_holds_for_other_draws_of_the_people_too() -> None:
    tried = attempt(faces_of(8, cosine=0.5), nearest(1), pictures=1, run=1, draws=5, seed=1)
    sure = sure_threshold(tried, 0.05, seed=0)
    assert sure > tried.threshold(0.05)
    assert rates(tried, sure, seed=0)[1].high <= 0.05
    assert rates(tried, sure - 2e-3, seed=0)[1].high > 0.05
    assert sure_threshold(tried, -0.1, seed=0) == 1.0


def test_everybody_enrolled_is_taken_for_themselves_for_another_or_for_nobody() -> None:
    scores = tuple(
        tuple(np.array(row, np.float32) for row in rows)
        for rows in (([0.9, 0.6, 0.2], [0.1, 0.8]), ([0.5, 0.7, 0.3], [0.9, 0.7]))
    )
    right, wrong, n = identified(Attempts(scores), 0.55)
    assert (right, wrong, n) == (2 / 5, 2 / 5, 5)


def test_a_run_averages_pictures() -> None:
    faces = faces_of(4, cosine=0.6)
    single = attempt(faces, nearest(2), pictures=4, run=1, draws=4, seed=2)
    run = attempt(faces, nearest(2), pictures=4, run=3, draws=4, seed=2)
    assert len(run.scores[0][1]) == 4 * 2
    assert run.strangers.std() < single.strangers.std()


def test_intervals_widen_with_what_varies_between_people() -> None:
    certain = np.full(100, 0.9, np.float32)
    half = np.where(np.arange(100) % 2 == 0, 0.9, 0.1).astype(np.float32)
    never = np.full(100, 0.1, np.float32)
    alike = Attempts(tuple(tuple(half if i == j else never for j in range(10)) for i in range(10)))
    unlike = Attempts(
        tuple(tuple((certain if i % 2 else never) if i == j else never for j in range(10)) for i in range(10))
    )
    for tried, width in ((alike, 0.0), (unlike, 0.3)):
        true, _ = rates(tried, 0.5, seed=0)
        assert true.value == pytest.approx(0.5)
        assert true.high - true.low == pytest.approx(0.0) if width == 0.0 else true.high - true.low > width


def test_choosers_are_never_reported_on() -> None:
    choosers, reported = choosers_and_reported(tuple(f"s{number}" for number in range(1, 41)))
    assert (len(choosers), len(reported)) == (18, 22)
    assert not set(choosers) & set(reported)
    assert choosers_and_reported(("ann", "ben", "cem", "dee")) == ((0, 1), (2, 3))


def test_every_rule_prefers_the_person_to_a_stranger() -> None:
    ann, ben = faces_of(2)
    for rule in RULES.values():
        assert rule(ann[:6].reshape(-1, 128), ann[6:, 0]).min() > rule(ann[:6].reshape(-1, 128), ben[:, 0]).max()
    assert to_centroid(ann[:1, 0], ann[0, :1])[0] == pytest.approx(1.0)


@pytest.mark.tools
@pytest.mark.timeout(300)
def test_recognition_of_people_that_nothing_has_seen(data_root: Path, tmp_path: Path) -> None:
    for number in (1, 2, 3, 4, 21, 22, 23, 24):
        shutil.copytree(data_root / "orl_faces" / f"s{number}", tmp_path / f"s{number}")
    report = identity.evaluate(root=tmp_path, detect=False)
    of = "a dozen frames, mean of 3, shipped accept"
    assert report.value("tar", of) >= 0.9
    assert report.value("tar_low", of) <= report.value("tar", of) <= report.value("tar_high", of)
    assert report.value("far", of) <= 0.02
    assert RecognitionLimits(report.value("threshold", of), 0.0, 2).accept > 0.5
