"""The recommender's network at run time: a graph handed in by whoever composes the process, called on one decision.

Floor 1; imports only words. It knows no runtime and no manifest, only the two protocols below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ManifestError
from ertedge.recommend.activity_features import UNKNOWN_INDEX
from ertedge.recommend.encoding import ENCODING_VERSION, EncodedDecision, log_ratings
from ertedge.recommend.forecast_error import ForecastError
from ertedge.types import Float32Array

OUTPUTS = ("helpfulness", "log_variance", "uptake", "basis", "latent", "latent_log_variance")
"""What the graph returns, in this order."""

Float64Array = NDArray[np.float64]


class Graph(Protocol):
    """A loaded network with named inputs."""

    def __call__(self, arrays: Mapping[str, NDArray[Any]], /) -> tuple[Float32Array, ...]:
        """Every output, batch axis included, in the order of the manifest entry."""
        ...


class ModelEntry(Protocol):
    """What is read of the model's manifest entry."""

    @property
    def version(self) -> str:
        """The model's version."""
        ...

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        ...

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what the graph returns, in their order."""
        ...

    @property
    def activities(self) -> tuple[str, ...]:
        """The ids of the activities that it knows, the first by the index 1."""
        ...

    def parameter(self, name: str, /) -> float:
        """A number that belongs to the weights. Raises ManifestError when there is none of this name."""
        ...

    def vector(self, name: str, /) -> Float32Array:
        """A list of numbers. Raises ManifestError when there is none of this name."""
        ...


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the network says of A activities, before the person's own deviation is added.

    ``helpfulness`` (A,) is the rating in [-1, 1] to be expected if it is done, ``noise`` (A,) the variance of a rating
    around it, ``uptake`` (A,) the log odds that it is done, ``basis`` (A, K) the decoder's last layer, in which helpfulness
    is linear. ``error`` (A,) is the variance of the truth around ``helpfulness`` that no posterior can learn away
    (``forecast_error``); a rating shows it together with its own noise, so it is a part of ``noise``.
    """

    helpfulness: Float64Array
    noise: Float64Array
    uptake: Float64Array
    basis: Float64Array
    error: Float64Array


class AttVae:
    """The network as a function of an encoded decision.

    Raises ``ManifestError`` when the entry is of another encoding, or lists other outputs.
    """

    def __init__(self, graph: Graph, entry: ModelEntry) -> None:
        made_for = entry.parameter("encoding")
        if made_for != ENCODING_VERSION:
            raise ManifestError(
                f"the recommender was trained for encoding {made_for:g}, this ertedge has {ENCODING_VERSION}; "
                "install the model that came with it, or train it again with python -m tools.train_recommender"
            )
        if tuple(entry.outputs) != OUTPUTS:
            raise ManifestError(f"the recommender gives {', '.join(entry.outputs)} instead of {', '.join(OUTPUTS)}")
        self._graph = graph
        known, unknown, *powers = entry.vector("forecast_error").astype(np.float64).tolist()
        self._error = ForecastError(known, unknown, np.array(powers))

    def __call__(self, decision: EncodedDecision) -> Decoded:
        """Everything about the activities of ``decision`` in one call."""
        helpfulness, log_variance, uptake, basis, _, _ = self._graph(
            {
                "present": decision.present[None],
                "token_index": decision.token_index[None],
                "tokens": decision.tokens[None],
                "token_mask": decision.token_mask[None],
                "activity_index": decision.activity_index[None],
                "activities": decision.activities[None],
            }
        )
        return Decoded(
            helpfulness=helpfulness[0].astype(np.float64),
            noise=np.exp(log_variance[0].astype(np.float64)),
            uptake=uptake[0].astype(np.float64),
            basis=basis[0].astype(np.float64),
            error=self._error.variance(log_ratings(decision.activities), decision.activity_index != UNKNOWN_INDEX),
        )
