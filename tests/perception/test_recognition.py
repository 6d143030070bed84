"""Galleries, thresholds and runs of frames, on made-up embeddings whose cosines are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from ertedge.perception import recognition
from ertedge.perception.recognition import NOBODY, RUN_FRAMES, RUN_LEAST, Recognition, RecognitionLimits, similarity
from ertedge.types import Float32Array
from tests.perception.people import face_like, person

LIMITS = RecognitionLimits(accept=0.64, keep=0.58, nearest=2)
ANN, BEN, STRANGER = person(1), person(2), person(3)


def gallery(of: Float32Array, seed: int = 0) -> Float32Array:
    return np.stack([face_like(of, 0.9, seed + number) for number in range(12)])


def recogniser() -> Recognition:
    return Recognition({7: gallery(ANN), 9: gallery(BEN, 50)}, LIMITS)


def test_similarity_is_the_mean_over_the_nearest_members() -> None:
    axes = np.eye(4, dtype=np.float32)
    face = np.array([[0.6, 0.8, 0.0, 0.0]], np.float32)
    assert similarity(axes, face, 1)[0] == pytest.approx(0.8)
    assert similarity(axes, face, 2)[0] == pytest.approx(0.7)
    assert similarity(axes, face, 99)[0] == pytest.approx(0.35)


def test_nothing_is_said_before_the_run_is_long_enough() -> None:
    following = recogniser()
    said = [following.take(face_like(ANN, 0.9, 100 + number)) for number in range(RUN_LEAST)]
    assert said[:-1] == [None] * (RUN_LEAST - 1)
    assert said[-1] is not None
    assert said[-1].profile_id == 7
    assert said[-1].similarity > LIMITS.accept


def test_a_stranger_is_nobody_and_each_person_is_themselves() -> None:
    for of, expected in ((ANN, 7), (BEN, 9), (STRANGER, NOBODY)):
        following = recogniser()
        said = [following.take(face_like(of, 0.9, 200 + number)) for number in range(RUN_FRAMES)][-1]
        assert said is not None
        assert said.profile_id == expected


def test_one_odd_frame_does_not_put_a_person_out() -> None:
    following = recogniser()
    for number in range(RUN_FRAMES):
        following.take(face_like(ANN, 0.9, number))
    said = following.take(face_like(ANN, 0.4, 77))
    assert said is not None
    assert said.profile_id == 7


def test_who_is_recognised_stays_so_down_to_keep_and_must_reach_accept_again() -> None:
    """The mean over a run falls between the two thresholds: kept if recognised before, not let in otherwise."""
    between = np.zeros(2, np.float32)
    between[0] = 0.61
    between[1] = np.sqrt(1 - between[0] ** 2)
    itself = np.array([1.0, 0.0], np.float32)
    following = Recognition({7: itself[None]}, LIMITS)
    fresh = [following.take(between) for _ in range(RUN_FRAMES)][-1]
    assert fresh is not None
    assert fresh.profile_id == NOBODY
    for _ in range(RUN_FRAMES):
        following.take(itself)
    kept = [following.take(between) for _ in range(2 * RUN_FRAMES)][-1]
    assert kept is not None
    assert kept.profile_id == 7
    assert kept.similarity == pytest.approx(0.61, abs=1e-5)


def test_another_who_takes_the_place_does_not_inherit() -> None:
    following = recogniser()
    for number in range(RUN_FRAMES):
        following.take(face_like(ANN, 0.9, number))
    said = [following.take(face_like(STRANGER, 0.9, 300 + number)) for number in range(RUN_LEAST)]
    assert said[-1] is not None
    assert said[-1].profile_id == NOBODY
    following.forget()
    assert following.take(face_like(ANN, 0.9, 5)) is None


def test_without_galleries_every_face_is_nobodys() -> None:
    said = Recognition({}, LIMITS).take(ANN)
    assert said is not None
    assert (said.profile_id, said.similarity) == (NOBODY, 0.0)


def test_the_shipped_limits_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    shipped = recognition.load(default_models_dir() / "recognition.toml")
    assert 0.5 < shipped.keep < shipped.accept < 0.8
    for text in ("accept = 0.5\nkeep = 0.6\nnearest = 2\n", "accept = 0.5\n", "accept = 'much'", "not toml ["):
        path = tmp_path / "recognition.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="install ertedge again"):
            recognition.load(path)
