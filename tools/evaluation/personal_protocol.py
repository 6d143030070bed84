"""The trials of the personal evaluation: one actor whom no training saw, calibrated on one sentence, tested on the
other. Host only.

Regimes:

- ``general``: nothing is known of the actor.
- ``normalised``: the actor's clips of the calibration sentence were heard and seen, without labels.
- ``calibrated``: k labelled clips an emotion of the calibration sentence, and nothing else of the actor.
- ``calibrated, unlabelled heard``: the same, and the rest of that sentence without labels (where a head is used).

Everything after the general model is the device's code (``ertedge.affect``): the normaliser, the head and the test
whether it is used, reliabilities, rules. A row ``calibrated`` is what a device would say; ``calibrated, head always``
leaves out that test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.feature_normalisation import FeatureNormaliser
from ertedge.affect.head_choice import LabelledFeatures, is_worth_using, left_out_opinions
from ertedge.affect.iterative_test import FUSION_DOUBTED, LABELS_LEAST, face_more_reliable
from ertedge.affect.personal_fusion import Pairs, fusion_gain, left_out_fusion, personal_rule
from ertedge.affect.personal_head import HeadModel, PersonalHead
from ertedge.affect.personal_reliability import ConfusionPosterior, LabelledAnswer
from ertedge.affect.two_level_normal import Unlabelled
from ertedge.types import FusionRuleName, Modality
from tools.evaluation.metrics import softmax
from tools.evaluation.personal_clips import PairedClips
from tools.evaluation.personal_population import (
    EVEN,
    RULES,
    FoldPopulation,
    draw_labels,
    features_of,
    population_rule,
)

GENERAL, NORMALISED, CALIBRATED = "general", "normalised", "calibrated"
CALIBRATED_HEARD = "calibrated, unlabelled heard"
HEAD_ALWAYS = "calibrated, head always"
FUSED, SINGLE = "fused", "better one alone"
TAKES_PER_CLIP = 1.0
"""Each clip of RAVDESS is a take of its own."""

Float64Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said of the test clips of one trial: ``probabilities`` (n, 8) of the clips at ``test`` (n,).
    ``modality`` is voice, face, fused, or the name of a fusion rule; ``labels`` how many labelled clips there were."""

    modality: str
    regime: str
    k: int
    labels: int
    actor: int
    draw: int
    test: Places
    probabilities: Float64Array


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether the modality that labels made look the more reliable was so on the test clips: ``sure`` is the
    probability that was given to it, ``truly`` 1 if it was, 0 if not, a half if both were as good; ``usually`` the same
    of the population's better one. ``heads`` counts the modalities whose head was used, ``fused`` whether fusion
    was."""

    k: int
    actor: int
    sure: float
    truly: float
    usually: float
    heads: int
    fused: bool


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a trial is called: see ``Opinion``."""

    regime: str
    k: int = 0
    labels: int = 0
    draw: int = 0


