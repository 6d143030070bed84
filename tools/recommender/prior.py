"""How much people differ from the network: the prior variances of the device's posteriors, by empirical Bayes. Host side.

The network is held fixed and speaks of people that it was not trained on. For ratings the variances, and one factor on the
noise, maximise the likelihood of each person's ratings together (type-II maximum likelihood; MacKay 1992), once with the
activities' own vectors and once by content alone: the second gives what an unknown activity may differ by. How fast a
response fades, and the variances of uptake, are those under which the device's own code, a response after another, foretells
the next one best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ertedge.recommend.posterior import PersonalPosterior, PriorVariances
from tools.att_vae_network import AttVae, Decoded
from tools.recommender.data import Batch, Corpus, all_of
from tools.recommender.training import Deviation, Ratings, decode_offered, joint_likelihood

Float64Array = NDArray[np.float64]
HALF_LIVES = (20.0, 60.0, 180.0)
_LEAST = 1e-4
"""The least variance: what hardly varies still has to have a prior."""
_UPTAKE_GRID = (0.003, 0.03, 0.15, 0.5)
UPTAKE_PEOPLE = 30
"""On how many people the variances of uptake are chosen; each trial goes through all of their offers one by one."""


@dataclass(frozen=True, slots=True)
class FittedPrior:
    """Of ratings and of uptake. ``nats`` are held-out nats per rating under the device's code: without any personal
    deviation, and with it; likewise per offer of ``uptake_nats``."""

    rating: PriorVariances
    uptake: PriorVariances
    nats: tuple[float, float]
    uptake_nats: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the network said of every decision of some people, z at its mean; each (D, ...) of one person."""

    decoded: Decoded
    batch: Batch


def speak(network: AttVae, corpus: Corpus, people: Sequence[int], *, known: bool = True) -> list[Spoken]:
    """The network on all decisions of ``people``, by content alone where ``known`` is false."""
    network.eval()
    spoken = []
    with torch.no_grad():
        for person in people:
            batch = all_of(corpus, [person])
            if not known:
                batch.activity_index.zero_()
                batch.token_index.zero_()
            latent = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
            spoken.append(Spoken(decode_offered(network, latent.mean, batch), batch))
    return spoken


class Said(NamedTuple):
    """What the network said of the D offers to one person: (D,), but ``basis`` (D, K)."""

    helpfulness: Float64Array
    log_variance: Float64Array
    uptake: Float64Array
    basis: Float64Array


def said_by(spoken: Spoken) -> Said:
    """Of the one person, in double precision."""
    return Said(*(part[0].numpy().astype(np.float64) for part in spoken.decoded))


def fit_prior(network: AttVae, deviation: Deviation, corpus: Corpus, people: Sequence[int]) -> FittedPrior:
    """Fit all variances on ``people``, and set the network's noise right by the factor found."""
    spoken = speak(network, corpus, people)
    noise = _maximise(deviation, spoken)
    with torch.no_grad():
        network.to_noise.bias += noise
    spoken = speak(network, corpus, people)
    unknown = Deviation(network.shape.basis)
    unknown.load_state_dict(deviation.state_dict())
    _maximise(unknown, speak(network, corpus, people, known=False))
    person, family, activity = _variances(deviation.effects)
    unknown_activity = max(activity, _variances(unknown.effects)[2])
    weights = torch.exp(deviation.weights).detach().numpy().astype(np.float64).clip(_LEAST)
    choices = [PriorVariances(weights, person, family, activity, unknown_activity, each) for each in HALF_LIVES]
    nats = [_rating_nats(prior, spoken) for prior in choices]
    best = int(np.argmin(nats))
    uptake, uptake_nats = _fit_uptake(spoken[:UPTAKE_PEOPLE], HALF_LIVES[best])
    nothing = PriorVariances(np.full(len(weights), 1e-9), 1e-9, 1e-9, 1e-9, 1e-9, HALF_LIVES[best])
    return FittedPrior(choices[best], uptake, (_rating_nats(nothing, spoken), nats[best]), uptake_nats)


def _variances(effects: Tensor) -> list[float]:
    return torch.exp(effects).detach().numpy().astype(np.float64).clip(_LEAST).tolist()


