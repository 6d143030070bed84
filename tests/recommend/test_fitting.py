"""What fits the way a person feels: by its entry, by what they said of it, and everything where that is too little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.recommend.catalogue import load_catalogue
from ertedge.recommend.fitting import FITTING_LEAST, fitting
from ertedge.types import EMOTIONS, Activity, Emotion
from tests.recommend.worlds import activity, affect, suggestion


def activities(*emotions: Emotion) -> tuple[Activity, ...]:
    return tuple(activity(f"a{i}", emotions=(each,)) for i, each in enumerate(emotions))


SAD, ANGRY = Emotion.SADNESS, Emotion.ANGER


def test_an_offer_is_for_the_emotion_that_leads() -> None:
    catalogue = activities(SAD, ANGRY, SAD, SAD, ANGRY)
    assert [a.activity_id for a in fitting(catalogue, affect(SAD), ())] == ["a0", "a2", "a3"]


def test_what_helped_a_person_fits_them_until_they_say_otherwise() -> None:
    catalogue = activities(SAD, ANGRY, SAD, SAD)
    helped = suggestion(1, 9.0, "a1", helpfulness=4)
    assert len(fitting(catalogue, affect(SAD), (helped,))) == 4
    assert len(fitting(catalogue, affect(SAD), (helped, replace(helped, helpfulness=3)))) == 3
    unrated = replace(helped, helpfulness=0)
    assert len(fitting(catalogue, affect(SAD), (helped, unrated))) == 4


def test_where_nothing_leads_or_too_little_fits_there_is_every_activity() -> None:
    catalogue = activities(*[SAD] * (FITTING_LEAST - 1), ANGRY)
    assert fitting(catalogue, affect(SAD), ()) == catalogue
    assert fitting(catalogue, affect(Emotion.UNKNOWN), ()) == catalogue


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_the_shipped_catalogue_has_a_choice_for_every_emotion(emotion: Emotion) -> None:
    shipped = load_catalogue().activities()
    found = fitting(shipped, affect(emotion), ())
    assert FITTING_LEAST <= len(found) < len(shipped)
    assert all(emotion in activity.emotions for activity in found)
