"""The attention-refined variational autoencoder that recommends activities, in torch. Host side only.

Read from the bottom of ``AttVae`` upward, a decision goes this way (B decisions, T tokens of history, A activities):

1. **Attention.** The tokens of the history and one learnt token that stands for "nothing yet" attend to one another
   (``layers`` blocks); then the present state asks them (``heads`` heads), and what they answer is added to it. With an
   empty history only the learnt token can answer, so a cold start is an ordinary case. Tokens have no position, only their
   age. ``attention=False`` replaces both by the mean over the tokens: the ablation.
2. **Encoder.** The refined present gives the mean and log variance of the latent z (B, latent). The same encoder over
   nothing but the learnt token gives the *learnt prior* p(z | present), which an empty history equals exactly.
3. **Decoder.** z, the present and an activity give ``basis`` (B, A, basis), bounded by tanh; expected helpfulness is a
   linear function of it, so that a person's own deviation can be a Gaussian over the same basis (see
   ``ertedge.recommend.posterior``). Beside it the log variance of a rating and the logit of uptake.

Inputs are standardised inside, by means and deviations of the training people (``Standard``), since a share, a count and a
trend differ in scale. Activity and present also reach the basis and uptake directly, by a linear map: what is linear in
them then need not be learnt through two layers.

An activity enters by its content and by a learnt vector of its index; index 0, the unknown activity, has a zero vector.
The sizes of the inputs are those of ``ertedge.recommend.encoding``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ertedge.recommend.encoding import ACTIVITY_SIZE, PRESENT_SIZE, TOKEN_SIZE

INPUT_NAMES = ("present", "token_index", "tokens", "token_mask", "activity_index", "activities")
OUTPUT_NAMES = ("helpfulness", "log_variance", "uptake", "basis", "latent", "latent_log_variance")
LOG_VARIANCE_LEAST, LOG_VARIANCE_MOST = -4.0, 1.0
"""A rating's noise has a deviation of 0.14 to 1.6 on the scale from -1 to 1, whose steps are 0.5."""
_MASKED = -1e4


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network and whether it attends. ``width`` is a multiple of ``heads``."""

    width: int = 32
    heads: int = 2
    layers: int = 1
    latent: int = 8
    hidden: int = 64
    basis: int = 16
    identity: int = 8
    dropout: float = 0.1
    attention: bool = True


class Latent(NamedTuple):
    """A Gaussian over z with independent axes: both (B, latent)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """One draw by the reparameterisation trick (Kingma and Welling 2014)."""
        return self.mean + torch.exp(0.5 * self.log_variance) * torch.randn_like(self.mean)

    def divergence(self, other: Latent) -> Tensor:
        """KL(self || other) of each axis, (B, latent)."""
        shift = (self.mean - other.mean) ** 2 + torch.exp(self.log_variance)
        return 0.5 * (other.log_variance - self.log_variance + shift * torch.exp(-other.log_variance) - 1.0)


class Decoded(NamedTuple):
    """What the decoder says of each activity: (B, A), but ``basis`` (B, A, basis)."""

    helpfulness: Tensor
    log_variance: Tensor
    uptake: Tensor
    basis: Tensor


class Standard(nn.Module):
    """Brings columns to mean zero and deviation one, within five deviations; as it is made, it only bounds them."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def fit(self, rows: Tensor) -> None:
        """Take means and deviations of ``rows`` (n, size). What never changes is left as it is."""
        deviation = rows.std(dim=0)
        self.mean.copy_(rows.mean(dim=0))
        self.scale.copy_(torch.where(deviation > 1e-3, 1.0 / deviation.clamp(min=1e-3), torch.ones_like(deviation)))

    def forward(self, x: Tensor) -> Tensor:
        """(..., size) to the same."""
        return ((x - self.mean) * self.scale).clamp(-5.0, 5.0)


class Attention(nn.Module):
    """Scaled dot-product attention in ``heads`` heads (Vaswani et al. 2017). Written out, so that the exported graph holds
    a few plain operations."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, queries: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, Q, width) from queries (B, Q, width), tokens (B, T, width) and their mask (B, T), 1 where one is."""
        query = self._split(self.query(queries))
        key, value = (self._split(part) for part in self.key_value(tokens).chunk(2, dim=-1))
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        weights = torch.softmax(scores + (1.0 - mask[:, None, None, :]) * _MASKED, dim=-1)
        return self.out((weights @ value).transpose(1, 2).flatten(2))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """Self-attention and a small network, each behind a normalisation and added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.attention = Attention(shape.width, shape.heads)
        self.network = nn.Sequential(
            nn.Linear(shape.width, 2 * shape.width), nn.GELU(), nn.Linear(2 * shape.width, shape.width)
        )
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(B, T, width) to (B, T, width)."""
        normed = self.first(tokens)
        tokens = tokens + self.dropout(self.attention(normed, normed, mask))
        return tokens + self.dropout(self.network(self.second(tokens)))


