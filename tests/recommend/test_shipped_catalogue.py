"""What the catalogue that comes with ertedge holds: enough for every feeling, careful, and in both languages."""

from __future__ import annotations

import pytest

from ertedge.recommend.catalogue import Catalogue, load_catalogue
from ertedge.types import EMOTIONS, ActivityFamily, ArousalEffect, Emotion, HealthCondition, StepKind

HIGH_AROUSAL = 0.8
NO_FIGURE = (
    "none stands here",
    "no single figure",
    "no figure",
    "No figure",
    "No pooled",
    "no pooled",
    "no power of its own",
    "no Hedges' g",
)
COMPARED = ("against", "Against", "compared with", "The control is")
NEGATIVE = (Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR, Emotion.DISGUST)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_it_is_large_enough_and_every_family_has_a_choice(catalogue: Catalogue) -> None:
    activities = catalogue.activities()
    assert len(activities) >= 52
    for family in ActivityFamily:
        assert sum(a.family is family for a in activities) >= 4, family


def test_nothing_is_reviewed_as_it_ships(catalogue: Catalogue) -> None:
    for language in catalogue.languages:
        assert not any(activity.reviews for activity in catalogue.activities(language))


def test_german_is_whole_and_marked_as_drafted_by_a_machine(catalogue: Catalogue) -> None:
    assert catalogue.languages == ("de", "en")
    english, german = catalogue.activities("en"), catalogue.activities("de")
    assert [a.activity_id for a in german] == [a.activity_id for a in english]
    assert all(a.language == "de" and a.machine_drafted for a in german)
    assert not any(a.machine_drafted for a in english)
    for original, translation in zip(english, german, strict=True):
        assert original.digest != translation.digest
        assert original.purpose != translation.purpose
        assert original.evidence.note != translation.evidence.note
        same = [a.show for a, b in zip(original.steps, translation.steps, strict=True) if a.show == b.show]
        assert not same, (original.activity_id, same)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_has_activities_at_every_usual_arousal(catalogue: Catalogue, emotion: Emotion) -> None:
    fitting = [a for a in catalogue.activities() if emotion in a.emotions]
    for arousal in (-0.5, -0.2, 0.0, 0.3):
        assert sum(a.arousal_least <= arousal <= a.arousal_most for a in fitting) >= 3, arousal


@pytest.mark.parametrize("emotion", NEGATIVE)
def test_a_negative_emotion_at_high_arousal_has_something_that_lowers_it(
    catalogue: Catalogue, emotion: Emotion
) -> None:
    calming = [
        a
        for a in catalogue.activities()
        if emotion in a.emotions
        and a.arousal_least <= HIGH_AROUSAL <= a.arousal_most
        and a.arousal_effect is ArousalEffect.LOWERS
    ]
    assert len(calming) >= 3
    assert any(HealthCondition.RESPIRATORY not in a.contraindications for a in calming)


@pytest.mark.parametrize("condition", HealthCondition)
def test_a_single_health_condition_leaves_a_choice_for_every_emotion(
    catalogue: Catalogue, condition: HealthCondition
) -> None:
    for emotion in EMOTIONS:
        left = [a for a in catalogue.activities() if emotion in a.emotions and condition not in a.contraindications]
        assert len(left) >= 5, emotion


def test_body_and_inner_pictures_are_kept_from_those_whom_they_may_harm(catalogue: Catalogue) -> None:
    for activity_id in ("body-scan", "safe-place"):
        assert {HealthCondition.TRAUMA, HealthCondition.DISSOCIATION} <= set(
            catalogue.get(activity_id).contraindications
        )
    assert HealthCondition.BIPOLAR in catalogue.get("up-again").contraindications
    assert HealthCondition.BEREAVEMENT in catalogue.get("three-good-things").contraindications
    assert HealthCondition.MUSCULOSKELETAL in catalogue.get("muscle-relaxation").contraindications
    for activity in catalogue.activities():
        if any(step.kind is StepKind.HOLD for step in activity.steps):
            assert HealthCondition.PREGNANCY in activity.contraindications


def test_every_figure_says_against_what_and_stands_in_its_note(catalogue: Catalogue) -> None:
    for activity in catalogue.activities():
        size = activity.evidence.effect_size
        if size is None:
            assert any(word in activity.evidence.note for word in NO_FIGURE), activity.activity_id
        else:
            assert f"{size:.2f}" in activity.evidence.note, activity.activity_id
            assert any(word in activity.evidence.note for word in COMPARED), activity.activity_id


def test_the_figures_are_modest(catalogue: Catalogue) -> None:
    sizes = [a.evidence.effect_size for a in catalogue.activities() if a.evidence.effect_size is not None]
    assert len(sizes) >= 20
    assert all(0 < size <= 0.8 for size in sizes)


def test_journaling_has_a_prompt_to_write_to(catalogue: Catalogue) -> None:
    for language in catalogue.languages:
        for activity in catalogue.activities(language):
            if activity.family is ActivityFamily.JOURNALING:
                assert activity.journaling_prompt
