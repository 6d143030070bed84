"""RecVAE: Mult-VAE with a composite prior and turns of training (Shenbin et al. 2020, doi 10.1145/3336191.3371831).

Host side only. As published: a deeper encoder in which every layer sees all before it (swish, layer normalisation), a
linear decoder, a Kullback-Leibler term that grows with how much is known of the person (weight ``gamma`` times the
number of entries), a prior mixed of the standard normal (0.15), the posterior of the encoder before this epoch (0.75)
and a wide normal (0.1), and in each epoch three turns of the encoder on rows with dropout, one of the decoder on whole
rows. Adam at 5e-4.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from tools.baselines.vae_training import VaeRanker, log_likelihood

GAMMAS = (0.0035, 0.005, 0.01)
PRIOR_SHARES = (0.15, 0.75, 0.1)
WIDE_LOG_VARIANCE = 10.0
ENCODER_TURNS = 3
LAYERS = 5
DROPOUT = 0.5


class Encoder(nn.Module):
    """Rows to mean and log-variance of z."""

    def __init__(self, items: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(items if i == 0 else hidden, hidden) for i in range(LAYERS))
        self.norms = nn.ModuleList(nn.LayerNorm(hidden, eps=0.1) for _ in range(LAYERS))
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)

    def forward(self, rows: Tensor, dropout: float) -> tuple[Tensor, Tensor]:
        """(batch, latent) each."""
        given = nn.functional.dropout(nn.functional.normalize(rows), p=dropout, training=self.training)
        before: list[Tensor] = []
        for i, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            value = layer(given) if i == 0 else layer(before[-1]) + torch.stack(before).sum(dim=0)
            before.append(norm(nn.functional.silu(value)))
        return self.mean(before[-1]), self.log_variance(before[-1])


class RecVae(nn.Module):
    """(batch, items) rows to (batch, items) logits."""

    def __init__(self, items: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.encoder = Encoder(items, hidden, latent)
        self.decoder = nn.Linear(latent, items)

    def forward(self, rows: Tensor) -> Tensor:
        """The logits at the mean of z."""
        return self.decoder(self.encoder(rows, 0.0)[0])


class RecVaeRanker(VaeRanker):
    """See the module."""

    name = "RecVAE"

    def __init__(
        self, *, hidden: int = 600, latent: int = 200, epochs: int = 50, batch: int = 200, seed: int = 0
    ) -> None:
        super().__init__(epochs=epochs, patience=12, batch=batch, seed=seed)
        self._hidden, self._latent = hidden, latent

    @property
    def knob(self) -> str:
        """The weight of the Kullback-Leibler term for each entry of a row."""
        return "gamma"

    def candidates(self) -> tuple[float, ...]:
        """Its values."""
        return GAMMAS

    def make(self, items: int, candidate: float) -> nn.Module:  # noqa: ARG002  all candidates have one shape
        """A network."""
        return RecVae(items, self._hidden, self._latent)

    def start(self, network: nn.Module, candidate: float) -> None:  # noqa: ARG002  the optimisers are alike
        """An optimiser for each side."""
        assert isinstance(network, RecVae)
        self._encoder_optimizer = torch.optim.Adam(network.encoder.parameters(), lr=5e-4)
        self._decoder_optimizer = torch.optim.Adam(network.decoder.parameters(), lr=5e-4)

    def epoch(self, network: nn.Module, matrix: sparse.csr_matrix, rng: np.random.Generator, candidate: float) -> None:
        """Three turns of the encoder against the prior that it set before, then one of the decoder."""
        assert isinstance(network, RecVae)
        network.train()
        earlier = copy.deepcopy(network.encoder).eval()
        for _ in range(ENCODER_TURNS):
            for rows in self.batches(matrix, rng):
                z, mean, log_variance = draw(network.encoder, rows, DROPOUT)
                with torch.no_grad():
                    old = earlier(rows, 0.0)
                divergence = log_normal(z, mean, log_variance) - log_prior(z, old)
                weight = candidate * rows.sum(dim=-1)
                loss = (weight * divergence - log_likelihood(network.decoder(z), rows)).mean()
                _step(self._encoder_optimizer, loss)
        for rows in self.batches(matrix, rng):
            z, _, _ = draw(network.encoder, rows, 0.0)
            _step(self._decoder_optimizer, -log_likelihood(network.decoder(z), rows).mean())


def draw(encoder: Encoder, rows: Tensor, dropout: float) -> tuple[Tensor, Tensor, Tensor]:
    """A draw of z with the mean and log-variance that it comes from."""
    mean, log_variance = encoder(rows, dropout)
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean), mean, log_variance


def log_normal(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """(batch,) log-density."""
    return -0.5 * (math.log(2 * math.pi) + log_variance + (z - mean) ** 2 / log_variance.exp()).sum(dim=-1)


def log_prior(z: Tensor, old: tuple[Tensor, Tensor]) -> Tensor:
    """(batch,) log-density of the mixture, dimension by dimension as in the authors' definition of its parts."""
    zero = torch.zeros_like(z)
    parts = ((zero, zero), old, (zero, zero + WIDE_LOG_VARIANCE))
    densities = [
        math.log(share) - 0.5 * (math.log(2 * math.pi) + log_variance + (z - mean) ** 2 / log_variance.exp())
        for share, (mean, log_variance) in zip(PRIOR_SHARES, parts, strict=True)
    ]
    return torch.logsumexp(torch.stack(densities), dim=0).sum(dim=-1)


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
