"""The recommender's network for public tables of people and items, to be compared with what such tables are for. Host side.

A table has no moments and no outcomes, only who liked what. What is left of ``tools.att_vae_network`` is its idea: a first
representation of the person (the bag of their items) asks the items themselves by attention, with a learnt token for
"nothing yet"; what they answer refines it before the encoder; z is decoded to a score for each item. The likelihood is
multinomial with annealed beta, and rows lose half of their items at random (Liang et al. 2018, doi 10.1145/3178876.3186150);
the prior is mixed of the standard normal, the encoder of the epoch before, and a wide normal (Shenbin et al. 2020, doi
10.1145/3336191.3371831).

As on the device, where a closed-form posterior lies on top of the network, a closed-form linear part lies on top here: the
item-to-item weights of Steck (2019, doi 10.1145/3308558.3313710). How much it counts beside the network is chosen on the
validation people, from nothing up.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from tools.att_vae_network import Attention
from tools.baselines.ease import ease_weights
from tools.baselines.matrix import HeldOut
from tools.baselines.vae_training import VaeRanker, log_likelihood

Array = NDArray[np.float64]

BETAS = (0.1, 0.2, 0.4)
LINEAR_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9)
PENALTIES = (50.0, 100.0, 200.0, 400.0, 800.0)
PRIOR_SHARES = (0.2, 0.7, 0.1)
WIDE_LOG_VARIANCE = 5.0
ANNEALED_EPOCHS = 20
TOKENS = 128
"""Items that the attention of a person sees; of those with more, a sample while training and the first in evaluation."""


class InteractionsNetwork(nn.Module):
    """(batch, items) rows of zeros and ones to (batch, items) logits."""

    def __init__(self, items: int, *, width: int = 128, hidden: int = 400, latent: int = 100, heads: int = 4) -> None:
        super().__init__()
        self.item = nn.Embedding(items, width)
        nn.init.normal_(self.item.weight, std=0.05)
        self.nothing = nn.Parameter(torch.randn(width) * 0.05)
        self.bag = nn.Linear(items, width)
        self.ask = Attention(width, heads)
        self.token_norm, self.asking_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.encoder = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent)
        )
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.Tanh(), nn.Dropout(0.2), nn.Linear(hidden, items))
        self.dropout = nn.Dropout(0.5)

    def encode(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of z, (batch, latent) each. In training half of the items are left out."""
        kept = (self.dropout(rows) > 0).to(rows.dtype) * rows
        asking = torch.tanh(self.bag(nn.functional.normalize(kept)))
        chosen, mask = self._tokens(kept)
        tokens = torch.cat([self.nothing.expand(len(rows), 1, -1), self.item(chosen)], dim=1)
        mask = torch.cat([torch.ones_like(mask[:, :1]), mask], dim=1)
        answer = self.ask(self.asking_norm(asking)[:, None], self.token_norm(tokens), mask)[:, 0]
        mean, log_variance = self.encoder(torch.cat([asking, asking + answer], dim=-1)).chunk(2, dim=-1)
        return mean, log_variance.clamp(-8.0, 4.0)

    def _tokens(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        """The items of each row, (batch, T), and 1 where there is one."""
        order = torch.rand_like(kept) if self.training else torch.linspace(1.0, 0.5, kept.shape[1]).expand_as(kept)
        values, chosen = torch.topk(kept * (order + 1.0), min(TOKENS, kept.shape[1]), dim=1)
        longest = int((values > 0).sum(dim=1).max().clamp(min=1))
        return chosen[:, :longest], (values[:, :longest] > 0).to(kept.dtype)

    def forward(self, rows: Tensor) -> Tensor:
        """The logits at the mean of z."""
        return self.decoder(self.encode(rows)[0])


class InteractionsVae(VaeRanker):
    """Fitted to a table, then asked for people that it has not seen: ``fit(matrix, validation)``, ``scores(shown)``; see
    ``tools.baselines.matrix``. ``linear`` False leaves the closed-form part out."""

    name = "ertedge"

    def __init__(self, *, epochs: int = 80, batch: int = 100, seed: int = 0, linear: bool = True) -> None:
        super().__init__(epochs=epochs, patience=15, batch=batch, seed=seed)
        self._linear = linear
        self._weights: Array | None = None
        self._share = 0.0
        self._epoch = 0

    @property
    def knob(self) -> str:
        """The weight that the divergence from the prior rises to."""
        return "beta"

    def candidates(self) -> tuple[float, ...]:
        """Its values."""
        return BETAS

    def make(self, items: int, candidate: float) -> nn.Module:  # noqa: ARG002  (all candidates have one shape)
        """A fresh network."""
        return InteractionsNetwork(items)

    def start(self, network: nn.Module, candidate: float) -> None:  # noqa: ARG002  (the optimisers are alike)
        """AdamW; the annealing begins."""
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.01)
        self._epoch = 0

    def epoch(self, network: nn.Module, matrix: sparse.csr_matrix, rng: np.random.Generator, candidate: float) -> None:
        """Once over all people, against the encoder as it was before."""
        assert isinstance(network, InteractionsNetwork)
        earlier = copy.deepcopy(network).eval()
        network.train()
        beta = candidate * min(1.0, self._epoch / ANNEALED_EPOCHS)
        for rows in self.batches(matrix, rng):
            mean, log_variance = network.encode(rows)
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
            with torch.no_grad():
                before = earlier.encode(rows)
            divergence = _log_normal(z, mean, log_variance).sum(dim=-1) - _log_prior(z, before)
            loss = (beta * divergence - log_likelihood(network.decoder(z), rows)).mean()
            self._optimiser.zero_grad()
            loss.backward()
            self._optimiser.step()
        self._epoch += 1

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:
        """Train the network, solve the linear part, and choose how much each counts on the validation people."""
        super().fit(matrix, validation)
        if not self._linear:
            return
        network = standardised(super().scores(validation.shown))
        solved = [(penalty, ease_weights(matrix, penalty)) for penalty in PENALTIES]
        best = validation.ndcg(network)
        for penalty, weights in solved:
            linear = standardised(validation.shown @ weights)
            for share in LINEAR_SHARES[1:]:
                quality = validation.ndcg((1.0 - share) * network + share * linear)
                if quality > best:
                    best, self._weights, self._share = quality, weights, share
                    chosen = f", linear share {share:g} at penalty {penalty:g}"
        if self._weights is not None:
            self.choices += chosen

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """(people, items): the network's logits and the linear part, each standardised over a person's items."""
        network = standardised(super().scores(shown))
        if self._weights is None:
            return network
        return (1.0 - self._share) * network + self._share * standardised(shown @ self._weights)


def standardised(scores: Array) -> Array:
    """Each row at mean 0 and deviation 1, so that scores of different origin can be mixed."""
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-9)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / spread)


def _log_normal(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    return -0.5 * (math.log(2.0 * math.pi) + log_variance + (z - mean) ** 2 * torch.exp(-log_variance))


def _log_prior(z: Tensor, before: tuple[Tensor, Tensor]) -> Tensor:
    """(batch,) log density of the mixed prior, each axis mixed alone."""
    zero = torch.zeros_like(z)
    parts = ((zero, zero), before, (zero, zero + WIDE_LOG_VARIANCE))
    mixed = [math.log(share) + _log_normal(z, *part) for share, part in zip(PRIOR_SHARES, parts, strict=True)]
    return torch.logsumexp(torch.stack(mixed), dim=0).sum(dim=-1)
