"""One test a rule, that each is on the list, and that the shipped catalogue leaves something for every state of distress."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.recommend import safety
from ertedge.recommend.catalogue import load_catalogue
from ertedge.recommend.safety import RULES, Circumstances, Judgement, eligible, judge, minutes_until_quiet
from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityReview,
    AffectSummary,
    ArousalEffect,
    Emotion,
    Evidence,
    HealthCondition,
)
from tests.recommend.worlds import affect


def an_activity(
    family: ActivityFamily = ActivityFamily.RELAXATION,
    effect: ArousalEffect = ArousalEffect.LOWERS,
    *,
    arousal: tuple[float, float] = (-1.0, 1.0),
    unfit_for: tuple[HealthCondition, ...] = (),
    reviews: tuple[ActivityReview, ...] = (),
) -> Activity:
    return Activity(
        activity_id="one",
        version=1,
        language="en",
        family=family,
        title="One",
        purpose="For a test",
        emotions=(Emotion.SADNESS,),
        arousal_least=arousal[0],
        arousal_most=arousal[1],
        arousal_effect=effect,
        minutes=3.0,
        steps=(),
        evidence=Evidence("", "", ""),
        digest="0" * 64,
        contraindications=unfit_for,
        reviews=reviews,
    )


def calm(arousal: float = 0.0) -> AffectSummary:
    return replace(affect(Emotion.NEUTRAL, 15.0), valence=0.0, arousal=arousal)


def distressed(arousal: float = -0.2) -> AffectSummary:
    return replace(affect(Emotion.SADNESS, 15.0), valence=-0.5, arousal=arousal)


def why(activity: Activity, circumstances: Circumstances) -> list[str]:
    return [exclusion.rule for exclusion in judge([activity], circumstances).excluded]


def test_while_a_notice_is_open_nothing_is_suggested() -> None:
    harmless = an_activity()
    assert why(harmless, Circumstances(calm(), notice_open=True)) == ["gives_way_to_a_notice"]
    assert why(harmless, Circumstances(calm())) == []


def test_one_condition_in_common_is_enough() -> None:
    unfit = an_activity(unfit_for=(HealthCondition.EPILEPSY, HealthCondition.EATING_DISORDER))
    conditions = frozenset({HealthCondition.EATING_DISORDER, HealthCondition.PREGNANCY})
    told = judge([unfit], Circumstances(calm(), conditions)).excluded
    assert [(each.activity_id, each.rule) for each in told] == [("one", "is_not_contraindicated")]
    assert "eating disorder" in told[0].sentence
    assert why(unfit, Circumstances(calm(), frozenset({HealthCondition.PREGNANCY}))) == []


def test_only_reviewed_activities_where_that_is_asked() -> None:
    signed = an_activity(reviews=(ActivityReview("one", "en", 1, "0" * 64, "A", "psychologist", 1),))
    assert why(an_activity(), Circumstances(calm(), reviewed_only=True)) == ["is_reviewed_where_that_is_asked"]
    assert why(signed, Circumstances(calm(), reviewed_only=True)) == []


def test_nothing_enlivens_at_high_arousal() -> None:
    enlivening = an_activity(effect=ArousalEffect.RAISES)
    assert why(enlivening, Circumstances(calm(arousal=0.3))) == ["raises_no_arousal_that_is_high"]
    assert why(enlivening, Circumstances(calm(arousal=0.29))) == []
    assert why(an_activity(), Circumstances(calm(arousal=0.9))) == []


@pytest.mark.parametrize(("arousal", "fits"), [(0.55, False), (0.45, True), (-0.45, True), (-0.55, False)])
def test_nothing_far_outside_its_range_of_arousal(arousal: float, fits: bool) -> None:
    narrow = an_activity(arousal=(-0.2, 0.2))
    assert why(narrow, Circumstances(calm(arousal))) == ([] if fits else ["suits_the_arousal"])


def test_what_is_not_known_of_arousal_excludes_nothing() -> None:
    unseen = replace(calm(arousal=0.9), known_share=0.05)
    assert why(an_activity(effect=ArousalEffect.RAISES, arousal=(-1.0, -0.5)), Circumstances(unseen)) == []


def test_nothing_that_exposes_in_distress_that_lasts() -> None:
    exposing = an_activity(ActivityFamily.JOURNALING, ArousalEffect.KEEPS, unfit_for=(HealthCondition.TRAUMA,))
    assert why(exposing, Circumstances(distressed())) == ["exposes_nobody_in_distress"]
    assert why(exposing, Circumstances(replace(distressed(), emotion_minutes=9.0))) == []
    assert why(exposing, Circumstances(replace(distressed(), confidence=0.4))) == []
    assert why(exposing, Circumstances(replace(distressed(), valence=-0.3))) == []
    assert why(exposing, Circumstances(calm())) == []


@pytest.mark.parametrize("family", [ActivityFamily.REFRAMING, ActivityFamily.PROBLEM_SOLVING])
def test_no_hard_thinking_in_aroused_distress(family: ActivityFamily) -> None:
    hard = an_activity(family, ArousalEffect.KEEPS)
    assert why(hard, Circumstances(distressed(arousal=0.4))) == ["asks_no_hard_thinking_in_aroused_distress"]
    assert why(hard, Circumstances(distressed(arousal=-0.2))) == []
    assert why(hard, Circumstances(calm(arousal=0.4))) == []


def test_nothing_enlivens_close_to_or_within_quiet_hours() -> None:
    enlivening = an_activity(effect=ArousalEffect.RAISES)
    for minutes in (0.0, 60.0):
        late = Circumstances(calm(), minutes_until_quiet=minutes)
        assert why(enlivening, late) == ["enlivens_nobody_before_quiet_hours"]
        assert why(an_activity(), late) == []
    assert why(enlivening, Circumstances(calm(), minutes_until_quiet=61.0)) == []
    assert why(enlivening, Circumstances(calm())) == []


def test_sleep_is_suggested_from_the_evening_on_and_at_night() -> None:
    sleep = an_activity(family=ActivityFamily.SLEEP)
    for minutes in (0.0, 60.0, 180.0):
        assert why(sleep, Circumstances(calm(), minutes_until_quiet=minutes)) == []
    assert why(sleep, Circumstances(calm(), minutes_until_quiet=181.0)) == ["keeps_sleep_for_the_evening"]
    assert why(an_activity(), Circumstances(calm(), minutes_until_quiet=181.0)) == []
    # Without quiet hours nothing tells when the evening is.
    assert why(sleep, Circumstances(calm(), minutes_until_quiet=float("inf"))) == []
    assert why(sleep, Circumstances(calm())) == []


@pytest.mark.parametrize(
    ("hour", "quiet_from", "quiet_until", "minutes"),
    [
        (21.0, "22:00", "07:00", 60.0),
        (22.0, "22:00", "07:00", 0.0),
        (3.5, "22:00", "07:00", 0.0),
        (7.0, "22:00", "07:00", 900.0),
        (12.5, "13:00", "14:30", 30.0),
        (14.5, "13:00", "14:30", 1350.0),
        (5.0, "00:00", "00:00", float("inf")),
    ],
)
def test_minutes_until_quiet_hours(hour: float, quiet_from: str, quiet_until: str, minutes: float) -> None:
    assert minutes_until_quiet(hour, quiet_from, quiet_until) == minutes


def test_several_rules_may_speak_and_the_order_of_the_others_stays() -> None:
    bad = replace(an_activity(effect=ArousalEffect.RAISES, arousal=(-1.0, 0.0)), activity_id="bad")
    good = [replace(an_activity(), activity_id=name) for name in ("c", "a", "b")]
    told: Judgement = judge([good[0], bad, *good[1:]], Circumstances(calm(arousal=0.8)))
    assert [activity.activity_id for activity in told.allowed] == ["c", "a", "b"]
    assert {each.rule for each in told.excluded} == {"raises_no_arousal_that_is_high", "suits_the_arousal"}
    assert all(each.activity_id == "bad" and each.sentence for each in told.excluded)


def test_every_rule_of_the_file_is_on_the_list_and_says_why_it_is_there() -> None:
    public = {
        name
        for name, thing in vars(safety).items()
        if callable(thing)
        and getattr(thing, "__module__", "") == safety.__name__
        and name[0].islower()
        and name[0] != "_"
    }
    helpers = {"eligible", "judge", "is_distressed", "minutes_until_quiet"}
    assert public - helpers == {rule.__name__ for rule in RULES}
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize("emotion", [Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER])
@pytest.mark.parametrize("arousal", [-0.4, 0.0, 0.5])
def test_the_shipped_catalogue_leaves_something_calming_in_any_distress(emotion: Emotion, arousal: float) -> None:
    summary = replace(distressed(arousal), emotion=emotion)
    left = eligible(load_catalogue().activities(), summary, (), reviewed_only=False)
    assert any(activity.arousal_effect is ArousalEffect.LOWERS for activity in left)
    assert not any(activity.arousal_effect is ArousalEffect.RAISES for activity in left if arousal >= 0.3)


def test_nobody_writes_about_what_hurts_most_while_distress_is_high() -> None:
    catalogue = load_catalogue()
    told = judge(catalogue.activities(), Circumstances(distressed())).excluded
    for activity_id in ("expressive-writing", "unsent-letter"):
        assert "exposes_nobody_in_distress" in [each.rule for each in told if each.activity_id == activity_id]
        assert why(catalogue.get(activity_id), Circumstances(calm())) == []
