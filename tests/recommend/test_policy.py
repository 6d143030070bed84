"""The policy: its decision points and rules one by one, and what must hold over weeks of synthetic days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ertedge.config import SuggestionSettings
from ertedge.recommend.past_offers import due_again
from ertedge.recommend.policy import OFFER_LEAST, OFFER_MOST, Policy
from ertedge.types import (
    AffectSummary,
    Decision,
    DecisionContext,
    Emotion,
    SilenceReason,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tests.recommend.worlds import (
    DAY,
    FIRST_DAY,
    FIRST_WALL,
    HOUR,
    MINUTE,
    Answer,
    Life,
    activities,
    affect,
    belief,
    context_at,
    ignores,
    live,
    suggestion,
    takes_up,
    wavers,
)

SETTINGS = SuggestionSettings()
CHOICES = activities(8)
SAD = affect(Emotion.SADNESS, 5.0)


def decide(
    context: DecisionContext,
    history: Sequence[Suggestion] = (),
    *,
    trigger: Trigger = Trigger.SUSTAINED_STATE,
    settings: SuggestionSettings = SETTINGS,
    safety_open: bool = False,
    anything_fits: bool = True,
    seed: int = 0,
) -> Decision:
    choices = CHOICES if anything_fits else ()
    return Policy(settings, np.random.default_rng(seed)).decide(
        trigger, context, history, choices, belief(choices), decision_id=7, safety_open=safety_open, model="m"
    )


def trigger_at(
    context: DecisionContext, decisions: Sequence[Decision] = (), settings: SuggestionSettings = SETTINGS
) -> Trigger | None:
    return Policy(settings, np.random.default_rng(0)).trigger(context, decisions)


def decided(hours: float, summary: AffectSummary, trigger: Trigger = Trigger.SUSTAINED_STATE) -> Decision:
    return Decision(1, context_at(hours, summary), trigger, 0.5, (), "", SilenceReason.CHANCE, "", "")


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (affect(Emotion.SADNESS, 2.1), Trigger.SUSTAINED_STATE),
        (affect(Emotion.ANGER, 2.1), Trigger.SUSTAINED_STATE),
        (affect(Emotion.FEAR, 60.0), Trigger.SUSTAINED_STATE),
        (affect(Emotion.DISGUST, 2.1), Trigger.SUSTAINED_STATE),
        (affect(Emotion.SADNESS, 1.9), None),
        (affect(Emotion.SADNESS, 2.1, confidence=0.45), None),
        (affect(Emotion.HAPPINESS, 60.0), None),
        (affect(Emotion.NEUTRAL, 60.0), None),
        (affect(Emotion.UNKNOWN, 0.0), None),
    ],
)
def test_only_a_lasting_sure_unpleasant_state_is_a_decision_point(
    summary: AffectSummary, expected: Trigger | None
) -> None:
    assert trigger_at(context_at(9.0, summary)) is expected


def test_a_stretch_is_one_decision_point_until_it_ends_or_the_gap_has_passed() -> None:
    first = [decided(9.0, affect(Emotion.SADNESS, 2.0))]
    assert trigger_at(context_at(9.1, affect(Emotion.SADNESS, 8.0)), first) is None
    assert trigger_at(context_at(10.4, affect(Emotion.SADNESS, 86.0)), first) is None
    assert trigger_at(context_at(10.6, affect(Emotion.SADNESS, 98.0)), first) is Trigger.SUSTAINED_STATE
    assert trigger_at(context_at(9.5, affect(Emotion.SADNESS, 3.0)), first) is Trigger.SUSTAINED_STATE
    assert trigger_at(context_at(9.1, affect(Emotion.FEAR, 3.0)), first) is Trigger.SUSTAINED_STATE
    no_gap = SuggestionSettings(gap_minutes=0.0)
    assert trigger_at(context_at(9.01, affect(Emotion.SADNESS, 2.6)), first, no_gap) is None


def test_a_check_in_waits_for_somebody_to_be_there() -> None:
    assert trigger_at(context_at(11.1)) is Trigger.CHECK_IN
    assert trigger_at(context_at(11.1, affect(Emotion.UNKNOWN, known_share=0.0))) is None
    assert trigger_at(context_at(11.1), [decided(11.0, affect(), Trigger.CHECK_IN)]) is None


def test_a_trial_has_no_other_decision_points() -> None:
    trial = SuggestionSettings(micro_randomised=True)
    assert trigger_at(context_at(11.95, affect(Emotion.SADNESS, 30.0)), (), trial) is Trigger.MICRO_RANDOMISED
    taken = [decided(11.5, affect(), Trigger.MICRO_RANDOMISED)]
    assert trigger_at(context_at(11.95, affect(Emotion.SADNESS, 30.0)), taken, trial) is None


OFFERED, SNOOZED, STARTED = SuggestionStatus.OFFERED, SuggestionStatus.SNOOZED, SuggestionStatus.STARTED
DONE, EXPIRED, DISMISSED = SuggestionStatus.COMPLETED, SuggestionStatus.EXPIRED, SuggestionStatus.DISMISSED


def snoozed(hours: float, until_hours: float) -> Suggestion:
    made = suggestion(1, hours, status=SNOOZED)
    return replace(made, snooze_until_wall_time_ns=FIRST_WALL + round(until_hours * HOUR))


def taken_back(number: int, hours: float) -> Suggestion:
    """Expired before its time, when a safety notice opened, say."""
    return replace(suggestion(number, hours, status=EXPIRED), update_wall_time_ns=FIRST_WALL + round(hours * HOUR) + 1)


def daily(count: int, days: int, *, status: SuggestionStatus = DONE, last_day: int = 9) -> list[Suggestion]:
    """``count`` a day at noon and after, on the days up to ``last_day``."""
    hours = [(last_day - d) * 24 + 12.0 + i for d in reversed(range(days)) for i in range(count)]
    return [suggestion(i, h, status=status) for i, h in enumerate(hours)]


@pytest.mark.parametrize(
    ("hours", "history", "reason"),
    [
        (23.0, [], SilenceReason.QUIET_HOURS),
        (6.9, [], SilenceReason.QUIET_HOURS),
        (12.2, [suggestion(1, 12.0, status=OFFERED)], SilenceReason.PENDING_OFFER),
        (14.0, [suggestion(1, 12.0, status=STARTED)], SilenceReason.PENDING_OFFER),
        (14.0, [snoozed(12.0, 13.5)], SilenceReason.PENDING_OFFER),
        (13.0, [snoozed(12.0, 13.5)], SilenceReason.SNOOZED),
        (13.4, [suggestion(1, 12.0)], SilenceReason.MINIMUM_GAP),
        (13.4, [suggestion(1, 12.0, trigger=Trigger.REQUEST)], SilenceReason.MINIMUM_GAP),
        (14.5, [suggestion(i, 9.0 + i, status=EXPIRED) for i in (1, 2, 3)], SilenceReason.STEPPED_BACK),
        (21.0, [suggestion(i, 7.5 + 3 * i) for i in range(3)], SilenceReason.BUDGET_SPENT),
        (9 * 24 + 20.0, daily(2, 5), SilenceReason.BUDGET_SPENT),
        (10.9, [suggestion(1, 7.1), suggestion(2, 9.0)], SilenceReason.BUDGET_SPREAD),
    ],
)
def test_every_rule_forbids_and_is_named(hours: float, history: list[Suggestion], reason: SilenceReason) -> None:
    for seed in range(5):
        decision = decide(context_at(hours, SAD), history, seed=seed)
        assert (decision.silence, decision.offer_propensity, decision.chosen) == (reason, 0.0, "")
        assert decision.candidates == ()
    asked = decide(context_at(hours, SAD), history, trigger=Trigger.REQUEST)
    assert asked.chosen
    assert (asked.silence, asked.offer_propensity) == (None, 1.0)


@pytest.mark.parametrize(
    ("hours", "history"),
    [
        (12.6, [suggestion(1, 10.0, status=OFFERED)]),  # nobody answered, and nobody has said so yet
        (18.0, [suggestion(1, 12.0, status=STARTED)]),  # begun and left
        (13.6, [suggestion(1, 12.0)]),
        (14.5, [suggestion(1, 12.0, status=EXPIRED)]),
        (33.1, [suggestion(i, 18.0 + i, status=EXPIRED) for i in (1, 2, 3)]),
        (33.1, [*[suggestion(i, 15.0 + i, status=EXPIRED) for i in range(6)], suggestion(6, 31.1, status=DONE)]),
        (33.1, [taken_back(i, 18.0 + i) for i in range(6)]),
        (12.1, [suggestion(1, 7.1), suggestion(2, 9.0)]),
        (9 * 24 + 20.0, daily(1, 9)),
        (9 * 24 + 20.0, daily(3, 9, last_day=2)),
        (21.0, [suggestion(i, 7.5 + 3 * i, trigger=Trigger.REQUEST) for i in range(3)]),
    ],
)
def test_what_no_rule_forbids_is_never_certain_either_way(hours: float, history: list[Suggestion]) -> None:
    decision = decide(context_at(hours, SAD), history)
    assert OFFER_LEAST <= decision.offer_propensity <= OFFER_MOST
    assert decision.silence in (None, SilenceReason.CHANCE)
    assert sum(each.propensity for each in decision.candidates) == pytest.approx(1.0, abs=1e-12)


def test_safety_stands_before_everything_and_paused_is_said() -> None:
    for trigger in Trigger:
        decision = decide(context_at(12.0, SAD), trigger=trigger, safety_open=True)
        assert (decision.silence, decision.offer_propensity) == (SilenceReason.SAFETY, 0.0)
    off = SuggestionSettings(enabled=False)
    assert decide(context_at(12.0, SAD), settings=off).silence is SilenceReason.PAUSED
    assert decide(context_at(12.0, SAD), settings=off, trigger=Trigger.REQUEST).chosen


def test_where_nothing_fits_nothing_is_offered_even_when_asked() -> None:
    for trigger in Trigger:
        decision = decide(context_at(12.0, SAD), trigger=trigger, anything_fits=False)
        assert (decision.silence, decision.offer_propensity) == (SilenceReason.NOTHING_FITS, 0.0)


def test_nobody_there_is_offered_nothing() -> None:
    nobody = affect(Emotion.UNKNOWN, known_share=0.0)
    decision = decide(context_at(12.0, nobody), trigger=Trigger.MICRO_RANDOMISED)
    assert (decision.silence, decision.offer_propensity) == (SilenceReason.UNAVAILABLE, 0.0)


def test_a_forecast_is_only_made_where_it_is_needed() -> None:
    def refuse() -> None:
        raise AssertionError("a forecast was asked for")

    policy = Policy(SETTINGS, np.random.default_rng(0))
    night = context_at(23.0, SAD)
    decision = policy.decide(Trigger.CHECK_IN, night, [], CHOICES, refuse, decision_id=1, safety_open=False)  # type: ignore[arg-type]
    assert decision.silence is SilenceReason.QUIET_HOURS


def test_a_decision_says_all_that_an_estimate_needs() -> None:
    decision = decide(context_at(12.0, SAD), trigger=Trigger.REQUEST)
    expected = belief(CHOICES)
    assert (decision.decision_id, decision.model) == (7, "m")
    assert [each.activity_id for each in decision.candidates] == [each.activity_id for each in CHOICES]
    assert [each.expected_helpfulness for each in decision.candidates] == pytest.approx(expected.helpfulness)
    assert [each.expected_sd for each in decision.candidates] == pytest.approx(expected.sd)
    assert [each.expected_uptake for each in decision.candidates] == pytest.approx(expected.uptake)
    assert min(each.propensity for each in decision.candidates) >= SETTINGS.exploration_share / len(CHOICES) - 1e-12


def test_offers_and_activities_come_as_often_as_was_logged() -> None:
    """One moment decided on again and again: frequencies are the mean of the logged propensities."""
    policy = Policy(SETTINGS, np.random.default_rng(3))
    context, history = context_at(20.0, SAD), [suggestion(1, 9.0)]
    expected = belief(CHOICES)
    decisions = [
        policy.decide(Trigger.CHECK_IN, context, history, CHOICES, expected, decision_id=i, safety_open=False)
        for i in range(1500)
    ]
    offered = [each for each in decisions if each.chosen]
    assert len(offered) / 1500 == pytest.approx(decisions[0].offer_propensity, abs=0.04)
    assert 0.1 < decisions[0].offer_propensity < 0.5
    logged = np.mean([[c.propensity for c in each.candidates] for each in decisions], axis=0)
    counts = Counter(each.chosen for each in offered)
    found = np.array([counts[each.activity_id] for each in CHOICES]) / len(offered)
    assert found == pytest.approx(logged, abs=4.0 * 0.5 / np.sqrt(len(offered)))


def test_a_snoozed_suggestion_comes_back() -> None:
    early, late = snoozed(12.0, 13.0), replace(snoozed(12.0, 14.0), suggestion_id=2)
    assert due_again([early, late], FIRST_WALL + round(12.5 * HOUR)) is None
    assert due_again([early, late], FIRST_WALL + round(13.1 * HOUR)) is early
    assert due_again([early, late], FIRST_WALL + 15 * HOUR) is early
    assert due_again([late], FIRST_WALL + 15 * HOUR) is late
    assert due_again([suggestion(1, 12.0)], FIRST_WALL + 15 * HOUR) is None
    # Set back by a day, the clock must not let it sleep for a day more.
    assert due_again([early], FIRST_WALL - 12 * HOUR) is early


# Below: what must hold over weeks, whoever the person is.

LIVES: dict[str, tuple[SuggestionSettings, Answer, tuple[tuple[float, float], ...]]] = {
    "takes up": (SETTINGS, takes_up, ()),
    "ignores": (SETTINGS, ignores, ()),
    "wavers": (SETTINGS, wavers, ()),
    "long nights": (SuggestionSettings(quiet_from="01:00", quiet_until="10:00", daily_most=2), wavers, ()),
    "short gap": (SuggestionSettings(gap_minutes=10.0, daily_most=5, daily_mean_most=4.0), takes_up, ()),
    "clock set back": (SETTINGS, takes_up, ((100.0, -5.0), (300.0, -26.0))),
    "clock set on": (SETTINGS, takes_up, ((100.0, 30.0), (300.0, 2.0), (301.0, -2.0))),
    "trial": (SuggestionSettings(micro_randomised=True), wavers, ()),
}


@pytest.fixture(scope="module")
def lives() -> dict[str, Life]:
    return {
        name: live(settings, answer, days=28, seed=seed, jumps=jumps)
        for seed, (name, (settings, answer, jumps)) in enumerate(LIVES.items())
    }


each_life = pytest.mark.parametrize("name", LIVES)


def shown_day(each: Suggestion, day_begins: float) -> int:
    return FIRST_DAY + int((each.wall_time_ns - FIRST_WALL - round(day_begins * HOUR)) // DAY)


@each_life
def test_the_budget_is_never_exceeded(lives: dict[str, Life], name: str) -> None:
    settings = LIVES[name][0]
    begins = int(settings.quiet_until[:2])
    days = Counter(shown_day(each, begins) for each in lives[name].unasked)
    assert max(days.values()) <= settings.daily_most
    first, last = min(days), max(days)
    weeks = [sum(days[day + i] for i in range(7)) for day in range(first - 6, last + 1)]
    assert max(weeks) <= 7 * settings.daily_mean_most
    assert sum(days.values()) >= 5, "nothing was tested"


@each_life
def test_quiet_hours_are_never_broken(lives: dict[str, Life], name: str) -> None:
    settings = LIVES[name][0]
    begin, end = int(settings.quiet_from[:2]), int(settings.quiet_until[:2])
    for decision in lives[name].decisions:
        if decision.chosen and decision.trigger is not Trigger.REQUEST:
            hour = decision.context.hour
            assert not (begin <= hour < end if begin < end else hour >= begin or hour < end)


@each_life
def test_the_gap_is_never_broken(lives: dict[str, Life], name: str) -> None:
    gap = LIVES[name][0].gap_minutes * MINUTE
    moments = [each.wall_time_ns for each in lives[name].history]
    for later, each in enumerate(lives[name].history):
        if each.trigger is not Trigger.REQUEST:
            assert all(abs(each.wall_time_ns - before) >= gap for before in moments[:later])


@each_life
def test_every_decision_is_logged_with_what_it_might_have_been(lives: dict[str, Life], name: str) -> None:
    for decision in lives[name].decisions:
        assert (decision.chosen == "") == (decision.silence is not None)
        if decision.offer_propensity == 0.0:
            assert decision.silence not in (None, SilenceReason.CHANCE)
            continue
        assert decision.silence in (None, SilenceReason.CHANCE)
        assert sum(each.propensity for each in decision.candidates) == pytest.approx(1.0, abs=1e-9)
        if decision.trigger is Trigger.REQUEST:
            assert (decision.offer_propensity, decision.silence) == (1.0, None)
        else:
            assert OFFER_LEAST <= decision.offer_propensity <= OFFER_MOST


@each_life
def test_offers_are_as_frequent_as_was_logged(lives: dict[str, Life], name: str) -> None:
    open_points = [each for each in lives[name].decisions if each.offer_propensity > 0.0]
    expected = sum(each.offer_propensity for each in open_points)
    spread = np.sqrt(sum(each.offer_propensity * (1.0 - each.offer_propensity) for each in open_points))
    assert abs(sum(bool(each.chosen) for each in open_points) - expected) < 3.5 * spread


def test_the_same_seed_makes_the_same_decisions(lives: dict[str, Life]) -> None:
    def told(life: Life) -> list[tuple[str, SilenceReason | None, float]]:
        return [(each.chosen, each.silence, each.offer_propensity) for each in life.decisions]

    again = live(SETTINGS, wavers, days=28, seed=list(LIVES).index("wavers"))
    assert told(again) == told(lives["wavers"])
    assert told(live(SETTINGS, wavers, days=28, seed=99)) != told(again)


def test_the_budget_is_spread_over_days_and_over_the_day(lives: dict[str, Life]) -> None:
    unasked = lives["takes up"].unasked
    days = Counter(shown_day(each, 7) - FIRST_DAY for each in unasked)
    assert sum(days[day] > 0 for day in range(28)) >= 20
    hours = [(each.wall_time_ns - FIRST_WALL) % DAY / HOUR for each in unasked]
    thirds = np.histogram(hours, bins=[7, 12, 17, 22])[0]
    assert thirds.min() >= 0.15 * len(unasked)


def test_ignored_offers_become_rarer_and_those_taken_up_bring_them_back(lives: dict[str, Life]) -> None:
    assert len(lives["ignores"].unasked) < 0.5 * len(lives["takes up"].unasked)
    turning = 21 * DAY + FIRST_WALL

    def comes_round(context: DecisionContext, rng: np.random.Generator) -> SuggestionStatus:
        return EXPIRED if context.wall_time_ns < turning else DONE

    life = live(SETTINGS, comes_round, days=42, seed=5)
    days = [shown_day(each, 0) - FIRST_DAY for each in life.unasked]
    ignoring, recovering = sum(7 <= day < 21 for day in days), sum(28 <= day < 42 for day in days)
    assert recovering > 1.5 * ignoring


def test_a_clock_set_back_silences_for_a_day_at_most(lives: dict[str, Life]) -> None:
    """Between two offers unasked there are never more decision points without one than an unmoved clock has in two days."""
    offers = [i for i, each in enumerate(lives["clock set back"].decisions) if each.chosen]
    assert max(b - a for a, b in pairwise(offers)) < 45


def test_a_trial_randomises_every_moment_alike(lives: dict[str, Life]) -> None:
    decisions = [each for each in lives["trial"].decisions if each.trigger is not Trigger.REQUEST]
    assert {each.trigger for each in decisions} == {Trigger.MICRO_RANDOMISED}
    assert max(each.offer_propensity for each in decisions) == pytest.approx(0.8 * 1.5 / 15)
    assert len({each.offer_propensity for each in decisions} - {0.0}) == 1
    assert not {each.silence for each in decisions} & {SilenceReason.STEPPED_BACK, SilenceReason.BUDGET_SPREAD}
    per_day = Counter(each.context.day for each in decisions)
    assert max(per_day.values()) == 15
