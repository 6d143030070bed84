"""One person's calibration, whole: from labels to reliability, head, fusion and what to ask."""

from dataclasses import replace

import numpy as np
import pytest

from ertedge.affect.calibration import PersonalCalibration
from ertedge.affect.fusion_rules import Stacked
from ertedge.types import EMOTIONS, Emotion, Float32Array, FusionRuleName, Modality, Prediction
from tests.affect.people import DAY_NS, InventedPerson, lean, population


def calibrated(person: InventedPerson, per_emotion: int, *, heads: bool = True) -> PersonalCalibration:
    calibration = PersonalCalibration(population(heads=heads), 1)
    labels = person.labels(per_emotion)
    calibration.replace(labels, labels[-1].wall_time_ns)
    return calibration


def test_without_labels_nothing_changes_and_nothing_is_claimed() -> None:
    calibration = PersonalCalibration(population(), 1)
    prediction = Prediction(Modality.VOICE, 0, lean(Emotion.FEAR, 0.5), 1.0, embedding=np.zeros(6, np.float32))
    assert calibration.adapt(prediction) is prediction
    assert calibration.fusion is None
    summary = calibration.summary(0)
    assert (summary.labels, summary.trusted, summary.trusted_since_wall_ns, summary.head_used) == (0, None, 0, ())
    assert summary.reliabilities[0].accuracy == pytest.approx(0.7)
    assert summary.reliabilities[1].accuracy == pytest.approx(0.6)
    assert summary.labels_to_settle != 0
    assert summary.ask_next in EMOTIONS


def test_one_label_moves_little_and_fifty_decide() -> None:
    person = InventedPerson(face_right=0.0, voice_right=1.0)
    population_accuracy = 0.7
    one = PersonalCalibration(population(heads=False), 1)
    one.replace(person.labels(1)[:1], 0)
    assert one.summary(0).reliabilities[0].accuracy == pytest.approx(population_accuracy, abs=0.03)
    assert one.summary(0).trusted is None
    fifty = calibrated(person, 7, heads=False).summary(49 * 60_000_000_000)
    assert fifty.reliabilities[0].accuracy < 0.35
    assert fifty.reliabilities[1].accuracy > 0.75
    assert fifty.trusted is Modality.VOICE
    assert fifty.face_more_reliable < 0.01


def test_the_trusted_modality_keeps_the_moment_since_when() -> None:
    calibration = calibrated(InventedPerson(face_right=1.0, voice_right=0.1), 3, heads=False)
    first = calibration.summary(0)
    assert first.trusted is Modality.FACE
    assert 0 < first.trusted_since_wall_ns < calibration.labels[-1].wall_time_ns
    more = InventedPerson(face_right=0.9, voice_right=0.2, seed=5).labels(1, first_wall_ns=DAY_NS, first_id=100)
    calibration.replace((*calibration.labels, *more), DAY_NS)
    assert calibration.summary(DAY_NS).trusted_since_wall_ns == first.trusted_since_wall_ns


def test_old_labels_fade_and_new_ones_win() -> None:
    calibration = calibrated(InventedPerson(face_right=1.0, voice_right=0.0), 4, heads=False)
    later = 400 * DAY_NS
    now = calibration.summary(calibration.labels[-1].wall_time_ns).reliabilities[0]
    faded = calibration.summary(later).reliabilities[0]
    assert faded.labels == now.labels == 28
    assert faded.effective_labels < 0.1 * now.effective_labels
    assert faded.accuracy == pytest.approx(0.7, abs=0.05)
    changed = InventedPerson(face_right=0.0, voice_right=1.0, seed=3).labels(4, first_wall_ns=later, first_id=100)
    calibration.replace((*calibration.labels, *changed), later + DAY_NS)
    assert calibration.summary(later + DAY_NS).trusted is Modality.VOICE


def test_a_head_is_used_where_it_beats_the_general_model_and_then_changes_what_is_said() -> None:
    person = InventedPerson(face_right=0.3, voice_right=0.3)
    calibration = calibrated(person, 4)
    assert set(calibration.summary(0).head_used) == set(Modality)
    right = 0
    for emotion in EMOTIONS * 5:
        evidence = person.evidence(Modality.VOICE, emotion)
        adapted = calibration.adapt(
            Prediction(Modality.VOICE, 0, evidence.probabilities, 1.0, embedding=evidence.embedding)
        )
        assert adapted.probabilities is not None
        assert adapted.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
        right += EMOTIONS[int(adapted.probabilities.argmax())] is emotion
    assert right > 25  # of 35, where the general model has a third


def test_a_head_that_knows_no_better_stays_unused() -> None:
    person = InventedPerson(face_right=0.95, voice_right=0.95)
    labels = person.labels(4)
    shuffled = np.random.default_rng(0).permutation(len(labels))
    # Embeddings that belong to other moments: nothing can be learnt from them.
    mixed = [
        replace(label, face=None, voice=replace(label.voice, embedding=labels[other].voice.embedding))
        for label, other in zip(labels, shuffled, strict=True)
        if label.voice is not None and labels[other].voice is not None
    ]
    calibration = PersonalCalibration(population(), 1)
    calibration.replace(mixed, 0)
    assert calibration.summary(0).head_used == ()
    assert calibration.summary(0).reliabilities[0].labels == 0


