"""What a scenario says: always the same, and what the file describes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ertedge.sensor.scenario import Scenario, load_scenario
from ertedge.sensor.synthesis import NS_PER_SECOND, Moment, felt, moments, speaking
from ertedge.types import EMOTIONS, Emotion, Modality, Prediction, Reason, SensorCondition, SensorName

CALM = {"emotion": "neutral", "seconds": 10.0}
ANGRY = {"emotion": "anger", "seconds": 10.0, "intensity": 1.0, "transition_seconds": 4.0}


def scenario(*events: dict[str, Any], **keys: Any) -> Scenario:
    return Scenario.model_validate({"segments": [CALM, ANGRY, ANGRY], "events": list(events), "seed": 5, **keys})


def said(made: Scenario, modality: Modality) -> list[Prediction]:
    everything = [moment.prediction for moment in moments(made) if moment.prediction is not None]
    return [prediction for prediction in everything if prediction.modality is modality]


def between(predictions: Sequence[Prediction], begin: float, end: float) -> list[Prediction]:
    chosen = [one for one in predictions if begin <= one.timestamp_ns / NS_PER_SECOND < end]
    assert chosen
    return chosen


def reasons(predictions: Sequence[Prediction]) -> set[tuple[Reason, ...]]:
    return {one.reasons for one in predictions}


def digest(made: Scenario) -> str:
    """Of everything that both modalities say."""
    text = "".join(
        f"{one.modality}{one.timestamp_ns}{[] if one.probabilities is None else one.probabilities.tolist()}"
        for modality in Modality
        for one in said(made, modality)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_the_same_seed_gives_the_same_and_another_seed_another() -> None:
    assert digest(scenario()) == digest(scenario())
    assert digest(scenario()) != digest(scenario(seed=6))


def test_the_rounds_of_a_repeating_scenario_differ() -> None:
    first, second = (
        [moment.prediction for moment in moments(scenario(), number) if moment.prediction] for number in (0, 1)
    )
    assert len(first) == len(second)
    assert first[0].probabilities is not None
    assert second[0].probabilities is not None
    assert not np.allclose(first[0].probabilities, second[0].probabilities)


def test_times_are_regular_and_ordered() -> None:
    made = scenario()
    assert [one.timestamp_ns for one in said(made, Modality.FACE)] == [
        number * NS_PER_SECOND // 10 for number in range(300)
    ]
    voice = [one.timestamp_ns / NS_PER_SECOND for one in said(made, Modality.VOICE)]
    assert voice == [3.0 + 0.5 * number for number in range(54)]
    offsets = [moment.offset_ns for moment in moments(made)]
    assert offsets == sorted(offsets)


def test_seldom_looked_at_the_times_are_as_told() -> None:
    seldom = {"frames_per_second": 0.1, "first_seconds": 2.5}
    made = scenario(face=seldom, voice={"step_seconds": 10.0}, speed=10.0)
    assert [one.timestamp_ns / NS_PER_SECOND for one in said(made, Modality.FACE)] == [2.5, 12.5, 22.5]
    assert [one.timestamp_ns / NS_PER_SECOND for one in said(made, Modality.VOICE)] == [3.0, 13.0, 23.0]


def test_probabilities_are_probabilities() -> None:
    for modality in Modality:
        for one in said(scenario(), modality):
            assert one.probabilities is not None
            assert one.probabilities.shape == (7,)
            assert one.probabilities.dtype == np.float32
            assert one.probabilities.sum() == pytest.approx(1, abs=1e-5)
            assert 0 <= one.quality <= 1


def faces(predictions: Sequence[Prediction]) -> np.ndarray:
    return np.stack([one.embedding for one in predictions if one.embedding is not None])


def test_the_person_carries_one_face_and_moves_their_head() -> None:
    embeddings = faces(said(scenario(), Modality.FACE))
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1, abs=1e-5)
    likeness = embeddings @ embeddings.T
    assert likeness.min() > 0.6
    assert 0.75 < np.median(likeness) < 0.9
    assert np.median(np.diag(likeness, 1)) > 0.97
    other = faces(said(scenario(seed=6), Modality.FACE))
    assert (embeddings @ other.T).max() < 0.4


def test_somebody_else_who_sits_down_has_another_face() -> None:
    shown = said(scenario({"kind": "other_person", "at_seconds": 10.0, "seconds": 5.0}), Modality.FACE)
    mine = faces([*between(shown, 0, 10), *between(shown, 15, 30)])
    theirs = faces(between(shown, 10, 15))
    assert (theirs @ theirs.T).min() > 0.6
    assert (mine @ theirs.T).max() < 0.4
    assert (mine @ mine.T).min() > 0.6


def test_what_looks_like_another_emotion_is_taken_for_it_by_that_modality_alone() -> None:
    made = scenario(face={"mistaken": {"anger": "disgust"}, "noise": 0.0}, voice={"noise": 0.0})
    face = between(said(made, Modality.FACE), 20, 30)
    voice = between(said(made, Modality.VOICE), 25, 30)
    for predictions, emotion in ((face, Emotion.DISGUST), (voice, Emotion.ANGER)):
        for one in predictions:
            assert one.probabilities is not None
            assert EMOTIONS[int(one.probabilities.argmax())] is emotion


def test_who_is_asked_shows_and_speaks_of_that_whatever_the_segment_says() -> None:
    silent = {"emotion": "neutral", "seconds": 20.0, "speaking": False}
    made = Scenario.model_validate({"segments": [silent], "seed": 5, "face": {"noise": 0.0}, "voice": {"noise": 0.0}})
    asked: list[Emotion | None] = [None]
    leaders: dict[Modality, set[Emotion | None]] = {modality: set() for modality in Modality}
    for moment in moments(made, 0, lambda: asked[0]):
        one = moment.prediction
        if one is None:
            continue
        # One prediction of each modality is made ahead, to know which of both comes first.
        asked[0] = Emotion.FEAR if 8 * NS_PER_SECOND <= moment.offset_ns < 12 * NS_PER_SECOND else None
        if 9 * NS_PER_SECOND <= moment.offset_ns < 12 * NS_PER_SECOND:
            assert one.probabilities is not None
            leaders[one.modality].add(EMOTIONS[int(one.probabilities.argmax())])
        if moment.offset_ns >= 14 * NS_PER_SECOND and one.modality is Modality.VOICE:
            assert one.probabilities is None
    assert leaders == {modality: {Emotion.FEAR} for modality in Modality}


def test_an_emotion_passes_over_into_the_next() -> None:
    made = scenario()
    anger = EMOTIONS.index(Emotion.ANGER)
    assert felt(made, 9.9)[anger] == 0
    assert felt(made, 12.0)[anger] == pytest.approx(0.5)
    assert felt(made, 14.0)[anger] == pytest.approx(1.0)
    assert felt(made, 12.0).sum() == pytest.approx(1.0)


def test_the_more_informative_modality_is_right_more_often() -> None:
    showing = {"informativeness": 0.9, "noise": 0.8}
    made = scenario(seed=1, face=showing, voice={**showing, "informativeness": 0.1})

    def accuracy(modality: Modality) -> float:
        hits = [
            EMOTIONS[int(one.probabilities.argmax())] is Emotion.ANGER
            for one in between(said(made, modality), 18, 30)
            if one.probabilities is not None
        ]
        return float(np.mean(hits))

    assert accuracy(Modality.FACE) > 0.95
    assert accuracy(Modality.VOICE) < 0.6


def test_without_information_or_noise_nothing_is_said() -> None:
    made = scenario(face={"informativeness": 0.0, "noise": 0.0})
    for one in said(made, Modality.FACE):
        assert one.probabilities is not None
        np.testing.assert_allclose(one.probabilities, 1 / 7, atol=1e-6)


@pytest.mark.parametrize(
    ("event", "reason", "faces"),
    [
        ({"kind": "absence"}, Reason.NO_FACE, 0),
        ({"kind": "second_person"}, Reason.TWO_PEOPLE, 2),
        ({"kind": "turned_away"}, Reason.OFF_POSE, 1),
        ({"kind": "darkness", "light": 0.1}, Reason.TOO_DARK, 1),
    ],
)
def test_what_happens_to_the_face_has_its_reason_and_changes_nothing_else(
    event: dict[str, Any], reason: Reason, faces: int
) -> None:
    made = scenario({**event, "at_seconds": 5.0, "seconds": 2.0})
    predictions = said(made, Modality.FACE)
    during = between(predictions, 5, 7)
    assert reasons(during) == {(reason,)}
    assert {one.faces for one in during} == {faces}
    assert all(one.probabilities is None and one.embedding is None for one in during)
    undisturbed = said(scenario(), Modality.FACE)
    for one, other in zip(predictions, undisturbed, strict=True):
        if one.probabilities is not None:
            np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_dusk_only_lowers_the_quality() -> None:
    predictions = said(scenario({"kind": "darkness", "light": 0.5, "at_seconds": 5.0, "seconds": 2.0}), Modality.FACE)
    bright, dim = between(predictions, 0, 5), between(predictions, 5, 7)
    assert reasons(dim) == {()}
    assert dim[0].quality == pytest.approx(bright[0].quality / 2)


@pytest.mark.parametrize("kind", ["silence", "absence"])
def test_who_does_not_speak_is_not_heard(kind: str) -> None:
    made = scenario({"kind": kind, "at_seconds": 10.0, "seconds": 6.0})
    voice = said(made, Modality.VOICE)
    assert reasons(between(voice, 13, 16.1)) == {(Reason.NO_SPEECH,)}
    (half,) = between(voice, 11.5, 12)
    (full,) = between(voice, 9.5, 10)
    assert half.quality == pytest.approx(full.quality / 2)
    assert not speaking(made, 12)


def test_a_segment_may_be_silent() -> None:
    made = Scenario.model_validate({"segments": [{**CALM, "speaking": False}]})
    assert reasons(said(made, Modality.VOICE)) == {(Reason.NO_SPEECH,)}


def test_in_a_loud_room_the_voice_is_not_read() -> None:
    voice = said(scenario({"kind": "loud_room", "at_seconds": 10.0, "seconds": 2.0}), Modality.VOICE)
    assert reasons(between(voice, 10, 12)) == {(Reason.LOW_QUALITY,)}
    assert reasons(between(voice, 12, 20)) == {()}


def test_a_sensor_fails_and_comes_back() -> None:
    made = scenario(
        {"kind": "failure", "sensor": "camera", "at_seconds": 5.0, "seconds": 2.0},
        {"kind": "failure", "sensor": "microphone", "condition": "busy", "at_seconds": 6.0, "seconds": 4.0},
    )
    face = [one.timestamp_ns / NS_PER_SECOND for one in said(made, Modality.FACE)]
    assert not [time for time in face if 5 <= time < 7]
    assert 4.9 in face
    assert 7.0 in face
    voice = [one.timestamp_ns / NS_PER_SECOND for one in said(made, Modality.VOICE)]
    assert not [time for time in voice if 6 <= time < 13]  # no window spans the gap
    assert 13.0 in voice
    changes = [moment for moment in moments(made) if moment.prediction is None]
    assert [(change.offset_ns // NS_PER_SECOND, dict(change.failures)) for change in changes] == [
        (0, {}),
        (5, {SensorName.CAMERA: SensorCondition.MISSING}),
        (6, {SensorName.CAMERA: SensorCondition.MISSING, SensorName.MICROPHONE: SensorCondition.BUSY}),
        (7, {SensorName.MICROPHONE: SensorCondition.BUSY}),
        (10, {}),
    ]


def test_clock_jumps_add_up_and_leave_the_predictions_alone() -> None:
    made = scenario(
        {"kind": "clock_jump", "at_seconds": 5.0, "by_seconds": 3600.0},
        {"kind": "clock_jump", "at_seconds": 8.0, "by_seconds": -600.0},
    )
    changes = [moment for moment in moments(made) if moment.prediction is None]
    assert [change.clock_offset_ns // NS_PER_SECOND for change in changes] == [0, 3600, 3000]
    assert digest(made) == digest(scenario())


def test_a_change_comes_before_the_predictions_of_its_moment() -> None:
    made = scenario({"kind": "clock_jump", "at_seconds": 5.0, "by_seconds": 60.0})
    at_five = [moment for moment in moments(made) if moment.offset_ns == 5 * NS_PER_SECOND]
    assert [type(moment) for moment in at_five] == [Moment] * 3
    assert at_five[0].prediction is None


def test_the_day_is_the_same_day_everywhere() -> None:
    day = load_scenario("day")
    face, voice = said(day, Modality.FACE)[650], said(day, Modality.VOICE)[600]
    assert (face.timestamp_ns, voice.timestamp_ns) == (65 * NS_PER_SECOND, 303 * NS_PER_SECOND)
    assert face.probabilities is not None
    assert voice.probabilities is not None
    expected_face = [0.3067, 0.0389, 0.0165, 0.0182, 0.0335, 0.0250, 0.5612]
    expected_voice = [0.1477, 0.0877, 0.0470, 0.0977, 0.5443, 0.0386, 0.0370]
    np.testing.assert_allclose(face.probabilities, expected_face, atol=1e-4)
    np.testing.assert_allclose(voice.probabilities, expected_voice, atol=1e-4)
