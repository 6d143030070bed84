"""Everything that is learnt of one person from labelled moments: reliability, head, fusion, and what to ask next. Floor
1; pure.

All of it follows from the labels and the time, so that nothing but labels need be kept, and taking a label away takes
away all that it taught. ``refresh`` does the work, under a second for a hundred labels; ``adapt`` and
``fusion`` are what the flow asks for at every moment.

What a modality says of a labelled moment is judged as the device would have heard it without that label: by the general
model, or, where a personal head is in use, by a head that did not see the label's take. Fusion is judged by rules that
did not see it either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.feature_normalisation import FeatureNormaliser
from ertedge.affect.fusion_rules import FusionRule, Single
from ertedge.affect.head_choice import LabelledFeatures, is_worth_using, left_out_opinions, takes_of
from ertedge.affect.iterative_test import (
    FUSION_DOUBTED,
    LABELS_LEAST,
    Trust,
    face_more_reliable,
    labels_to_settle,
    most_informative,
)
from ertedge.affect.personal_fusion import Pairs, fusion_gain, left_out_fusion, personal_rule
from ertedge.affect.personal_head import HeadModel, HeadPrior, PersonalHead
from ertedge.affect.personal_reliability import ConfusionPosterior, LabelledAnswer, fading
from ertedge.affect.population import Population
from ertedge.affect.two_level_normal import Unlabelled
from ertedge.types import (
    EMOTIONS,
    CalibrationLabel,
    CalibrationSummary,
    Float32Array,
    Modality,
    ModalityEvidence,
    Prediction,
)

STALE_NS = 24 * 3600 * 1_000_000_000
"""Labels fade by less than a hundredth in this time: what was computed is still good."""

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one modality said of the labels that have its evidence, by their place among the labels; and the personal
    head, if that said it."""

    answers: Mapping[int, LabelledAnswer]
    head: PersonalHead | None


