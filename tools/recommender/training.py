"""Train the recommender's network on encoded logs; interrupted, a training goes on where it was. Host side.

The loss of a batch of P people with D decisions each, every term per decision or per rating, so that none depends on the
sizes:

- **ratings**: the negative log likelihood of a person's ratings *together*. The network gives each rating a mean, from
  what was known before it, and a noise variance; on top lies the person's own Gaussian deviation, linear in the decoder's
  basis, with effects of the person, of each family and of each activity: r ~ N(0, B S B' + b 11' + f FF' + a AA' + noise).
  By the chain rule this is the likelihood of every rating given the earlier ones under exactly the posterior that the
  device keeps, so the network learns to leave to the posterior what the posterior learns better, and nothing that both
  know is counted twice. (Meta-learning of a Bayesian last layer: Harrison, Sharma and Pavone 2018, arXiv 1807.08912.)
- **uptake**: Bernoulli likelihood of an offer being done.
- **reconstruction**: Gaussian likelihood of ``reconstructed`` earlier ratings from the z of a later decision; what makes z
  a summary of the history and not of the next answer alone.
- **divergence**: KL of q(z | present, history) from the learnt prior p(z | present), each axis' first ``free_bits`` free
  (Kingma et al. 2016), times ``beta``, which rises from 0 over the first ``warm_up`` of the training (Bowman et al. 2016),
  and a hundredth of the KL of that prior from N(0, 1), which only fixes its scale.
- weight decay, by AdamW, on matrices.

To be scored by content alone, activities lose their index for a person at random (``forget_identity``), and questionnaire
scores are hidden from some (``hide_scores``), as most people will not have them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ertedge.recommend.encoding import AGE_SIZE, SCORE_COLUMNS
from tools.att_vae_network import AttVae, Decoded, Shape
from tools.recommender.data import Batch, Corpus, all_of, batch_of

_LOG_2_PI = math.log(2.0 * math.pi)
_VARIANCES_FASTER = 10.0
"""Times the learning rate, for the few logarithms of the variances."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that is chosen before a training."""

    shape: Shape = field(default_factory=Shape)
    epochs: int = 10
    people: int = 8
    decisions: int = 48
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    beta: float = 0.2
    warm_up: float = 0.3
    free_bits: float = 0.02
    reconstruct: float = 0.3
    reconstructed: int = 4
    forget_identity: float = 0.15
    hide_scores: float = 0.3


class Losses(NamedTuple):
    """The terms of the loss, scalars."""

    ratings: Tensor
    uptake: Tensor
    reconstruction: Tensor
    divergence: Tensor
    prior: Tensor


@dataclass(frozen=True, slots=True)
class Score:
    """What held-out people say: nats per rating (given their earlier ones) and nats per offer."""

    ratings: float
    uptake: float

    @property
    def loss(self) -> float:
        """What is selected by."""
        return self.ratings + self.uptake


class Deviation(nn.Module):
    """The prior variances of a person's own deviation: of each basis weight, of the person, a family and an activity."""

    def __init__(self, basis: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.full((basis,), math.log(0.02)))
        self.effects = nn.Parameter(torch.full((3,), math.log(0.03)))

    def covariance(self, basis: Tensor, family: Tensor, activity: Tensor) -> Tensor:
        """(P, D, D) of the deviations at decisions with ``basis`` (P, D, K), ``family`` and ``activity`` (P, D)."""
        return self.of((basis * torch.exp(self.weights)) @ basis.transpose(1, 2), family, activity)

    def of(self, linear: Tensor, family: Tensor, activity: Tensor) -> Tensor:
        """As ``covariance``, with what the basis weights give, ``linear`` (P, D, D), worked out already."""
        person, families, activities = torch.exp(self.effects)
        same_family = (family[:, :, None] == family[:, None, :]).to(linear.dtype)
        same_activity = (activity[:, :, None] == activity[:, None, :]).to(linear.dtype)
        return linear + person + families * same_family + activities * same_activity


