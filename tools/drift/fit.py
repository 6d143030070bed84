"""From sessions of readings to the reference of one modality. Host only.

The embedding's directions come from all sessions, every session counting the same. The band must not: a person lies
nearer to directions that were drawn through that very person. So each session's means are taken with directions from
the other people (``PARTS`` parts), and the band is theirs: mean and standard deviation with the factor of a one-sided
normal tolerance limit that holds ``CONTENT`` of all sessions at ``CERTAINTY``, for as many people as there are
(Krishnamoorthy and Mathew 2009, "Statistical tolerance regions", section 2.2).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from scipy.stats import nct, norm

from ertedge.affect.drift import REFUSED, STATISTICS, Float64Array, Reference, Shape, Statistic
from ertedge.errors import ConfigurationError
from tools.drift.sessions import SessionReadings

COMPONENTS = 16
PARTS = 4
CONTENT = 0.99
CERTAINTY = 0.9
SPOKEN_LEAST = 3
"""A session with fewer readings that were not refused has no means."""
REFUSED_LEAST = 0.5
"""Up to this share of refusals nothing is said: people turn away from a camera for long, and rooms are loud."""
DEVIATION_LEAST = 1e-3
STEP_LEAST = 0.05
UNBOUNDED = 1e9


def part_of(person: str) -> int:
    """The part of the people, below ``PARTS``, to which somebody belongs with all their sessions."""
    return zlib.crc32(person.encode()) % PARTS


def fit_shape(sessions: Sequence[SessionReadings]) -> Shape:
    """The directions of the embeddings of ``sessions``. Raises ConfigurationError when there are too few."""
    grouped = [embeddings_of(session) for session in sessions]
    stacked = np.concatenate([group for group in grouped if len(group)])
    weights = np.concatenate([np.full(len(group), 1.0 / len(group)) for group in grouped if len(group)])
    if len(stacked) <= COMPONENTS:
        raise ConfigurationError([f"{len(stacked)} readings are too few for {COMPONENTS} directions"])
    weights /= weights.sum()
    centre = weights @ stacked
    deviation = np.maximum(np.sqrt(weights @ (stacked - centre) ** 2), DEVIATION_LEAST)
    about = (stacked - centre) / deviation
    values, vectors = np.linalg.eigh((about * weights[:, None]).T @ about)
    order = np.argsort(values)[::-1]
    spread = np.sqrt(np.maximum(values[order[:COMPONENTS]], 1e-9))
    rest = float(values[order[COMPONENTS:]].mean())
    return Shape(centre, deviation, vectors[:, order[:COMPONENTS]].T, spread, max(rest, 1e-9))


def embeddings_of(session: SessionReadings) -> Float64Array:
    """(n, d) of the readings that have one and were not refused."""
    given = [r.embedding for r in session.readings if r.embedding is not None and r.probabilities is not None]
    return np.stack(given).astype(np.float64) if given else np.zeros((0, 0))


def measured(reference: Reference, session: SessionReadings) -> Float64Array:
    """(n, 5) what ``reference`` measures of a session's readings that count."""
    rows = [row for row in (reference.measure(reading) for reading in session.readings) if row is not None]
    return np.stack(rows) if rows else np.zeros((0, len(STATISTICS)))


def fit_reference(sessions: Sequence[SessionReadings], sha256: str) -> Reference:
    """The reference that ``sessions`` make. Raises ConfigurationError when they are too few."""
    part = np.array([part_of(session.person) for session in sessions])
    rows: list[Float64Array] = []
    for number in np.unique(part):
        others = [session for session, own in zip(sessions, part, strict=True) if own != number]
        blind = unbounded(fit_shape(others), sha256)
        rows += [measured(blind, session) for session, own in zip(sessions, part, strict=True) if own == number]
    order = [
        session for number in np.unique(part) for session, own in zip(sessions, part, strict=True) if own == number
    ]
    spoken = [(session, row) for session, row in zip(order, rows, strict=True) if _spoken(row) >= SPOKEN_LEAST]
    low, high, step = _band(spoken)
    return Reference(sha256, fit_shape(sessions), low, high, step)


def unbounded(shape: Shape, sha256: str) -> Reference:
    """A reference that measures and finds nothing unusual."""
    size = len(STATISTICS)
    return Reference(sha256, shape, np.full(size, -UNBOUNDED), np.full(size, UNBOUNDED), np.ones(size))


def tolerance_factor(people: int) -> float:
    """How many standard deviations from the mean a one-sided tolerance limit lies, of a sample of ``people``."""
    if people < 3:
        raise ConfigurationError([f"{people} people are too few for a band of people"])
    return float(nct.ppf(CERTAINTY, people - 1, norm.ppf(CONTENT) * np.sqrt(people)) / np.sqrt(people))


def _spoken(rows: Float64Array) -> int:
    return int((rows[:, REFUSED] == 0).sum())


def _band(spoken: Sequence[tuple[SessionReadings, Float64Array]]) -> tuple[Float64Array, Float64Array, Float64Array]:
    """(5,) low, high and step. Of the confidence, people whom the network knows tell the spread, the others the mean."""
    means = np.stack([np.nanmean(row, axis=0) for _, row in spoken])
    within = np.sqrt(np.stack([np.nanvar(row, axis=0) for _, row in spoken]).mean(axis=0))
    factor = tolerance_factor(len({session.person for session, _ in spoken}))
    centre, spread = means.mean(axis=0), means.std(axis=0, ddof=1)
    new = np.array([not session.known for session, _ in spoken])
    confidence = STATISTICS.index(Statistic.CONFIDENCE)
    if new.any():
        centre[confidence] = means[new, confidence].mean()
    low, high = centre - factor * spread, centre + factor * spread
    high[REFUSED] = max(REFUSED_LEAST, high[REFUSED])
    return low, high, np.maximum(within / 2.0, STEP_LEAST)
