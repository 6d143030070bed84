"""How like itself a face stays when its head moves: what the cosines of the enrolment rest on.

    python -m tools.measure_views --root DATA

Held-out faces of FER+ Train before a virtual camera, at a desk in good light: twice with the head held still, then turned to
a side (``tools.data.face_frames.look_aside``), each found and cut by the shipped detector and read by the shipped FaceNet;
cosines to the first picture. Beside them the cosines of different faces, whoever they are. After a new FaceNet compare them
with ``NEW_VIEW`` and ``SAME_PERSON`` in ``ertedge/core/front/enrolment_run.py``: a still head should mostly be too like the
first picture to count as another view, a turned one should not, and hardly anybody else should pass for the same person.
Host side only; half a minute.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.random import Generator
from numpy.typing import NDArray

from ertedge.errors import ErtedgeError
from ertedge.perception.face import FaceModel
from ertedge.types import Float32Array, UInt8Array
from tools.data.face_frames import Circumstances
from tools.evaluation.report import Figure, Report, print_report
from tools.facenet.data import HELD_OUT_SEED, held_out_split
from tools.facenet.trials import load_detector, load_face_model, read_crops, run_trials

TURNS_DEG = (10.0, 20.0, 30.0)
SIDE_PX, TREMOR = 180.0, 0.03
"""The size of the face in the frame, and the deviation of its logarithm from picture to picture."""
ROLL_DEG, NOISE = 2.0, 2.0


def at_a_desk(random: Generator, yaw_deg: float) -> Circumstances:
    """Somebody before the camera, as still as people are."""
    return Circumstances(
        side_px=SIDE_PX * float(np.exp(random.normal(0.0, TREMOR))),
        turn_deg=float(random.normal(0.0, ROLL_DEG)),
        yaw_deg=yaw_deg,
        noise=NOISE,
    )


def embeddings(
    faces: UInt8Array, yaw_deg: float, models: Path | None, model: FaceModel, random: Generator
) -> tuple[NDArray[np.int64], Float32Array]:
    """Which of ``faces`` (n, 48, 48) were found with their heads turned so far, (m,), and their embeddings (m, 128)."""
    seen = run_trials(
        faces,
        load_detector(models),
        model.template,
        circumstance=lambda rng: at_a_desk(rng, yaw_deg),
        backgrounds=(),
        rng=random,
    )
    return seen.index, read_crops(model.network, seen.crops)[1]


def likeness(
    first: tuple[NDArray[np.int64], Float32Array], other: tuple[NDArray[np.int64], Float32Array]
) -> Float32Array:
    """The cosines of the faces that were found both times."""
    _, here, there = np.intersect1d(first[0], other[0], return_indices=True)
    return np.einsum("nd,nd->n", first[1][here], other[1][there]).astype(np.float32)


def figures_of(name: str, cosines: Float32Array, shares: tuple[float, ...]) -> list[Figure]:
    """Percentiles of cosines."""
    return [
        Figure(f"cosine_{share:.0%}", float(np.quantile(cosines, share)), "cosine", cosines.size, name)
        for share in shares
    ]


def main(
    *,
    root: Annotated[Path, typer.Option(help="The research data.")],
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml; default: those shipped.")] = None,
    faces: Annotated[int, typer.Option(help="How many faces.", min=20)] = 400,
    seed: Annotated[int, typer.Option(help="Of size, roll and noise.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Measure how like itself a face stays when its head moves."""
    try:
        model, _ = load_face_model(models)
        pictures = held_out_split(root, HELD_OUT_SEED).images[:faces]
        random = np.random.default_rng(seed)
        first = embeddings(pictures, 0.0, models, model, random)
        figures = figures_of(
            "held still", likeness(first, embeddings(pictures, 0.0, models, model, random)), (0.1, 0.5, 0.9)
        )
        for turn in TURNS_DEG:
            turned = likeness(first, embeddings(pictures, turn, models, model, random))
            figures += figures_of(f"turned by {turn:.0f} degrees", turned, (0.1, 0.5, 0.9))
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    others = (first[1] @ first[1].T)[np.triu_indices(len(first[1]), 1)]
    figures += figures_of("different faces", others, (0.5, 0.99))
    print_report(Report("how like its first picture a face is", tuple(figures)), as_json=json_)


if __name__ == "__main__":
    typer.run(main)
