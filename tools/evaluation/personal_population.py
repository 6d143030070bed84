"""What the training actors of one fold teach: head priors, confusions, the fusion's coefficients, and every choice.
Host side only.

Nothing is chosen on actors who are tested. The training actors are split into groups again; each group plays unseen
people for the others, calibrates on one sentence and is tested on the other, as the tested actors will be. What these
inner tests say decides, by log-loss: the recipe of each modality's head, the shares of its experts, the fusion's
coefficients, and the fusion rule.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.fusion_rules import ConfusionBayes, FusionRule, LogPool, Stacked, WeightedAverage
from ertedge.affect.head_choice import LabelledFeatures, gains, left_out_opinions, others_of_emotion
from ertedge.affect.personal_head import HeadModel, HeadPrior
from ertedge.affect.population import Population
from ertedge.affect.reliability import Reliabilities, of_matrix
from ertedge.affect.stacking import fit_stacked
from ertedge.types import FusionRuleName, Modality
from tools.evaluation.metrics import softmax
from tools.evaluation.personal_clips import PairedClips
from tools.head_prior import HeadRecipe, LabelledPeople, confusion_of, fit_head_prior, with_shares

RECIPES: dict[Modality, tuple[HeadRecipe, ...]] = {
    Modality.VOICE: (HeadRecipe(0.3, 0.0, 0.03), HeadRecipe(0.5, 0.0, 0.03)),
    Modality.FACE: (HeadRecipe(0.2, 0.3, 0.03), HeadRecipe(0.4, 0.3, 0.1)),
}
DENSITY_SHARES = (0.1, 0.2, 0.3, 0.5)
LOGISTIC_SHARES = (0.25, 0.5, 0.75, 1.0)
INDEPENDENCES = np.linspace(0.0, 1.0, 11)
INNER_GROUPS = 4
LESSONS = 4
INNER_DRAWS = {0: 1, 1: 2, 2: 2, 4: 1}
"""Draws of k labelled clips an emotion, for each k."""
RULES = tuple(rule for rule in FusionRuleName if rule is not FusionRuleName.SINGLE)
FLAT = (10.0, 2.0)
"""Deviations of the prior of the population's own stacking: hardly any prior."""

Float64Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoldPopulation:
    """What is known of people in general. ``strangers`` and ``known`` differ only in the fusion's coefficients, which
    were fitted to general models and to personal heads. ``notes`` says what was chosen."""

    heads: Mapping[Modality, HeadModel]
    strangers: Population
    known: Population
    notes: tuple[str, ...]


def features_of(clips: PairedClips, modality: Modality) -> Float64Array:
    """(n, d) embeddings of ``modality``."""
    return clips.face if modality is Modality.FACE else clips.voice


def draw_labels(clips: PairedClips, actor: int, sentence: int, k: int, random: np.random.Generator) -> Places:
    """The places of ``k`` clips of each emotion (all, where there are fewer) that ``actor`` said with ``sentence``."""
    own = (clips.actor == actor) & (clips.sentence == sentence)
    chosen = [random.permutation(np.flatnonzero(own & (clips.emotion == label)))[:k] for label in range(clips.classes)]
    return np.concatenate(chosen).astype(np.int64)


def fit_head(clips: PairedClips, modality: Modality, keep: NDArray[np.bool_], recipe: HeadRecipe) -> HeadPrior:
    """The head prior of the clips at ``keep``."""
    people = LabelledPeople(features_of(clips, modality), clips.emotion, clips.actor, clips.sentence - 1)
    return fit_head_prior(people.take(keep), clips.classes, recipe)


@dataclass(frozen=True, slots=True)
class _Opinions:
    """What the two experts said of m clips of inner test actors after k labels an emotion: ``density`` and ``logistic``
    (m, classes); in ``place`` (m,) which clip and in ``k`` (m,) after how many."""

    density: Float64Array
    logistic: Float64Array
    place: Places
    k: Places

    def logits(self, recipe: HeadRecipe) -> Float64Array:
        return recipe.density_share * self.density + recipe.logistic_share * self.logistic