class PersonalCalibration:
    """One profile's calibration. Not thread-safe. Labels are kept in the order of their time."""

    def __init__(self, population: Population, profile_id: int) -> None:
        self._population = population
        self._profile_id = profile_id
        self._models = {m: HeadModel(prior) for m, prior in population.heads.items()}
        self._normalisers = {m: FeatureNormaliser(prior.manners.means) for m, prior in population.heads.items()}
        self._labels: list[CalibrationLabel] = []
        self._refreshed_wall_ns: int | None = None
        self._heads: dict[Modality, PersonalHead] = {}
        self._fusion: FusionRule | None = None
        self._summary = self._find(0)

    @property
    def labels(self) -> tuple[CalibrationLabel, ...]:
        """The labels that all of this rests on."""
        return tuple(self._labels)

    @property
    def fusion(self) -> FusionRule | None:
        """What ``Fusion.fuse`` takes as the profile: this person's rule, or None while there are no labels."""
        return self._fusion

    def replace(self, labels: Sequence[CalibrationLabel], now_wall_ns: int) -> None:
        """Begin again from ``labels``, in any order. Raises ValueError for a label of another profile."""
        self._check(labels)
        self._labels = sorted(labels, key=lambda label: (label.wall_time_ns, label.label_id))
        self.refresh(now_wall_ns)

    def add(self, label: CalibrationLabel, now_wall_ns: int) -> None:
        """Take in one more label. Raises ValueError for a label of another profile."""
        self.replace((*self._labels, label), now_wall_ns)

    def observe(self, prediction: Prediction) -> None:
        """Learn from an unlabelled moment of this person what sets their features apart whatever they feel."""
        features = self._features(prediction)
        if features is not None and prediction.probabilities is not None:
            self._normalisers[prediction.modality].update(features, prediction.probabilities, prediction.quality)

    def adapt(self, prediction: Prediction) -> Prediction:
        """``prediction`` in the light of this person's labels; the same where their own head is not in use."""
        head, features = self._heads.get(prediction.modality), self._features(prediction)
        if head is None or features is None or prediction.probabilities is None:
            return prediction
        adapted = head.adapt(prediction.probabilities[None], features[None])[0]
        return replace(prediction, probabilities=adapted.astype(np.float32))

    def summary(self, now_wall_ns: int) -> CalibrationSummary:
        """What is known at ``now_wall_ns`` (UTC)."""
        if self._refreshed_wall_ns is None or abs(now_wall_ns - self._refreshed_wall_ns) > STALE_NS:
            self.refresh(now_wall_ns)
        return self._summary

    def refresh(self, now_wall_ns: int) -> None:
        """Work everything out anew for ``now_wall_ns``: labels have come, or have faded."""
        self._summary = self._find(now_wall_ns)
        self._refreshed_wall_ns = now_wall_ns

    def _find(self, now_wall_ns: int) -> CalibrationSummary:
        takes = takes_of(self._labels)
        heard = {modality: self._hear(modality, takes, now_wall_ns) for modality in Modality}
        self._heads = {modality: one.head for modality, one in heard.items() if one.head is not None}
        trust, posteriors = self._judge({m: one.answers for m, one in heard.items()})
        for model in self._models.values():
            model.forget()
        pairs = Pairs.of({m: one.answers for m, one in heard.items()}, takes, len(EMOTIONS))
        return self._conclude(trust, posteriors, pairs)

    def _conclude(
        self, trust: Trust, posteriors: Mapping[Modality, ConfusionPosterior], pairs: Pairs
    ) -> CalibrationSummary:
        face, voice = posteriors[Modality.FACE], posteriors[Modality.VOICE]
        probability = face_more_reliable(face, voice)
        better = Modality.FACE if probability >= 0.5 else Modality.VOICE
        name = self._population.rule
        gain = fusion_gain(left_out_fusion(self._population, posteriors, pairs, name), pairs, better)
        doubted = len(pairs.felt) >= LABELS_LEAST and gain.probability_helps() < FUSION_DOUBTED
        rule: FusionRule = Single(better) if doubted else personal_rule(self._population, posteriors, pairs, name)
        self._fusion = rule if self._labels else None
        settle = labels_to_settle(face, voice, gain)
        low, high = gain.interval()
        return CalibrationSummary(
            profile_id=self._profile_id,
            reliabilities=(face.reliability(Modality.FACE), voice.reliability(Modality.VOICE)),
            trusted=trust.modality,
            trusted_since_wall_ns=trust.since_wall_ns,
            face_more_reliable=probability,
            fusion_gain=gain.mean,
            fusion_gain_low=low,
            fusion_gain_high=high,
            uses_fusion=not doubted,
            rule=rule.name,
            labels=len(self._labels),
            labels_to_settle=settle,
            ask_next=None if settle == 0 else EMOTIONS[most_informative((face, voice))],
            head_used=tuple(self._heads),
        )

    def _hear(self, modality: Modality, takes: NDArray[np.int64], now_wall_ns: int) -> _Heard:
        """The answers of one modality, by its personal head where that is worth using."""
        given = [(place, one) for place, label in enumerate(self._labels) if (one := label.of(modality)) is not None]
        answers = {
            place: LabelledAnswer(
                EMOTIONS.index(self._labels[place].emotion),
                evidence.probabilities,
                evidence.quality * fading(self._labels[place].wall_time_ns, now_wall_ns),
            )
            for place, evidence in given
        }
        prior = self._population.heads.get(modality)
        embeddings = {place: found for place, one in given if (found := _embedding(one, prior)) is not None}
        if prior is None or not embeddings:
            return _Heard(answers, None)
        places = list(embeddings)
        chosen = [answers[place] for place in places]
        known = LabelledFeatures(
            features=prior.features(np.stack(list(embeddings.values()))),
            general=np.array([one.probabilities for one in chosen], np.float64),
            felt=np.array([one.emotion for one in chosen], np.int64),
            weights=np.array([one.weight for one in chosen]),
            takes=takes[places],
        )
        normaliser = self._normalisers[modality]
        unlabelled = Unlabelled(normaliser.offset, normaliser.takes)
        opinions = left_out_opinions(self._models[modality], known, unlabelled)
        if not is_worth_using(opinions, known, prior.lessons):
            return _Heard(answers, None)
        for place, opinion in zip(places, opinions, strict=True):
            answers[place] = replace(answers[place], probabilities=opinion.astype(np.float32))
        return _Heard(answers, self._models[modality].head(known.features, known.felt, known.weights, unlabelled))

    def _judge(
        self, answers: Mapping[Modality, Mapping[int, LabelledAnswer]]
    ) -> tuple[Trust, dict[Modality, ConfusionPosterior]]:
        """Look at the labels in the order in which they came, as today's reading of them has it."""
        trust = Trust()
        posteriors = {m: ConfusionPosterior(self._population.confusions[m]) for m in Modality}
        for place, label in enumerate(self._labels):
            for modality, posterior in posteriors.items():
                if place in answers[modality]:
                    posterior.add(answers[modality][place])
            trust.update(posteriors[Modality.FACE], posteriors[Modality.VOICE], label.wall_time_ns)
        return trust, posteriors

    def _features(self, prediction: Prediction) -> Float64Array | None:
        prior = self._population.heads.get(prediction.modality)
        if prior is None or not _fits(prediction.embedding, prior):
            return None
        return prior.features(np.asarray(prediction.embedding))

    def _check(self, labels: Sequence[CalibrationLabel]) -> None:
        for label in labels:
            if label.profile_id != self._profile_id:
                raise ValueError(f"a label of profile {label.profile_id} is none of profile {self._profile_id}")
            if label.emotion not in EMOTIONS:
                raise ValueError(f"nothing can be learnt from a label of {label.emotion}")


def _embedding(evidence: ModalityEvidence, prior: HeadPrior | None) -> Float32Array | None:
    """The embedding, if it is of the kind that the head was made for."""
    return evidence.embedding if prior is not None and _fits(evidence.embedding, prior) else None


def _fits(embedding: Float32Array | None, prior: HeadPrior) -> bool:
    return embedding is not None and embedding.size == prior.size and bool(np.isfinite(embedding).all())
