"""The quality of a face falls with every condition, and each condition is measured from what it is named after."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.perception.alignment import similarity_transform
from ertedge.perception.face_quality import FaceConditions, FaceQualityWeights, measure, quality
from ertedge.types import FaceBox, Float32Array, UInt8Array

TEMPLATE = np.array([[14.7, 18.1], [33.1, 17.8], [23.9, 28.0], [16.7, 36.8], [31.8, 36.6]], np.float32)
BEST = FaceConditions(0, 0, 0, 0, 0, 0, 0, 0)
WEIGHTS = FaceQualityWeights(1.9, -0.5, -0.4, -2.0, -0.2, -0.6, -0.3, -0.2, -1.0)


def crop_of(seed: int = 0) -> UInt8Array:
    noise = np.random.default_rng(seed).uniform(0, 255, (48, 48)).astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.0), np.float32)
    crop: UInt8Array = np.clip((smooth - smooth.mean()) * 2.0 + 118, 0, 245).astype(np.uint8)
    return crop


def conditions(crop: UInt8Array, landmarks: Float32Array = TEMPLATE * 4, score: float = 0.9) -> FaceConditions:
    box = FaceBox(0, 0, 100, 120, score, landmarks.astype(np.float32))
    return measure(crop, box, similarity_transform(box.landmarks, TEMPLATE), TEMPLATE)


def test_a_good_face_has_no_faults_but_the_detectors_doubt() -> None:
    found = conditions(crop_of())
    assert found.doubt == pytest.approx(0.1)
    assert (found.smallness, found.darkness, found.flatness, found.saturated) == (0, 0, 0, 0)
    assert found.misfit < 1e-3
    assert found.turn < 1e-3


def test_each_condition_answers_to_its_cause() -> None:
    good = conditions(crop_of())
    assert conditions(crop_of(), TEMPLATE / np.float32(4)).smallness == pytest.approx(2.0, abs=0.01)
    angle = np.radians(45)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = (TEMPLATE @ rotation).astype(np.float32)
    assert conditions(crop_of(), turned).turn == pytest.approx(1.5, abs=0.01)
    profile = TEMPLATE.copy()
    profile[:, 0] = 24 + 0.4 * (profile[:, 0] - 24)
    profile[2, 0] += 8
    assert conditions(crop_of(), profile).misfit > 0.2
    blurred = np.asarray(cv2.GaussianBlur(crop_of(), (0, 0), 2.5), np.uint8)
    assert conditions(blurred).blur > good.blur + 0.5
    dark = (crop_of() * 0.1).astype(np.uint8)
    assert conditions(dark).darkness == pytest.approx(np.log2(64 / dark.mean()), abs=1e-3)
    assert conditions(np.full((48, 48), 255, np.uint8)).saturated == 1.0
    assert conditions(np.full((48, 48), 255, np.uint8)).flatness == 4.0


def test_a_dark_crop_does_not_count_as_blurred_as_well() -> None:
    dark = (crop_of() * 0.3).astype(np.uint8)
    assert conditions(dark).blur == pytest.approx(conditions(crop_of()).blur, abs=0.1)


@pytest.mark.parametrize("name", [field.name for field in fields(FaceConditions)])
def test_quality_falls_with_every_condition(name: str) -> None:
    values = [quality(replace(BEST, **{name: value}), WEIGHTS) for value in (0.0, 0.3, 0.6, 1.0)]
    assert values[0] == pytest.approx(1.0)
    assert all(after < before for before, after in pairwise(values))
    assert min(values) > 0


@pytest.mark.parametrize("name", [field.name for field in fields(FaceConditions)])
def test_a_coefficient_that_rewards_a_fault_is_refused(name: str) -> None:
    with pytest.raises(ManifestError, match="positive"):
        replace(WEIGHTS, **{name: 0.1})


def test_a_coefficient_that_is_no_number_is_refused() -> None:
    with pytest.raises(ManifestError, match="finite"):
        replace(WEIGHTS, bias=float("nan"))
