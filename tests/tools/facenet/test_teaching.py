"""Networks that teach FaceNet: what they read in a few views of every face is kept, drawn from and learnt."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ertedge.errors import ConfigurationError
from tests.tools.facenet.blobs import smooth_faces
from tools.facenet.augmentation import AugmentationSettings
from tools.facenet.losses import blended
from tools.facenet.material import Material
from tools.facenet.network import SIZES, FaceNetwork, averaged, standardise
from tools.facenet.options import parse
from tools.facenet.teaching import (
    Lessons,
    Reader,
    Reading,
    Shown,
    Views,
    handicap_of,
    load_reader,
    taught_by,
)
from tools.torch_machine import this_machine
from tools.train_facenet import Run, batch_loss, resume

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

FACES = 32


@pytest.fixture
def material() -> Material:
    """Half of the faces have a vote for the first emotion, the others none."""
    votes = torch.zeros(FACES, 8)
    votes[: FACES // 2, 0] = 1.0
    return Material(
        images=smooth_faces(FACES, seed=0),
        distribution=votes,
        weight=votes[:, 0].clone(),
        alignments=torch.eye(2, 3).expand(FACES, 2, 3).contiguous(),
        targets=torch.nn.functional.normalize(
            torch.randn(FACES, 128, generator=torch.Generator().manual_seed(0)), dim=1
        ),
        neighbours=torch.arange(FACES),
        repeats=torch.ones(FACES // 2, dtype=torch.int64),
        labelled=FACES // 2,
    )


class Brightness:
    """Reads how much brighter the left half is, as four features, and as surprise; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, faces: Tensor) -> Reading:
        self.asked += 1
        left = faces[..., :24].mean(dim=(1, 2, 3)) - faces[..., 24:].mean(dim=(1, 2, 3))
        features = left[:, None] * torch.tensor([1.0, -2.0, 3.0, 0.0]) + 5.0
        return Reading(torch.eye(8)[2] * 10 * left[:, None], features)


def lessons(material: Material, reader: Reader, folder: Path, seed: int = 0) -> Lessons:
    return Lessons(material, [reader], this_machine("float32"), AugmentationSettings(), seed, folder)


def test_every_view_is_read_once_and_kept_for_the_same_faces_and_readers(material: Material, tmp_path: Path) -> None:
    network = Brightness()
    reader = Reader(network, "first")
    views = lessons(material, reader, tmp_path).views(2)
    assert network.asked == 2
    assert views.pictures.shape == (2, FACES, 48, 48)
    assert not torch.equal(views.pictures[0], views.pictures[1])
    pictures = standardise(views.pictures[1].unsqueeze(1).float())
    torch.testing.assert_close(views.logits[1, :, 0], network(pictures).logits, atol=1e-4, rtol=1e-4)

    again = lessons(material, reader, tmp_path).views(3)
    assert network.asked == 4  # one view is new, and one call was the test's own
    assert torch.equal(again.pictures[:2], views.pictures)
    for other in (
        lessons(material, Reader(network, "another"), tmp_path),
        lessons(material, reader, tmp_path, seed=1),
        lessons(replace(material, images=255 - material.images), reader, tmp_path),
    ):
        asked = network.asked
        other.views(1)
        assert network.asked == asked + 1


def test_features_are_in_deviations_and_one_that_never_changes_stays_at_nothing(
    material: Material, tmp_path: Path
) -> None:
    features = lessons(material, Reader(Brightness(), "b"), tmp_path).views(3).features.float()
    np.testing.assert_allclose(features.mean(dim=(0, 1)).numpy(), 0.0, atol=2e-2)
    np.testing.assert_allclose(features.std(dim=(0, 1)).numpy(), [1.0, 1.0, 1.0, 0.0], atol=3e-2)
    torch.testing.assert_close(features[..., 0], -features[..., 1])