def _maximise(deviation: Deviation, spoken: Sequence[Spoken]) -> float:
    """Fit the variances to ``spoken``; returns the logarithm of the factor on the noise.

    The profile of the basis weights stays; one factor moves all of them.
    """
    ratings = _together(spoken)
    weights = deviation.weights.detach().clone()
    factors = nn.Parameter(torch.zeros(2))
    optimiser = torch.optim.LBFGS([factors, deviation.effects], max_iter=30, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        scaled = ratings._replace(log_variance=ratings.log_variance + factors[1])
        # A wide prior on the logarithms keeps a variance that the data do not need from running away to zero.
        loss = joint_likelihood(_Moved(deviation, weights + factors[0]), scaled)
        loss = loss + 1e-4 * (deviation.effects + 4.0).square().sum() + 1e-4 * factors.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    with torch.no_grad():
        deviation.weights.copy_(weights + factors[0])
        deviation.effects.clamp_(min=math.log(_LEAST))
    return float(factors[1].detach())


def _together(spoken: Sequence[Spoken]) -> Ratings:
    """The ratings alone of all people side by side, (P, R): what is not rated would only make the matrices larger."""
    each = [Ratings.of(one.decoded, one.batch) for one in spoken]
    kept = [Ratings(*(part[0][one.counts[0] > 0] for part in one)) for one in each]
    padded = nn.utils.rnn.pad_sequence
    return Ratings(*(padded([one[place] for one in kept], batch_first=True) for place in range(len(Ratings._fields))))


class _Moved(Deviation):
    """A deviation whose weights are moved by what is being fitted."""

    def __init__(self, base: Deviation, weights: Tensor) -> None:
        nn.Module.__init__(self)
        self.effects = base.effects
        self.moved = weights

    def covariance(self, basis: Tensor, family: Tensor, activity: Tensor) -> Tensor:
        """As the base, with the moved weights."""
        return self.of((basis * torch.exp(self.moved)) @ basis.transpose(1, 2), family, activity)


def _rating_nats(prior: PriorVariances, spoken: Sequence[Spoken]) -> float:
    """Nats per rating, each foretold from the earlier ones by the device's posterior."""
    total = n = 0.0
    for each in spoken:
        posterior = PersonalPosterior(prior, (), names_of(each.batch))
        rated = each.batch.rated[0].numpy() > 0
        said = said_by(each)
        for place in np.flatnonzero(rated):
            name, family = name_of(each.batch, place), int(each.batch.family[0, place])
            basis, noise = said.basis[place], float(np.exp(said.log_variance[place]))
            now_ns = int(each.batch.now_ns[0, place])
            residual = float(each.batch.rating[0, place]) - float(said.helpfulness[place])
            belief = posterior.belief(basis[None], np.array([family]), [name], now_ns)
            variance = float(belief.variance[0]) + noise
            total += 0.5 * (math.log(2.0 * math.pi * variance) + (residual - float(belief.mean[0])) ** 2 / variance)
            n += 1.0
            posterior.observe(basis, family, name, residual=residual, noise=noise, wall_time_ns=now_ns)
    return total / max(n, 1.0)


def _fit_uptake(spoken: Sequence[Spoken], half_life: float) -> tuple[PriorVariances, tuple[float, float]]:
    """Variances of person, family and activity, one after another, each the best of the grid."""
    found = [_UPTAKE_GRID[0]] * 3

    def nats(values: Sequence[float]) -> float:
        return _uptake_nats(_uptake_prior(values, half_life), spoken)

    without = nats([1e-9] * 3)
    best = nats(found)
    for axis in range(3):
        for value in _UPTAKE_GRID[1:]:
            tried = [*found[:axis], value, *found[axis + 1 :]]
            if (new := nats(tried)) < best:
                best, found = new, tried
    return _uptake_prior(found, half_life), (without, best)


def _uptake_prior(values: Sequence[float], half_life: float) -> PriorVariances:
    person, family, activity = values
    return PriorVariances(np.zeros(0), person, family, activity, activity, half_life)


def _uptake_nats(prior: PriorVariances, spoken: Sequence[Spoken]) -> float:
    total = n = 0.0
    for each in spoken:
        posterior = PersonalPosterior(prior, (), names_of(each.batch))
        for place in range(int(each.batch.real.sum())):
            name, family = name_of(each.batch, place), int(each.batch.family[0, place])
            done, now_ns = bool(each.batch.done[0, place]), int(each.batch.now_ns[0, place])
            log_odds = float(each.decoded.uptake[0, place])
            p = float(posterior.chances(np.array([log_odds]), np.array([family]), (name,), now_ns)[0])
            total -= math.log(p if done else 1.0 - p)
            n += 1.0
            posterior.observe_answer(log_odds, family, name, done=done, wall_time_ns=now_ns)
    return total / max(n, 1.0)


def name_of(batch: Batch, place: int | np.integer) -> str:
    """A name for the activity offered at a place: its row in the catalogue."""
    return str(int(batch.activity_row[0, place]))


def names_of(batch: Batch) -> list[str]:
    return sorted({name_of(batch, place) for place in range(batch.activity_row.shape[1])})
