"""What each activity would do for this person now: the network's forecast, and what the device learnt of the person on top.

Floor 1; imports only words. The network carries what holds for people in general and reads the history; two posteriors
carry how this person differs, one of ratings and one of uptake, and take in every response at once.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import NotFoundError, StoreCorruptError
from ertedge.recommend.activity_features import ActivityTable, Int64Array
from ertedge.recommend.att_vae import AttVae, Decoded, Graph, ModelEntry
from ertedge.recommend.encoding import ENCODING_VERSION, encode
from ertedge.recommend.posterior import PersonalPosterior, PriorVariances
from ertedge.recommend.remembered_history import RememberedHistory
from ertedge.types import Activity, DecisionContext, Suggestion, SuggestionStatus, helpfulness_of_rating

Float64Array = NDArray[np.float64]

_CLOSED = (SuggestionStatus.COMPLETED, SuggestionStatus.DISMISSED, SuggestionStatus.EXPIRED)
_REMEMBERED_RESPONSES = 256
_UPTAKE, _RATING = 1, 2


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of A activities.

    ``helpfulness`` (A,) in [-1, 1] is the mean of what a person would say if it is done, ``sd`` (A,) how far from it the
    truth may lie, ``uptake`` (A,) in [0, 1] the probability that it is done when offered. ``noise_sd`` (A,) is how much
    single ratings spread around the mean. ``factor`` (A, D): ``factor @ factor.T`` is the posterior's covariance.

    ``sd`` and ``factor`` are kept apart on purpose. ``sd`` has two parts, what the posterior does not know and what the
    network errs by beyond it. Exploring draws by the first part alone: trying an activity out teaches the posterior of it
    and of its kin, and of the second only a little of that one activity.
    """

    activity_ids: tuple[str, ...]
    helpfulness: Float64Array
    sd: Float64Array
    uptake: Float64Array
    noise_sd: Float64Array
    factor: Float64Array

    def draws(self, generator: np.random.Generator, count: int) -> Float64Array:
        """(count, A) joint draws of what the posterior holds possible, in [-1, 1]; without the network's own error and the
        noise of a rating."""
        normal = generator.standard_normal((count, self.factor.shape[1]))
        return np.clip(self.helpfulness + normal @ self.factor.T, -1.0, 1.0)


