"""The baselines by name, made from a training log with choices that validation people made. Host side only.

``tuned.toml`` holds the choices; ``python -m tools.baselines tune`` finds them and writes it. ``GRIDS`` is what it tries.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ertedge.errors import ConfigurationError
from ertedge.types import Activity
from tools.baselines.choice import Explorer, Habits
from tools.baselines.collaborative import CollaborativeChooser, Weights, fit_ranker
from tools.baselines.ease import EaseRanker
from tools.baselines.item_knn import ItemKnnRanker
from tools.baselines.log_table import LogTable
from tools.baselines.matrix import MatrixRanker
from tools.baselines.personal import PersonalPopularityChooser
from tools.baselines.simple import PopularityChooser, RandomChooser, RulesChooser
from tools.cohort.records import PersonLog

TUNED = Path(__file__).with_name("tuned.toml")

Choices = Mapping[str, float]

_HABITS: dict[str, tuple[float, ...]] = {"exploration": (0.0, 0.05), "rest": (1.0, 3.0, 6.0)}
_COLLABORATIVE: dict[str, tuple[float, ...]] = {
    "exploration": (0.05,),
    "rest": (1.0, 2.0, 4.0),
    "common": (0.5,),
    "own": (0.5, 2.0, 5.0),
}
GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "random": {},
    "popularity": _HABITS,
    "personal popularity": {"exploration": (0.0, 0.05), "rest": (0.5, 1.5, 3.0), "thompson": (0.0, 1.0)},
    "rules": _HABITS,
    "ItemKNN": _COLLABORATIVE,
    "EASE": _COLLABORATIVE,
    "Mult-VAE": _COLLABORATIVE,
    "RecVAE": _COLLABORATIVE,
    "LinUCB": {"alpha": (0.05, 0.2, 0.4), "warmth": (0.02, 0.1, 0.3), "rest": (0.0, 1.0)},
    "LinTS": {"alpha": (0.02, 0.05, 0.2), "warmth": (0.02, 0.1), "rest": (1.0,)},
    "Thompson sampling": {"warmth": (0.01, 0.05, 0.2), "rest": (1.0, 2.0)},
}
"""The names of all baselines, and what is tried for each."""


@dataclass(frozen=True)
class Material:
    """What every baseline is made from."""

    logs: Sequence[PersonLog]
    activities: Sequence[Activity]
    seed: int = 0

    @cached_property
    def table(self) -> LogTable:
        """The log as columns."""
        return LogTable.of(self.logs, self.activities)

    @cached_property
    def rankers(self) -> dict[str, MatrixRanker]:
        """Fitted matrix rankers, made once."""
        return {}

    def ranker(self, name: str) -> MatrixRanker:
        """A matrix ranker, fitted to what helped whom in the log."""
        if name not in self.rankers:
            self.rankers[name] = fit_ranker(_ranker(name, self.seed), self.table, self.seed)
        return self.rankers[name]


def _ranker(name: str, seed: int) -> MatrixRanker:
    if name == "ItemKNN":
        return ItemKnnRanker()
    if name == "EASE":
        return EaseRanker()
    # A catalogue is small; so are the networks.
    if name == "Mult-VAE":
        from tools.baselines.mult_vae import MultVaeRanker

        return MultVaeRanker(hidden=100, latent=20, seed=seed)
    from tools.baselines.rec_vae import RecVaeRanker

    return RecVaeRanker(hidden=100, latent=20, seed=seed)


def build(name: str, material: Material, choices: Choices) -> Explorer:
    """The baseline ``name``. Raises ``ConfigurationError`` for one that there is not, or a choice that it lacks."""
    try:
        return _MAKERS[name](material, choices)
    except KeyError as error:
        what = f"{error} is no baseline, or no choice of {name}; choose from {', '.join(GRIDS)}"
        raise ConfigurationError([what]) from None


def candidates(name: str) -> list[dict[str, float]]:
    """Every combination of the grid of a baseline."""
    grid = GRIDS[name]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def load_tuned(path: Path = TUNED) -> dict[str, dict[str, float]]:
    """The choices of all baselines. Raises ``ConfigurationError`` when the file is missing or wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        tuned = {name: {key: float(value) for key, value in entry.items()} for name, entry in document["row"].items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"cannot be read ({error!r}); write it with python -m tools.baselines tune"
        raise ConfigurationError([what], str(path)) from None
    if missing := [name for name in GRIDS if name not in tuned]:
        raise ConfigurationError(
            [f"lacks {', '.join(missing)}; write it with python -m tools.baselines tune"], str(path)
        )
    return tuned


def write_tuned(path: Path, tuned: Mapping[str, Choices], source: str) -> None:
    """Write the choices. Raises ``ConfigurationError`` when that fails."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment(source))
    rows = tomlkit.table(is_super_table=True)
    for name, choices in tuned.items():
        table = tomlkit.table()
        table.update(dict(choices))
        rows[name] = table
    document["row"] = rows
    try:
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def _habits(choices: Choices) -> Habits:
    return Habits(choices["exploration"], choices["rest"])


def _random(_material: Material, _choices: Choices) -> Explorer:
    return RandomChooser()


def _popularity(material: Material, choices: Choices) -> Explorer:
    return PopularityChooser(material.table, material.activities, _habits(choices))


def _personal(material: Material, choices: Choices) -> Explorer:
    return PersonalPopularityChooser(
        material.table, material.activities, _habits(choices), thompson=bool(choices["thompson"])
    )


def _rules(_material: Material, choices: Choices) -> Explorer:
    return RulesChooser(_habits(choices))


def _collaborative(name: str) -> Callable[[Material, Choices], Explorer]:
    def make(material: Material, choices: Choices) -> Explorer:
        weights = Weights(choices["common"], choices["own"])
        ranker = material.ranker(name)
        return CollaborativeChooser(
            ranker, material.table, material.activities, weights=weights, habits=_habits(choices)
        )

    return make


def _linear(*, thompson: bool) -> Callable[[Material, Choices], Explorer]:
    def make(material: Material, choices: Choices) -> Explorer:
        from tools.baselines.bandits import LinearChooser

        return LinearChooser(
            material.logs,
            material.activities,
            thompson=thompson,
            alpha=choices["alpha"],
            warmth=choices["warmth"],
            rest=choices["rest"],
        )

    return make


def _thompson(material: Material, choices: Choices) -> Explorer:
    from tools.baselines.bandits import BetaThompsonChooser

    return BetaThompsonChooser(material.logs, material.activities, warmth=choices["warmth"], rest=choices["rest"])


_MAKERS: dict[str, Callable[[Material, Choices], Explorer]] = {
    "random": _random,
    "popularity": _popularity,
    "personal popularity": _personal,
    "rules": _rules,
    "ItemKNN": _collaborative("ItemKNN"),
    "EASE": _collaborative("EASE"),
    "Mult-VAE": _collaborative("Mult-VAE"),
    "RecVAE": _collaborative("RecVAE"),
    "LinUCB": _linear(thompson=False),
    "LinTS": _linear(thompson=True),
    "Thompson sampling": _thompson,
}
