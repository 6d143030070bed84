"""Galleries of enrolled faces, in the real file."""

from __future__ import annotations

import numpy as np

from ertedge.store import Store
from ertedge.types import CalibrationLabel, Emotion, Float32Array, LabelSource, Modality, ModalityEvidence, Purpose

NOW_NS = 1_700_000_000_000_000_000


def gallery(seed: int, count: int = 12) -> Float32Array:
    return np.random.default_rng(seed).standard_normal((count, 128)).astype(np.float32)


def test_galleries_come_back_as_they_were(store: Store) -> None:
    store.faces.replace_gallery(2, gallery(2), NOW_NS)
    store.faces.replace_gallery(1, gallery(1, 5), NOW_NS)
    found = store.faces.galleries()
    assert sorted(found) == [1, 2]
    assert np.array_equal(found[2], gallery(2))
    assert np.array_equal(found[1], gallery(1, 5))
    assert found[1].dtype == np.float32


def test_a_new_enrolment_replaces_the_one_before_and_an_empty_one_removes_it(store: Store) -> None:
    store.faces.replace_gallery(1, gallery(1), NOW_NS)
    store.faces.replace_gallery(1, gallery(3, 10), NOW_NS)
    assert np.array_equal(store.faces.galleries()[1], gallery(3, 10))
    store.faces.replace_gallery(1, gallery(3, 0), NOW_NS)
    assert store.faces.galleries() == {}


def test_embeddings_of_another_network_are_removed_and_labels_keep_what_was_said(store: Store) -> None:
    seen = ModalityEvidence(Modality.FACE, np.full(7, 1 / 7, np.float32), gallery(1, 1)[0], 0.9)
    heard = ModalityEvidence(Modality.VOICE, np.full(7, 1 / 7, np.float32), gallery(2, 1)[0], 0.8)
    label = CalibrationLabel(1, 1, NOW_NS, Emotion.SADNESS, LabelSource.SELF_REPORT, 0, face=seen, voice=heard)
    assert store.faces.bind("first") == ()
    store.faces.replace_gallery(1, gallery(1), NOW_NS)
    store.calibrations.add_label(label, synthetic=False)
    assert store.faces.bind("first") == ()
    assert sorted(store.faces.galleries()) == [1]
    assert store.faces.bind("second") == (1,)
    assert store.faces.galleries() == {}
    (kept,) = store.calibrations.labels(1, synthetic=False)
    assert kept.face is not None
    assert kept.voice is not None
    assert kept.face.embedding is None
    assert np.array_equal(kept.face.probabilities, seen.probabilities)
    assert np.array_equal(np.asarray(kept.voice.embedding), gallery(2, 1)[0])
    assert store.faces.bind("second") == ()


def test_what_was_enrolled_before_it_was_known_with_what_is_removed(store: Store) -> None:
    store.faces.replace_gallery(3, gallery(1), NOW_NS)
    store.faces.replace_gallery(2, gallery(1), NOW_NS)
    assert store.faces.bind("first") == (2, 3)
    assert store.faces.galleries() == {}


def test_withdrawing_either_consent_removes_one_persons_gallery(store: Store) -> None:
    for purpose in (Purpose.FACE_RECOGNITION, Purpose.SENSE_FACE):
        store.faces.replace_gallery(1, gallery(1), NOW_NS)
        store.faces.replace_gallery(2, gallery(2), NOW_NS)
        store.erase_covered(1, purpose)
        assert sorted(store.faces.galleries()) == [2]
    store.erase_covered(2, Purpose.SENSE_VOICE)
    assert sorted(store.faces.galleries()) == [2]
    store.erase_profile(2)
    assert store.faces.galleries() == {}
