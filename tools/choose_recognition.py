"""The thresholds from which a face is an enrolled person's: chooses them and writes ``models/recognition.toml``.

    python -m tools.choose_recognition --root DATA/orl_faces --out models

``accept`` lets in at most 0.1% of strangers' single frames before a gallery of a dozen frames, ``keep`` at most 1%, both at
the upper end of the 95% interval over the choosing people, since another few might look more alike. On the device both
hold for the mean over a run of frames, which lets in fewer still. They are chosen on the people that no figure is
reported on (see ``tools.open_set``); ``python -m tools.evaluate identity`` scores them on the others. How the gallery is
compared was chosen on the same people too, with the network before this one: by the mean of the two most similar frames
(``rule_tar_at_far_0001`` of that evaluation). Host side only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import tomlkit
import typer

from ertedge.errors import ErtedgeError
from ertedge.perception.recognition import RecognitionLimits
from tools.data.orl import load_people
from tools.facenet.trials import load_face_model
from tools.open_set import ENROLLED_PICTURES, attempt, choosers_and_reported, nearest, rates, read_faces, sure_threshold

NEAREST = 2
ACCEPT_RATE, KEEP_RATE = 0.001, 0.01
DRAWS = 50


def main(
    *,
    root: Annotated[Path, typer.Option(help="Faces in one folder a person (ORL).")],
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml; default: those shipped.")] = None,
    out: Annotated[Path, typer.Option(help="The folder of the models.")] = Path("models"),
    seed: Annotated[int, typer.Option(help="Of the pictures that enrol.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Choose the thresholds and write recognition.toml."""
    try:
        model, entry = load_face_model(models)
        faces = read_faces(load_people(root), model, models, seed)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    people, _ = choosers_and_reported(faces.names)
    tried = attempt(faces.of(people), nearest(NEAREST), pictures=ENROLLED_PICTURES, run=1, draws=DRAWS, seed=seed)
    limits = RecognitionLimits(
        round(sure_threshold(tried, ACCEPT_RATE, seed), 3),
        round(sure_threshold(tried, KEEP_RATE, seed), 3),
        nearest=NEAREST,
    )
    true, _ = rates(tried, limits.accept, seed)
    write(out / "recognition.toml", limits, f"{len(people)} people of {root.name}, FaceNet {entry.version}")
    if json_:
        print(json.dumps({"accept": limits.accept, "keep": limits.keep, "nearest": NEAREST, "tar": true.value}))
    else:
        print((out / "recognition.toml").read_text(encoding="utf-8"))


def write(path: Path, limits: RecognitionLimits, chosen_on: str) -> None:
    """Write ``recognition.toml``."""
    document = tomlkit.document()
    document.add(tomlkit.comment("From which cosine a face is an enrolled person's: see facenet.md."))
    document.add(tomlkit.comment("Made by: python -m tools.choose_recognition --root DATA/orl_faces --out models"))
    document.add(tomlkit.comment(f"Chosen on {chosen_on}."))
    document.add("accept", tomlkit.item(limits.accept))
    document.add("keep", tomlkit.item(limits.keep))
    document.add("nearest", tomlkit.item(limits.nearest))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
