"""Whom the recommender and its peers are judged on, and what is kept of each judgement. Host side only.

Three cohorts of simulated people whom nobody was trained or tuned on: of the generator that training used, of the same
with shifted parameters, and of the second generator. A **run** lets a chooser decide for one of them for some weeks. A
**reading** has it watch what chance offered to others, the same for all choosers, and asks after some decisions how it
would rank and what it expects: there all have the same history, and nothing of the answer depends on what a chooser
liked to offer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity
from tools.baselines.choice import Explorer, Habits, Question
from tools.baselines.simple import RandomChooser
from tools.cohort.parameters import Draw, GeneratorName
from tools.cohort.people import Truth
from tools.cohort.records import Chooser, Forecasts, PersonLog, Ranks
from tools.cohort.simulation import simulate
from tools.evaluation.ranking import ndcg_at, recall_at

Array = NDArray[np.float64]
FIRST_SEED = 9_000_001
"""Evaluation people come from here on; training and tuning use seeds below."""
READING_SEED_STEP = 500_000
ASKED_AFTER = (5, 20, 60)
"""Decisions after which a reading asks."""
RELEVANT = 10
"""So many activities, those with the most true gain for this person at this moment, are to be found."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Where people come from."""

    name: str
    generator: GeneratorName
    draw: Draw


COHORTS = (
    Cohort("unseen people", GeneratorName.MOOD, Draw.TRAINING),
    Cohort("shifted parameters", GeneratorName.MOOD, Draw.SHIFTED),
    Cohort("second generator", GeneratorName.SWITCHING, Draw.TRAINING),
)


class Oracle(Explorer):
    """Knows what is true and offers what gains most at this moment; it does not plan ahead for habituation."""

    name = "oracle"

    def __init__(self) -> None:
        super().__init__(Habits(exploration=0.0))
        self._gain: Array = np.zeros(0)

    def see(self, truth: Truth, places: Sequence[int]) -> None:
        """What is true."""
        self._gain = truth.gain[list(places)]

    def rank(self, question: Question) -> Array:
        """The truth that it was shown."""
        if len(question.activities) != len(self._gain):
            raise ValueError("the oracle is asked about other activities than it was shown")
        return self._gain


