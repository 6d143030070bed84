"""Random splits of the same clips, which leak the speaker: only to be compared with figures published that way. Host
side only."""

from __future__ import annotations

import numpy as np

from ertedge.affect.fusion_rules import Stacked
from ertedge.affect.personal_head import HeadModel
from ertedge.types import Modality
from tools.evaluation.metrics import softmax
from tools.evaluation.personal_clips import PairedClips
from tools.evaluation.personal_population import (
    EVEN,
    RECIPES,
    Places,
    features_of,
    fit_head,
)
from tools.evaluation.personal_protocol import FUSED, Opinion

SPLITS = 5
LEAKED = "random split: the speaker is in the training"
CALIBRATED_LEAKED = "random split: and calibrated on the speaker's training clips"


def random_split_opinions(clips: PairedClips, seed: int) -> list[Opinion]:
    """Five random parts, each tested once by models of the other four, with and without a head from the tested actor's
    clips among them. The recipes are the first of each modality: nothing is chosen. Fused by the product of both."""
    part = _parts(clips, seed)
    opinions: list[Opinion] = []
    product = Stacked(dict.fromkeys(Modality, 1.0), np.zeros(clips.classes))
    for number in range(SPLITS):
        train = part != number
        models = {m: HeadModel(fit_head(clips, m, train, RECIPES[m][0])) for m in Modality}
        features = {m: model.prior.features(features_of(clips, m)) for m, model in models.items()}
        for actor in np.unique(clips.actor):
            test = np.flatnonzero(~train & (clips.actor == actor))
            own = np.flatnonzero(train & (clips.actor == actor))
            general = {m: softmax(model.opinion(features[m][test])) for m, model in models.items()}
            known = {
                m: model.head(features[m][own], clips.emotion[own], np.ones(len(own))).adapt(
                    general[m], features[m][test]
                )
                for m, model in models.items()
            }
            for regime, said, labels in ((LEAKED, general, 0), (CALIBRATED_LEAKED, known, len(own))):
                fused = np.asarray(product.pool(said, EVEN).probabilities, np.float64)
                for modality, p in (*((str(m), p) for m, p in said.items()), (FUSED, fused)):
                    opinions.append(Opinion(modality, regime, 0, labels, int(actor), 0, test, p))
    return opinions


def _parts(clips: PairedClips, seed: int) -> Places:
    """(n,) the part of each clip: every actor's clips of an emotion are dealt out to all parts in turn."""
    random = np.random.default_rng(seed)
    part = np.zeros(len(clips), np.int64)
    dealt = 0
    for actor in np.unique(clips.actor):
        for emotion in range(clips.classes):
            own = random.permutation(np.flatnonzero((clips.actor == actor) & (clips.emotion == emotion)))
            part[own] = (dealt + np.arange(len(own))) % SPLITS
            dealt += len(own)
    return part
