"""Labels with their evidence, and guided sessions, in the real file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.store import Store
from ertedge.store.calibration_records import CalibrationSession
from ertedge.types import CalibrationLabel, Emotion, LabelSource, Modality, ModalityEvidence, Purpose

NOW_NS = 1_700_000_000_000_000_000


def evidence(modality: Modality, seed: int = 0, size: int | None = 128) -> ModalityEvidence:
    rng = np.random.default_rng(seed)
    shares = rng.random(7).astype(np.float32)
    embedding = None if size is None else rng.standard_normal(size).astype(np.float32)
    return ModalityEvidence(modality, shares / shares.sum(), embedding, 0.75)


def label(number: int, profile_id: int = 1, **fields: object) -> CalibrationLabel:
    made = CalibrationLabel(
        label_id=number,
        profile_id=profile_id,
        wall_time_ns=NOW_NS + number,
        emotion=Emotion.FEAR,
        source=LabelSource.SESSION,
        session_id=4,
        face=evidence(Modality.FACE, number),
        voice=evidence(Modality.VOICE, number + 100, size=60),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def same(first: CalibrationLabel, second: CalibrationLabel) -> bool:
    for modality in Modality:
        one, other = first.of(modality), second.of(modality)
        if (one is None) != (other is None):
            return False
        if one is None or other is None:
            continue
        embeddings = (one.embedding, other.embedding)
        if not np.array_equal(one.probabilities, other.probabilities) or one.quality != other.quality:
            return False
        if any(e is None for e in embeddings) != all(e is None for e in embeddings):
            return False
        if one.embedding is not None and not np.array_equal(one.embedding, other.embedding):  # type: ignore[arg-type]
            return False
    bare = {"face": None, "voice": None}
    return replace(first, **bare) == replace(second, **bare)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        label(1),
        label(2, voice=None),
        label(3, face=replace(evidence(Modality.FACE), embedding=None)),
        label(4, source=LabelSource.SELF_REPORT, session_id=0, valence=-0.5, arousal=0.25),
    ],
    ids=["both", "face alone", "no embedding", "self-report"],
)
def test_labels_come_back_as_they_were(store: Store, given: CalibrationLabel) -> None:
    store.calibrations.add_label(given, synthetic=False)
    (found,) = store.calibrations.labels(1, synthetic=False)
    assert same(found, given)
    assert store.calibrations.last_label_id() == given.label_id


def test_labels_are_apart_by_person_and_from_those_of_simulations(store: Store) -> None:
    store.calibrations.add_label(label(2), synthetic=False)
    store.calibrations.add_label(label(1), synthetic=False)
    store.calibrations.add_label(label(3), synthetic=True)
    store.calibrations.add_label(label(4, profile_id=2), synthetic=False)
    assert [each.label_id for each in store.calibrations.labels(1, synthetic=False)] == [1, 2]
    assert [each.label_id for each in store.calibrations.labels(1, synthetic=True)] == [3]


def test_a_repeated_request_is_known(store: Store) -> None:
    store.calibrations.add_label(label(1), synthetic=False, request_id="abc")
    store.calibrations.add_label(label(2), synthetic=False, request_id="abc")
    store.calibrations.add_label(label(3, profile_id=2), synthetic=False, request_id="abc")
    assert store.calibrations.label_of_request(1, "abc") == 1
    assert store.calibrations.label_of_request(2, "abc") == 3
    assert store.calibrations.label_of_request(1, "other") is None
    assert len(store.calibrations.labels(1, synthetic=False)) == 1


def test_a_withdrawal_takes_the_modality_and_labels_without_any_evidence_left(store: Store) -> None:
    store.calibrations.add_label(label(1), synthetic=False)
    store.calibrations.add_label(label(2, voice=None), synthetic=False)
    store.erase_covered(1, Purpose.SENSE_FACE)
    (left,) = store.calibrations.labels(1, synthetic=False)
    assert left.label_id == 1
    assert left.face is None
    assert left.voice is not None
    store.erase_covered(1, Purpose.KEEP_HISTORY)
    assert store.calibrations.labels(1, synthetic=False) == ()


def test_sessions_are_gone_on_with(store: Store) -> None:
    begun = CalibrationSession(1, 1, NOW_NS, False, (Emotion.HAPPINESS, Emotion.SADNESS), 0)
    store.calibrations.save_session(begun)
    store.calibrations.save_session(replace(begun, session_id=2, profile_id=2))
    further = replace(begun, next_take=2, skipped=(Emotion.FEAR,))
    store.calibrations.save_session(further)
    assert store.calibrations.sessions(1) == (further,)
    assert further.is_over
    assert store.calibrations.last_session_id() == 2


def test_forgetting_leaves_other_people_alone(store: Store) -> None:
    store.calibrations.add_label(label(1), synthetic=False)
    store.calibrations.add_label(label(2, profile_id=2), synthetic=False)
    store.calibrations.save_session(CalibrationSession(1, 1, NOW_NS, False, (), 0))
    store.calibrations.forget(1)
    assert store.calibrations.labels(1, synthetic=False) == ()
    assert store.calibrations.sessions(1) == ()
    assert len(store.calibrations.labels(2, synthetic=False)) == 1
    assert store.calibrations.last_label_id() == 2