def learn_population(clips: PairedClips, train: NDArray[np.bool_], seed: int) -> FoldPopulation:
    """Everything that the clips at ``train`` teach."""
    chosen: dict[Modality, HeadRecipe] = {}
    opinions: dict[Modality, _Opinions] = {}
    for modality in Modality:
        tried = []
        for recipe in RECIPES[modality]:
            found = _inner_opinions(clips, modality, train, recipe, seed)
            best = _best_shares(found, recipe, clips.emotion)
            tried.append((_mean_loss(found.logits(best), found, clips.emotion), best, found))
        _, chosen[modality], opinions[modality] = min(tried, key=lambda one: one[0])
    heads: dict[Modality, HeadModel] = {}
    for modality, recipe in chosen.items():
        prior = with_shares(fit_head(clips, modality, train, recipe), recipe)
        heads[modality] = HeadModel(replace(prior, lessons=learn_lessons(clips, modality, train, recipe, seed)))
    strangers = _fusion_population(clips, opinions, chosen, heads, known=False)
    known = _fusion_population(clips, opinions, chosen, heads, known=True)
    notes = [f"{m}: {recipe}" for m, recipe in chosen.items()]
    notes.append(f"rule for strangers {strangers.rule}, for known people {known.rule}")
    return FoldPopulation(heads, strangers, known, tuple(notes))


def inner_groups(actors: Sequence[int]) -> list[tuple[int, ...]]:
    """The training actors in groups; men and women alternate in RAVDESS, and so they do in every group."""
    return [tuple(actors[start::INNER_GROUPS]) for start in range(min(INNER_GROUPS, len(actors)))]


def _inner_opinions(
    clips: PairedClips, modality: Modality, train: NDArray[np.bool_], recipe: HeadRecipe, seed: int
) -> _Opinions:
    parts: list[_Opinions] = []
    for group in inner_groups(np.unique(clips.actor[train]).tolist()):
        fitted = train & ~np.isin(clips.actor, group)
        model = HeadModel(fit_head(clips, modality, fitted, recipe))
        z = model.prior.features(features_of(clips, modality))
        for test, labels, k in _inner_tests(clips, group, seed):
            parts.append(_opinions(model, z, clips.emotion, labels=labels, test=test, k=k))
    return _Opinions(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Opinions.__slots__))


def _inner_tests(clips: PairedClips, group: Sequence[int], seed: int) -> Iterator[tuple[Places, Places, int]]:
    """The places of the test clips and of the labelled ones, and k, of every inner test of ``group``."""
    for actor, sentence, (k, draws) in itertools.product(group, (1, 2), INNER_DRAWS.items()):
        test = np.flatnonzero((clips.actor == actor) & (clips.sentence != sentence))
        for draw in range(draws):
            random = np.random.default_rng([seed, actor, sentence, k, draw])
            yield test, draw_labels(clips, actor, sentence, k, random), k


def learn_lessons(
    clips: PairedClips, modality: Modality, train: NDArray[np.bool_], recipe: HeadRecipe, seed: int
) -> Float64Array:
    """What one more label of an emotion is worth beside 0, 1, 2 and 3 others: the head's mean gain on clips of the
    other sentence after m + 1 labels, less its mean gain on labels left out that had m others beside them."""
    left_out: dict[int, list[float]] = defaultdict(list)
    tested: dict[int, list[float]] = defaultdict(list)
    for group in inner_groups(np.unique(clips.actor[train]).tolist()):
        fitted = train & ~np.isin(clips.actor, group)
        model = HeadModel(with_shares(fit_head(clips, modality, fitted, recipe), recipe))
        z = model.prior.features(features_of(clips, modality))
        general = softmax(model.opinion(z))
        for test, labels, k in _inner_tests(clips, group, seed):
            if k > 0:
                known = LabelledFeatures.of_takes(z[labels], general[labels], clips.emotion[labels])
                gained = gains(left_out_opinions(model, known), known)
                for others, gain in zip(others_of_emotion(known).tolist(), gained.tolist(), strict=True):
                    left_out[others].append(gain)
                unseen = LabelledFeatures.of_takes(z[test], general[test], clips.emotion[test])
                head = model.head(known.features, known.felt, known.weights)
                tested[k - 1] += gains(head.adapt(unseen.general, unseen.features), unseen).tolist()
    measured = sorted(others for others in tested if left_out[others])
    lessons = [float(np.mean(tested[others]) - np.mean(left_out[others])) for others in measured]
    return np.maximum(np.interp(np.arange(LESSONS), measured, lessons), 0.0)