class Ratings(NamedTuple):
    """Ratings of P people and what the network said before each: (P, D), but ``basis`` (P, D, K); ``counts`` is 1 where
    there is a rating and 0 elsewhere."""

    rating: Tensor
    counts: Tensor
    family: Tensor
    activity: Tensor
    said: Tensor
    log_variance: Tensor
    basis: Tensor

    @classmethod
    def of(cls, decoded: Decoded, batch: Batch) -> Ratings:
        """Of the offered activities, ``decoded`` (P, D)."""
        return cls(
            batch.rating,
            batch.rated,
            batch.family,
            batch.activity_row,
            decoded.helpfulness,
            decoded.log_variance,
            decoded.basis,
        )


def joint_likelihood(deviation: Deviation, ratings: Ratings) -> Tensor:
    """Nats per rating: -log N(ratings; means, deviations + noise) of each person's ratings together, summed over people.

    What is not rated leaves the likelihood by a unit variance of its own and a residual of zero.
    """
    counts = ratings.counts
    residual = ((ratings.rating - ratings.said) * counts)[..., None]
    covariance = deviation.covariance(ratings.basis, ratings.family, ratings.activity)
    covariance = covariance * counts[:, :, None] * counts[:, None, :]
    noise = torch.where(counts > 0, torch.exp(ratings.log_variance), torch.ones_like(counts))
    factor = torch.linalg.cholesky(covariance + torch.diag_embed(noise))
    scaled = torch.linalg.solve_triangular(factor, residual, upper=False)
    log_determinant = 2.0 * torch.log(torch.diagonal(factor, dim1=1, dim2=2)).sum()
    total = 0.5 * (scaled.square().sum() + log_determinant + _LOG_2_PI * counts.sum())
    return total / counts.sum().clamp(min=1.0)


def losses(network: AttVae, deviation: Deviation, batch: Batch, recipe: Recipe) -> Losses:
    """The terms for one batch, z drawn."""
    people, decisions = batch.real.shape
    latent = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
    prior = network.prior(batch.present)
    z = latent.sample()
    decoded = decode_offered(network, z, batch)
    real = batch.real
    uptake = nn.functional.binary_cross_entropy_with_logits(decoded.uptake, batch.done, reduction="none")
    divergence = latent.divergence(prior).clamp(min=recipe.free_bits).sum(dim=-1).view(people, decisions)
    standard = prior._replace(mean=torch.zeros_like(prior.mean), log_variance=torch.zeros_like(prior.mean))
    return Losses(
        ratings=joint_likelihood(deviation, Ratings.of(decoded, batch)),
        uptake=(uptake * real).sum() / real.sum(),
        reconstruction=_reconstruction(network, z.view(people, decisions, -1), batch, recipe.reconstructed),
        divergence=(divergence * real).sum() / real.sum(),
        prior=(prior.divergence(standard).sum(dim=-1).view(people, decisions) * real).sum() / real.sum(),
    )


def decode_offered(network: AttVae, z: Tensor, batch: Batch) -> Decoded:
    """What is said of the activity that was offered, each (P, D)."""
    people, decisions = batch.real.shape
    decoded = network.decode(z, batch.present, batch.activity_index[:, None], batch.activities[:, None])
    return Decoded(*(part[:, 0].unflatten(0, (people, decisions)) for part in decoded))


def _reconstruction(network: AttVae, z: Tensor, batch: Batch, count: int) -> Tensor:
    """Nats per earlier rating, ``count`` of them drawn for each decision's z (P, D, latent)."""
    people, decisions = batch.real.shape
    later = torch.arange(decisions)
    earlier = (torch.rand(people, decisions, count) * later[None, :, None]).long()
    who = torch.arange(people)[:, None, None].expand_as(earlier)
    # The first decision has nothing before it; a decision that is not real or was not rated says nothing.
    counts = batch.rated[who, earlier] * batch.real[:, :, None] * (later > 0)[None, :, None]
    flat = (who * decisions + earlier).reshape(-1)
    repeated = z[:, :, None, :].expand(-1, -1, count, -1).reshape(len(flat), -1)
    decoded = network.decode(
        repeated, batch.present[flat], batch.activity_index[flat, None], batch.activities[flat, None]
    )
    error = batch.rating.reshape(-1)[flat] - decoded.helpfulness[:, 0]
    log_variance = decoded.log_variance[:, 0]
    nats = 0.5 * (error.square() * torch.exp(-log_variance) + log_variance + _LOG_2_PI)
    return (nats * counts.reshape(-1)).sum() / counts.sum().clamp(min=1.0)