@dataclass(frozen=True, slots=True)
class Run:
    """A row a decision: ``person`` (n,), ``number`` (n,) from 0 within the person, ``activity`` (n,) its place in the
    catalogue, ``done`` (n,), ``helpfulness`` (n,) what it truly does if done. ``people`` and ``activities`` are counts
    (1,)."""

    person: NDArray[np.int64]
    number: NDArray[np.int64]
    activity: NDArray[np.int64]
    done: Array
    helpfulness: Array
    people: NDArray[np.int64]
    activities: NDArray[np.int64]

    @property
    def gain(self) -> Array:
        """(n,) helpfulness gained: what was not done gains nothing."""
        return self.done * self.helpfulness

    @property
    def gain_of_people(self) -> Array:
        """(people,) gained over all weeks."""
        return np.asarray(np.bincount(self.person, weights=self.gain, minlength=int(self.people[0])), dtype=np.float64)

    @classmethod
    def of(cls, logs: Sequence[PersonLog], activities: Sequence[Activity]) -> Run:
        """Of simulated logs."""
        place = {activity.activity_id: i for i, activity in enumerate(activities)}
        rows = [(p, n, one) for p, log in enumerate(logs) for n, one in enumerate(log.decisions)]
        return cls(
            person=np.array([row[0] for row in rows], dtype=np.int64),
            number=np.array([row[1] for row in rows], dtype=np.int64),
            activity=np.array([place[row[2].suggestion.activity_id] for row in rows], dtype=np.int64),
            done=np.array([row[2].suggestion.status == "completed" for row in rows], dtype=np.float64),
            helpfulness=np.array([row[2].true_helpfulness for row in rows]),
            people=np.array([len(logs)]),
            activities=np.array([len(activities)]),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A row a question: ``person`` (q,), ``after`` (q,) decisions, ``recall_5``, ``recall_10``, ``ndcg_5``, ``ndcg_10`` (q,)
    of the activities that truly gain most. Of each activity asked about, where the chooser forecasts: ``expected``, ``sd``
    and ``true`` helpfulness (m,) and whose question it was, ``of_person`` (m,)."""

    person: NDArray[np.int64]
    after: NDArray[np.int64]
    recall_5: Array
    recall_10: Array
    ndcg_5: Array
    ndcg_10: Array
    of_person: NDArray[np.int64]
    expected: Array
    sd: Array
    true: Array


class Witness(RandomChooser):
    """Chooses by chance and keeps what was true at each decision."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Array, Array]] = []

    def see(self, truth: Truth, places: Sequence[int]) -> None:
        """(eligible,) helpfulness and gain."""
        self.seen.append((truth.helpfulness[list(places)], truth.gain[list(places)]))


@dataclass(frozen=True, slots=True)
class Script:
    """What every chooser reads: logs of chance, and helpfulness and gain of each eligible activity at each decision."""

    logs: Sequence[PersonLog]
    truths: Sequence[tuple[Array, Array]]


def write_script(cohort: Cohort, people: int, weeks: int, seed: int, activities: Sequence[Activity]) -> Script:
    """Simulate people to whom chance chooses."""
    witness = Witness()
    first = FIRST_SEED + READING_SEED_STEP + seed
    logs = simulate(cohort.generator, people, weeks, first, witness, activities, draw=cohort.draw)
    return Script(logs, witness.seen)


def run(
    chooser: Chooser,
    cohort: Cohort,
    *,
    people: int,
    weeks: int,
    seed: int,
    activities: Sequence[Activity],
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Let ``chooser`` decide."""
    first = FIRST_SEED + seed
    logs = simulate(cohort.generator, people, weeks, first, chooser, activities, draw=cohort.draw, progress=progress)
    return Run.of(logs, activities)


def read(chooser: Chooser, script: Script, activities: Sequence[Activity], seed: int) -> Reading:
    """Have ``chooser`` watch, and ask it now and then."""
    by_id = {activity.activity_id: activity for activity in activities}
    chooser.begin(len(script.logs), FIRST_SEED + seed)
    answers: list[tuple[int, int, tuple[float, float, float, float]]] = []
    forecasts: list[tuple[int, Array, Array, Array]] = []
    position = 0
    for person, log in enumerate(script.logs):
        for number, one in enumerate(log.decisions):
            history = log.suggestions[: one.history_length]
            if number in ASKED_AFTER:
                eligible = [by_id[activity_id] for activity_id in one.eligible]
                helpfulness, gain = script.truths[position]
                question = Question(person, one.context, history, eligible)
                answers.append((person, number, _quality(expected_gain(chooser, question), gain)))
                if isinstance(chooser, Forecasts):
                    found = chooser.forecast(person, one.context, history, eligible)
                    forecasts.append((person, found.helpfulness, found.sd, helpfulness))
            chooser.learn(person, one.context, history, one.suggestion)
            position += 1
    recall_5, recall_10, ndcg_5, ndcg_10 = np.array([answer[2] for answer in answers]).reshape(-1, 4).T
    empty = np.zeros(0)
    expected, sd, true = (np.concatenate([one[i] for one in forecasts] or [empty]) for i in (1, 2, 3))
    return Reading(
        person=np.array([answer[0] for answer in answers], dtype=np.int64),
        after=np.array([answer[1] for answer in answers], dtype=np.int64),
        recall_5=recall_5,
        recall_10=recall_10,
        ndcg_5=ndcg_5,
        ndcg_10=ndcg_10,
        of_person=np.repeat([one[0] for one in forecasts], [len(one[1]) for one in forecasts]).astype(np.int64),
        expected=expected,
        sd=sd,
        true=true,
    )


@runtime_checkable
class _SaysUptake(Protocol):
    @property
    def uptake(self) -> Array: ...


def expected_gain(chooser: Chooser, question: Question) -> Array:
    """(A,) how ``chooser`` ranks: by its scores, or by the helpfulness that it forecasts times the uptake.

    Raises ``TypeError`` when it does neither.
    """
    asked = (question.person, question.context, question.history, question.activities)
    if isinstance(chooser, Ranks):
        return chooser.scores(*asked)
    if isinstance(chooser, Forecasts):
        found = chooser.forecast(*asked)
        if isinstance(found, _SaysUptake):
            return np.asarray(found.helpfulness * found.uptake)
    raise TypeError(f"{chooser.name} neither ranks nor forecasts helpfulness and uptake")


def _quality(scores: Array, gain: Array) -> tuple[float, float, float, float]:
    relevant = np.zeros((1, len(gain)), dtype=bool)
    relevant[0, np.argsort(-gain)[:RELEVANT]] = True
    relevant &= gain > 0
    scored, graded = scores[None, :], np.maximum(gain, 0)[None, :]
    return (
        float(recall_at(scored, relevant, 5)[0]),
        float(recall_at(scored, relevant, 10)[0]),
        float(ndcg_at(scored, graded, 5)[0]),
        float(ndcg_at(scored, graded, 10)[0]),
    )


def save(path: Path, record: Run | Reading) -> None:
    """Write a run or a reading; the file is there only when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new.npz")
    np.savez_compressed(new, **{field.name: getattr(record, field.name) for field in fields(record)})
    new.replace(path)


def load_run(path: Path) -> Run:
    """What ``save`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Run(**{field.name: file[field.name] for field in fields(Run)})


def load_reading(path: Path) -> Reading:
    """What ``save`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Reading(**{field.name: file[field.name] for field in fields(Reading)})
