"""The logs that a recommender is trained on: many worlds, several ways of choosing. Host side only.

A log that only one policy wrote shows only what that policy does. So a third of the people are served by chance, a third by
what is popular in the first part, and a third by a policy that learns each person's taste; both explore much (0.3). The
worlds' parameters are drawn from the training ranges of the first generator; the second generator and the shifted ranges
are kept for the evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ertedge.types import Activity
from tools.baselines.choice import Habits
from tools.baselines.log_table import LogTable
from tools.baselines.personal import PersonalPopularityChooser
from tools.baselines.simple import PopularityChooser, RandomChooser
from tools.cohort.records import PersonLog
from tools.cohort.simulation import simulate

POPULAR_EXPLORATION = 0.3
PERSONAL_EXPLORATION = 0.3
SEED_STEP = 100_003
"""Between the seeds of the parts, so that no two cohorts share people."""


def training_logs(
    people: int,
    weeks: int,
    seed: int,
    activities: Sequence[Activity],
    progress: Callable[[str, int], None] | None = None,
) -> list[PersonLog]:
    """The logs of ``people`` people in three parts. ``progress`` is told the part and how many people of it are done.

    Raises ``ConfigurationError`` when the first part is too small for anything to be popular.
    """
    third = max(1, people // 3)

    def tell(part: str) -> Callable[[int], None] | None:
        return None if progress is None else lambda done: progress(part, done)

    logs = simulate("mood", people - 2 * third, weeks, seed, RandomChooser(), activities, progress=tell("chance"))
    table = LogTable.of(logs, activities)
    popular = PopularityChooser(table, activities, Habits(POPULAR_EXPLORATION))
    logs += simulate("mood", third, weeks, seed + SEED_STEP, popular, activities, progress=tell("popular"))
    personal = PersonalPopularityChooser(table, activities, Habits(PERSONAL_EXPLORATION))
    logs += simulate("mood", third, weeks, seed + 2 * SEED_STEP, personal, activities, progress=tell("personal"))
    return logs
