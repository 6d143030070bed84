"""Mult-VAE: a variational autoencoder with a multinomial likelihood (Liang et al. 2018, doi 10.1145/3178876.3186150).

Host side only. As published: rows normalised to length one, dropout 0.5 on them, one tanh layer of 600 and 200 latent
dimensions on either side, Adam at 1e-3, and a weight of the Kullback-Leibler term that rises evenly to ``beta``; here
``beta`` is chosen on validation people among three, where the paper takes the best on the way up.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from tools.baselines.vae_training import VaeRanker, log_likelihood

BETAS = (0.05, 0.2, 0.6)
ANNEALING_EPOCHS = 40
DROPOUT = 0.5


class MultVae(nn.Module):
    """(batch, items) rows to (batch, items) logits."""

    def __init__(self, items: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(items, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, items))
        self.dropout = nn.Dropout(DROPOUT)

    def encode(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of z, (batch, latent) each."""
        mean, log_variance = self.encoder(self.dropout(nn.functional.normalize(rows))).chunk(2, dim=-1)
        return mean, log_variance

    def forward(self, rows: Tensor) -> Tensor:
        """The logits at the mean of z."""
        return self.decoder(self.encode(rows)[0])


class MultVaeRanker(VaeRanker):
    """See the module."""

    name = "Mult-VAE"

    def __init__(
        self, *, hidden: int = 600, latent: int = 200, epochs: int = 100, batch: int = 200, seed: int = 0
    ) -> None:
        super().__init__(epochs=epochs, patience=20, batch=batch, seed=seed)
        self._hidden, self._latent = hidden, latent

    @property
    def knob(self) -> str:
        """The weight of the Kullback-Leibler term."""
        return "beta"

    def candidates(self) -> tuple[float, ...]:
        """Its values."""
        return BETAS

    def make(self, items: int, candidate: float) -> nn.Module:  # noqa: ARG002  all candidates have one shape
        """A network."""
        return MultVae(items, self._hidden, self._latent)

    def start(self, network: nn.Module, candidate: float) -> None:  # noqa: ARG002  beta rises from 0 for all
        """An optimiser."""
        self._optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        self._passed = 0

    def epoch(self, network: nn.Module, matrix: sparse.csr_matrix, rng: np.random.Generator, candidate: float) -> None:
        """One pass."""
        assert isinstance(network, MultVae)
        network.train()
        beta = candidate * min(1.0, self._passed / ANNEALING_EPOCHS)
        self._passed += 1
        for rows in self.batches(matrix, rng):
            mean, log_variance = network.encode(rows)
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
            divergence = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum(dim=-1)
            loss = (beta * divergence - log_likelihood(network.decoder(z), rows)).mean()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