def _opinions(model: HeadModel, z: Float64Array, felt: Places, *, labels: Places, test: Places, k: int) -> _Opinions:
    if len(labels):
        head = model.head(z[labels], felt[labels], np.ones(len(labels)))
        density, logistic = head.manners.scores(z[test]), head.logistic.logits(z[test] - head.manners.shift)
    else:
        density, logistic = model.anybody.scores(z[test]), model.prior.anybody.logits(z[test])
    return _Opinions(density, logistic, test, np.full(len(test), k))


def _best_shares(found: _Opinions, recipe: HeadRecipe, emotion: Places) -> HeadRecipe:
    tried = [
        replace(recipe, density_share=density, logistic_share=logistic)
        for density, logistic in itertools.product(DENSITY_SHARES, LOGISTIC_SHARES)
    ]
    return min(tried, key=lambda one: _mean_loss(found.logits(one), found, emotion))


def _mean_loss(logits: Float64Array, found: _Opinions, emotion: Places) -> float:
    """The log-loss, every number of labels counting the same."""
    losses = -np.log(np.maximum(softmax(logits)[np.arange(len(logits)), emotion[found.place]], 1e-9))
    return float(np.mean([losses[found.k == k].mean() for k in np.unique(found.k)]))


def log_loss(probabilities: NDArray[np.floating], felt: Places) -> float:
    """Mean negative log-likelihood in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(felt)), felt], 1e-9)).mean())


def _fusion_population(
    clips: PairedClips,
    opinions: Mapping[Modality, _Opinions],
    chosen: Mapping[Modality, HeadRecipe],
    heads: Mapping[Modality, HeadModel],
    *,
    known: bool,
) -> Population:
    """The fusion's coefficients from the inner tests, and the rule with the least log-loss on them."""
    rows = (opinions[Modality.FACE].k > 0) == known
    places = opinions[Modality.FACE].place[rows]
    felt = clips.emotion[places]
    said = {m: softmax(found.logits(chosen[m]))[rows] for m, found in opinions.items()}
    confusions = {m: confusion_of(p, felt, clips.classes, clips.actor[places]) for m, p in said.items()}
    face, voice = (of_matrix(confusions[m]) for m in (Modality.FACE, Modality.VOICE))
    losses = [
        log_loss(LogPool(Reliabilities(face, voice, float(one))).pool(said, EVEN).probabilities, felt)
        for one in INDEPENDENCES
    ]
    reliabilities = Reliabilities(face, voice, float(INDEPENDENCES[int(np.argmin(losses))]))
    start = Stacked(dict.fromkeys(Modality, 1.0), np.zeros(clips.classes))
    population = Population(
        reliabilities=reliabilities,
        confusions=confusions,
        rule=FusionRuleName.STACKED,
        stacked=fit_stacked(said, felt, np.ones(len(felt)), start, FLAT),
        heads={m: model.prior for m, model in heads.items()},
    )
    found = {rule: log_loss(population_rule(population, rule).pool(said, EVEN).probabilities, felt) for rule in RULES}
    return replace(population, rule=min(found, key=lambda rule: found[rule]))


EVEN: dict[Modality, float] = dict.fromkeys(Modality, 1.0)
"""Every clip counts as of the same quality."""


def population_rule(population: Population, name: FusionRuleName) -> FusionRule:
    """The rule called ``name`` with the population's coefficients."""
    if name is FusionRuleName.CONFUSION:
        return ConfusionBayes(population.confusions)
    if name is FusionRuleName.STACKED:
        return population.stacked
    pool = LogPool if name is FusionRuleName.LOG_POOL else WeightedAverage
    return pool(population.reliabilities)
