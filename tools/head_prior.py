"""Learns from many labelled people what a personal head starts from: how emotions look, and how people differ. Host
side only.

Everything is a moment estimate. With m[p, e] the mean of person p's moments of emotion e: the population's means are
those over people; b of a person is the mean of m - means over emotions, ``person`` its covariance; ``manner`` is the
covariance of what is then left of m, less what the scatter of single moments adds to it; ``within`` the pooled
covariance of moments about m. With some twenty people and more features than that, covariances are shrunk to their
diagonal (Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", J. Multivariate
Anal. 88:365-411, with a share that is chosen instead of estimated), and the within-covariance of a class to the pooled
one (Friedman 1989, "Regularized discriminant analysis").
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.personal_head import MOST_DEVIATIONS, HeadPrior
from ertedge.affect.personal_logistic import Logistic
from ertedge.affect.two_level_normal import Manners, TwoLevelNormal

LEAST_VARIANCE = 5e-3
"""Of a standardised feature, in the covariances of people: none of them differ in nothing."""

Float64Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """How a prior is fitted. ``shrinkage`` of covariances to their diagonal and ``own_spread`` of a class's
    within-covariance that is its own, both in [0, 1]; ``inverse_ridge`` of the logistic models; the rest as in
    ``HeadPrior``."""

    shrinkage: float
    own_spread: float
    inverse_ridge: float
    label_weight: float = 15.0
    density_share: float = 0.25
    logistic_share: float = 0.5


@dataclass(frozen=True, slots=True)
class LabelledPeople:
    """n moments: ``embeddings`` (n, d), ``felt`` (n,) class indices, ``person`` (n,) and ``half`` (n,) 0 or 1, two
    parts of a person's moments that are told apart (two sentences, two sessions)."""

    embeddings: Float64Array
    felt: Labels
    person: Labels
    half: Labels

    def take(self, keep: NDArray[np.bool_]) -> LabelledPeople:
        """Only some."""
        return LabelledPeople(self.embeddings[keep], self.felt[keep], self.person[keep], self.half[keep])


def fit_head_prior(people: LabelledPeople, classes: int, recipe: HeadRecipe) -> HeadPrior:
    """The prior of ``people``, each of whom has moments of every class in both halves."""
    centre, deviation = people.embeddings.mean(axis=0), people.embeddings.std(axis=0) + 1e-6
    size = len(centre)
    z = np.clip((people.embeddings - centre) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
    manners = fit_manners(replace_embeddings(people, z), classes, recipe)
    less_b = z - _shifts(replace_embeddings(people, z), manners)
    return HeadPrior(
        centre=centre,
        deviation=deviation,
        projection=np.eye(size),
        manners=manners,
        anybody=fit_logistic(z, people.felt, recipe.inverse_ridge),
        known=fit_logistic(less_b, people.felt, recipe.inverse_ridge),
        ridge=1.0 / recipe.inverse_ridge,
        label_weight=recipe.label_weight,
        density_share=recipe.density_share,
        logistic_share=recipe.logistic_share,
        lessons=np.zeros(0),
    )


def with_shares(prior: HeadPrior, recipe: HeadRecipe) -> HeadPrior:
    """The same prior with the shares and the label's weight of ``recipe``, which nothing else depends on."""
    return replace(
        prior,
        label_weight=recipe.label_weight,
        density_share=recipe.density_share,
        logistic_share=recipe.logistic_share,
    )


def replace_embeddings(people: LabelledPeople, embeddings: Float64Array) -> LabelledPeople:
    """The same moments with other features."""
    return replace(people, embeddings=embeddings)


def fit_manners(people: LabelledPeople, classes: int, recipe: HeadRecipe) -> Manners:
    """Means and covariances on both levels of features (n, r)."""
    names = np.unique(people.person)
    of_pair = [[(people.person == name) & (people.felt == label) for label in range(classes)] for name in names]
    own_means = np.array([[people.embeddings[rows].mean(axis=0) for rows in row] for row in of_pair])
    means = own_means.mean(axis=0)
    shifts = (own_means - means).mean(axis=1)
    manner = own_means - means - shifts[:, None]
    left = [
        np.concatenate([people.embeddings[row[label]] - own_means[i, label] for i, row in enumerate(of_pair)])
        for label in range(classes)
    ]
    moments = np.array([len(one) / len(names) for one in left])
    of_class = np.array([one.T @ one / max(len(one) - len(names), 1) for one in left])
    pooled = of_class.mean(axis=0)
    freedom = (len(names) - 1) * (classes - 1)
    manner_covariance = np.einsum("pcd,pce->de", manner, manner) / freedom - pooled * float((1.0 / moments).mean())
    within = (1.0 - recipe.own_spread) * pooled + recipe.own_spread * of_class if recipe.own_spread else pooled[None]
    return Manners(
        means=means,
        person=_shrunk(shifts.T @ shifts / (len(names) - 1), recipe.shrinkage),
        manner=_shrunk(manner_covariance, recipe.shrinkage),
        within=np.stack([_shrunk(one, recipe.shrinkage) for one in within]),
    )


def fit_logistic(features: Float64Array, felt: Labels, inverse_ridge: float) -> Logistic:
    """Multinomial logistic regression with an L2 penalty, every class counting the same."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # What is left after so many steps moves no third decimal.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=inverse_ridge, max_iter=200).fit(features, felt)
    return Logistic(model.coef_.astype(np.float64), model.intercept_.astype(np.float64))


def _shifts(people: LabelledPeople, manners: Manners) -> Float64Array:
    """For every moment the mean of its person's b, as the other half of the person's moments has it: (n, r)."""
    normal = TwoLevelNormal(manners)
    shifts = np.zeros_like(people.embeddings)
    for name in np.unique(people.person):
        for half in (0, 1):
            rows = (people.person == name) & (people.half == half)
            others = (people.person == name) & (people.half != half)
            given = normal.posterior(people.embeddings[others], people.felt[others], np.ones(int(others.sum())))
            shifts[rows] = given.shift
    return shifts


def _shrunk(covariance: Float64Array, share: float) -> Float64Array:
    """Shrunk to the diagonal, and made positive definite."""
    shrunk = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh((shrunk + shrunk.T) / 2.0)
    return (vectors * np.maximum(values, LEAST_VARIANCE)) @ vectors.T


def confusion_of(
    probabilities: Float64Array, felt: Labels, classes: int, people: Sequence[int] | Labels
) -> Float64Array:
    """(classes, classes): what was said of each class on average, rows summing to one, all ``people`` counting the
    same; the votes are those that personal reliability counts (see ``personal_reliability.votes``)."""
    from ertedge.affect.personal_reliability import votes

    said = votes(probabilities.astype(np.float32))
    rows = np.zeros((classes, classes))
    for label in range(classes):
        own = [said[(felt == label) & (np.asarray(people) == one)] for one in np.unique(people)]
        rows[label] = np.mean([one.mean(axis=0) for one in own if len(one)], axis=0)
    smoothed = rows + 1e-3
    return smoothed / smoothed.sum(axis=1, keepdims=True)
