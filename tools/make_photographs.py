"""Writes composed photographs in the form of the CMU and MIT test set, with the list of their faces:
``python -m tools.make_photographs --root DATA --out FOLDER``. Host only.

``python -m tools.evaluate detector --root FOLDER --dataset press`` scores detectors on them. They are for a folder outside
of the project: the faces are the collections'.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ertedge.errors import ErtedgeError
from tools.data.face_crops import Part, load_crops
from tools.data.face_scenes import load_non_face_scenes
from tools.evaluation.detector_frames import lfw_crops
from tools.evaluation.detector_press import press_photograph
from tools.teachers import LandmarkTeacher

LIST = "faces.txt"
CROPS = 250


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data: face_detection, ferplus, orl_faces, teachers.", exists=True)],
    out: Annotated[Path, typer.Option(help="A folder for the pictures and their list.")],
    part: Annotated[str, typer.Option(help="Whose faces and scenes: train, validation or test.")] = "test",
    count: Annotated[int, typer.Option(help="How many pictures.", min=1)] = 130,
    seed: Annotated[int, typer.Option(help="Which pictures.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Compose photographs as old presses printed them, and list their faces."""
    import cv2

    parts: dict[str, Part] = {"train": "train", "validation": "validation", "test": "test"}
    if part not in parts:
        typer.echo(f"there is no part {part}; choose of {', '.join(parts)}", err=True)
        raise typer.Exit(2)
    cv2.setNumThreads(1)
    try:
        teacher = LandmarkTeacher(root / "teachers")
        crops = load_crops(root, parts[part], teacher, limit=CROPS, seed=seed)
        # The collection that no training saw reports; it chooses nothing.
        crops = (*crops, lfw_crops(teacher, seed)) if part == "test" else crops
        scenes = load_non_face_scenes(root, parts[part])
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(count):
        made = press_photograph(np.random.default_rng([seed, number]), crops, scenes)
        name = f"{number:04d}-{made.print_of}.png"
        cv2.imwrite(str(out / name), made.image)
        lines += [f"{name} {' '.join(f'{side:.1f}' for side in box)}" for box in made.boxes]
    (out / LIST).write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = {"folder": str(out), "pictures": count, "faces": len(lines)}
    print(json.dumps(summary) if json_ else "  ".join(f"{name} {value}" for name, value in summary.items()))


if __name__ == "__main__":
    typer.run(main)