class ActorTrials:
    """All trials of one unseen actor with one calibration sentence."""

    def __init__(self, clips: PairedClips, population: FoldPopulation, actor: int, sentence: int) -> None:
        self.clips, self.population, self.actor, self.sentence = clips, population, actor, sentence
        self.heard = np.flatnonzero((clips.actor == actor) & (clips.sentence == sentence))
        self.test = np.flatnonzero((clips.actor == actor) & (clips.sentence != sentence))
        self.features = {m: model.prior.features(features_of(clips, m)) for m, model in population.heads.items()}

    @property
    def clips_of_most(self) -> int:
        """How many clips the calibration sentence has of an emotion at most: from there on all draws are the same."""
        return int(np.bincount(self.clips.emotion[self.heard]).max())

    def without_labels(self) -> Iterator[Opinion]:
        """The regimes that need none."""
        said = {m: self.general(m, self.test) for m in Modality}
        yield from self._opinions(said, self._fused_by_strangers(said), Numbers(GENERAL))
        known = {}
        for modality in Modality:
            model = self.population.heads[modality]
            head = model.head(*_no_labels(model), self.normalised(modality, self.heard))
            known[modality] = head.adapt(said[modality], self.features[modality][self.test])
        yield from self._opinions(known, self._fused_by_strangers(known), Numbers(NORMALISED))

    def with_labels(self, k: int, draw: int, seed: int) -> Iterator[Opinion | Choice]:
        """The regimes of ``k`` labelled clips an emotion; ``draw`` numbers the random choice of them."""
        random = np.random.default_rng([seed, self.actor, self.sentence, k, draw])
        labels = draw_labels(self.clips, self.actor, self.sentence, k, random)
        numbers = Numbers(CALIBRATED, k, len(labels), draw)
        trial = _Trial(self, labels)
        yield from self._opinions(trial.said, trial.fused, numbers)
        yield self._opinion(SINGLE, trial.said[trial.better], numbers)
        yield from self._opinions(trial.always, {FUSED: trial.always_fused()}, replace(numbers, regime=HEAD_ALWAYS))
        yield trial.choice(k)
        if rest := sorted(set(self.heard.tolist()) - set(labels.tolist())):
            said = trial.with_unlabelled(np.array(rest, np.int64))
            fused = {FUSED: trial.pool(self.population.known.rule, said)}
            yield from self._opinions(said, fused, replace(numbers, regime=CALIBRATED_HEARD))

    def _opinions(
        self, said: Mapping[Modality, Float64Array], fused: Mapping[str, Float64Array], numbers: Numbers
    ) -> Iterator[Opinion]:
        for modality, p in (*said.items(), *fused.items()):
            yield self._opinion(str(modality), p, numbers)

    def _opinion(self, modality: str, p: Float64Array, numbers: Numbers) -> Opinion:
        return Opinion(
            modality, numbers.regime, numbers.k, numbers.labels, self.actor, numbers.draw, self.test, np.asarray(p)
        )

    def general(self, modality: Modality, places: Places) -> Float64Array:
        """The general model's probabilities of the clips at ``places``: (n, 8)."""
        return softmax(self.population.heads[modality].opinion(self.features[modality][places]))

    def normalised(self, modality: Modality, places: Places) -> Unlabelled:
        """What the device's normaliser makes of unlabelled clips."""
        normaliser = FeatureNormaliser(self.population.heads[modality].prior.manners.means, TAKES_PER_CLIP)
        for z, p in zip(self.features[modality][places], self.general(modality, places), strict=True):
            normaliser.update(z, p)
        return Unlabelled(normaliser.offset, normaliser.takes)

    def _fused_by_strangers(self, said: Mapping[Modality, Float64Array]) -> dict[str, Float64Array]:
        population = self.population.strangers
        fused = {
            str(rule): np.asarray(population_rule(population, rule).pool(said, EVEN).probabilities, np.float64)
            for rule in RULES
        }
        return {FUSED: fused[population.rule], **fused}


