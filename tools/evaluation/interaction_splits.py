"""Who is trained on, chosen with and tested on in a table of interactions. Host side only.

**Unseen users** (strong generalisation, Liang et al. 2018, section 4.1): users are split at random into training,
validation and test; of a tested user four fifths of the items are shown, at random, and the rest is to be found.
**Later**: time is cut at seven and at eight tenths of the interactions; rankers learn from what was before the first
cut, hyper-parameters are chosen on what came between, and the test shows all before the second cut and asks for what
came after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ertedge.errors import ConfigurationError
from tools.baselines.matrix import HeldOut
from tools.data.interactions import Interactions

USER_ITEMS_LEAST = 5
VALIDATION_SHARE, TEST_SHARE = 0.1, 0.2
SHOWN_SHARE = 0.8
TIME_CUTS = (0.7, 0.8)
PEOPLE_LEAST = 5


@dataclass(frozen=True, slots=True)
class Split:
    """``train`` (users, items), and two sets of users with what is shown and what is hidden of them."""

    train: sparse.csr_matrix
    validation: HeldOut
    test: HeldOut


def matrix_of(interactions: Interactions) -> sparse.csr_matrix:
    """(users, items), 1 where there is an interaction, however many."""
    shape = (int(interactions.user.max()) + 1, int(interactions.item.max()) + 1)
    ones = np.ones(len(interactions), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, (interactions.user, interactions.item)), shape=shape)
    matrix.data[:] = 1.0
    return matrix


def split_users(interactions: Interactions, seed: int) -> Split:
    """Unseen users. Items that no training user has are left out. Raises ``ConfigurationError`` when too few users are
    left.
    """
    matrix = matrix_of(interactions)
    enough = np.flatnonzero(np.diff(matrix.indptr) >= USER_ITEMS_LEAST)
    if len(enough) * VALIDATION_SHARE < PEOPLE_LEAST:
        least = round(PEOPLE_LEAST / VALIDATION_SHARE)
        what = f"{len(enough)} users have {USER_ITEMS_LEAST} liked items or more; {least} are needed"
        raise ConfigurationError([what])
    rng = np.random.default_rng(seed)
    order = rng.permutation(enough)
    tested, validated = round(len(order) * TEST_SHARE), round(len(order) * VALIDATION_SHARE)
    test, validation, train = np.split(order, [tested, tested + validated])
    known = np.flatnonzero(np.asarray(matrix[train].sum(axis=0)).ravel() > 0)
    matrix = matrix[:, known]
    return Split(matrix[train], _hide(matrix[validation], rng), _hide(matrix[test], rng))


def _hide(rows: sparse.csr_matrix, rng: np.random.Generator) -> HeldOut:
    """Show four fifths of each row. Rows that would have nothing hidden or nothing shown are left out."""
    shown: NDArray[np.bool_] = np.zeros(rows.nnz, dtype=bool)
    for first, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        count = end - first
        shown[first + rng.permutation(count)[: int(np.ceil(SHOWN_SHARE * count))]] = True
    return _held_out(_only(rows, shown), _only(rows, ~shown))


def _only(rows: sparse.csr_matrix, keep: NDArray[np.bool_]) -> sparse.csr_matrix:
    kept = rows.copy()
    kept.data = np.where(keep, rows.data, 0.0).astype(np.float32)
    kept.eliminate_zeros()
    return kept


def _held_out(shown: sparse.csr_matrix, hidden: sparse.csr_matrix) -> HeldOut:
    useful = np.flatnonzero((np.diff(shown.indptr) > 0) & (np.diff(hidden.indptr) > 0))
    return HeldOut(shown[useful], hidden[useful])


def split_time(interactions: Interactions) -> Split:
    """Later interactions of the same users. Raises ``ConfigurationError`` without timestamps or with too few users."""
    if not interactions.is_timed:
        raise ConfigurationError(["there are no timestamps to split by; name the column in --columns"])
    first, second = np.quantile(interactions.timestamp, TIME_CUTS)
    shape = matrix_of(interactions).shape
    before, between, after = (
        _between(interactions, low, high, shape) for low, high in ((-np.inf, first), (first, second), (second, np.inf))
    )
    known = np.flatnonzero(np.asarray(before.sum(axis=0)).ravel() > 0)
    before, between, after = before[:, known], between[:, known], after[:, known]
    shown = before + between
    shown.data[:] = 1.0
    # What somebody met before may come again later; it is not to be found any more.
    validation, test = _held_out(before, _without(between, before)), _held_out(shown, _without(after, shown))
    for name, part in (("validation", validation), ("test", test)):
        if part.shown.shape[0] < PEOPLE_LEAST:
            what = f"{part.shown.shape[0]} users lie on both sides of the {name} cut; {PEOPLE_LEAST} are needed"
            raise ConfigurationError([what])
    train = before[np.flatnonzero(np.diff(before.indptr) > 0)]
    return Split(train, validation, test)


def _between(interactions: Interactions, low: float, high: float, shape: tuple[int, int]) -> sparse.csr_matrix:
    keep = (interactions.timestamp > low) & (interactions.timestamp <= high)
    ones = np.ones(int(keep.sum()), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, (interactions.user[keep], interactions.item[keep])), shape=shape)
    matrix.data[:] = 1.0
    return matrix


def _without(rows: sparse.csr_matrix, known: sparse.csr_matrix) -> sparse.csr_matrix:
    left = rows - rows.multiply(known)
    left.eliminate_zeros()
    return sparse.csr_matrix(left)