@pytest.mark.parametrize("rule", [rule for rule in FusionRuleName if rule is not FusionRuleName.SINGLE])
def test_fusion_that_helps_is_used_by_every_rule(rule: FusionRuleName) -> None:
    calibration = PersonalCalibration(population(rule, heads=False), 1)
    calibration.replace(InventedPerson(face_right=0.75, voice_right=0.75, seed=2).labels(6), 0)
    summary = calibration.summary(0)
    assert summary.uses_fusion
    assert summary.rule is rule
    assert calibration.fusion is not None
    assert calibration.fusion.name is rule
    assert summary.fusion_gain_low < summary.fusion_gain < summary.fusion_gain_high


def test_where_fusion_harms_the_better_modality_is_used_alone() -> None:
    """A voice that is sure of the wrong thing, and a population that believes it."""
    person = InventedPerson(face_right=0.9, voice_right=0.0, seed=1)
    trusting = population(FusionRuleName.STACKED, heads=False)
    trusting = replace(trusting, stacked=Stacked({Modality.FACE: 1.0, Modality.VOICE: 60.0}, np.zeros(7)))
    calibration = PersonalCalibration(trusting, 1)
    calibration.replace(person.labels(2), 0)
    summary = calibration.summary(0)
    assert not summary.uses_fusion
    assert summary.rule is FusionRuleName.SINGLE
    assert summary.fusion_gain < 0
    assert calibration.fusion is not None
    said = {Modality.FACE: lean(Emotion.ANGER, 0.5), Modality.VOICE: lean(Emotion.FEAR, 0.9)}
    pooled = calibration.fusion.pool(said, dict.fromkeys(said, 1.0))
    assert pooled.probabilities == pytest.approx(lean(Emotion.ANGER, 0.5))


def test_enough_labels_settle_it_and_fewer_are_needed_as_they_come() -> None:
    person = InventedPerson(face_right=0.9, voice_right=0.6)
    needed = []
    for per_emotion in (1, 3, 12):
        calibration = PersonalCalibration(population(heads=False), 1)
        calibration.replace(person.labels(per_emotion), 0)
        summary = calibration.summary(0)
        assert summary.labels_to_settle is not None
        needed.append(summary.labels_to_settle)
    assert needed[0] > needed[1] > needed[2]
    assert needed[2] == 0
    assert calibrated(person, 12, heads=False).summary(0).ask_next is None


def test_it_asks_for_the_emotion_that_it_knows_least_of() -> None:
    person = InventedPerson(face_right=0.7, voice_right=0.6)
    labels = [label for label in person.labels(3) if label.emotion is not Emotion.DISGUST]
    calibration = PersonalCalibration(population(heads=False), 1)
    calibration.replace(labels, 0)
    assert calibration.summary(0).ask_next is Emotion.DISGUST


def test_adding_one_by_one_comes_to_the_same_as_all_at_once() -> None:
    labels = InventedPerson(face_right=0.8, voice_right=0.5).labels(2)
    one_by_one = PersonalCalibration(population(), 1)
    for label in labels:
        one_by_one.add(label, 10 * DAY_NS)
    at_once = PersonalCalibration(population(), 1)
    at_once.replace(labels[::-1], 10 * DAY_NS)
    assert one_by_one.summary(10 * DAY_NS) == at_once.summary(10 * DAY_NS)


def test_labels_of_others_and_of_nothing_are_refused() -> None:
    calibration = PersonalCalibration(population(), 2)
    with pytest.raises(ValueError, match="profile 1"):
        calibration.replace(InventedPerson(0.5, 0.5).labels(1), 0)


@pytest.mark.parametrize("embedding", [None, np.zeros(3, np.float32), np.full(6, np.nan, np.float32)])
def test_an_embedding_of_another_kind_is_left_alone(embedding: Float32Array | None) -> None:
    calibration = calibrated(InventedPerson(face_right=0.3, voice_right=0.3), 4)
    prediction = Prediction(Modality.VOICE, 0, lean(Emotion.FEAR, 0.5), 1.0, embedding=embedding)
    assert calibration.adapt(prediction) is prediction
    calibration.observe(prediction)


def test_what_is_heard_without_labels_moves_the_head_of_somebody_with_few() -> None:
    person = InventedPerson(face_right=0.3, voice_right=0.3)
    labels = person.labels(2)
    plain, listening = (PersonalCalibration(population(), 1) for _ in range(2))
    for emotion in EMOTIONS * 20:
        evidence = person.evidence(Modality.VOICE, emotion)
        listening.observe(Prediction(Modality.VOICE, 0, evidence.probabilities, 1.0, embedding=evidence.embedding))
    for calibration in (plain, listening):
        calibration.replace(labels, 0)
    evidence = person.evidence(Modality.VOICE, Emotion.ANGER)
    moment = Prediction(Modality.VOICE, 0, evidence.probabilities, 1.0, embedding=evidence.embedding)
    first, second = plain.adapt(moment).probabilities, listening.adapt(moment).probabilities
    assert first is not None
    assert second is not None
    assert not np.array_equal(first, second)
