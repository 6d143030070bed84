"""Tuning how FaceNet learns from other networks: short trainings on a part of the faces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from tests.tools.facenet.blobs import smooth_faces
from tools.facenet.data import FaceSet
from tools.facenet.material import Material, part_of
from tools.facenet.network import FaceNetwork
from tools.facenet.options import parse
from tools.facenet.teaching import Views
from tools.torch_machine import this_machine
from tools.train_facenet import Prepared
from tools.tune_facenet import SPACE, Trials, main, usual

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

LABELLED, OTHERS = 224, 32


def material() -> Material:
    count = LABELLED + OTHERS
    votes = torch.zeros(count, 8)
    votes[:LABELLED] = torch.eye(8)[torch.arange(LABELLED) % 8]
    targets = torch.randn(count, 128, generator=torch.Generator().manual_seed(0))
    return Material(
        images=smooth_faces(count, seed=0),
        distribution=votes,
        weight=votes.sum(dim=1),
        alignments=torch.eye(2, 3).expand(count, 2, 3).contiguous(),
        targets=torch.nn.functional.normalize(targets, dim=1),
        neighbours=torch.arange(count),
        repeats=1 + torch.arange(LABELLED) % 2,
        labelled=LABELLED,
    )


def prepared() -> Prepared:
    faces, random = material(), torch.Generator().manual_seed(1)
    views = Views(
        faces.images[None],
        torch.randn(1, len(faces.images), 1, 8, generator=random),
        torch.randn(1, len(faces.images), 4, generator=random).half(),
    )
    embeddings = np.random.default_rng(0).normal(size=(24, 256)).astype(np.float32)
    held_out = FaceSet(
        smooth_faces(24, seed=2).numpy(),
        np.eye(8, dtype=np.float32)[np.arange(24) % 8],
        np.arange(24) % 8,
        np.zeros((24, 5, 2), np.float32),
        embeddings,
    )
    directions = np.eye(256, 128, dtype=np.float32)
    return Prepared(this_machine("float32"), faces, views, held_out, directions, np.zeros((5, 2), np.float32))


def test_a_part_has_its_share_of_labelled_and_of_other_faces_each_with_what_is_its_own() -> None:
    whole = material()
    part, kept = part_of(whole, 0.25, seed=0)
    assert part.labelled == LABELLED // 4
    assert len(part.images) == (LABELLED + OTHERS) // 4
    assert torch.equal(part.images, whole.images[kept])
    assert torch.equal(part.repeats, whole.repeats[kept[: part.labelled]])
    assert int(kept[: part.labelled].max()) < LABELLED <= int(kept[part.labelled :].min())
    assert int(part.neighbours.max()) < len(part.images)
    assert not torch.equal(kept, part_of(whole, 0.25, seed=1)[1])
    pictures = torch.arange(len(whole.images))[None, :, None, None].expand(2, -1, 48, 48)
    views = Views(pictures, torch.zeros(2, len(whole.images), 1, 8), pictures[:, :, 0, :4].half())
    assert views.of(kept).pictures[1, :, 0, 0].tolist() == kept.tolist()
    assert views.of(kept).features[0, :, 0].tolist() == kept.tolist()


def test_all_trainings_begin_with_the_same_network_and_differ_by_what_is_tuned() -> None:
    options = parse(["--root", ".", "--out", ".", "--precision", "float32", "--learning-rate", "1e-3"])
    torch.manual_seed(0)
    begun = FaceNetwork()
    trials = Trials(options, prepared(), begun)
    before = {name: weight.clone() for name, weight in begun.state_dict().items()}
    start = usual(options)
    loss = trials.loss(start, 2)  # the first step only warms up
    assert loss == trials.loss(start, 2)
    assert loss != trials.loss(start | {"learning_rate": 4e-3}, 2)
    assert loss != trials.loss(start | {"echo": 9.0}, 2)
    assert all(torch.equal(before[name], weight) for name, weight in begun.state_dict().items())


def test_the_recipe_in_use_lies_in_the_space() -> None:
    start = usual(parse(["--root", ".", "--out", ".", "--balance", "0.3"]))
    decoded = SPACE.decode(SPACE.encode(start))
    assert {name: pytest.approx(value) for name, value in decoded.items()} == start


def test_a_missing_teacher_is_told(tmp_path: Path) -> None:
    app = Typer()
    app.command()(main)
    given = [
        "--root",
        tmp_path,
        "--out",
        tmp_path / "run",
        "--learn-from",
        tmp_path,
        "--begin-with",
        tmp_path / "best.pt",
    ]
    result = CliRunner().invoke(app, [str(word) for word in given])
    assert result.exit_code == 1
    assert "ferplus" in result.output
