"""What is known of people in general before one is calibrated: measures and writes ``models/personal.npz``.

    python -m tools.measure_population --root DATA --out RUN --models models

- *Confusions*: of the face, FaceNet on the part of FER+ Train that its training held out; of the voice,
``voice_confusion.toml``,
  RAVDESS out of fold; the votes of CREMA-D's viewers and listeners are worth ``PRIOR_COUNT`` clips an emotion, as in
  ``tools.measure_reliability``.
- *The voice's head*: statistics of the windows of RAVDESS clips, as the device makes them, of all actors but 1 and 2. -
*The face's head*: FaceNet's embedding on the same held-out faces. No collection at hand shows one person's face with
several
  emotions, so how people differ is borrowed: the share of the embedding's variance that is the person's from ORL,
  manner against moment from the action units of RAVDESS. A head made of that must prove itself on the person's labels
  without any lessons.
- *Fusion*: the rule and the stacked rule's coefficients, from face and voice of the same RAVDESS clips, people whom the
models had
  not met (``python -m tools.evaluate personal`` scores them).

Host side only.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from ertedge.affect import reliability
from ertedge.affect.fusion_rules import Stacked
from ertedge.affect.personal_head import MOST_DEVIATIONS, HeadPrior
from ertedge.affect.population import FILE, Population, save
from ertedge.affect.two_level_normal import Manners
from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.manifest import load_manifest
from ertedge.types import EMOTIONS, Emotion, Modality
from tools.data.crema_d import load_votes
from tools.data.ferplus import DROPPED, EMOTION_LABELS, majority_labels
from tools.data.orl import load_people
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.personal_clips import PairedClips, load_paired
from tools.evaluation.personal_population import FoldPopulation, learn_population
from tools.facenet.data import held_out_split
from tools.facenet.trials import load_face_model, read_crops
from tools.head_prior import HeadRecipe, fit_logistic
from tools.measure_reliability import PRIOR_COUNT, human_prior
from tools.portraits import middle_square

HELD_OUT_ACTORS = (1, 2)
"""The voice network never heard them, and neither does this."""
FACE_RECIPE = HeadRecipe(shrinkage=0.3, own_spread=0.0, inverse_ridge=0.03)

Float64Array = NDArray[np.float64]


def confusion(counts: Float64Array, votes: Float64Array) -> Float64Array:
    """(7, 7) rows that sum to one, of ``counts`` and the ``votes`` of people worth ``PRIOR_COUNT`` an emotion."""
    prior = human_prior(votes)
    combined = counts + PRIOR_COUNT * prior / prior.sum(axis=1, keepdims=True)
    return combined / combined.sum(axis=1, keepdims=True)


def voice_counts(models: Path, mapping: Mapping[str, Emotion]) -> Float64Array:
    """``voice_confusion.toml`` in the canonical seven. Raises ConfigurationError when it is missing."""
    path = models / "voice_confusion.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        to_seven = [EMOTIONS.index(mapping[label]) for label in document["labels"]]
        native = np.array(document["counts"], dtype=np.float64)
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError([f"cannot be read ({error}); make it with tools.train_voice"], str(path)) from None
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    np.add.at(counts, (np.repeat(to_seven, len(to_seven)), np.tile(to_seven, len(to_seven))), native.ravel())
    return counts


def canonical(clips: PairedClips, mapping: Mapping[str, Emotion]) -> PairedClips:
    """The clips with the seven emotions as their classes."""
    to_seven = np.array([EMOTIONS.index(mapping[label]) for label in NATIVE_LABELS], np.int64)
    return replace(clips, emotion=to_seven[clips.emotion], classes=len(EMOTIONS))


def face_head(root: Path, models: Path, seed: int, action_units: Manners) -> tuple[HeadPrior, Float64Array]:
    """The head of FaceNet's embedding, and the (7, 7) counts of its answers. ``action_units`` are how people differ
    there."""
    model, entry = load_face_model(models)
    split = held_out_split(root, seed)
    labels = majority_labels(split.votes)
    labelled = split.take(labels != DROPPED)
    to_seven = np.array([EMOTIONS.index(entry.mapping[label]) for label in EMOTION_LABELS])
    felt = to_seven[labels[labels != DROPPED]].astype(np.int64)
    logits, embeddings = read_crops(model.network, labelled.images)
    said = model.head.canonical(model.head.native(logits)).argmax(axis=1)
    counts = np.zeros((len(EMOTIONS), len(EMOTIONS)))
    np.add.at(counts, (felt, said), 1.0)
    people = load_people(root / "orl_faces")
    _, portraits = read_crops(model.network, np.stack([middle_square(image) for image in people.images]))
    personal = share_between(portraits.astype(np.float64), people.person)
    return _face_prior(embeddings.astype(np.float64), felt, personal, action_units), counts


def _face_prior(embeddings: Float64Array, felt: NDArray[np.int64], personal: float, units: Manners) -> HeadPrior:
    centre, deviation = embeddings.mean(axis=0), embeddings.std(axis=0) + 1e-6
    z = np.clip((embeddings - centre) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS)
    means = np.stack([z[felt == label].mean(axis=0) for label in range(len(EMOTIONS))])
    about = z - means[felt]
    weights = 1.0 / np.bincount(felt, minlength=len(EMOTIONS))[felt]
    spread = (about * weights[:, None]).T @ about / weights.sum()
    spread = (1.0 - FACE_RECIPE.shrinkage) * spread + FACE_RECIPE.shrinkage * np.diag(np.diag(spread))
    manner = float(np.trace(units.manner))
    moment = float(np.trace(units.within.mean(axis=0)))
    of_manner = (1.0 - personal) * manner / (manner + moment)
    anybody = fit_logistic(z, felt, FACE_RECIPE.inverse_ridge)
    return HeadPrior(
        centre=centre,
        deviation=deviation,
        projection=np.eye(len(centre)),
        manners=Manners(means, personal * spread, of_manner * spread, (1.0 - personal - of_manner) * spread[None]),
        anybody=anybody,
        known=anybody,
        ridge=1.0 / FACE_RECIPE.inverse_ridge,
        label_weight=FACE_RECIPE.label_weight,
        density_share=FACE_RECIPE.density_share / 2.0,
        logistic_share=FACE_RECIPE.logistic_share / 2.0,
        lessons=np.zeros(0),
    )


def share_between(embeddings: Float64Array, person: NDArray[np.int64]) -> float:
    """The share of the variance of ``embeddings`` (n, d) that is between the people of ``person`` (n,): intraclass
    correlation over all dimensions (one-way random effects: Shrout & Fleiss 1979, Psychol. Bull. 86:420-428, case
    1)."""
    names = np.unique(person)
    means = np.stack([embeddings[person == name].mean(axis=0) for name in names])
    about = embeddings - means[np.searchsorted(names, person)]
    within = float((about**2).sum()) / (len(person) - len(names))
    each = len(person) / len(names)
    between = float(((means - means.mean(axis=0)) ** 2).sum()) / (len(names) - 1) - within / each
    return between / (between + within)


def population_of(root: Path, out: Path, models: Path, seed: int) -> tuple[Population, FoldPopulation]:
    """Measure everything."""
    mapping = load_manifest(models).entry("voice").mapping
    clips = canonical(load_paired(root, out, windows=True), mapping)
    learnt = learn_population(clips, ~np.isin(clips.actor, HELD_OUT_ACTORS), seed)
    face, counts = face_head(root, models, seed, learnt.heads[Modality.FACE].prior.manners)
    votes = load_votes(root)
    confusions = {
        Modality.FACE: confusion(counts, votes[Modality.FACE]),
        Modality.VOICE: confusion(voice_counts(models, mapping), votes[Modality.VOICE]),
    }
    population = Population(
        reliabilities=reliability.load(models / "fusion.toml"),
        confusions=confusions,
        rule=learnt.known.rule,
        stacked=Stacked(learnt.known.stacked.slopes, learnt.known.stacked.bias),
        heads={Modality.FACE: face, Modality.VOICE: learnt.heads[Modality.VOICE].prior},
    )
    return population, learnt


def main(
    *,
    root: Annotated[Path, typer.Option(help="The research data.", exists=True)],
    out: Annotated[Path, typer.Option(help="Where features are kept; started again, a run goes on.")] = Path(
        "runs/personal"
    ),
    models: Annotated[Path, typer.Option(help="The folder of the models.")] = Path("models"),
    seed: Annotated[int, typer.Option(help="Of the split that FaceNet was trained with, and of the draws.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the population and write personal.npz."""
    try:
        population, learnt = population_of(root, out, models, seed)
        save(models / FILE, population)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    found = {
        "rule": str(population.rule),
        "slopes": {str(m): round(slope, 3) for m, slope in population.stacked.slopes.items()},
        "recalls": {str(m): np.diag(matrix).round(3).tolist() for m, matrix in population.confusions.items()},
        "lessons": {str(m): head.lessons.round(3).tolist() for m, head in population.heads.items()},
        "bytes": (models / FILE).stat().st_size,
        "chosen": list(learnt.notes),
    }
    print(json.dumps(found) if json_ else "\n".join(f"{name}: {value}" for name, value in found.items()))


if __name__ == "__main__":
    typer.run(main)