def test_a_face_is_drawn_with_what_was_read_in_that_view_as_it_is_or_mirrored() -> None:
    pictures = torch.zeros(3, FACES, 48, 48, dtype=torch.uint8)
    pictures[:, :, 0, 0] = torch.arange(3)[:, None] * 64 + torch.arange(FACES)
    read = pictures[:, :, 0, 0].float()
    views = Views(pictures, read[:, :, None, None].expand(3, FACES, 1, 8), read[:, :, None])
    shown = views.draw(torch.arange(FACES), torch.Generator().manual_seed(0))
    assert shown.logits is not None
    assert shown.features is not None
    marks = shown.pictures[:, 0, 0, [0, 47]]
    torch.testing.assert_close(marks.sum(dim=1), shown.features[:, 0])
    torch.testing.assert_close(shown.logits[:, 0, 3], shown.features[:, 0])
    assert {int(mark) for mark in shown.features[:, 0] // 64} == {0, 1, 2}
    assert 4 < int((marks[:, 1] > marks[:, 0]).sum()) < FACES - 4


def test_a_student_gets_nearer_to_what_it_is_told(material: Material) -> None:
    torch.manual_seed(0)
    network = FaceNetwork(dropout=0.0).train()
    echo = nn.Linear(128, 4)
    optimizer = torch.optim.SGD([*network.parameters(), *echo.parameters()], lr=0.05)
    options = parse(["--root", ".", "--out", ".", "--echo", "1.0"])
    read = Brightness()(standardise(material.images.unsqueeze(1).float()))
    features = (read.features - read.features.mean(dim=0)) / (read.features.std(dim=0) + 1e-6)
    shown = Shown(material.images.unsqueeze(1).float(), read.logits[:, None], features)
    run = Run(options, this_machine("float32"), material, network, network, optimizer, None, echo, torch.zeros(8))
    targets, _ = blended(material.distribution, material.weight, taught_by(read.logits[:, None]), options.taught_share)
    least = -torch.special.xlogy(targets, targets).sum(dim=1).mean().item()  # where the student reads just that
    emotion, echoed = [], []
    for step in range(60):
        losses = batch_loss(run, torch.arange(FACES), shown, torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        (losses.emotion + losses.echo).backward()
        optimizer.step()
        emotion.append(losses.emotion.item())
        echoed.append(losses.echo.item())
    assert emotion[-1] - least < 0.6 * (emotion[0] - least)
    assert echoed[-1] < 0.5 * echoed[0]
    double = replace(run, options=replace(options, echo=2.0))
    once, twice = (batch_loss(one, torch.arange(FACES), shown, torch.Generator()).echo.item() for one in (run, double))
    assert twice == pytest.approx(2 * once)


def test_a_mixed_batch_is_told_of_emotions_alone(material: Material) -> None:
    network, echo = FaceNetwork().eval(), nn.Linear(128, 4)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    options = parse(["--root", ".", "--out", ".", "--mixed-batches", "1.0"])
    shown = Shown(material.images.unsqueeze(1).float(), torch.zeros(FACES, 1, 8), torch.ones(FACES, 4))
    run = Run(options, this_machine("float32"), material, network, network, optimizer, None, echo, torch.zeros(8))
    losses = batch_loss(run, torch.arange(FACES), shown, torch.Generator().manual_seed(0))
    assert losses.emotion.item() > 0
    assert losses.identity.item() == losses.echo.item() == 0


def test_a_handicap_takes_off_what_a_class_has_ahead_by_being_frequent(material: Material) -> None:
    votes = torch.eye(8)[torch.tensor([0] * 12 + [1] * 4 + [5] * 16)]
    handicap = handicap_of(replace(material, distribution=votes), 1.0)
    assert float(handicap[0] - handicap[1]) == pytest.approx(np.log(3))
    torch.testing.assert_close(handicap_of(replace(material, distribution=votes), 0.5), 0.5 * handicap)
    as_frequent = torch.tensor([0.75, 0.25] + [1e-9] * 6).log().expand(4, 1, 8)
    torch.testing.assert_close(taught_by(as_frequent)[:, 0], torch.full((4,), 0.75))
    torch.testing.assert_close(taught_by(as_frequent, handicap)[:, 0], torch.full((4,), 0.5), atol=1e-4, rtol=0)


def test_readers_count_alike_whatever_the_size_of_their_logits() -> None:
    logits = torch.zeros(1, 2, 8)
    logits[0, 0, 2], logits[0, 1, 5] = 50.0, 500.0
    taught = taught_by(logits)
    torch.testing.assert_close(taught[0, [2, 5]], torch.tensor([0.5, 0.5]))


def test_a_facenet_teaches_too_and_an_empty_folder_is_told(tmp_path: Path) -> None:
    machine = this_machine("float32")
    with pytest.raises(ConfigurationError, match="train the network that is to teach first"):
        load_reader(tmp_path, tmp_path, machine)
    network = FaceNetwork(*SIZES["large"]).eval()
    torch.save({"network": network.state_dict(), "size": "large"}, tmp_path / "best.pt")
    shown = standardise(torch.rand(4, 1, 48, 48) * 255)
    reader = load_reader(tmp_path, tmp_path, machine)
    torch.testing.assert_close(reader.read(shown).logits, network(shown)[0])
    torch.testing.assert_close(reader.read(shown).features, averaged(network.trunk(shown)))
    network.emotion.bias.data += 1.0
    torch.save({"network": network.state_dict(), "size": "large"}, tmp_path / "best.pt")
    assert load_reader(tmp_path, tmp_path, machine).digest != reader.digest


def test_a_run_goes_on_only_from_one_of_its_kind(material: Material, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = FaceNetwork()

    def begun(echo: nn.Linear | None) -> Run:
        copied = copy.deepcopy(network)
        weights = [*copied.parameters(), *(echo.parameters() if echo is not None else ())]
        optimizer = torch.optim.SGD(weights, lr=0.1)
        options = parse(["--root", ".", "--out", "."])
        machine = this_machine("float32")
        return Run(options, machine, material, copied, copy.deepcopy(copied), optimizer, None, echo, torch.zeros(8))

    left = begun(nn.Linear(128, 4))
    state = {"trained": left.trained.state_dict(), "average": left.average.state_dict()}
    torch.save({**state, "optimizer": left.optimizer.state_dict(), "epoch": 3, "best": -0.5}, tmp_path / "last.pt")
    same = begun(nn.Linear(128, 4))
    assert resume(same, tmp_path / "last.pt") == (3, -0.5)
    assert same.echo is not None
    assert left.echo is not None
    assert torch.equal(same.echo.weight, left.echo.weight)
    with pytest.raises(ConfigurationError, match="another folder"):
        resume(begun(None), tmp_path / "last.pt")


@pytest.mark.parametrize("wrong", [("--batch", "100"), ("--part", "0"), ("--part", "1.5"), ("--views", "0")])
def test_a_wrong_number_is_told(wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--root", ".", "--out", ".", *wrong])
    assert wrong[0] in capsys.readouterr().err
