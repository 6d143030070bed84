"""The command line of ``python -m tools.train_facenet``. Host only."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from tools.facenet.levers import LEVERS
from tools.facenet.network import SIZES
from tools.torch_machine import Precision

DESCRIPTION = "Trains FaceNet; see the top of tools/train_facenet.py."


@dataclass(frozen=True, slots=True)
class Options:
    """The command line: ``learn_from`` are run folders of networks that teach, in so many ``views`` of every face; from
    them comes the ``taught_share`` of a face's target, with that ``balance`` (see ``handicap_of``), the rest from its own
    raters; ``echo`` is the weight of their features; what the finished network reads is moved by ``lean`` as what they read
    is by ``balance``; ``begin_with`` is a ``best.pt`` or a float32 file whose weights are trained on; ``size`` is a key of
    ``SIZES``; ``mixed_batches`` in [0, 1]; ``ranking`` is a weight in the identity loss; of ``LEVERS`` those in ``without``
    are left out; ``part`` is the share of the faces that is learnt from."""

    root: Path
    out: Path
    size: str
    learn_from: tuple[Path, ...]
    views: int
    taught_share: float
    echo: float
    balance: float
    lean: float
    begin_with: Path | None
    mixed_batches: float
    ranking: float
    without: tuple[str, ...]
    part: float
    seed: int
    epochs: int
    batch: int
    learning_rate: float
    weight_decay: float
    threads: int
    precision: Precision
    json: bool


def parse(arguments: list[str] | None = None) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.train_facenet", description=DESCRIPTION)
    parser.add_argument("--root", type=Path, required=True, help="folder with ferplus/, face_detection/ and teachers/")
    parser.add_argument("--out", type=Path, required=True, help="run folder: caches, last.pt, best.pt, deployed.pt")
    parser.add_argument("--size", choices=sorted(SIZES), default="device", help="of the network; large ones only teach")
    parser.add_argument(
        "--learn-from",
        type=Path,
        action="append",
        default=[],
        help="run folder of a network that teaches; may be repeated",
    )
    parser.add_argument(
        "--views", type=int, default=6, help="of every face, that networks which teach read once; 140 MB each"
    )
    parser.add_argument("--taught-share", type=float, default=0.7, help="of a face's target, that comes from them")
    parser.add_argument(
        "--echo", type=float, default=2.0, help="weight of the features of networks that teach, told by a linear layer"
    )
    parser.add_argument(
        "--balance",
        type=float,
        default=0.0,
        help="how far what they read is moved towards all emotions being equally frequent; 0 to 1",
    )
    parser.add_argument("--lean", type=float, default=0.0, help="the same of what the finished network reads")
    parser.add_argument(
        "--begin-with",
        type=Path,
        help="best.pt of another run, or the float32 file of an export, whose weights are trained on",
    )
    parser.add_argument("--mixed-batches", type=float, default=0.0, help="share of batches that mixup mixes")
    parser.add_argument("--ranking", type=float, default=0.0, help="weight of the teacher's ranking of likeness")
    parser.add_argument(
        "--without",
        choices=LEVERS,
        action="append",
        default=[],
        help="a lever to leave out, to see what it is worth; may be repeated",
    )
    parser.add_argument(
        "--part", type=float, default=1.0, help="share of the faces that is learnt from, for short trials"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=34)
    parser.add_argument("--batch", type=int, default=256, help="faces a step, a multiple of 32")
    parser.add_argument("--learning-rate", type=float, default=2.5e-3)
    parser.add_argument("--weight-decay", type=float, default=0.03)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="float32")
    parser.add_argument("--json", action="store_true", help="one JSON object an epoch on stdout")
    given = vars(parser.parse_args(arguments))
    if given["batch"] < 32 or given["batch"] % 32:
        parser.error("--batch must be a multiple of 32")
    if not 0.0 < given["part"] <= 1.0:
        parser.error("--part must be above 0 and at most 1")
    if given["views"] < 1:
        parser.error("--views must be at least 1")
    return Options(**given | {name: tuple(given[name]) for name in ("learn_from", "without")})