class Recommender:
    """The recommender of one person, over the ``activities`` of the whole catalogue. It belongs to one thread at a time.

    Raises ``ManifestError`` when ``entry`` is of another encoding or lacks a parameter, ``StoreCorruptError`` when ``state``
    is not one of this model's.
    """

    def __init__(
        self, graph: Graph, entry: ModelEntry, activities: Sequence[Activity], state: bytes | None = None
    ) -> None:
        self._network = AttVae(graph, entry)
        self._table = ActivityTable.of(activities, entry.activities)
        self._known = tuple(entry.activities)
        self._version = f"{entry.version}+{ENCODING_VERSION}.{entry.sha256[:12]}"
        self._rating_prior = _prior(entry, "deviation", entry.vector("weight_variance").astype(np.float64))
        self._uptake_prior = _prior(entry, "uptake_deviation", np.zeros(0))
        self._history = RememberedHistory(self._table)
        self._rating, self._uptake, self._learnt = self._nothing_learnt()
        if state is not None:
            self.restore(state)

    @property
    def version(self) -> str:
        """Of the model, the encoding and the weights; what was learnt with one version is of no use to another."""
        return self._version

    @property
    def responses(self) -> int:
        """How many ratings it has learnt from."""
        return self._rating.responses

    def forecast(
        self, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> Forecast:
        """What is expected of ``activities`` at ``context``, after ``history`` (in the order of time).

        Raises ``NotFoundError`` for an activity that was not in the catalogue it was made with.
        """
        rows = self._rows([activity.activity_id for activity in activities])
        ids = tuple(activity.activity_id for activity in activities)
        decoded = self._decode(context, history, rows)
        family, now_ns = self._table.family[rows], context.wall_time_ns
        belief = self._rating.belief(decoded.basis, family, ids, now_ns)
        return Forecast(
            activity_ids=ids,
            helpfulness=np.clip(decoded.helpfulness + belief.mean, -1.0, 1.0),
            sd=np.sqrt(belief.variance + decoded.error),
            uptake=self._uptake.chances(decoded.uptake, family, ids, now_ns),
            noise_sd=np.sqrt(decoded.noise),
            factor=belief.factor,
        )

    def learn(self, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion) -> None:
        """Take in what became of ``suggestion``, which was decided at ``context`` after ``history_before``.

        Uptake is learnt once it was done, dismissed or has expired, and the rating once there is one: each once, however
        often the suggestion is handed in, so that a rating may follow later. Activities that the catalogue no longer has
        teach nothing.
        """
        if suggestion.activity_id not in self._table.rows:
            return
        before = self._learnt.get(suggestion.suggestion_id, 0)
        now = (_UPTAKE if suggestion.status in _CLOSED else 0) | (_RATING if suggestion.helpfulness else 0)
        new = now & ~before
        if not new:
            return
        rows = self._rows([suggestion.activity_id])
        decoded, family = self._decode(context, history_before, rows), int(self._table.family[rows[0]])
        if new & _RATING:
            residual = helpfulness_of_rating(suggestion.helpfulness) - float(decoded.helpfulness[0])
            self._rating.observe(
                decoded.basis[0],
                family,
                suggestion.activity_id,
                residual=residual,
                noise=float(decoded.noise[0]),
                wall_time_ns=suggestion.wall_time_ns,
            )
        if new & _UPTAKE:
            self._uptake.observe_answer(
                float(decoded.uptake[0]),
                family,
                suggestion.activity_id,
                done=suggestion.status is SuggestionStatus.COMPLETED,
                wall_time_ns=suggestion.wall_time_ns,
            )
        self._learnt[suggestion.suggestion_id] = before | now
        while len(self._learnt) > _REMEMBERED_RESPONSES:
            del self._learnt[next(iter(self._learnt))]

    def state(self) -> bytes:
        """All that was learnt of the person, for ``restore``."""
        written = io.BytesIO()
        np.savez_compressed(
            written,
            rating=np.frombuffer(self._rating.to_bytes(self._version), dtype=np.uint8),
            uptake=np.frombuffer(self._uptake.to_bytes(self._version), dtype=np.uint8),
            learnt=np.array(list(self._learnt.items()), dtype=np.int64).reshape(-1, 2),
        )
        return written.getvalue()

    def restore(self, state: bytes) -> None:
        """Become what ``state`` wrote. Raises ``StoreCorruptError`` when it is damaged or of another version of the model;
        what was known stays."""
        rating, uptake, _ = self._nothing_learnt()
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as written:
                parts = {name: written[name] for name in written.files}
            packed = parts["rating"].tobytes(), parts["uptake"].tobytes()
            learnt = {int(suggestion): int(what) for suggestion, what in parts["learnt"].reshape(-1, 2)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreCorruptError(f"what the recommender learnt cannot be read ({error}); forget it") from error
        rating.read(packed[0], self._version)
        uptake.read(packed[1], self._version)
        self._rating, self._uptake, self._learnt = rating, uptake, learnt

    def forget(self) -> None:
        """Know nothing of the person any more."""
        self._history = RememberedHistory(self._table)
        self._rating, self._uptake, self._learnt = self._nothing_learnt()

    def _nothing_learnt(self) -> tuple[PersonalPosterior, PersonalPosterior, dict[int, int]]:
        ids = self._table.ids
        rating = PersonalPosterior(self._rating_prior, ids, self._known)
        return rating, PersonalPosterior(self._uptake_prior, ids, self._known), {}

    def _rows(self, activity_ids: Sequence[str]) -> Int64Array:
        missing = [each for each in activity_ids if each not in self._table.rows]
        if missing:
            raise NotFoundError(f"the recommender was made without the activity {missing[0]}; open it again")
        return np.array([self._table.rows[each] for each in activity_ids], dtype=np.int64)

    def _decode(self, context: DecisionContext, history: Sequence[Suggestion], rows: Int64Array) -> Decoded:
        return self._network(encode(context, self._history.table(history), self._table, rows))


def _prior(entry: ModelEntry, name: str, weights: Float64Array) -> PriorVariances:
    """The variances of person, family, activity and unknown activity, as ``name`` of the entry lists them."""
    person, family, activity, unknown = entry.vector(name).astype(np.float64).tolist()
    return PriorVariances(weights, person, family, activity, unknown, entry.parameter("half_life_days"))
