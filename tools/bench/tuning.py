"""How long an epoch of the recommender's training takes here, and who tunes it best at equal cost, in small.

The Efficient Dandelion Optimizer, Optuna's TPE and random search each get the same number of epochs on the same simulated
people, a quarter of whom judge. It is small so that it ends within minutes: ``python -m tools.train_recommender --protocol
tuners`` asks the same at the size that the card reports. Needs the tools extra.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import tempfile
import time
from pathlib import Path

from ertedge.inference.manifest import load_manifest
from ertedge.recommend.catalogue import load_catalogue
from tools.evaluation.report import Figure

PEOPLE = 30
BUDGET_EPOCHS = 40
RUNGS = (2, 5)
SEEDS = (1, 2)
TIMED_EPOCHS = 3


def measure(models: Path) -> tuple[list[Figure], list[str]]:
    """Seconds of an epoch, and the held-out loss of each tuner's best; or why there are none."""
    if not importlib.util.find_spec("torch"):
        return [], ["nothing was trained: torch comes with the tools extra (make setup-tools)"]
    import torch

    from tools.dandelion.halving import Rungs
    from tools.recommender.cohorts import of_logging
    from tools.recommender.training import Recipe, Training
    from tools.recommender.tuning import Trials, compare

    torch.set_num_threads(1)
    activities = load_catalogue().activities()
    quiet = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="ertedge-bench-") as folder, contextlib.redirect_stderr(quiet):
        corpus = of_logging(PEOPLE, activities, 0, Path(folder))
        people = list(range(corpus.people))
        training = Training(corpus, people, people[:1], known=len(activities), recipe=Recipe(), seed=0)
        seconds = []
        for _ in range(TIMED_EPOCHS):
            started = time.perf_counter()
            training.run_epoch()
            seconds.append(time.perf_counter() - started)
        trials = Trials(corpus, len(activities), Recipe(), corpus.people, Rungs(RUNGS), 0)
        compared = compare(trials, BUDGET_EPOCHS, SEEDS)
    epoch = min(seconds)
    figures = [Figure("epoch", epoch / corpus.people * 1e3, "ms a person", corpus.people, "default recipe, one thread")]
    command = load_manifest(models).entry("recommender").command
    return [*figures, *compared], [
        f"the model that ships was made by: {command}",
        f"tuned_loss: best held-out loss after {BUDGET_EPOCHS} epochs in all on {corpus.people} people; smaller is better",
    ]
