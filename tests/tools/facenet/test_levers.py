"""Levers of FaceNet's training, each left out alone."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")

from tools.facenet.augmentation import AugmentationSettings  # noqa: E402
from tools.facenet.levers import DISTURBANCES, IDENTITY, LEVERS, material_without, settings_without  # noqa: E402
from tools.facenet.material import Material  # noqa: E402
from tools.facenet.network import FaceNetwork  # noqa: E402
from tools.facenet.options import parse  # noqa: E402
from tools.facenet.teaching import Shown  # noqa: E402
from tools.torch_machine import this_machine  # noqa: E402
from tools.train_facenet import Run, batch_loss  # noqa: E402


def material() -> Material:
    """A face on which raters differ, and one that nobody rated."""
    votes = torch.zeros(2, 8)
    votes[0, 2], votes[0, 5] = 0.4, 0.6
    return Material(
        images=torch.randint(0, 255, (2, 48, 48), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)),
        distribution=votes,
        weight=torch.tensor([1.0, 0.0]),
        alignments=torch.eye(2, 3).expand(2, 2, 3),
        targets=torch.eye(128)[:2],
        neighbours=torch.arange(2),
        repeats=torch.tensor([3]),
        labelled=1,
    )


def test_everything_is_there_where_nothing_is_left_out() -> None:
    whole = material()
    same = material_without(whole, ())
    assert settings_without(()) == AugmentationSettings()
    assert torch.equal(same.distribution, whole.distribution)
    assert torch.equal(same.repeats, whole.repeats)


@pytest.mark.parametrize("lever", DISTURBANCES)
def test_a_disturbance_is_left_out_alone(lever: str) -> None:
    usual, left = asdict(AugmentationSettings()), asdict(settings_without([lever]))
    assert {name for name in usual if usual[name] != left[name]} == set(DISTURBANCES[lever])
    assert all(left[name] == 0.0 for name in DISTURBANCES[lever])


def test_without_votes_only_the_likeliest_emotion_counts_and_who_was_not_rated_stays_so() -> None:
    hard = material_without(material(), ["votes"]).distribution
    np.testing.assert_array_equal(hard[0].numpy(), np.eye(8, dtype=np.float32)[5])
    assert float(hard[1].sum()) == 0.0


def test_without_repeats_every_face_is_shown_once() -> None:
    assert material_without(material(), ["repeats"]).repeats.tolist() == [1]


def test_without_identity_nothing_is_asked_of_it() -> None:
    options = parse(["--root", ".", "--out", "."])
    network = FaceNetwork().eval()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    run = Run(options, this_machine("float32"), material(), network, network, optimizer, None, None, torch.zeros(8))
    picked = torch.arange(2)
    shown = Shown(run.material.images[picked].unsqueeze(1).float())
    asked = batch_loss(run, picked, shown, torch.Generator())
    without = replace(run, options=replace(options, without=(IDENTITY,)))
    silent = batch_loss(without, picked, shown, torch.Generator())
    assert asked.identity.item() > 0.0
    assert silent.identity.item() == 0.0


def test_an_unknown_lever_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["--root", ".", "--out", ".", "--without", "noise", "--without", "votes"]).without == (
        "noise",
        "votes",
    )
    with pytest.raises(SystemExit):
        parse(["--root", ".", "--out", ".", "--without", "luck"])
    said = capsys.readouterr().err
    assert all(lever in said for lever in LEVERS)
