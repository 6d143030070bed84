"""What a device learns of one person: Bayesian linear regression in closed form, a response at a time, in microseconds.

Floor 1; imports only words. A response y = prediction + x'w + noise says something of the weights w, which have a Gaussian
prior of mean zero with independent axes. With precision P and information b (the mean is P^-1 b), a response with noise
variance v adds x x'/v to P and x (y - prediction)/v to b (Bishop 2006, equations 3.50 and 3.51). What was learnt fades:
after ``days`` it counts ``2 ** (-days / half_life)`` as much, so that P goes back to the prior's and a person may change.

x has the decoder's basis, then a one for the person, a one for the activity's family and a one for the activity itself, so
that what one activity teaches is shared with its kin as far as the prior variances say (a hierarchical model).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import StoreCorruptError
from ertedge.recommend.activity_features import FAMILIES, Int64Array

Float64Array = NDArray[np.float64]
_DAY_NS = 86_400_000_000_000
_FORMAT = 1
_LOG_ODDS_MOST = 6.0


@dataclass(frozen=True, slots=True)
class PriorVariances:
    """How much people differ from the network: the variance of each weight of the basis (K,), of the person, of a family,
    and of an activity that the network knows and of one that it does not. ``half_life_days`` is how long a response counts
    half; infinite: always wholly."""

    weights: Float64Array
    person: float
    family: float
    activity: float
    unknown_activity: float
    half_life_days: float


@dataclass(frozen=True, slots=True)
class Belief:
    """A Gaussian over A values: ``mean`` (A,), and ``factor`` (A, D) with covariance ``factor @ factor.T``."""

    mean: Float64Array
    factor: Float64Array

    @property
    def variance(self) -> Float64Array:
        """(A,)."""
        squares: Float64Array = np.square(self.factor).sum(axis=1)
        return squares

    def draws(self, generator: np.random.Generator, count: int) -> Float64Array:
        """(count, A) joint draws."""
        return self.mean + generator.standard_normal((count, self.factor.shape[1])) @ self.factor.T


class PersonalPosterior:
    """The weights of one person. ``activity_ids`` are all that may be asked about; those whose id is in ``known`` have the
    variance of a known activity."""

    def __init__(self, prior: PriorVariances, activity_ids: Sequence[str], known: Sequence[str]) -> None:
        self._prior = prior
        self._known = frozenset(known)
        self._head = len(prior.weights) + 1 + len(FAMILIES)
        self._places: dict[str, int] = {}
        self._responses = 0
        self._until_ns = 0
        self._precision = np.zeros((self._head, self._head))
        self._information = np.zeros(self._head)
        self._base = np.concatenate(
            [1.0 / prior.weights, [1.0 / prior.person], np.full(len(FAMILIES), 1.0 / prior.family)]
        )
        self._add(activity_ids)

    @property
    def responses(self) -> int:
        """How many responses it has taken in."""
        return self._responses

    @property
    def activity_ids(self) -> tuple[str, ...]:
        """The activities that have a place, in their order."""
        return tuple(self._places)

    def observe(
        self, basis: Float64Array, family: int, activity_id: str, *, residual: float, noise: float, wall_time_ns: int
    ) -> None:
        """Take in one response that differed by ``residual`` from what the network said, with noise variance ``noise``.

        ``basis`` is (K,). An activity without a place gets one. Raises ``ValueError`` when a number is not finite, or the
        noise not positive: nothing is then changed.
        """
        if not (np.isfinite(basis).all() and np.isfinite([residual, noise]).all() and noise > 0.0):
            raise ValueError("a response must be finite and its noise positive")
        self._add((activity_id,))
        self._fade(wall_time_ns)
        x = self._features(basis[None], np.array([family]), [activity_id])[0]
        self._precision += np.outer(x, x / noise)
        self._information += x * (residual / noise)
        self._responses += 1

    def belief(self, basis: Float64Array, family: Int64Array, activity_ids: Sequence[str], wall_time_ns: int) -> Belief:
        """The deviations of activities with ``basis`` (A, K) and ``family`` (A,) at a moment. An activity without a place
        gets one."""
        self._add(activity_ids)
        kept, head = self._kept(wall_time_ns), self._head
        places = self._places_of(activity_ids)
        # A response is of one activity, so the precision of the activities is diagonal, and what they say of the shared
        # weights leaves by its Schur complement S: with x = (u, 1 of activity a), d the precision of a and c its column
        # beside the shared ones, x' P^-1 x' = (u - c/d)' S^-1 (u' - c'/d') + (1/d where a = a').
        own = self._base[head:] + kept * np.diagonal(self._precision)[head:]
        beside = kept * self._precision[:head, head:]
        told = kept * self._information
        shared = np.diag(self._base[:head]) + kept * self._precision[:head, :head] - (beside / own) @ beside.T
        inverse = np.linalg.inv(np.linalg.cholesky(shared))
        scaled = (self._shared_features(basis, family) - (beside / own)[:, places].T) @ inverse.T
        alone = np.zeros((len(places), len(own)))
        alone[np.arange(len(places)), places] = 1.0 / np.sqrt(own[places])
        mean = scaled @ (inverse @ (told[:head] - beside @ (told[head:] / own))) + (told[head:] / own)[places]
        return Belief(mean, np.concatenate([scaled, alone], axis=1))

    def chances(
        self, log_odds: Float64Array, family: Int64Array, activity_ids: Sequence[str], wall_time_ns: int
    ) -> Float64Array:
        """(A,) probabilities, where the network says ``log_odds`` (A,) and the deviation is one of log odds.

        The mean of a logistic function of a Gaussian, by MacKay's approximation (Bishop 2006, equation 4.153).
        """
        lean = self.belief(np.zeros((len(log_odds), 0)), family, activity_ids, wall_time_ns)
        return _logistic((log_odds + lean.mean) / np.sqrt(1.0 + np.pi * lean.variance / 8.0))

    def observe_answer(self, log_odds: float, family: int, activity_id: str, *, done: bool, wall_time_ns: int) -> None:
        """Take in a yes or no where the network said ``log_odds``: one step of Newton's method, in which a Bernoulli answer
        of probability p is a Gaussian one of the log odds with the variance 1 / (p (1 - p))."""
        lean = self.belief(np.zeros((1, 0)), np.array([family]), (activity_id,), wall_time_ns)
        p = float(_logistic(np.clip(log_odds + lean.mean, -_LOG_ODDS_MOST, _LOG_ODDS_MOST))[0])
        variance = 1.0 / (p * (1.0 - p))
        self.observe(
            np.zeros(0),
            family,
            activity_id,
            residual=float(lean.mean[0]) + (float(done) - p) * variance,
            noise=variance,
            wall_time_ns=wall_time_ns,
        )

    def to_bytes(self, version: str) -> bytes:
        """All that was learnt, for a model of this ``version``; ``from_bytes`` takes it."""
        upper = np.triu_indices(len(self._base))
        written = io.BytesIO()
        np.savez_compressed(
            written,
            format=np.int64(_FORMAT),
            version=np.str_(version),
            activity_ids=np.array(list(self._places), dtype=np.str_),
            precision=self._precision[upper],
            information=self._information,
            responses=np.int64(self._responses),
            until_ns=np.int64(self._until_ns),
        )
        return written.getvalue()

    def read(self, state: bytes, version: str) -> None:
        """Become what ``to_bytes`` wrote, with the places of this one's activities added.

        Raises ``StoreCorruptError`` when it is damaged, or was learnt with a model of another version: nothing is then
        changed.
        """
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as written:
                read = {name: written[name] for name in written.files}
            found, written_by = int(read["format"]), str(read["version"])
            ids = [str(each) for each in read["activity_ids"]]
            size = self._head + len(ids)
            upper = np.triu_indices(size)
            precision = np.zeros((size, size))
            precision[upper] = read["precision"]
            information = np.array(read["information"], dtype=np.float64).reshape(size)
            responses, until_ns = int(read["responses"]), int(read["until_ns"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreCorruptError(f"what the recommender learnt cannot be read ({error}); forget it") from error
        if (found, written_by) != (_FORMAT, version):
            raise StoreCorruptError(
                f"what was learnt is of recommender {written_by}, which is not the {version} that runs; forget it"
            )
        if not (np.isfinite(precision).all() and np.isfinite(information).all() and len(set(ids)) == len(ids)):
            raise StoreCorruptError("what the recommender learnt is no longer finite; forget it")
        mine = tuple(self._places)
        self._places, self._base = {}, self._base[: self._head]
        self._precision, self._information = np.zeros((self._head, self._head)), np.zeros(self._head)
        self._add(ids)
        self._precision = precision + np.triu(precision, 1).T
        self._information = information
        self._responses, self._until_ns = responses, until_ns
        self._add(mine)

    def _add(self, activity_ids: Sequence[str]) -> None:
        new = [each for each in dict.fromkeys(activity_ids) if each not in self._places]
        if not new:
            return
        for each in new:
            self._places[each] = len(self._places)
        variances = [self._prior.activity if each in self._known else self._prior.unknown_activity for each in new]
        self._base = np.concatenate([self._base, 1.0 / np.array(variances)])
        self._precision = np.pad(self._precision, (0, len(new)))
        self._information = np.pad(self._information, (0, len(new)))

    def _features(self, basis: Float64Array, family: Int64Array, activity_ids: Sequence[str]) -> Float64Array:
        x = np.zeros((len(basis), len(self._base)))
        x[:, : self._head] = self._shared_features(basis, family)
        x[np.arange(len(basis)), self._head + self._places_of(activity_ids)] = 1.0
        return x

    def _shared_features(self, basis: Float64Array, family: Int64Array) -> Float64Array:
        """(A, head): the basis, the person, the family."""
        columns = len(self._prior.weights)
        x = np.zeros((len(basis), self._head))
        x[:, :columns] = basis
        x[:, columns] = 1.0
        x[np.arange(len(basis)), columns + 1 + family] = 1.0
        return x

    def _places_of(self, activity_ids: Sequence[str]) -> Int64Array:
        return np.array([self._places[each] for each in activity_ids], dtype=np.int64)

    def _kept(self, wall_time_ns: int) -> float:
        """How much of what was learnt still counts; a clock that went back fades nothing."""
        days = max(0, wall_time_ns - self._until_ns) / _DAY_NS if self._responses else 0.0
        return float(2.0 ** (-days / self._prior.half_life_days))

    def _fade(self, wall_time_ns: int) -> None:
        kept = self._kept(wall_time_ns)
        self._precision *= kept
        self._information *= kept
        self._until_ns = max(self._until_ns, wall_time_ns)


def _logistic(x: Float64Array) -> Float64Array:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0)))
