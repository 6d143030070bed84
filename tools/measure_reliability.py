"""How much the population's faces and voices can each be believed: measures and writes ``models/fusion.toml``.

    python -m tools.measure_reliability --root DATA --out models

Reliabilities come from confusion matrices on people whom the models did not learn from: the part of FER+ Train that chose
FaceNet's weights, and RAVDESS out of fold; CREMA-D's viewers and listeners are the prior, worth ``PRIOR_COUNT`` clips an
emotion. ``independence`` is the value in [0, 1] with the least log-loss on synthetic pairs of these same faces and voices,
which `python -m tools.evaluate fusion` then scores on others. What the voice said out of fold is kept beside the models
(``tools.voice.unseen``). Host side only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import tomlkit
import typer
from numpy.typing import NDArray

from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import Reliabilities, from_confusion
from ertedge.config import FusionSettings
from ertedge.errors import ErtedgeError
from ertedge.inference.manifest import load_manifest
from ertedge.perception.emotion_head import EmotionHead
from ertedge.types import EMOTIONS, Emotion, Float32Array, Modality
from tools.data.crema_d import load_votes
from tools.facenet.data import held_out_split
from tools.heldout import faces, out_of_fold_voices
from tools.pairing import Labelled, fuse_pairs, log_loss, pair
from tools.voice.unseen import unseen

PRIOR_COUNT = 20.0
PAIRS_PER_EMOTION = 300
STEPS = 21


def human_prior(votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The votes of people with a row and column for surprise, which CREMA-D lacks: recognised as well as the average
    emotion, mistaken evenly."""
    prior = votes.copy()
    surprise = EMOTIONS.index(Emotion.SURPRISE)
    others = [i for i in range(len(EMOTIONS)) if i != surprise]
    rows = prior[others] / prior[others].sum(axis=1, keepdims=True)
    recall = float(np.mean([rows[place, emotion] for place, emotion in enumerate(others)]))
    row = np.full(len(EMOTIONS), (1 - recall) / len(others))
    row[surprise] = recall
    prior[surprise] = row
    return prior


def fit_independence(
    face: Labelled, voice: Labelled, population: Reliabilities, seed: int
) -> tuple[float, list[float]]:
    """The independence with the least log-loss on pairs of ``face`` and ``voice``, and the losses of all that were tried."""
    paired_face, paired_voice = pair(face, voice, PAIRS_PER_EMOTION, seed)
    losses = []
    for independence in np.linspace(0.0, 1.0, STEPS):
        fusion = Fusion(Reliabilities(population.face, population.voice, float(independence)), FusionSettings())
        losses.append(log_loss(fuse_pairs(fusion, paired_face, paired_voice), paired_face.labels))
    return float(np.linspace(0.0, 1.0, STEPS)[int(np.argmin(losses))]), losses


def write(path: Path, population: Reliabilities, counts: dict[Modality, int]) -> None:
    """Write ``fusion.toml``."""
    document = tomlkit.document()
    document.add(tomlkit.comment("How much face and voice are each to be believed, per emotion: see fusion.md."))
    document.add(tomlkit.comment("Made by: python -m tools.measure_reliability"))
    document.add("independence", tomlkit.item(round(population.independence, 3)))
    for modality in Modality:
        document.add(str(modality), _table(population.of(modality), counts[modality]))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _table(reliabilities: Float32Array, count: int) -> tomlkit.items.Table:
    table = tomlkit.table()
    table.comment(f"{count} samples")
    for emotion, value in zip(EMOTIONS, reliabilities, strict=True):
        table.add(str(emotion), round(float(value), 4))
    return table


def main(
    *,
    root: Annotated[Path, typer.Option(help="The research data.")],
    out: Annotated[Path, typer.Option(help="The folder of the models.")] = Path("models"),
    seed: Annotated[int, typer.Option(help="Of the split that FaceNet was trained with, and of the pairs.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the population's reliabilities and write fusion.toml."""
    try:
        manifest = load_manifest(out)
        votes = load_votes(root)
        face = faces(held_out_split(root, seed), manifest)
        of_face = from_confusion(face.confusion(), human_prior(votes[Modality.FACE]), PRIOR_COUNT)
        entry = manifest.entry("voice")
        to_seven = np.array([EMOTIONS.index(entry.mapping[label]) for label in entry.labels])
        voice = out_of_fold_voices(unseen(out, "folds"), EmotionHead(entry.labels, entry.mapping, 1.0), to_seven)
        of_voice = from_confusion(voice.confusion(), human_prior(votes[Modality.VOICE]), PRIOR_COUNT)
        independence, losses = fit_independence(face, voice, Reliabilities(of_face, of_voice, 0.0), seed)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    population = Reliabilities(of_face, of_voice, independence)
    write(out / "fusion.toml", population, {Modality.FACE: len(face), Modality.VOICE: len(voice)})
    if json_:
        print(json.dumps({"independence": independence, "log_losses": [round(loss, 4) for loss in losses]}))
    else:
        print((out / "fusion.toml").read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
