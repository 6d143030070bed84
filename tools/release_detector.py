"""From a finished run to the shipped detector: ``python -m tools.release_detector --root DATA --run RUN --out models``.

Host only. Exports the network to int8 (and, where asked, its float32 twin), and writes its entry of the manifest. Figures
are added afterwards by whoever measures them; the evidence card is written by hand.
"""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Annotated

import torch
import typer

from ertedge.errors import ErtedgeError
from ertedge.inference.entry import ModelInput
from ertedge.perception.detector import HEIGHT, WIDTH
from tools.manifest import Description, write_entry
from tools.quantize import export
from tools.train_detector import OUTPUT_NAMES, calibration_samples, load_checkpoint

SAMPLES = 160
DESCRIPTION = Description(
    name="detector",
    version="1.0",
    description="Faces with five landmarks in a grey 320x240 picture: score, box and points on maps of stride 8, 16, 32.",
    file="detector.tflite",
    input=ModelInput(
        name="picture",
        shape=(1, 1, HEIGHT, WIDTH),
        layout="NCHW",
        dtype="int8",
        colour="grey",
        mean=127.5,
        scale=1 / 127.5,
    ),
    outputs=OUTPUT_NAMES,
    provenance=(
        "Trained on scenes composed from Caltech Web Faces, FER+ (FER2013) and ORL faces s1 to s18 on photographs "
        "without faces (SUN; Wu et al.); points labelled by landmarks-regression-retail-0009 (Apache-2.0)."
    ),
    terms="Non-commercial research use, as the FER2013, Caltech Web Faces and ORL images that it was trained on.",
    command=(
        "python -m tools.train_detector --root DATA --out RUN && "
        "python -m tools.release_detector --root DATA --run RUN --out models"
    ),
)


def main(
    *,
    root: Annotated[Path, typer.Option(help="The data, for calibration scenes.", exists=True)],
    run: Annotated[Path, typer.Option(help="The folder that the trainer wrote; detector.pt is taken.", exists=True)],
    out: Annotated[Path, typer.Option(help="The folder of manifest.toml.")] = Path("models"),
    float_out: Annotated[Path | None, typer.Option(help="Where to write the float32 twin, if at all.")] = None,
    seed: Annotated[int, typer.Option(help="Which calibration scenes.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Export the trained detector into the folder of models, with its manifest entry."""
    try:
        samples = islice(calibration_samples(root, seed), SAMPLES)
        network = load_checkpoint(run / "detector.pt")
        example = torch.zeros(1, 1, HEIGHT, WIDTH)
        made = export(network, example, OUTPUT_NAMES, samples, out / DESCRIPTION.file, float_out=float_out)
        entry = write_entry(out, DESCRIPTION)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for difference in made.differences:
        record = {"output": difference.output, "relative_error": round(difference.relative_error, 4)}
        print(json.dumps(record) if json_ else f"{difference.output}: int8 {difference.relative_error:.2%} off")
    summary = {"file": str(made.path), "size_bytes": made.size_bytes, "macs": entry.macs, "sha256": entry.sha256}
    print(json.dumps(summary) if json_ else "  ".join(f"{name} {value}" for name, value in summary.items()))


if __name__ == "__main__":
    typer.run(main)
