"""A decision of the recommender as the device makes it: encode, network, posterior, choice, for the whole catalogue.

The history is of a simulated person eight weeks in, whose length is the most that the encoding remembers or what they have;
from one decision to the next its last suggestion changes, as it does on a device.
Beside ours, in turn with it, a bandit of MABWiser over as many arms, where that is installed. Memory is what a process of
its own grows by when it opens the recommender, catalogue and runtime included.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np

from ertedge.inference.manifest import load_manifest
from ertedge.recommend.catalogue import load_catalogue
from ertedge.recommend.encoding import PRESENT_SIZE, present_features
from ertedge.recommend.exploration import choice_probabilities, draw
from ertedge.recommend.recommender import Forecast, Recommender
from ertedge.types import Activity
from tools.baselines.simple import RandomChooser
from tools.bench.timing import in_turn, percentile_figures, ratio_figure
from tools.cohort.parameters import GeneratorName
from tools.cohort.records import LoggedDecision, PersonLog
from tools.cohort.simulation import simulate
from tools.evaluation.report import Figure

MODEL = "recommender"
WEEKS = 8
EXPLORATION_SHARE = 0.05
BANDIT = "LinUCB (MABWiser), same arms"

_OPENED = """
import json, sys, time
from pathlib import Path
import ertedge.core.loop, ertedge.rpc.server
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) * 1024
before, started = resident(), time.perf_counter()
from ertedge.inference.manifest import load_manifest
from ertedge.recommend.catalogue import load_catalogue
from ertedge.recommend.recommender import Recommender
catalogue = load_catalogue()
read = time.perf_counter()
manifest = load_manifest(Path(sys.argv[1]))
Recommender(manifest.open_graph("recommender"), manifest.entry("recommender"), catalogue.activities())
print(json.dumps([resident() - before, read - started, time.perf_counter() - read]))
"""


def measure(models: Path, rounds: int) -> tuple[list[Figure], list[str]]:
    """p50 and p99 of a decision and of learning from a response, size, memory and time to open; and what is missing."""
    manifest, activities = load_manifest(models), load_catalogue().activities()
    entry = manifest.entry(MODEL)
    deciding_one, learning_one = (Recommender(manifest.open_graph(MODEL), entry, activities) for _ in range(2))
    log = simulate(GeneratorName.MOOD, 1, WEEKS, 0, RandomChooser(), activities)[0]
    decision, notes = log.decisions[-1], []
    subjects = {
        "decision": deciding(deciding_one, log, decision, activities),
        "forecast": forecasting(deciding_one, log, decision, activities),
        "learn": learning(learning_one, log),
    }
    if importlib.util.find_spec("mabwiser"):
        subjects[BANDIT] = bandit(log, decision, activities)
    else:
        notes.append("no bandit to compare with: MABWiser comes with the tools extra")
    times = in_turn(subjects, rounds)
    of = f"{len(activities)} activities, {len(log.suggestions)} past suggestions"
    figures = [f for name in ("decision", "forecast", "learn") for f in percentile_figures(name, times[name], of)]
    if BANDIT in times:
        figures.append(ratio_figure("time_over_forecast", times["forecast"], times[BANDIT], BANDIT))
    figures.append(Figure("size", entry.size_bytes / 1e6, "MB", 1, MODEL))
    return [*figures, *opened(models)], notes


def deciding(
    recommender: Recommender, log: PersonLog, decision: LoggedDecision, activities: Sequence[Activity]
) -> Callable[[], object]:
    """From a context and a history to the activity drawn."""
    random = np.random.default_rng(0)
    forecasted = forecasting(recommender, log, decision, activities)

    def decide() -> int:
        forecast = forecasted()
        probabilities = choice_probabilities(
            forecast,
            activities,
            log.suggestions,
            decision.context.wall_time_ns,
            random,
            exploration_share=EXPLORATION_SHARE,
        )
        return draw(probabilities, random)

    return decide


def forecasting(
    recommender: Recommender, log: PersonLog, decision: LoggedDecision, activities: Sequence[Activity]
) -> Callable[[], Forecast]:
    """What is expected of all activities, the last suggestion being another record each time."""
    *earlier, last = log.suggestions
    histories = cycle([(*earlier, replace(last)) for _ in range(2)])
    return lambda: recommender.forecast(decision.context, next(histories), activities)


def learning(recommender: Recommender, log: PersonLog) -> Callable[[], object]:
    """Taking in one rated response after the other, each for the first time."""
    rated = [each for each in log.decisions if each.suggestion.helpfulness]
    turn = 0

    def learn() -> None:
        nonlocal turn
        if turn % len(rated) == 0:
            recommender.forget()
        each = rated[turn % len(rated)]
        recommender.learn(each.context, log.suggestions[: each.history_length], each.suggestion)
        turn += 1

    return learn


def bandit(log: PersonLog, decision: LoggedDecision, activities: Sequence[Activity]) -> Callable[[], object]:
    """LinUCB with the present as its context and an arm an activity, trained on the person's log."""
    from mabwiser.mab import MAB, LearningPolicy

    ids = [activity.activity_id for activity in activities]
    seen = [each for each in log.decisions if each.suggestion.activity_id in ids]
    model = MAB(ids, LearningPolicy.LinUCB(alpha=1.0), seed=0)
    model.fit(
        [each.suggestion.activity_id for each in seen],
        [float(each.suggestion.helpfulness) for each in seen],
        np.stack([present_features(each.context) for each in seen]).astype(np.float64),
    )
    present = present_features(decision.context).astype(np.float64).reshape(1, PRESENT_SIZE)
    return lambda: model.predict_expectations(present)


def opened(models: Path) -> list[Figure]:
    """What a core process grows by when it opens the recommender, and how long that takes, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _OPENED, str(models)], capture_output=True, text=True, check=True)
    grown, reading, opening = json.loads(done.stdout.strip().rpartition("\n")[2])
    return [
        Figure("memory", grown / 1e6, "MB", 1, "grown by catalogue, runtime and network"),
        Figure("open", reading * 1e3, "ms", 1, "catalogue"),
        Figure("open", opening * 1e3, "ms", 1, "runtime and network"),
    ]
