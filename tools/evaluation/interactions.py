"""Rankers on a public table of interactions: a check of the models away from simulated people. Host side only.

Every ranker is fitted to the same users, chooses its hyper-parameters on the same validation users, and is tested on the
same others (``interaction_splits.py``). Unseen users are split anew for each seed; a figure is the mean over all tested
users of all seeds, its interval a bootstrap over them, its spread the standard deviation over seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from tools.baselines.ease import EaseRanker
from tools.baselines.item_knn import ItemKnnRanker
from tools.baselines.matrix import MatrixRanker, PopularityRanker, without_shown
from tools.data.interactions import Interactions
from tools.evaluation.interaction_splits import Split, split_time, split_users
from tools.evaluation.ranking import bootstrap, ndcg_at, recall_at
from tools.evaluation.report import Figure, Grid, Report

Array = NDArray[np.float64]

OURS, OURS_ALONE = "ertedge", "ertedge, network alone"
RECALL_AT = (5, 10, 20)
NDCG_AT = (5, 10, 100)


def _popularity(_seed: int) -> MatrixRanker:
    return PopularityRanker()


def _item_knn(_seed: int) -> MatrixRanker:
    return ItemKnnRanker()


def _ease(_seed: int) -> MatrixRanker:
    return EaseRanker()


def _mult_vae(seed: int) -> MatrixRanker:
    from tools.baselines.mult_vae import MultVaeRanker

    return MultVaeRanker(seed=seed)


def _rec_vae(seed: int) -> MatrixRanker:
    from tools.baselines.rec_vae import RecVaeRanker

    return RecVaeRanker(seed=seed)


def _ours(seed: int) -> MatrixRanker:
    from tools.interactions_vae import InteractionsVae

    return InteractionsVae(seed=seed)


def _ours_alone(seed: int) -> MatrixRanker:
    from tools.interactions_vae import InteractionsVae

    return InteractionsVae(seed=seed, linear=False)


RANKERS: dict[str, Callable[[int], MatrixRanker]] = {
    "popularity": _popularity,
    "ItemKNN": _item_knn,
    "EASE": _ease,
    "Mult-VAE": _mult_vae,
    "RecVAE": _rec_vae,
    OURS_ALONE: _ours_alone,
    OURS: _ours,
}


@dataclass(frozen=True, slots=True)
class Tested:
    """One ranker's figures on one split: (users,) each by its name."""

    ranker: str
    split: str
    seed: int
    figures: dict[str, Array]


def evaluate_interactions(interactions: Interactions, rankers: Sequence[str], seeds: int, *, source: str) -> Report:
    """Test ``rankers`` on unseen users of ``seeds`` splits and, where there are timestamps, on what came later.

    Raises ``ConfigurationError`` for a ranker that there is not, or a table that is too small.
    """
    if unknown := [name for name in rankers if name not in RANKERS]:
        raise ConfigurationError([f"{name!r} is no row; choose from {', '.join(RANKERS)}" for name in unknown])
    tested: list[Tested] = []
    choices: dict[str, str] = {}
    for name, seed, split in _splits(interactions, seeds):
        for ranker_name in rankers:
            ranker = RANKERS[ranker_name](seed)
            print(f"{name}, seed {seed}: {ranker_name}", file=sys.stderr)
            tested.append(Tested(ranker_name, name, seed, score_ranker(ranker, split)))
            choices[f"{ranker_name} on {name}"] = ranker.choices
    figures = _figures(tested)
    grids = tuple(_grid(split, rankers, figures) for split in dict.fromkeys(one.split for one in tested))
    return Report(f"Interactions of {source}", figures, _notes(interactions, tested, choices), grids)


def _grid(split: str, rankers: Sequence[str], figures: Sequence[Figure]) -> Grid:
    """A row a ranker, the best first by nDCG at 100, with intervals."""
    value = {(figure.name, figure.of): figure.value for figure in figures}
    names = (*(f"recall_at_{k}" for k in RECALL_AT), *(f"ndcg_at_{k}" for k in NDCG_AT))

    def cell(ranker: str, name: str) -> str:
        mean, low, high = (value[f"{name}{end}", f"{ranker}, {split}"] for end in ("", "_low", "_high"))
        return f"{mean:.3f} [{low:.3f}, {high:.3f}]"

    order = sorted(rankers, key=lambda ranker: -value["ndcg_at_100", f"{ranker}, {split}"])
    rows = tuple((ranker, *(cell(ranker, name) for name in names)) for ranker in order)
    columns = ("", *(name.replace("recall_at_", "recall@").replace("ndcg_at_", "nDCG@") for name in names))
    users = next(figure.n for figure in figures if figure.of.endswith(split))
    return Grid(f"{split}, {users} tested", columns, rows)


def _splits(interactions: Interactions, seeds: int) -> Iterable[tuple[str, int, Split]]:
    for seed in range(seeds):
        yield "unseen users", seed, split_users(interactions, seed)
    if interactions.is_timed:
        yield "later", 0, split_time(interactions)


def score_ranker(ranker: MatrixRanker, split: Split) -> dict[str, Array]:
    """Fit a ranker and score every tested user."""
    ranker.fit(split.train, split.validation)
    scores = without_shown(ranker.scores(split.test.shown), split.test.shown)
    hidden = split.test.hidden.toarray() > 0
    figures = {f"recall_at_{k}": recall_at(scores, hidden, k) for k in RECALL_AT}
    return figures | {f"ndcg_at_{k}": ndcg_at(scores, hidden.astype(np.float64), k) for k in NDCG_AT}


def _figures(tested: Sequence[Tested]) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    for split in dict.fromkeys(one.split for one in tested):
        for ranker in dict.fromkeys(one.ranker for one in tested):
            mine = [one for one in tested if (one.split, one.ranker) == (split, ranker)]
            for name in mine[0].figures:
                of = f"{ranker}, {split}"
                interval = bootstrap(np.concatenate([one.figures[name] for one in mine]))
                seeds = [float(np.nanmean(one.figures[name])) for one in mine]
                spread = float(np.std(seeds, ddof=1)) if len(seeds) > 1 else None
                figures.append(Figure(name, interval.mean, "share", interval.n, of, spread))
                figures.append(Figure(f"{name}_low", interval.low, "share", interval.n, of))
                figures.append(Figure(f"{name}_high", interval.high, "share", interval.n, of))
    return tuple(figures)


def _notes(interactions: Interactions, tested: Sequence[Tested], choices: dict[str, str]) -> tuple[str, ...]:
    users, items = len(np.unique(interactions.user)), len(np.unique(interactions.item))
    notes = [f"{len(interactions)} liked interactions of {users} users with {items} items."]
    for split in dict.fromkeys(one.split for one in tested):
        mine = [one for one in tested if one.split == split]
        mean: dict[str, list[float]] = {one.ranker: [] for one in mine}
        for one in mine:
            mean[one.ranker].append(float(np.nanmean(one.figures["ndcg_at_100"])))
        order = sorted(mean, key=lambda ranker: -float(np.mean(mean[ranker])))
        best = float(np.mean(mean[order[0]]))
        notes.append(f"{split}: best nDCG at 100 is {order[0]}'s.")
        if OURS in mean and order[0] != OURS:
            notes.append(f"{split}: ours reaches {float(np.mean(mean[OURS])) / best:.1%} of it.")
    chosen = "; ".join(f"{name}: {what}" for name, what in choices.items() if what)
    return (*notes, f"Chosen on validation users, of the last seed: {chosen}.")