def score(network: AttVae, deviation: Deviation, corpus: Corpus, people: Sequence[int]) -> Score:
    """All decisions of ``people``, z at its mean."""
    network.eval()
    ratings = rated = uptake = offers = 0.0
    with torch.no_grad():
        for start in range(0, len(people), 8):
            batch = all_of(corpus, people[start : start + 8])
            latent = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
            decoded = decode_offered(network, latent.mean, batch)
            n = float(batch.rated.sum())
            ratings += float(joint_likelihood(deviation, Ratings.of(decoded, batch))) * n
            rated += n
            nats = nn.functional.binary_cross_entropy_with_logits(decoded.uptake, batch.done, reduction="none")
            uptake += float((nats * batch.real).sum())
            offers += float(batch.real.sum())
    return Score(ratings / max(rated, 1.0), uptake / max(offers, 1.0))


class Training:
    """One training as something that can be driven an epoch at a time, saved and loaded.

    ``corpus`` is trained on at ``people``, and scored at ``held_out``. The best epoch by the held-out score is kept.
    """

    def __init__(
        self,
        corpus: Corpus,
        people: Sequence[int],
        held_out: Sequence[int],
        *,
        known: int,
        recipe: Recipe,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.recipe = recipe
        self.network, self.deviation = AttVae(known, recipe.shape), Deviation(recipe.shape.basis)
        self._standardise(corpus, people)
        self.epoch = 0
        self.scores: list[Score] = []
        self._corpus, self._people, self._held_out = corpus, np.asarray(people), list(held_out)
        self._random = np.random.default_rng(seed)
        self._known = known
        self._best: dict[str, dict[str, Tensor]] = {}
        self._steps = max(1, math.ceil(len(people) / recipe.people))
        matrices = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0.0},
                {"params": list(self.deviation.parameters()), "weight_decay": 0.0},
            ],
            lr=recipe.learning_rate,
        )

    def _standardise(self, corpus: Corpus, people: Sequence[int]) -> None:
        decisions = np.concatenate([np.arange(corpus.bounds[each], corpus.bounds[each + 1]) for each in people])
        tokens = corpus.history_end[decisions] - 1
        tokens = tokens[tokens >= corpus.history_first[decisions]]
        self.network.present_standard.fit(torch.from_numpy(corpus.present[decisions]))
        self.network.activity_standard.fit(torch.from_numpy(corpus.activities[decisions]))
        if len(tokens) > 1:
            self.network.token_standard.fit(torch.from_numpy(corpus.tokens[tokens]))
        # The ages of tokens are set for each decision, so they stay as they are.
        self.network.token_standard.mean[-AGE_SIZE:] = 0.0
        self.network.token_standard.scale[-AGE_SIZE:] = 1.0

    @property
    def best(self) -> Score:
        """The best held-out score of the epochs so far."""
        return min(self.scores, key=lambda each: each.loss)

    def run_epoch(self) -> Score:
        """Train one epoch and score the held-out people."""
        self.train_epoch()
        return self.judge()

    def train_epoch(self) -> None:
        """Go once over all people."""
        self.network.train()
        order = self._random.permutation(self._people)
        torch.manual_seed(int(self._random.integers(2**31)))
        for step in range(self._steps):
            self._step(order[step :: self._steps].tolist(), self.epoch + step / self._steps)
        self.epoch += 1

    def judge(self) -> Score:
        """Score the held-out people, and keep the network if it is the best so far."""
        found = score(self.network, self.deviation, self._corpus, self._held_out)
        if not self.scores or found.loss < self.best.loss:
            self._best = {
                "network": {name: value.clone() for name, value in self.network.state_dict().items()},
                "deviation": {name: value.clone() for name, value in self.deviation.state_dict().items()},
            }
        self.scores.append(found)
        return found

    def _step(self, people: list[int], at: float) -> None:
        recipe = self.recipe
        batch = disturb(
            batch_of(self._corpus, people, recipe.decisions, self._random), self._known, recipe, self._random
        )
        terms = losses(self.network, self.deviation, batch, recipe)
        share = at / recipe.epochs
        beta = recipe.beta * min(1.0, share / recipe.warm_up)
        loss = terms.ratings + terms.uptake + recipe.reconstruct * terms.reconstruction
        loss = loss + beta * terms.divergence + 0.01 * terms.prior
        for group, faster in zip(self._optimiser.param_groups, (1.0, 1.0, _VARIANCES_FASTER), strict=True):
            group["lr"] = recipe.learning_rate * faster * _rate(share)
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*self.network.parameters(), *self.deviation.parameters()], 1.0)
        self._optimiser.step()

    def take_best(self) -> tuple[AttVae, Deviation]:
        """The network and the variances of the best epoch, in evaluation mode."""
        self.network.load_state_dict(self._best["network"])
        self.deviation.load_state_dict(self._best["deviation"])
        return self.network.eval(), self.deviation

    def save(self, path: Path) -> None:
        """Write all that a training needs to go on; whole or not at all."""
        new = path.with_suffix(".new")
        state = {
            "known": self._known,
            "recipe": asdict(self.recipe),
            "epoch": self.epoch,
            "scores": [asdict(each) for each in self.scores],
            "network": self.network.state_dict(),
            "deviation": self.deviation.state_dict(),
            "best": self._best,
            "optimiser": self._optimiser.state_dict(),
            "random": self._random.bit_generator.state,
        }
        torch.save(state, new)
        new.replace(path)

    def load(self, path: Path) -> None:
        """Go on where ``save`` was called. Raises ``ValueError`` when that was another recipe or catalogue."""
        state = torch.load(path, weights_only=True)
        if recipe_of(state["recipe"]) != self.recipe or state["known"] != self._known:
            raise ValueError(f"{path} holds a training of another recipe or catalogue; give another --out")
        self.epoch, self.scores = state["epoch"], [Score(**each) for each in state["scores"]]
        self.network.load_state_dict(state["network"])
        self.deviation.load_state_dict(state["deviation"])
        self._best = state["best"]
        self._optimiser.load_state_dict(state["optimiser"])
        self._random.bit_generator.state = state["random"]