class AttVae(nn.Module):
    """The whole network for ``known`` activities."""

    def __init__(self, known: int, shape: Shape) -> None:
        super().__init__()
        self.known, self.shape = known, shape
        width, hidden = shape.width, shape.hidden
        self.identity = nn.Embedding(known + 1, shape.identity, padding_idx=0)
        nn.init.normal_(self.identity.weight, std=0.1)
        with torch.no_grad():
            self.identity.weight[0] = 0.0
        self.dropout = nn.Dropout(shape.dropout)
        self.present_standard, self.token_standard = Standard(PRESENT_SIZE), Standard(TOKEN_SIZE)
        self.activity_standard = Standard(ACTIVITY_SIZE)
        self.present_in = nn.Sequential(nn.Linear(PRESENT_SIZE, width), nn.GELU(), nn.Linear(width, width))
        self.token_in = nn.Linear(TOKEN_SIZE + shape.identity, width)
        self.nothing = nn.Parameter(torch.randn(width) * 0.1)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers if shape.attention else 0)])
        self.key_norm, self.query_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = Attention(width, shape.heads) if shape.attention else nn.Linear(width, width)
        self.encoder = nn.Sequential(nn.LayerNorm(2 * width), nn.Linear(2 * width, hidden), nn.GELU(), self.dropout)
        self.to_latent = nn.Linear(hidden, 2 * shape.latent)
        self.activity_in = nn.Sequential(
            nn.Linear(ACTIVITY_SIZE + shape.identity, hidden), nn.GELU(), nn.Linear(hidden, hidden)
        )
        self.latent_in = nn.Linear(shape.latent, hidden)
        self.decoder_present = nn.Linear(width, hidden)
        self.decoder = nn.Sequential(nn.GELU(), self.dropout, nn.Linear(hidden, hidden), nn.GELU())
        self.to_basis = nn.Linear(hidden, shape.basis)
        self.direct = nn.Linear(ACTIVITY_SIZE + shape.identity + PRESENT_SIZE, shape.basis + 1)
        nn.init.normal_(self.direct.weight, std=0.01)
        self.to_helpfulness = nn.Linear(shape.basis, 1)
        self.to_noise = nn.Linear(hidden, 1)
        self.to_uptake = nn.Linear(hidden, 1)

    def encode(self, present: Tensor, token_index: Tensor, tokens: Tensor, token_mask: Tensor) -> Latent:
        """q(z | present, history)."""
        asking = self.present_in(self.present_standard(present))
        embedded = self.token_in(torch.cat([self.token_standard(tokens), self.identity(token_index)], dim=-1))
        return self._latent(asking, embedded, token_mask)

    def prior(self, present: Tensor) -> Latent:
        """p(z | present): the encoder with nothing but its own token."""
        asking = self.present_in(present)
        return self._latent(
            asking, asking.new_zeros(len(present), 0, self.shape.width), asking.new_zeros(len(present), 0)
        )

    def _latent(self, asking: Tensor, embedded: Tensor, token_mask: Tensor) -> Latent:
        nothing = self.nothing.expand(asking.shape[0], 1, -1)
        tokens = torch.cat([nothing, embedded], dim=1)
        mask = torch.cat([torch.ones_like(asking[:, :1]), token_mask], dim=1)
        refined = asking + self.dropout(self._refine(asking, tokens, mask))
        mean, log_variance = self.to_latent(self.encoder(torch.cat([asking, refined], dim=-1))).chunk(2, dim=-1)
        return Latent(mean, 4.0 * torch.tanh(log_variance / 4.0))

    def _refine(self, asking: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        """What the history answers to the present, (B, width)."""
        if not self.shape.attention:
            mean = (tokens * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
            return self.ask(torch.nn.functional.gelu(mean))
        for block in self.blocks:
            tokens = block(tokens, mask)
        return self.ask(self.query_norm(asking)[:, None], self.key_norm(tokens), mask)[:, 0]

    def decode(self, z: Tensor, present: Tensor, activity_index: Tensor, activities: Tensor) -> Decoded:
        """What z and the present (B, ...) make of activities (B, A, ...)."""
        present = self.present_standard(present)
        person = self.latent_in(z) + self.decoder_present(self.present_in(present))
        described = torch.cat([self.activity_standard(activities), self.identity(activity_index)], dim=-1)
        hidden = self.decoder(person[:, None] + self.activity_in(described))
        both = torch.cat([described, present[:, None].expand(-1, described.shape[1], -1)], dim=-1)
        direct = self.direct(both)
        basis = torch.tanh(self.to_basis(hidden) + direct[..., 1:])
        noise = self.to_noise(hidden)[..., 0].clamp(LOG_VARIANCE_LEAST, LOG_VARIANCE_MOST)
        uptake = self.to_uptake(hidden)[..., 0] + direct[..., 0]
        return Decoded(self.to_helpfulness(basis)[..., 0], noise, uptake, basis)

    def forward(  # noqa: PLR0917  (torch exports a call of tensors by their places)
        self,
        present: Tensor,
        token_index: Tensor,
        tokens: Tensor,
        token_mask: Tensor,
        activity_index: Tensor,
        activities: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The device's call, in the order of ``OUTPUT_NAMES``: z is its mean."""
        latent = self.encode(present, token_index, tokens, token_mask)
        return (*self.decode(latent.mean, present, activity_index, activities), *latent)
