"""A trained recommender made ready for the device: its prior fitted, exported, described in the manifest. Host side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.inference.entry import Metric, ModelEntry
from ertedge.recommend.encoding import ENCODING_VERSION
from ertedge.recommend.posterior import PriorVariances
from tools.att_vae_network import OUTPUT_NAMES, AttVae
from tools.manifest import Description, write_entry
from tools.recommender.chooser import MODEL
from tools.recommender.data import Corpus
from tools.recommender.error import FittedError, fit_error
from tools.recommender.export import INPUTS, Exported, export
from tools.recommender.prior import UPTAKE_PEOPLE, FittedPrior, fit_prior, speak
from tools.recommender.training import Deviation, Score, score

VERSION = "1.0.0"
FILE = "recommender.onnx"
TERMS = (
    "Trained on simulated people whose moods follow the mpath_esm package's figures (GPL-3 package data); "
    "for research, no medical device; see models/LICENSE.md"
)


@dataclass(frozen=True, slots=True)
class Released:
    """What was made, and how well it foretells people that it was not trained on."""

    entry: ModelEntry
    exported: Exported
    prior: FittedPrior
    error: FittedError
    score: Score


def release(
    network: AttVae,
    deviation: Deviation,
    corpus: Corpus,
    held_out: Sequence[int],
    *,
    activity_ids: Sequence[str],
    models: Path,
    command: str,
    provenance: str,
) -> Released:
    """Fit the variances on the ``held_out`` people, write ``models/recommender.onnx`` and its manifest entry."""
    models.mkdir(parents=True, exist_ok=True)
    prior = fit_prior(network, deviation, corpus, held_out)
    spoken = (speak(network, corpus, held_out, known=known) for known in (True, False))
    error = fit_error(prior.rating, *spoken)
    found = score(network, deviation, corpus, held_out)
    exported = export(network, models / FILE)
    of = f"{len(held_out)} simulated people held out, mood generator"
    offered = held_out[:UPTAKE_PEOPLE]
    of_offers = f"{len(offered)} of the {of}"
    (ratings, all_offers), (_, offers) = _counts(corpus, held_out), _counts(corpus, offered)
    description = Description(
        name=MODEL,
        version=VERSION,
        description=(
            "Attention-refined variational autoencoder over a person's suggestions: for every activity the helpfulness to "
            "be expected, the noise of a rating, the log odds of uptake and the basis of the personal posterior."
        ),
        file=FILE,
        input=INPUTS,
        outputs=OUTPUT_NAMES,
        provenance=provenance,
        terms=TERMS,
        command=command,
        runtime="onnx",
        activities=tuple(activity_ids),
        parameters={
            "encoding": ENCODING_VERSION,
            "weight_variance": prior.rating.weights,
            "deviation": _effects(prior.rating),
            "uptake_deviation": _effects(prior.uptake),
            "half_life_days": prior.rating.half_life_days,
            "forecast_error": (error.error.known, error.error.unknown, *error.error.powers.tolist()),
        },
        metrics=(
            Metric("rating_nats_network_alone", prior.nats[0], "nats", ratings, of),
            Metric("rating_nats", prior.nats[1], "nats", ratings, of),
            Metric("uptake_nats_network_alone", prior.uptake_nats[0], "nats", offers, of_offers),
            Metric("uptake_nats", prior.uptake_nats[1], "nats", offers, of_offers),
            Metric("joint_rating_nats", found.ratings, "nats", ratings, of),
            Metric("offer_nats", found.uptake, "nats", all_offers, of),
            *([] if error.held is None else [Metric("interval_holds", error.held, "share", all_offers, of)]),
        ),
    )
    return Released(write_entry(models, description), exported, prior, error, found)


def _effects(prior: PriorVariances) -> tuple[float, float, float, float]:
    return prior.person, prior.family, prior.activity, prior.unknown_activity


def _counts(corpus: Corpus, people: Sequence[int]) -> tuple[int, int]:
    decisions = np.concatenate([np.arange(corpus.bounds[person], corpus.bounds[person + 1]) for person in people])
    return int(corpus.rated[decisions].sum()), len(decisions)
