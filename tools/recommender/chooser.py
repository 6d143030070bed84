"""The device's recommender as a chooser for simulated people: exported file, posterior and exploration as they ship.

Host side only. Every person has a ``Recommender`` of their own, as on their own device; nothing passes between people.
The ablations that an evaluation compares each lie in a folder of their own with a ``recommender.onnx`` and a
``manifest.toml`` (``python -m tools.train_recommender --protocol variants`` makes them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ertedge.config import SuggestionSettings
from ertedge.inference.manifest import load_manifest
from ertedge.recommend.exploration import choice_probabilities, draw
from ertedge.recommend.recommender import Forecast, Recommender
from ertedge.types import Activity, DecisionContext, Suggestion

MODEL = "recommender"
WHOLE, NO_ATTENTION, UNTUNED, TUNED = "whole", "no_attention", "untuned", "tuned"
"""The folders of ``RUN/variants``, each with a file and a manifest of its own. Of the last two there is the one whose recipe
does not ship: the one that tuning started from, or the tuner's."""


class RecommenderChooser:
    """Chooses as the device does. ``posterior`` False leaves out what a person taught: the network alone, whose mean is
    then taken for sure.

    ``activities`` is the whole catalogue. Raises what ``Manifest.open_graph`` and ``Recommender`` raise.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        activities: Sequence[Activity],
        *,
        posterior: bool = True,
        exploration_share: float | None = None,
    ) -> None:
        self.name = name
        manifest = load_manifest(folder)
        self._graph, self._entry = manifest.open_graph(MODEL), manifest.entry(MODEL)
        self._activities = tuple(activities)
        self._posterior = posterior
        settings = SuggestionSettings()
        self._share = settings.exploration_share if exploration_share is None else exploration_share
        self._people: dict[int, Recommender] = {}
        self._random = np.random.default_rng(0)

    def begin(self, people: int, seed: int) -> None:
        """Forget everybody."""
        self._people = {}
        self._random = np.random.default_rng([seed, people])

    def choose(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> tuple[int, float]:
        """An index into ``eligible`` and its probability."""
        forecast = self.forecast(person, context, history, eligible)
        probabilities = choice_probabilities(
            forecast, eligible, history, context.wall_time_ns, self._random, exploration_share=self._share
        )
        index = draw(probabilities, self._random)
        return index, float(probabilities[index])

    def forecast(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> Forecast:
        """What is expected of the ``eligible`` for this person; what an evaluation of calibration asks for."""
        found = self._of(person).forecast(context, history, eligible)
        if self._posterior:
            return found
        return replace(found, sd=np.zeros_like(found.sd), factor=np.zeros_like(found.factor))

    def learn(
        self, person: int, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion
    ) -> None:
        """Hand the response to the person's recommender."""
        if self._posterior:
            self._of(person).learn(context, history_before, suggestion)

    def _of(self, person: int) -> Recommender:
        if person not in self._people:
            self._people[person] = Recommender(self._graph, self._entry, self._activities)
        return self._people[person]
