"""Logs of decisions as arrays to train the recommender from, encoded by the device's own code. Host side.

Everything that does not depend on a draw is made once: the tokens of each suggestion, the present and the offered activity
of each decision. A batch only gathers rows, so that an epoch over a thousand people takes seconds on one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ertedge.recommend.activity_features import ActivityTable, Int64Array
from ertedge.recommend.encoding import (
    ACTIVITY_SIZE,
    AGE_SIZE,
    PRESENT_SIZE,
    TOKEN_SIZE,
    TOKENS,
    HistoryTable,
    activity_features,
    age_features,
    present_features,
)
from ertedge.types import Float32Array
from tools.cohort.records import PersonLog

_DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Encoded logs of several people, one after another.

    Of each of S suggestions: ``tokens`` (S, TOKEN_SIZE), ``token_index``, ``token_ns``. Of each of N decisions: ``present``
    (N, PRESENT_SIZE), ``activities`` (N, ACTIVITY_SIZE), ``activity_index`` and ``activity_row`` (its place in the
    catalogue), ``family``, ``now_ns``, the first and the last (exclusive) suggestion of the person known then
    (``history_first``, ``history_end``), ``done``, ``rated``, ``rating`` in [-1, 1] and ``truth``, which is NaN outside a
    simulation. Person p has the decisions ``bounds[p]`` to ``bounds[p + 1]``.
    """

    tokens: Float32Array
    token_index: Int64Array
    token_ns: Int64Array
    present: Float32Array
    activities: Float32Array
    activity_index: Int64Array
    activity_row: Int64Array
    family: Int64Array
    now_ns: Int64Array
    history_first: Int64Array
    history_end: Int64Array
    done: Float32Array
    rated: Float32Array
    rating: Float32Array
    truth: Float32Array
    bounds: Int64Array

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.bounds) - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """P people with D decisions each, in the order of time; where a person has fewer, ``real`` (P, D) is 0.

    Arrays of the network are (P * D, ...); ``family``, ``activity_row``, ``now_ns``, ``done``, ``rated``, ``rating``
    and ``truth`` are (P, D).
    """

    present: Tensor
    token_index: Tensor
    tokens: Tensor
    token_mask: Tensor
    activity_index: Tensor
    activities: Tensor
    family: Tensor
    activity_row: Tensor
    now_ns: Tensor
    done: Tensor
    rated: Tensor
    rating: Tensor
    truth: Tensor
    real: Tensor


def encode_logs(logs: Sequence[PersonLog], table: ActivityTable) -> Corpus:
    """Encode ``logs``; decisions whose activity the catalogue ``table`` lacks are left out, and people without any."""
    parts = [encoded for log in logs if (encoded := _encode_person(log, table)) is not None]
    return join(parts)


def join(parts: Sequence[Corpus]) -> Corpus:
    """Several corpora as one, all of the same catalogue."""
    suggestions = np.cumsum([0, *(len(part.tokens) for part in parts)])
    decisions = np.cumsum([0, *(len(part.present) for part in parts)])

    def joined(name: str, size: tuple[int, ...] = (), dtype: type = np.float32) -> NDArray[np.generic]:
        arrays = [getattr(part, name) for part in parts]
        return np.concatenate(arrays) if arrays else np.zeros((0, *size), dtype=dtype)

    def shifted(name: str) -> Int64Array:
        arrays = [getattr(part, name) + by for part, by in zip(parts, suggestions, strict=False)]
        return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)

    plain = {"tokens": (TOKEN_SIZE,), "present": (PRESENT_SIZE,), "activities": (ACTIVITY_SIZE,)}
    floats = {name: joined(name, plain.get(name, ())) for name in (*plain, "done", "rated", "rating", "truth")}
    integers = {
        name: joined(name, (), np.int64)
        for name in ("token_index", "token_ns", "activity_index", "activity_row", "family", "now_ns")
    }
    starts = [part.bounds[:-1] + by for part, by in zip(parts, decisions, strict=False)]
    bounds = np.concatenate([*starts, decisions[-1:]]).astype(np.int64)
    return Corpus(
        **floats,  # type: ignore[arg-type]
        **integers,  # type: ignore[arg-type]
        history_first=shifted("history_first"),
        history_end=shifted("history_end"),
        bounds=bounds,
    )


