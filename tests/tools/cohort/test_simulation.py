"""Simulated people: reproducible, the same whoever decides, and with the effects that their parameters say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.types import (
    EMOTIONS,
    Activity,
    ActivityFamily,
    ArousalEffect,
    DecisionContext,
    Emotion,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tests.tools.cohort.activities import activity, small_catalogue
from tools.baselines.simple import RandomChooser
from tools.cohort.effects import match
from tools.cohort.mood import MoodGenerator
from tools.cohort.parameters import Draw, GeneratorName, World, draw_world, load_parameters
from tools.cohort.people import ActivityArrays, SimulatedPerson
from tools.cohort.perception import Perception, emotion_probabilities
from tools.cohort.records import PersonLog
from tools.cohort.schedule import REQUESTS_A_DAY, draw_moments, slot_hours
from tools.cohort.simulation import make_people, simulate
from tools.cohort.switching import SwitchingGenerator, SwitchingPerson

ACTIVITIES = small_catalogue()
GENERATORS = list(GeneratorName)


class AlwaysFirst(RandomChooser):
    """Offers the same as long as it may."""

    name = "always first"

    def choose(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> tuple[int, float]:
        return 0, 1.0


def mean_world(generator: GeneratorName, **values: float) -> World:
    """The middle of every training range, but for what is set."""
    middle = {p.name: sum(p.training) / 2 for p in load_parameters(generator)}
    return World.of(**middle).but(**values)


def people_of(generator: GeneratorName, world: World, count: int = 20, seed: int = 3) -> list[SimulatedPerson]:
    maker = MoodGenerator(world) if generator is GeneratorName.MOOD else SwitchingGenerator(world)
    return maker.people(count, 4, ACTIVITIES, np.random.default_rng(seed))


def gains(logs: Sequence[PersonLog]) -> list[float]:
    return [one.true_helpfulness for log in logs for one in log.decisions]


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_seed_makes_the_same_cohort_and_another_seed_another(generator: GeneratorName) -> None:
    first, again, other = (simulate(generator, 4, 1, seed, RandomChooser(), ACTIVITIES) for seed in (1, 1, 2))
    assert [log.suggestions for log in first] == [log.suggestions for log in again]
    assert gains(first) == gains(again)
    assert gains(first) != gains(other)


@pytest.mark.parametrize("generator", GENERATORS)
def test_everybody_who_decides_meets_the_same_moments(generator: GeneratorName) -> None:
    by_chance, by_habit = (simulate(generator, 5, 2, 7, who, ACTIVITIES) for who in (RandomChooser(), AlwaysFirst()))
    for one, other in zip(by_chance, by_habit, strict=True):
        assert [d.context.wall_time_ns for d in one.decisions] == [d.context.wall_time_ns for d in other.decisions]
        assert [s.trigger for s in one.suggestions] == [s.trigger for s in other.suggestions]
        # Before anything was done they also feel and are seen the same.
        assert one.decisions[0].context.affect.valence == other.decisions[0].context.affect.valence


@pytest.mark.parametrize("generator", GENERATORS)
def test_logs_are_what_the_device_would_write(generator: GeneratorName) -> None:
    for log in simulate(generator, 6, 2, 11, RandomChooser(), ACTIVITIES):
        assert [d.history_length for d in log.decisions] == list(range(len(log.suggestions)))
        for one in log.decisions:
            affect, offer = one.context.affect, one.suggestion
            assert affect.probabilities.shape == (len(EMOTIONS),)
            assert float(affect.probabilities.sum()) == pytest.approx(1, abs=1e-5)
            assert (affect.emotion is Emotion.UNKNOWN) == (affect.emotion_minutes == 0)
            assert -1 <= affect.valence <= 1
            assert -1 <= one.true_helpfulness <= 1
            assert offer.activity_id in one.eligible
            assert offer.propensity == pytest.approx(1 / len(one.eligible))
            assert (offer.valence_after is not None) == (offer.status is SuggestionStatus.COMPLETED)
            assert offer.helpfulness == 0 or offer.status is SuggestionStatus.COMPLETED
            assert 7 <= one.context.hour < 22
            assert one.context.weekday == (one.context.day - 1) % 7


def test_offers_are_as_frequent_as_the_device_allows() -> None:
    rng = np.random.default_rng(0)
    hours = slot_hours(700, rng)
    moments = draw_moments(hours, rng.standard_normal(hours.shape), rng)
    asked = sum(moment.trigger is Trigger.REQUEST for moment in moments) / 700
    unasked = len(moments) / 700 - asked
    assert asked == pytest.approx(REQUESTS_A_DAY, abs=0.1)
    assert 1.3 < unasked <= 1.55
    times = np.array([24 * moment.day + moment.hour for moment in moments])
    assert np.diff(times).min() >= 1.5 - 1e-9


def test_a_bad_mood_draws_decision_points() -> None:
    rng = np.random.default_rng(0)
    hours = slot_hours(400, rng)
    badness = rng.standard_normal(hours.shape)
    moments = draw_moments(hours, badness, rng)
    assert np.mean([badness[moment.day, moment.slot] for moment in moments]) > 0.4


@pytest.mark.parametrize(
    ("generator", "less", "more"),
    [
        (GeneratorName.MOOD, {"habituation": 0.0}, {"habituation": 0.2}),
        (GeneratorName.SWITCHING, {"wear": 0.0}, {"wear": 0.4}),
    ],
)
def test_what_is_repeated_helps_less_and_recovers(
    generator: GeneratorName, less: dict[str, float], more: dict[str, float]
) -> None:
    def drop(values: dict[str, float]) -> float:
        """How much less the first activity helps those who were offered it each time than those who never were."""
        world = mean_world(generator, **values)
        if generator is GeneratorName.MOOD:
            world = world.but(after_shift=0.0)
        fresh, used = (
            [_helpfulness_of_first(person, offer=offer) for person in people_of(generator, world)]
            for offer in (False, True)
        )
        return float(np.mean(np.array(fresh)[:, 10:] - np.array(used)[:, 10:]))

    assert drop(less) == pytest.approx(0, abs=0.02)
    assert drop(more) > 0.05


def _helpfulness_of_first(person: SimulatedPerson, *, offer: bool) -> list[float]:
    found: list[float] = []
    for number in range(30):
        found.append(float(person.truth(number).helpfulness[0]))
        if offer:
            person.respond(number, 0)
    return found


def test_wear_recovers_with_time() -> None:
    world = mean_world(GeneratorName.SWITCHING, wear=0.45, recovery_days=3.0)
    person = people_of(GeneratorName.SWITCHING, world, count=1)[0]
    assert isinstance(person, SwitchingPerson)
    assert any(person.respond(number, 0).finished for number in range(20))
    assert person.freshness[0] < 0.9
    person.context(len(person.moments) - 1)
    assert person.freshness[0] > 0.95
    assert person.freshness[1] == 1.0


def test_to_whom_nothing_helps_nothing_helps() -> None:
    world = mean_world(GeneratorName.MOOD, emotion_sd=0.0, hour_sd=0.0, match_weight=0.0, habituation=0.0)
    responding = people_of(GeneratorName.MOOD, world.but(nonresponse_share=0.0))
    not_responding = people_of(GeneratorName.MOOD, world.but(nonresponse_share=1.0, nonresponse_factor=0.0))

    def size(people: list[SimulatedPerson]) -> float:
        return float(np.mean([np.abs(person.truth(0).helpfulness) for person in people]))

    assert size(not_responding) == pytest.approx(0, abs=1e-12)
    assert size(responding) > 0.1


def test_an_activity_fits_the_emotions_and_the_arousal_that_it_is_for() -> None:
    calm = replace(activity(9, ActivityFamily.RELAXATION), arousal_least=-1.0, arousal_most=-0.2)
    arrays = ActivityArrays.of((*ACTIVITIES, calm))
    fear, sadness = (np.eye(7)[EMOTIONS.index(emotion)] for emotion in (Emotion.FEAR, Emotion.SADNESS))
    relaxation = [i for i, one in enumerate(ACTIVITIES) if one.family is ActivityFamily.RELAXATION]
    activation = [i for i, one in enumerate(ACTIVITIES) if one.family is ActivityFamily.ACTIVATION]
    assert match(arrays, fear)[relaxation] == pytest.approx(1)
    assert match(arrays, fear)[activation] == pytest.approx(0.4)
    assert match(arrays, sadness)[activation] == pytest.approx(1)
    # Fear stands at an arousal of 0.6, far above what the last one is made for.
    assert match(arrays, fear)[-1] < 0.65


def test_published_effects_are_kept_and_unknown_ones_are_assumed() -> None:
    world = mean_world(
        GeneratorName.MOOD,
        **dict.fromkeys(("activity_sd", "family_sd", "personal_sd", "emotion_sd", "hour_sd", "match_weight"), 0.0),
        nonresponse_share=0.0,
        evening_sleep=0.0,
        effect_scale=0.5,
        effect_unknown=0.2,
    )
    catalogue = (
        activity(0, ActivityFamily.RELAXATION, effect=0.6),
        activity(1, ActivityFamily.RELAXATION, effect=None),
    )
    (person,) = MoodGenerator(world).people(1, 1, catalogue, np.random.default_rng(0))
    assert person.truth(0).helpfulness == pytest.approx([0.3, 0.1])


def test_long_activities_are_begun_less_and_requests_more() -> None:
    catalogue = (
        activity(0, ActivityFamily.RELAXATION, minutes=3),
        activity(1, ActivityFamily.RELAXATION, minutes=30),
    )
    for generator, maker in ((GeneratorName.MOOD, MoodGenerator), (GeneratorName.SWITCHING, SwitchingGenerator)):
        people = maker(mean_world(generator)).people(20, 2, catalogue, np.random.default_rng(1))
        uptake = np.array([person.truth(n).uptake for person in people for n in range(len(person.moments))])
        asked = np.array([moment.trigger is Trigger.REQUEST for person in people for moment in person.moments])
        assert uptake[:, 0].mean() > uptake[:, 1].mean() + 0.05
        assert uptake[asked, 0].mean() > uptake[~asked, 0].mean() + 0.1


def test_offers_in_vain_weary() -> None:
    for generator, knob in ((GeneratorName.MOOD, "uptake_weary"), (GeneratorName.SWITCHING, "fatigue")):
        means = []
        for value in (0.0, -1.0 if generator is GeneratorName.MOOD else 1.0):
            world = mean_world(generator, **{knob: value})
            logs = simulate(generator, 20, 2, 5, RandomChooser(), ACTIVITIES, world=world)
            means.append(np.mean([s.status is SuggestionStatus.COMPLETED for log in logs for s in log.suggestions]))
        assert means[1] < means[0] - 0.05


def test_activities_that_raise_high_arousal_are_never_offered() -> None:
    raising = tuple(replace(one, arousal_effect=ArousalEffect.RAISES) for one in ACTIVITIES[:6]) + ACTIVITIES[6:]
    logs = simulate("mood", 20, 2, 5, RandomChooser(), raising)
    decisions = [one for log in logs for one in log.decisions if one.context.affect.known_share > 0.1]
    aroused = [one for one in decisions if one.context.affect.arousal >= 0.3]
    assert aroused
    assert all(not set(d.eligible) & {one.activity_id for one in raising[:6]} for d in aroused)


def test_the_device_sees_as_well_as_it_is_said_to() -> None:
    for right in (0.55, 0.7, 0.82):
        confusion = Perception.seeing(right, 0.1).confusion
        assert np.diag(confusion).mean() == pytest.approx(right, abs=0.01)
        assert confusion.sum(axis=1) == pytest.approx(1)
        assert confusion.min() >= 0


def test_sliders_show_in_the_emotion_of_their_name() -> None:
    leading = []
    for slider in range(4):
        sliders = np.zeros(7)
        sliders[slider] = 2.5
        leading.append(EMOTIONS[int(emotion_probabilities(sliders).argmax())])
    assert leading == [Emotion.HAPPINESS, Emotion.SADNESS, Emotion.ANGER, Emotion.NEUTRAL]


def test_every_assumption_says_where_it_comes_from() -> None:
    for generator in GENERATORS:
        for parameter in load_parameters(generator):
            assert parameter.meaning, parameter.name
            assert parameter.source, parameter.name
    assert all(parameter.shifted is not None for parameter in load_parameters(GeneratorName.MOOD))


def test_shifted_worlds_lie_partly_outside_of_the_training_ranges() -> None:
    outside = 0
    for parameter in load_parameters(GeneratorName.MOOD):
        assert parameter.shifted is not None
        middle = sum(parameter.shifted) / 2
        outside += not parameter.training[0] < middle < parameter.training[1]
    assert outside >= 10
    rng = np.random.default_rng(0)
    world = draw_world(GeneratorName.MOOD, Draw.SHIFTED, rng)
    for parameter in load_parameters(GeneratorName.MOOD):
        assert parameter.shifted is not None
        assert parameter.shifted[0] <= world[parameter.name] <= parameter.shifted[1]


def test_the_second_generator_has_no_shifted_ranges() -> None:
    with pytest.raises(ConfigurationError, match="switching"):
        next(make_people("switching", 1, 1, 1, ACTIVITIES, draw="shifted"))


def test_wrong_parameters_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "parameters.toml"
    path.write_text('[mood.one]\ntraining = [2.0, 1.0]\n[mood.two]\nmeaning = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"mood\.one.*mood\.two"):
        load_parameters(GeneratorName.MOOD, path)


def test_the_second_generator_moves_in_regimes_that_last() -> None:
    person = people_of(GeneratorName.SWITCHING, mean_world(GeneratorName.SWITCHING, dwell_hours=9.0), count=1)[0]
    assert isinstance(person, SwitchingPerson)
    regime = person.path.regime
    stays = np.mean(regime[:, 1:] == regime[:, :-1])
    assert 0.6 < stays < 0.97
    assert len(np.unique(regime)) >= 4
