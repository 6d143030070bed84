"""The training loop that Mult-VAE and RecVAE share: batches of people, early stopping on validation people. Host side
only.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from tools.baselines.matrix import HeldOut

Array = NDArray[np.float64]


class VaeRanker(ABC):
    """A variational autoencoder of people's rows. Subclasses make a network and train it for one epoch; this keeps the epoch
    that ranks best for the validation people and stops after ``patience`` epochs without a better one."""

    name: str

    def __init__(self, *, epochs: int, patience: int, batch: int, seed: int) -> None:
        self.choices = ""
        self._epochs, self._patience, self._batch, self._seed = epochs, patience, batch, seed
        self._network: nn.Module | None = None

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:
        """Train every candidate and keep the best epoch of the best."""
        best = -1.0
        for candidate in self.candidates():
            torch.manual_seed(self._seed)
            network = self.make(matrix.shape[1], candidate)
            quality, epoch = self._train(network, matrix, validation, candidate)
            if quality > best:
                best, self._network = quality, network
                self.choices = f"{self.knob} {candidate:g}, {epoch} epochs"

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """The logits of the mean of the posterior."""
        if self._network is None:
            raise RuntimeError("fit comes first")
        return score(self._network, shown)

    def _train(
        self, network: nn.Module, matrix: sparse.csr_matrix, validation: HeldOut, candidate: float
    ) -> tuple[float, int]:
        self.start(network, candidate)
        best, best_epoch, kept = -1.0, 0, copy.deepcopy(network.state_dict())
        rng = np.random.default_rng(self._seed)
        for epoch in range(1, self._epochs + 1):
            self.epoch(network, matrix, rng, candidate)
            quality = validation.ndcg(score(network, validation.shown))
            if quality > best:
                best, best_epoch, kept = quality, epoch, copy.deepcopy(network.state_dict())
            elif epoch - best_epoch >= self._patience:
                break
        network.load_state_dict(kept)
        return best, best_epoch

    def batches(self, matrix: sparse.csr_matrix, rng: np.random.Generator) -> Iterator[Tensor]:
        """The rows in random order, as float32 (batch, items)."""
        order = rng.permutation(matrix.shape[0])
        for first in range(0, len(order), self._batch):
            yield dense(matrix[order[first : first + self._batch]])

    @property
    @abstractmethod
    def knob(self) -> str:
        """The name of what differs between candidates."""

    @abstractmethod
    def candidates(self) -> tuple[float, ...]:
        """The values tried."""

    @abstractmethod
    def make(self, items: int, candidate: float) -> nn.Module:
        """A fresh network; its ``forward`` takes (batch, items) and gives logits of the posterior's mean in evaluation."""

    @abstractmethod
    def start(self, network: nn.Module, candidate: float) -> None:
        """Before the first epoch."""

    @abstractmethod
    def epoch(self, network: nn.Module, matrix: sparse.csr_matrix, rng: np.random.Generator, candidate: float) -> None:
        """Train once over all people."""


def dense(rows: sparse.csr_matrix) -> Tensor:
    """(n, items) float32."""
    return torch.from_numpy(np.asarray(rows.toarray(), dtype=np.float32))


def score(network: nn.Module, shown: sparse.csr_matrix, batch: int = 1000) -> Array:
    """(people, items) logits, without dropout."""
    network.eval()
    firsts = range(0, shown.shape[0], batch)
    with torch.no_grad():
        parts = [network(dense(shown[first : first + batch])).double().numpy() for first in firsts]
    return np.concatenate(parts) if parts else np.zeros(shown.shape)


def log_likelihood(logits: Tensor, rows: Tensor) -> Tensor:
    """(batch,) multinomial log-likelihood of the rows, but for its constant (Liang et al. 2018, equation 2)."""
    return (torch.log_softmax(logits, dim=-1) * rows).sum(dim=-1)
