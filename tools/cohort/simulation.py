"""Lets a policy decide for simulated people and logs what comes of it. Host side only.

Everybody who decides faces the same people, moments, eligibility (the device's own safety rules) and chance: ``seed``
fixes all of it. A cohort is made of worlds of ``WORLD_PEOPLE`` people; the parameters of each are drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from ertedge.config import SuggestionSettings
from ertedge.recommend.safety import eligible, minutes_until_quiet
from ertedge.types import Activity, DecisionContext, Suggestion, SuggestionStatus
from tools.cohort.mood import MoodGenerator
from tools.cohort.parameters import Draw, GeneratorName, World, draw_world
from tools.cohort.people import Outcome, SimulatedPerson, Truth
from tools.cohort.records import Chooser, LoggedDecision, PersonLog
from tools.cohort.schedule import Moment
from tools.cohort.switching import SwitchingGenerator

WORLD_PEOPLE = 25
SETTINGS = SuggestionSettings()
"""The device's defaults: when quiet hours are."""
MINUTE_NS = 60_000_000_000
EXPIRE_MINUTES = 30
SUGGESTIONS_KEPT = 1_000_000
"""Suggestion ids of one person lie within one block of this size."""


@runtime_checkable
class SeesTruth(Protocol):
    """A chooser that is shown what is true before it chooses: the oracle of the regret."""

    def see(self, truth: Truth, places: Sequence[int]) -> None:
        """``places`` are the eligible activities' places in the catalogue."""


def simulate(  # noqa: PLR0917  who decides, for whom, for how long
    generator: GeneratorName | str,
    people: int,
    weeks: int,
    seed: int,
    chooser: Chooser,
    activities: Sequence[Activity],
    *,
    draw: Draw | str = Draw.TRAINING,
    world: World | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[PersonLog]:
    """The logs of ``people`` people whom ``chooser`` decides for over ``weeks`` weeks.

    ``draw`` says from which ranges each world's parameters come, unless all people are of one ``world``. ``progress`` is
    told how many people are done. Raises ``ConfigurationError`` when the generator has no such ranges.
    """
    chooser.begin(people, seed)
    logs: list[PersonLog] = []
    for number, person in enumerate(make_people(generator, people, weeks, seed, activities, draw=draw, world=world)):
        logs.append(run_person(number, person, chooser, activities, name=f"{generator}-{draw}-{seed}-{number:04d}"))
        if progress is not None:
            progress(number + 1)
    return logs


def make_people(
    generator: GeneratorName | str,
    people: int,
    weeks: int,
    seed: int,
    activities: Sequence[Activity],
    *,
    draw: Draw | str = Draw.TRAINING,
    world: World | None = None,
) -> Iterator[SimulatedPerson]:
    """The people of a cohort, world by world."""
    name, how = GeneratorName(generator), Draw(draw)
    sources = np.random.SeedSequence([seed, list(GeneratorName).index(name), list(Draw).index(how)])
    for first, source in zip(range(0, people, WORLD_PEOPLE), sources.spawn(-(-people // WORLD_PEOPLE)), strict=True):
        rng = np.random.default_rng(source)
        drawn = world or draw_world(name, how, rng)
        maker = MoodGenerator(drawn) if name is GeneratorName.MOOD else SwitchingGenerator(drawn)
        yield from maker.people(min(WORLD_PEOPLE, people - first), weeks, activities, rng)


def run_person(
    number: int, person: SimulatedPerson, chooser: Chooser, activities: Sequence[Activity], name: str
) -> PersonLog:
    """One person's weeks. A decision point at which no activity may be offered stays silent and is not logged."""
    place = {activity.activity_id: i for i, activity in enumerate(activities)}
    oracle = chooser if isinstance(chooser, SeesTruth) else None
    history: list[Suggestion] = []
    decisions: list[LoggedDecision] = []
    for point, moment in enumerate(person.moments):
        context = person.context(point)
        until_quiet = minutes_until_quiet(context.hour, SETTINGS.quiet_from, SETTINGS.quiet_until)
        allowed = eligible(activities, context.affect, (), reviewed_only=False, minutes_until_quiet=until_quiet)
        if not allowed:
            continue
        places = [place[activity.activity_id] for activity in allowed]
        truth = person.truth(point)
        if oracle is not None:
            oracle.see(truth, places)
        picked, propensity = chooser.choose(number, context, history, allowed)
        outcome = person.respond(point, places[picked])
        identity = number * SUGGESTIONS_KEPT + len(history) + 1
        offered = _offer(identity, moment, context, allowed[picked], propensity)
        suggestion = _answered(offered, outcome)
        chooser.learn(number, context, history, suggestion)
        true = float(truth.helpfulness[places[picked]])
        ids = tuple(activity.activity_id for activity in allowed)
        decisions.append(LoggedDecision(context, len(history), suggestion, true, ids))
        history = [*history, suggestion]
    return PersonLog(name, tuple(history), tuple(decisions))


def _offer(
    identity: int, moment: Moment, context: DecisionContext, activity: Activity, propensity: float
) -> Suggestion:
    wall = context.wall_time_ns
    return Suggestion(
        suggestion_id=identity,
        decision_id=identity,
        wall_time_ns=wall,
        expire_wall_time_ns=wall + EXPIRE_MINUTES * MINUTE_NS,
        activity_id=activity.activity_id,
        activity_version=activity.version,
        title=activity.title,
        minutes=activity.minutes,
        reason="",
        trigger=moment.trigger,
        propensity=propensity,
        expected_helpfulness=0.0,
        expected_sd=0.0,
        emotion=context.affect.emotion,
        valence_before=context.affect.valence,
        arousal_before=context.affect.arousal,
        synthetic=True,
    )


def _answered(offered: Suggestion, outcome: Outcome) -> Suggestion:
    if outcome.finished:
        status = SuggestionStatus.COMPLETED
    else:
        status = SuggestionStatus.DISMISSED if outcome.dismissed else SuggestionStatus.EXPIRED
    return replace(
        offered,
        status=status,
        helpfulness=outcome.rating,
        valence_after=outcome.valence_after,
        arousal_after=outcome.arousal_after,
        update_wall_time_ns=offered.wall_time_ns + int((offered.minutes + 5) * MINUTE_NS),
    )