def _encode_person(log: PersonLog, table: ActivityTable) -> Corpus | None:
    history = HistoryTable.of(log.suggestions, table)
    decisions = [each for each in log.decisions if each.suggestion.activity_id in table.rows]
    if not decisions:
        return None
    of_each = HistoryTable.of([each.suggestion for each in decisions], table)
    features = [
        activity_features(each.context, history.before(each.history_length), table, of_each.row[i : i + 1])[0]
        for i, each in enumerate(decisions)
    ]
    return Corpus(
        tokens=history.fixed,
        token_index=history.index,
        token_ns=history.wall_time_ns,
        present=np.stack([present_features(each.context) for each in decisions]),
        activities=np.stack(features),
        activity_index=of_each.index,
        activity_row=of_each.row,
        family=of_each.family,
        now_ns=np.array([each.context.wall_time_ns for each in decisions], dtype=np.int64),
        history_first=np.zeros(len(decisions), dtype=np.int64),
        history_end=np.array([each.history_length for each in decisions], dtype=np.int64),
        done=of_each.done.astype(np.float32),
        rated=of_each.rated.astype(np.float32),
        rating=of_each.rating.astype(np.float32),
        truth=np.array([each.true_helpfulness for each in decisions], dtype=np.float32),
        bounds=np.array([0, len(decisions)], dtype=np.int64),
    )


def all_of(corpus: Corpus, people: Sequence[int]) -> Batch:
    """Every decision of the ``people``."""
    return batch_of(corpus, people, max(int(corpus.bounds[each + 1] - corpus.bounds[each]) for each in people), None)


def batch_of(corpus: Corpus, people: Sequence[int], decisions: int, random: np.random.Generator | None) -> Batch:
    """``decisions`` of each of the ``people``: drawn without replacement, or the first ones where ``random`` is None."""
    chosen = np.zeros((len(people), decisions), dtype=np.int64)
    real = np.zeros((len(people), decisions), dtype=np.float32)
    for place, person in enumerate(people):
        first, end = int(corpus.bounds[person]), int(corpus.bounds[person + 1])
        own = np.arange(first, end)
        if random is not None and len(own) > decisions:
            own = np.sort(random.choice(own, decisions, replace=False))
        own = own[:decisions]
        chosen[place, : len(own)], chosen[place, len(own) :] = own, first
        real[place, : len(own)] = 1.0
    return gather(corpus, chosen, real)


def gather(corpus: Corpus, chosen: Int64Array, real: Float32Array) -> Batch:
    """The batch of the decisions ``chosen`` (P, D)."""
    flat = chosen.reshape(-1)
    rows = corpus.history_end[flat, None] - TOKENS + np.arange(TOKENS)
    known = rows >= corpus.history_first[flat, None]
    rows = np.where(known, rows, 0)
    mask = known.astype(np.float32)
    tokens = (corpus.tokens[rows] if len(corpus.tokens) else np.zeros((*rows.shape, TOKEN_SIZE), np.float32)).copy()
    days = np.maximum(0.0, (corpus.now_ns[flat, None] - corpus.token_ns[rows]) / _DAY_NS)
    tokens[..., -AGE_SIZE:] = age_features(days)
    tokens *= mask[..., None]
    index = np.where(known, corpus.token_index[rows], 0)
    return Batch(
        present=torch.from_numpy(corpus.present[flat]),
        token_index=torch.from_numpy(index),
        tokens=torch.from_numpy(tokens),
        token_mask=torch.from_numpy(mask),
        activity_index=torch.from_numpy(corpus.activity_index[flat]),
        activities=torch.from_numpy(corpus.activities[flat]),
        family=torch.from_numpy(corpus.family[chosen]),
        activity_row=torch.from_numpy(corpus.activity_row[chosen]),
        now_ns=torch.from_numpy(corpus.now_ns[chosen]),
        done=torch.from_numpy(corpus.done[chosen]),
        rated=torch.from_numpy(corpus.rated[chosen] * real),
        rating=torch.from_numpy(corpus.rating[chosen]),
        truth=torch.from_numpy(corpus.truth[chosen]),
        real=torch.from_numpy(real),
    )


def split(people: int, held_out: float, seed: int) -> tuple[list[int], list[int]]:
    """Numbers of the people to train on and of those held out, at least one each where there are two."""
    order = np.random.default_rng(seed).permutation(people)
    n = min(max(1, round(people * held_out)), people - 1)
    return sorted(order[n:].tolist()), sorted(order[:n].tolist())