class _Trial:
    """One calibration: what labels at ``labels`` make of the opinions of the test clips."""

    def __init__(self, actor: ActorTrials, labels: Places) -> None:
        self._actor, self._labels = actor, labels
        self._population = actor.population.known
        self.said: dict[Modality, Float64Array] = {}
        self.always: dict[Modality, Float64Array] = {}
        self._evidence: dict[Modality, Float64Array] = {}
        self._heads: dict[Modality, PersonalHead] = {}
        for modality in Modality:
            self._calibrate(modality)
        felt = actor.clips.emotion[labels]
        answers = {
            m: {place: LabelledAnswer(int(felt[place]), p.astype(np.float32), 1.0) for place, p in enumerate(evidence)}
            for m, evidence in self._evidence.items()
        }
        self.posteriors = {
            m: ConfusionPosterior(self._population.confusions[m]).add_all(list(given.values()))
            for m, given in answers.items()
        }
        self.pairs = Pairs.of(answers, np.arange(len(labels)), actor.clips.classes)
        self.sure_of_face = face_more_reliable(self.posteriors[Modality.FACE], self.posteriors[Modality.VOICE])
        self.better = Modality.FACE if self.sure_of_face >= 0.5 else Modality.VOICE
        self.uses_fusion, self.fused = self._fuse()

    def _calibrate(self, modality: Modality) -> None:
        actor = self._actor
        model, z = actor.population.heads[modality], actor.features[modality]
        known = LabelledFeatures.of_takes(
            z[self._labels], actor.general(modality, self._labels), actor.clips.emotion[self._labels]
        )
        head = model.head(known.features, known.felt, known.weights)
        general = actor.general(modality, actor.test)
        self.always[modality] = head.adapt(general, z[actor.test])
        left_out = left_out_opinions(model, known)
        if is_worth_using(left_out, known, model.prior.lessons):
            self._heads[modality] = head
            self.said[modality], self._evidence[modality] = self.always[modality], left_out
        else:
            self.said[modality], self._evidence[modality] = general, known.general

    def _fuse(self) -> tuple[bool, dict[str, Float64Array]]:
        """Whether the device would fuse, and what each rule makes of the test clips."""
        name = self._population.rule
        left_out = left_out_fusion(self._population, self.posteriors, self.pairs, name)
        gain = fusion_gain(left_out, self.pairs, self.better)
        uses = len(self.pairs.felt) < LABELS_LEAST or gain.probability_helps() >= FUSION_DOUBTED
        fused = {str(rule): self.pool(rule, self.said) for rule in RULES}
        chosen = fused[name] if uses else self.said[self.better]
        return uses, {FUSED: chosen, **fused}

    def with_unlabelled(self, heard: Places) -> dict[Modality, Float64Array]:
        """The same where a head is used, made with the unlabelled clips at ``heard`` as well."""
        actor, said = self._actor, dict(self.said)
        for modality in self._heads:
            model, z = actor.population.heads[modality], actor.features[modality]
            felt, weights = actor.clips.emotion[self._labels], np.ones(len(self._labels))
            head = model.head(z[self._labels], felt, weights, actor.normalised(modality, heard))
            said[modality] = head.adapt(actor.general(modality, actor.test), z[actor.test])
        return said

    def always_fused(self) -> Float64Array:
        """The default rule over heads that are used whatever the test says."""
        return self.pool(self._population.rule, self.always)

    def pool(self, rule: FusionRuleName, said: Mapping[Modality, Float64Array]) -> Float64Array:
        """``said`` pooled by ``rule`` with this person's coefficients."""
        personal = personal_rule(self._population, self.posteriors, self.pairs, rule)
        return np.asarray(personal.pool(said, EVEN).probabilities, np.float64)

    def choice(self, k: int) -> Choice:
        """Whether the better modality was chosen."""
        felt = self._actor.clips.emotion[self._actor.test]
        right = {m: float((p.argmax(axis=1) == felt).mean()) for m, p in self.said.items()}
        face_better = 0.5 + 0.5 * float(np.sign(right[Modality.FACE] - right[Modality.VOICE]))
        truly = face_better if self.better is Modality.FACE else 1.0 - face_better
        prior = {m: ConfusionPosterior(self._population.confusions[m]) for m in Modality}
        usual = face_more_reliable(prior[Modality.FACE], prior[Modality.VOICE]) >= 0.5
        usually = face_better if usual else 1.0 - face_better
        sure = max(self.sure_of_face, 1.0 - self.sure_of_face)
        return Choice(k, self._actor.actor, sure, truly, usually, len(self._heads), self.uses_fusion)


def _no_labels(model: HeadModel) -> tuple[Float64Array, Places, Float64Array]:
    return np.zeros((0, model.prior.manners.means.shape[1])), np.zeros(0, np.int64), np.zeros(0)