def recipe_of(written: dict[str, object]) -> Recipe:
    """The recipe that ``asdict`` made ``written`` of."""
    plain = dict(written)
    shape = plain.pop("shape")
    assert isinstance(shape, dict)
    return Recipe(shape=Shape(**shape), **plain)  # type: ignore[arg-type]


def train(training: Training, path: Path, tell: Callable[[int, Score], None]) -> None:
    """Train to the recipe's last epoch, going on from ``path`` where it exists, and save after every epoch."""
    if path.exists():
        training.load(path)
    while training.epoch < training.recipe.epochs:
        found = training.run_epoch()
        training.save(path)
        tell(training.epoch, found)


def disturb(batch: Batch, known: int, recipe: Recipe, random: np.random.Generator) -> Batch:
    """The batch with some activities' indices forgotten and some people's questionnaire scores hidden."""
    people, decisions = batch.real.shape
    keep = torch.from_numpy(random.random((people, known + 1)) >= recipe.forget_identity)
    keep = keep.repeat_interleave(decisions, dim=0)
    shown = torch.from_numpy(random.random(people) >= recipe.hide_scores).repeat_interleave(decisions)
    present = batch.present.clone()
    present[:, SCORE_COLUMNS] *= shown[:, None].float()
    return replace(
        batch,
        present=present,
        activity_index=batch.activity_index * keep.gather(1, batch.activity_index[:, None])[:, 0],
        token_index=batch.token_index * keep.gather(1, batch.token_index),
    )


def _rate(share: float) -> float:
    """A short rise, then half a cosine down to a fiftieth."""
    if share < 0.05:
        return 0.1 + 0.9 * share / 0.05
    return 0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * (share - 0.05) / 0.95))
